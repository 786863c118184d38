//! What a stack and a run can have, each against a naive recomputation or its definition: lengths, both directions, learned
//! initial states, dropout, zoneout. That the gradients are those of these functions is the test `gradients`.

mod bits;
mod directions;
mod dropout;
mod initial;
mod packed;
mod zoneout;

use ndarray::{Array2, Array3, ArrayView3, Axis, concatenate, s};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::gradcheck::Case;
use rnn_core::{Cell, LayerState, Params, Random, Real, Stack, State};

/// How many random networks for each cell.
const NETWORKS: u64 = 40;

fn normal<F: Real>(shape: (usize, usize, usize), seed: u64) -> Array3<F> {
    let mut array = Array3::zeros(shape);
    Pcg64Dxsm::seed_from_u64(seed).fill_normal(array.as_slice_mut().expect("contiguous"));
    array
}

/// A stack with these sizes and options, and numbers in every parameter.
fn stack<F: Real>(cell: impl Into<Cell<F>>, case: &Case) -> Stack<F> {
    let mut rnn = Stack::zeros(cell, case.input, &case.hidden, case.options).expect("sizes");
    Pcg64Dxsm::seed_from_u64(case.seed).fill_uniform(-0.8, 0.8, rnn.params_mut().as_mut_slice());
    rnn
}

/// A random case that networks of this cell can have. A random state is no state of an sLSTM, whose n is positive: it
/// starts from zeros.
fn suited(cell: &Cell<f64>, seed: u64, change: impl Fn(&mut Case)) -> Case {
    let mut case = Case::random(seed);
    change(&mut case);
    case.suit(cell);
    if cell.name().base() == "slstm" {
        case.from_state = false;
    }
    case
}

/// A random state of this network.
fn state<F: Real>(rnn: &Stack<F>, batch: usize, seed: u64) -> State<F> {
    let mut state = rnn.zero_state(batch);
    let mut rng = Pcg64Dxsm::seed_from_u64(seed);
    for LayerState { h, c } in &mut state.layers {
        for array in std::iter::once(h).chain(c) {
            rng.fill_normal(array.as_slice_mut().expect("contiguous"));
        }
    }
    state
}

/// One sequence of a state.
fn sequence<F: Real>(state: &State<F>, b: usize) -> State<F> {
    let row = |x: &Array2<F>| x.slice(s![b..=b, ..]).to_owned();
    let layers =
        state.layers.iter().map(|LayerState { h, c }| LayerState { h: row(h), c: c.as_ref().map(row) });
    State { layers: layers.collect() }
}

/// All numbers of a state.
fn numbers<F: Real>(state: &State<F>) -> Vec<F> {
    state.layers.iter().flat_map(|layer| layer.h.iter().chain(layer.c.iter().flatten())).copied().collect()
}

/// Each sequence from its own end; zeros past it.
fn reversed<F: Real>(x: ArrayView3<'_, F>, lengths: &[usize]) -> Array3<F> {
    let mut to = Array3::zeros(x.dim());
    for (b, &length) in lengths.iter().enumerate() {
        to.slice_mut(s![b, ..length, ..]).assign(&x.slice(s![b, ..length;-1, ..]));
    }
    to
}

fn beside<F: Real>(a: ArrayView3<'_, F>, b: ArrayView3<'_, F>) -> Array3<F> {
    concatenate(Axis(2), &[a, b]).expect("the same batch and time")
}

#[track_caller]
fn assert_close<'a>(
    found: impl IntoIterator<Item = &'a f64>,
    wanted: impl IntoIterator<Item = &'a f64>,
    tolerance: f64,
    what: &str,
) {
    let (found, wanted): (Vec<f64>, Vec<f64>) =
        (found.into_iter().copied().collect(), wanted.into_iter().copied().collect());
    assert_eq!(found.len(), wanted.len(), "{what}");
    let size = wanted.iter().fold(1.0f64, |most, x| most.max(x.abs()));
    for (k, (a, b)) in found.iter().zip(&wanted).enumerate() {
        assert!((a - b).abs() <= tolerance * size, "{what}, number {k}: {a:e} is not {b:e}");
    }
}

/// The bits of numbers, to compare with no tolerance.
fn bits<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    numbers.into_iter().map(|x| x.to_bits()).collect()
}

/// Copies every parameter of `from` that `to` has by another name.
fn copy(from: &Params<f64>, to: &mut Params<f64>, name: impl Fn(&str) -> String) {
    let names: Vec<String> = to.iter().map(|(name, _)| name.to_owned()).collect();
    for to_name in names {
        to.set(&to_name, from.get(&name(&to_name)).expect("a parameter of that name")).expect("its shape");
    }
}

/// The options that change a pass without noise.
fn without_noise(case: &mut Case) {
    case.noise = None;
    case.options = case.options.dropout(0.0).recurrent_dropout(0.0);
}
