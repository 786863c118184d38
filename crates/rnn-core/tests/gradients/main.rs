//! Every gradient against differences of the loss: each parameter, the input, the initial states, and each dL/dh_t and
//! dL/dc_t inside the run, of every layer.
//!
//! The idea fits in one line: move a number by ±ε, run again, and see how the loss moves. `case` draws networks of all
//! shapes, `problem` builds a loss of one, `nudge` reaches the states inside a run, `difference` compares.
//!
//! `PROPTEST_CASES` sets the number of networks for each cell.

mod case;
mod cells;
mod difference;
mod nudge;
mod problem;

use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, TestCaseError};
use rand::SeedableRng;
use rnn_core::cell::{HardSigmoid, HardTanh, Identity, Readout, Relu, Sigmoid, Softsign, Tanh};
use rnn_core::{
    Cell, Elman, Gru, GruResetBefore, LayerNorm, Lstm, MinimalGated, PeepholeLstm, ProjectedLstm,
};

use crate::case::{Case, any_case};
use crate::cells::{Leaky, Reread, TwoCells, Watched, relu_with_witness, sine};
use crate::difference::{StepSize, compare};
use crate::problem::Problem;

/// Checks every gradient of one network.
fn check<C: Cell<f64> + Reread>(cell: C, case: &Case, step: StepSize) -> Result<(), TestCaseError> {
    let mut problem = Problem::new(cell, case);
    let (_, size) = problem.loss(None);
    problem.differentiate();
    problem.differentiate(); // again, over memory that is no longer zero
    let tensors = problem.tensors();
    // First all claims, then the differences: their runs overwrite the workspace.
    let claims: Vec<_> = tensors.iter().map(|tensor| problem.gradient(tensor)).collect();
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(case.seed ^ 1);
    for (tensor, claimed) in tensors.iter().zip(claims) {
        compare(&claimed, size, step, &mut rng, |v, by| problem.loss_along(tensor, v, by))
            .map_err(|error| TestCaseError::fail(format!("{tensor}, {error}")))?;
    }
    Ok(())
}

/// The smallest |z| of a relu network: how far it is from a kink.
fn distance_from_kinks(case: &Case) -> f64 {
    let (watched, nearest) = relu_with_witness();
    Problem::new(watched, case).loss(None);
    nearest.get()
}

/// With a large ε: near a row without variance, a small one makes a network too steep for differences.
fn normalized<U: Readout<f64>>(unit: U) -> LayerNorm<U> {
    LayerNorm::with_eps(unit, 0.5).expect("positive")
}

fn config() -> ProptestConfig {
    let by_default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { by_default.cases } else { 48 };
    let file = FileFailurePersistence::Direct("proptest-regressions/gradients.txt");
    ProptestConfig { cases, failure_persistence: Some(Box::new(file)), ..by_default }
}

