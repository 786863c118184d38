//! Every gradient against differences of the loss ([`rnn_core::gradcheck`]): each parameter, the input, the initial
//! states, and each dL/dh_t and dL/dc_t inside the run, over all combinations of options.
//!
//! `PROPTEST_CASES` sets the number of networks for each cell; `cargo xtask gradcheck` checks more of them.

pub(crate) mod cells;
mod wrong;

use rayon::prelude::*;
use rnn_core::cell::{Identity, Sigmoid, Softsign};
use rnn_core::gradcheck::{Case, Check, Objective, Report, cell, every_cell};
use rnn_core::{Counted, Gru, Loss, Lstm, Targets, Truth};

use self::cells::{Leaky, Lingering, TwoCells, sine, softsign};

/// How many networks are checked for each cell.
fn networks() -> u64 {
    let text = std::env::var("PROPTEST_CASES").ok();
    text.map_or(64, |text| text.parse().expect("PROPTEST_CASES is a number"))
}

#[track_caller]
fn assert_right<L: Loss<f64> + Sync>(name: &str, check: &Check<L>) {
    let outcomes: Vec<_> = (0..networks()).into_par_iter().map(|seed| (seed, check.network(seed))).collect();
    let mut all = Report::default();
    for (seed, outcome) in outcomes {
        match outcome {
            Ok(report) => all.add(report),
            Err(error) => panic!("{name}, seed {seed}: {error}"),
        }
    }
    assert!(all.networks as u64 == networks() && all.derivatives > 50 * all.networks, "{name}: {all}");
}

#[test]
fn every_cell_of_this_crate() {
    for (name, check) in every_cell() {
        assert_right(&name, &check);
    }
}

/// Closures are activations too.
#[test]
fn activations_of_a_user() {
    assert_right("softsign", &cell(softsign()));
    assert_right("sine", &cell(sine()));
    assert_right("lstm", &cell(Lstm { gate: Sigmoid, candidate: Identity }));
    // Where φ″ jumps, central differences are less exact.
    assert_right("gru", &cell(Gru { gate: Sigmoid, candidate: Softsign }).tolerance(1e-5));
}

/// A state that partly goes round u, and one of several numbers, all of which act on the next step.
#[test]
fn units_of_a_user() {
    assert_right("leaky", &cell(Leaky { alpha: 0.3 }));
    assert_right("two cells", &cell(TwoCells));
    assert_right("lingering", &cell(Lingering));
    let projected = |case: &mut Case| {
        case.options = case.options.projection(2);
    };
    assert_right("two cells, projected", &cell(TwoCells).with(projected));
    assert_right("lingering, projected", &cell(Lingering).with(projected));
    assert_right(
        "lingering, projected and normalized",
        &cell(Lingering).with(|case| {
            case.options = case.options.projection(3).layer_norm(1e-5);
        }),
    );
}

/// Σ (ŷ − y)⁴, which is no mean and no square.
#[derive(Clone)]
struct Quartic;

impl Loss<f64> for Quartic {
    fn evaluate(
        &self,
        prediction: ndarray::ArrayView3<'_, f64>,
        truth: Truth<'_, f64>,
        _: &Counted<'_>,
        mut d_prediction: ndarray::ArrayViewMut3<'_, f64>,
    ) -> f64 {
        let error = &prediction - &truth.values();
        d_prediction.assign(&error.mapv(|e| 4.0 * e.powi(3)));
        error.mapv(|e| e.powi(4)).sum()
    }
}

#[test]
fn a_loss_of_a_user() {
    let ones =
        |case: &Case| Targets::from(ndarray::Array3::ones((case.batch, case.predictions(), case.outputs)));
    let with_head = |case: &mut Case| case.objective = Objective::All;
    assert_right("quartic", &cell(Lstm).loss(Quartic).targets(ones).with(with_head));
}

/// The work of a step is then shared among threads.
#[test]
fn a_network_that_takes_several_threads() {
    let mut case = Case::random(0);
    (case.batch, case.time, case.input, case.hidden) = (32, 5, 3, vec![150]);
    (case.lengths, case.options, case.noise) = (None, rnn_core::Options::default(), None);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("threads");
    let report = pool.install(|| cell(Gru).case(&case)).expect("right");
    assert!(report.derivatives > 30, "{report}");
}
