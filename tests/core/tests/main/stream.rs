//! Inference one timestep at a time gives the bits of the forward pass.

use ndarray::{Array3, s};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{Bias, Cell, Elman, Error, Lstm, Model, Options, Parameters, Place, Random, Real, State};

#[derive(Clone, Copy, Debug)]
struct Sizes {
    input: usize,
    hidden: usize,
    layers: usize,
    output: usize,
    batch: usize,
    options: Options,
}

const TIME: usize = 5;

fn model<F: Real>(cell: impl Into<Cell<F>>, sizes: Sizes, seed: u64) -> Model<F> {
    let hidden = vec![sizes.hidden; sizes.layers];
    let mut rng = Pcg64Dxsm::seed_from_u64(seed);
    let mut model =
        Model::new(cell, sizes.input, &hidden, sizes.output, sizes.options, &mut rng).expect("no size is 0");
    // Learned initial states start as zeros.
    for (_, mut array) in model.rnn.params_mut().iter_mut().filter(|(name, _)| name.starts_with("initial")) {
        rng.fill_normal(array.as_slice_mut().expect("contiguous"));
    }
    model
}

fn noise<F: Real>(shape: (usize, usize, usize), seed: u64) -> Array3<F> {
    let mut array = Array3::zeros(shape);
    Pcg64Dxsm::seed_from_u64(seed).fill_normal(array.as_slice_mut().expect("contiguous"));
    array
}

/// Runs `x` through the model as a whole and one timestep at a time, and compares every output and the last state.
fn compare<F: Real>(model: &Model<F>, x: &Array3<F>) {
    let mut ws = model.workspace();
    model.forward(x.view(), &mut ws).expect("finite");
    let (with_head, bare) = (model.stream().expect("finite"), model.rnn.stream().expect("finite"));
    let (mut state, mut bare_state) = (with_head.state(x.dim().0), bare.state(x.dim().0));
    for t in 0..x.dim().1 {
        let now = x.slice(s![.., t, ..]).as_standard_layout().into_owned();
        let now = now.as_slice().expect("contiguous");
        let y = with_head.step(now, &mut state).expect("finite");
        assert!(y.iter().eq(ws.prediction().slice(s![.., t, ..])), "predictions at {t}");
        let h = bare.step(now, &mut bare_state).expect("finite");
        assert!(h.iter().eq(ws.rnn.output().slice(s![.., t, ..])), "hidden states at {t}");
    }
    assert_eq!(state.snapshot(), ws.rnn.final_state());
    assert_eq!(bare_state.snapshot(), ws.rnn.final_state());
}

/// The model of `cell` where these sizes and options suit it, against its stream.
fn compare_if_it_suits<F: Real>(cell: &Cell<F>, sizes: Sizes, seed: u64, x: &Array3<F>) {
    let hidden = vec![sizes.hidden; sizes.layers];
    match Model::zeros(cell.clone(), sizes.input, &hidden, sizes.output, sizes.options) {
        Err(Error::Unsuited { .. } | Error::Shape { .. }) => {}
        Err(error) => panic!("{cell}: {error}"),
        Ok(_) => compare(&model::<F>(cell.clone(), sizes, seed), x),
    }
}

fn every_cell<F: Real>(cells: Vec<Cell<F>>, sizes: Sizes, seed: u64) {
    let x = noise((sizes.batch, TIME, sizes.input), seed ^ 1);
    let size = sizes.hidden.div_ceil(2);
    let projected = Sizes { hidden: sizes.hidden + 1, options: sizes.options.projection(size), ..sizes };
    let normalized = Sizes { options: sizes.options.layer_norm(1e-5), ..sizes };
    for cell in cells {
        compare_if_it_suits(&cell, sizes, seed, &x);
        compare_if_it_suits(&cell, projected, seed, &x);
        compare_if_it_suits(&cell, normalized, seed, &x);
    }
}

fn bias() -> impl Strategy<Value = Bias> {
    prop_oneof![Just(Bias::None), Just(Bias::Single), Just(Bias::Double)]
}

fn probability() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), 0.0..1.0]
}

/// All that a stream can have: dropout does nothing in it, zoneout mixes.
fn options() -> impl Strategy<Value = Options> {
    (bias(), any::<bool>(), probability(), probability(), probability()).prop_map(
        |(bias, learned_initial, dropout, hidden, cell)| {
            let options = Options::from(bias).learned_initial(learned_initial).dropout(dropout);
            options.zoneout(hidden, cell)
        },
    )
}

