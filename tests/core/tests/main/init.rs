//! Initial parameters hold what their names promise.

mod gates;
mod linalg;
mod weights;

use ndarray::{Array1, Array2, ArrayView2, Axis, Ix1, Ix2, s};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::init::{Fan, Init, InitError, Weights, gain};
use rnn_core::{
    Bias, Cell, Elman, Error, Gru, Linear, Lstm, Model, Parameters, Real, Result, Stack, sigmoid,
};

fn rng(seed: u64) -> Pcg64Dxsm {
    Pcg64Dxsm::seed_from_u64(seed)
}

/// A model of one layer, with PyTorch's initialization: no array is zero.
fn model(cell: impl Into<Cell<f64>>, input: usize, hidden: usize, bias: Bias) -> Model<f64> {
    Model::new(cell, input, &[hidden], 3, bias, &mut rng(7)).expect("no size is 0")
}

fn matrix(theta: &impl Parameters<f64>, name: &str) -> Array2<f64> {
    theta.parameter(name).expect(name).into_dimensionality::<Ix2>().expect("a matrix").to_owned()
}

fn vector(theta: &impl Parameters<f64>, name: &str) -> Array1<f64> {
    theta.parameter(name).expect(name).into_dimensionality::<Ix1>().expect("a vector").to_owned()
}

/// Each gate's block of a weight.
fn blocks(weight: &Array2<f64>, hidden: usize) -> impl Iterator<Item = ArrayView2<'_, f64>> {
    weight.axis_chunks_iter(Axis(0), hidden)
}

/// The names of the arrays that differ.
fn changed<F: Real>(before: &impl Parameters<F>, after: &impl Parameters<F>) -> Vec<String> {
    let pairs = before.named().zip(after.named());
    pairs.filter(|((_, a), (_, b))| a != b).map(|((name, _), _)| name.to_owned()).collect()
}

fn bits(theta: &impl Parameters<f64>) -> Vec<u64> {
    theta.blocks().flat_map(|block| block.as_slice().iter().map(|x| x.to_bits())).collect()
}

