//! Whatever a caller can get wrong, and whatever can blow up, is an error that names the offender.

mod non_finite;
mod options;
mod shapes;

use ndarray::Array3;
use rand::SeedableRng;
use rnn_core::{Bias, Cell, Error, Model, Parameters, Random, Real};

/// Asserts that this is an error whose text has all these parts.
#[track_caller]
fn assert_names<T>(result: Result<T, Error>, parts: &[&str]) {
    let Err(error) = result else { panic!("an error was expected that says {parts:?}") };
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{text:?} does not say {part:?}");
    }
}

/// A model of 2 features, these layers and 2 outputs.
fn model<F: Real>(cell: impl Into<Cell<F>>, hidden: &[usize]) -> Model<F> {
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(5);
    Model::new(cell, 2, hidden, 2, Bias::Double, &mut rng).expect("no size is 0")
}

fn noise<F: Real>(shape: (usize, usize, usize)) -> Array3<F> {
    let mut array = Array3::zeros(shape);
    rand_pcg::Pcg64Dxsm::seed_from_u64(6).fill_normal(array.as_slice_mut().expect("contiguous"));
    array
}

/// All numbers of a model, to see that they did not change.
fn flat<F: Real>(parameters: &impl Parameters<F>) -> Vec<F> {
    parameters.blocks().flat_map(|block| block.as_slice().iter().copied()).collect()
}