prop_compose! {
    fn sizes()(
        input in 1usize..40, hidden in 1usize..80, layers in 1usize..4, output in 1usize..4, batch in 1usize..12,
        options in options(), alone: bool,
    ) -> Sizes {
        Sizes { input, hidden, layers, output, batch: if alone { 1 } else { batch }, options }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_stream_has_the_bits_of_the_forward_pass(sizes in sizes(), seed: u64) {
        let hard = "lstm(gate=hard-sigmoid)";
        let (mut single, mut double) = (Cell::<f32>::all(), Cell::<f64>::all());
        single.push(hard.parse().expect("a name"));
        double.push(hard.parse().expect("a name"));
        every_cell(single, sizes, seed);
        every_cell(double, sizes, seed);
    }
}

#[test]
fn other_floats_stream_too() {
    for hidden in [3, 16, 33] {
        for batch in [1, 4] {
            let sizes = Sizes { input: 2, hidden, layers: 2, output: 1, batch, options: Bias::Double.into() };
            compare(&model::<half::bf16>(Lstm, sizes, 3), &noise((batch, TIME, 2), 4));
        }
    }
}

fn small() -> Model<f64> {
    model(
        Lstm,
        Sizes { input: 2, hidden: 5, layers: 2, output: 1, batch: 1, options: Bias::Double.into() },
        1,
    )
}

#[test]
fn a_stream_goes_on_where_a_pass_ended() {
    let model = small();
    let x = noise::<f64>((3, 8, 2), 9);
    let mut ws = model.workspace();
    model.forward(x.view(), &mut ws).expect("finite");
    let whole = ws.prediction().to_owned();
    model.forward(x.slice(s![.., ..5, ..]), &mut ws).expect("finite");
    let stream = model.stream().expect("finite");
    let mut state = stream.state_from(&ws.rnn.final_state()).expect("it fits");
    for t in 5..8 {
        let now: Vec<f64> = x.slice(s![.., t, ..]).iter().copied().collect();
        let y = stream.step(&now, &mut state).expect("finite");
        assert!(y.iter().eq(whole.slice(s![.., t, ..])));
    }
    state.reset();
    assert!(state.snapshot().layers.iter().all(|layer| layer.h.iter().all(|&h| h == 0.0)));
}

#[test]
fn a_stream_keeps_the_weights_it_was_made_of() {
    let mut model = small();
    let stream = model.stream().expect("finite");
    let before = stream.step(&[1.0, 2.0], &mut stream.state(1)).expect("finite")[0];
    model.fill(0.0);
    assert_eq!(
        stream.step(&[1.0, 2.0], &mut stream.state(1)).expect("finite")[0].to_bits(),
        before.to_bits()
    );
    assert_eq!((stream.input(), stream.output()), (2, 1));
}

#[test]
fn what_does_not_fit_is_refused() {
    let model = small();
    let stream = model.stream().expect("finite");
    let mut state = stream.state(2);
    let error = stream.step(&[1.0, 2.0], &mut state).expect_err("two sequences, one input");
    assert_eq!(error.to_string(), "x (batch · features) has shape [2], expected [4]");
    let mut other = model.rnn.stream().expect("finite").state(1);
    assert!(matches!(stream.step(&[1.0, 2.0], &mut other), Err(Error::OtherNetwork { .. })));
    assert!(matches!(stream.state_from(&State { layers: vec![] }), Err(Error::LayerCount { .. })));
}

#[test]
fn numbers_that_are_not_finite_are_named() {
    let mut model = small();
    let stream = model.stream().expect("finite");
    let mut state = stream.state(2);
    stream.step(&[1.0; 4], &mut state).expect("finite");
    let before = state.snapshot();
    let error = stream.step(&[1.0, 2.0, 3.0, f64::NAN], &mut state).expect_err("NaN");
    assert_eq!(error.to_string(), "NaN in x[1, 0, 1]");
    assert_eq!(state.snapshot(), before, "the state has not moved");

    model.rnn.params_mut().as_mut_slice()[7] = f64::INFINITY;
    let error = model.stream().expect_err("a parameter is infinite");
    assert!(matches!(error, Error::NonFinite { place: Place::Parameter { .. }, .. }), "{error}");
}

/// Each step multiplies the state by 1e200.
#[test]
fn an_overflow_is_named() {
    for batch in [1, 3] {
        let sizes = Sizes { input: 1, hidden: 20, layers: 1, output: 1, batch, options: Bias::None.into() };
        let mut model = model::<f64>(Elman::identity(), sizes, 1);
        model.fill(1e200);
        let (stream, x) = (model.rnn.stream().expect("finite"), vec![1.0; batch]);
        let mut state = stream.state(batch);
        stream.step(&x, &mut state).expect("1e200 is finite");
        assert_eq!(state.timesteps(), 1);
        let error = stream.step(&x, &mut state).expect_err("1e400 is not");
        assert_eq!(error.to_string(), "inf in the hidden state of layer 0 at timestep 2, sequence 0, unit 0");
        let stream = model.stream().expect("finite");
        let error = stream.step(&x, &mut stream.state(batch)).expect_err("20e400 is not finite");
        assert_eq!(error.to_string(), "inf in prediction[0, 0, 0]");
        state.reset();
        assert_eq!(state.timesteps(), 0);
    }
}