proptest! {
    #![proptest_config(config())]

    /// The loop over time and layers alone: the cell adds nothing.
    #[test]
    fn elman_identity(case in any_case()) {
        check(Elman::identity(), &case, StepSize::SMOOTH)?;
    }

    #[test]
    fn elman_tanh(case in any_case()) {
        check(Elman::tanh(), &case, StepSize::SMOOTH)?;
    }

    #[test]
    fn elman_sigmoid(case in any_case()) {
        check(Elman::sigmoid(), &case, StepSize::SMOOTH)?;
    }

    /// Differences across a kink mean nothing, so networks with a unit near one are drawn again. A step moves a
    /// pre-activation by a few ε, so a hundred is ample; the others are checked as strictly as any.
    #[test]
    fn elman_relu(case in any_case()) {
        prop_assume!(distance_from_kinks(&case) > 1e-4);
        check(Elman::relu(), &case, StepSize::KINKED)?;
    }

    /// Its second derivative jumps at 0.
    #[test]
    fn elman_softsign(case in any_case()) {
        check(Elman(Softsign), &case, StepSize::KINKED)?;
    }

    /// Closures are activations too.
    #[test]
    fn elman_sine(case in any_case()) {
        check(sine(), &case, StepSize::SMOOTH)?;
    }

    #[test]
    fn lstm(case in any_case()) {
        check(Lstm, &case, StepSize::SMOOTH)?;
    }

    #[test]
    fn gru(case in any_case()) {
        check(Gru, &case, StepSize::SMOOTH)?;
    }

    #[test]
    fn lstm_with_other_activations(case in any_case()) {
        check(Lstm { gate: Softsign, candidate: Identity }, &case, StepSize::KINKED)?;
        check(Lstm { gate: Tanh, candidate: Sigmoid }, &case, StepSize::SMOOTH)?;
    }

    #[test]
    fn lstm_of_straight_pieces(case in any_case()) {
        let gate = Watched::new(HardSigmoid, 3.0);
        let candidate = Watched::new(HardTanh, 1.0);
        let watched = Lstm { gate, candidate };
        Problem::new(watched.clone(), &case).loss(None);
        prop_assume!(watched.gate.nearest.get() > 1e-4 && watched.candidate.nearest.get() > 1e-4);
        check(Lstm { gate: HardSigmoid, candidate: HardTanh }, &case, StepSize::KINKED)?;
    }

    #[test]
    fn gru_with_other_activations(case in any_case()) {
        check(Gru { gate: Tanh, candidate: Softsign }, &case, StepSize::KINKED)?;
    }

    #[test]
    fn gru_of_straight_pieces(case in any_case()) {
        let gate = Watched::new(HardSigmoid, 3.0);
        let candidate = Watched::new(Relu, 0.0);
        let watched = Gru { gate, candidate };
        Problem::new(watched.clone(), &case).loss(None);
        prop_assume!(watched.gate.nearest.get() > 1e-4 && watched.candidate.nearest.get() > 1e-4);
        check(Gru { gate: HardSigmoid, candidate: Relu }, &case, StepSize::KINKED)?;
    }

    #[test]
    fn layer_norm_of_elman(case in any_case()) {
        check(normalized(Elman::tanh()), &case, StepSize::SMOOTH)?;
    }

    #[test]
    fn layer_norm_of_lstm(case in any_case()) {
        check(normalized(Lstm), &case, StepSize::SMOOTH)?;
    }

    #[test]
    fn layer_norm_of_gru(case in any_case()) {
        check(normalized(Gru), &case, StepSize::SMOOTH)?;
    }

    /// One that normalizes two numbers of c for each unit.
    #[test]
    fn layer_norm_of_a_unit_of_a_user(case in any_case()) {
        check(normalized(TwoCells), &case, StepSize::SMOOTH)?;
    }

    /// Fewer outputs than units, and a product from one to the other.
    #[test]
    fn lstm_with_projection(mut case in any_case(), size in prop_oneof![4 => 1usize..=4, 1 => Just(16), 1 => Just(17)]) {
        case.hidden.iter_mut().for_each(|hidden| *hidden += size);
        check(ProjectedLstm { size }, &case, StepSize::SMOOTH)?;
    }

    /// Parameters that every unit has for itself, and gates that see c.
    #[test]
    fn lstm_with_peepholes(case in any_case()) {
        check(PeepholeLstm, &case, StepSize::SMOOTH)?;
    }

    /// Two products in a step.
    #[test]
    fn gru_that_resets_before_the_product(case in any_case()) {
        check(GruResetBefore, &case, StepSize::SMOOTH)?;
    }

    #[test]
    fn minimal_gated(case in any_case()) {
        check(MinimalGated, &case, StepSize::SMOOTH)?;
    }

    /// A state that partly goes round u.
    #[test]
    fn unit_of_a_user(case in any_case()) {
        check(Leaky { alpha: 0.3 }, &case, StepSize::SMOOTH)?;
    }

    /// Three numbers of state, all of which act on the next step, and a and u apart.
    #[test]
    fn unit_of_a_user_with_two_cell_states(case in any_case()) {
        check(TwoCells, &case, StepSize::SMOOTH)?;
    }
}