/// Every rule, with the arrays of an LSTM with a head that it sets.
fn rules() -> Vec<(Init, &'static [&'static str])> {
    const WEIGHTS: &[&str] = &["weight_ih_l0", "weight_hh_l0", "head.weight"];
    const ALL: &[&str] =
        &["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "head.weight", "head.bias"];
    vec![
        (Init::Zeros, ALL),
        (Init::Constant(0.5), ALL),
        (Init::PyTorch, ALL),
        (Init::Linear, ALL),
        (Init::XavierUniform { gain: 1.0 }, WEIGHTS),
        (Init::XavierNormal { gain: 1.0 }, WEIGHTS),
        (Init::KaimingUniform { fan: Fan::In, gain: 1.0 }, WEIGHTS),
        (Init::KaimingNormal { fan: Fan::Out, gain: 1.0 }, WEIGHTS),
        (Init::Orthogonal { gain: 1.0 }, &["weight_hh_l0"]),
        (Init::Identity { scale: 1.0 }, &["weight_hh_l0"]),
        (Init::Critical { radius: 1.0 }, &["weight_hh_l0"]),
        (Init::ForgetBias(1.0), &["bias_ih_l0", "bias_hh_l0"]),
        (Init::Chrono { t_max: 50.0 }, &["bias_ih_l0", "bias_hh_l0"]),
    ]
}

/// A rule sets the arrays that the table says, and gives the same bits for the same seed.
#[test]
fn rules_set_what_they_say_and_repeat() {
    let before = model(Lstm, 4, 6, Bias::Double);
    for (init, names) in rules() {
        let mut after = before.clone();
        after.initialize(init, &mut rng(3)).expect("a valid rule");
        assert_eq!(changed(&before, &after), names, "{init:?}");
        let mut again = before.clone();
        again.initialize(init, &mut rng(3)).expect("a valid rule");
        assert_eq!(bits(&after), bits(&again), "{init:?}");
    }
}

/// `initialize_weights` sets the matrices that were asked for, by any rule but those for biases.
#[test]
fn weights_can_be_chosen() {
    let before = model(Lstm, 4, 6, Bias::Double).rnn;
    for (init, _) in rules() {
        for (weights, names) in [
            (Weights::Input, ["weight_ih_l0"].as_slice()),
            (Weights::Recurrent, &["weight_hh_l0"]),
            (Weights::Both, &["weight_ih_l0", "weight_hh_l0"]),
        ] {
            let mut after = before.clone();
            let result = after.initialize_weights(weights, init, &mut rng(3));
            match init {
                Init::ForgetBias(_) | Init::Chrono { .. } => {
                    assert_eq!(result, Err(Error::Init(InitError::NotForWeights { init })));
                }
                Init::Critical { .. } if weights != Weights::Recurrent => {
                    let name = "weight_ih_l0".to_owned();
                    let error = InitError::NotSquare { name, rows: 6, columns: 4 };
                    assert_eq!(result, Err(Error::Init(error)));
                    assert_eq!(bits(&after), bits(&before));
                }
                _ => {
                    result.expect("a valid rule");
                    assert_eq!(changed(&before, &after), names, "{init:?} {weights:?}");
                }
            }
        }
    }
}

/// The rules that were here first draw array by array, in their own orders.
#[test]
fn defaults_draw_in_order() {
    use rnn_core::Random;
    let order = |init, draws: &[(&str, usize)]| {
        let mut rnn = Stack::<f64>::zeros(Lstm, 3, &[5, 4], Bias::Double).expect("no size is 0");
        rnn.initialize(init, &mut rng(4)).expect("a valid rule");
        let mut rng = rng(4);
        for (name, n) in draws {
            let array = rnn.parameter(name).expect(name);
            let mut want = vec![0.0; array.len()];
            let bound = 1.0 / (*n as f64).sqrt();
            rng.fill_uniform(-bound, bound, &mut want);
            assert!(array.iter().zip(&want).all(|(a, b)| a == b), "{init:?} {name}");
        }
    };
    order(
        Init::PyTorch,
        &[
            ("weight_ih_l0", 5),
            ("weight_hh_l0", 5),
            ("bias_ih_l0", 5),
            ("bias_hh_l0", 5),
            ("weight_ih_l1", 4),
            ("weight_hh_l1", 4),
            ("bias_ih_l1", 4),
            ("bias_hh_l1", 4),
        ],
    );
    order(
        Init::Linear,
        &[
            ("weight_ih_l0", 3),
            ("bias_ih_l0", 3),
            ("weight_hh_l0", 5),
            ("bias_hh_l0", 5),
            ("weight_ih_l1", 5),
            ("bias_ih_l1", 5),
            ("weight_hh_l1", 4),
            ("bias_hh_l1", 4),
        ],
    );
}

/// What cannot be done says so, and changes nothing.
#[test]
fn errors() {
    fn refused(cell: impl Into<Cell<f64>>, bias: Bias, init: Init) -> Error {
        let before = model(cell, 2, 3, bias);
        let mut after = before.clone();
        let error = after.initialize(init, &mut rng(0)).expect_err("it cannot be done");
        assert_eq!(bits(&before), bits(&after), "{init:?}");
        error
    }
    let chrono = Init::Chrono { t_max: 10.0 };
    for (error, text) in [
        (
            refused(Elman::tanh(), Bias::Double, Init::ForgetBias(1.0)),
            "layer 0 has no gate that keeps the state; its gates are [h]",
        ),
        (
            refused(Elman::tanh(), Bias::Double, chrono),
            "layer 0 has no gate that keeps the state; its gates are [h]",
        ),
        (refused(Lstm, Bias::None, Init::ForgetBias(1.0)), "layer 0 has no bias to set"),
        (refused(Gru, Bias::None, chrono), "layer 0 has no bias to set"),
    ] {
        assert!(matches!(error, Error::Init(_)) && error.to_string() == text, "{error}");
    }
    let mut head = Linear::<f64>::zeros(3, 2).expect("no size is 0");
    let result: Result<()> = head.initialize(chrono, &mut rng(0));
    assert!(matches!(result, Err(Error::Init(InitError::NoGate { place, .. })) if place == "the head"));

    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let not_positive = [f64::NAN, f64::INFINITY, 0.0, -1.0];
    let mut out_of_range: Vec<Init> =
        bad.iter().flat_map(|&x| [Init::Constant(x), Init::ForgetBias(x)]).collect();
    out_of_range.extend(bad.map(|scale| Init::Identity { scale }));
    out_of_range.extend([f64::NAN, f64::INFINITY, 2.999, -5.0].map(|t_max| Init::Chrono { t_max }));
    for gain in not_positive {
        out_of_range.extend([
            Init::XavierUniform { gain },
            Init::XavierNormal { gain },
            Init::KaimingUniform { fan: Fan::In, gain },
            Init::KaimingNormal { fan: Fan::In, gain },
            Init::Orthogonal { gain },
            Init::Critical { radius: gain },
        ]);
    }
    for init in out_of_range {
        let error = refused(Lstm, Bias::Double, init);
        assert!(matches!(error, Error::InvalidOption { .. }), "{init:?}: {error}");
    }
    // Finite in f64, but not in the network's type.
    let mut single = Stack::<f32>::zeros(Lstm, 1, &[2], Bias::Double).expect("no size is 0");
    assert!(single.initialize(Init::Constant(1e300), &mut rng(0)).is_err());
}
