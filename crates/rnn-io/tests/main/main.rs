//! Models to and from files.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod cells;
mod checkpoints;
mod errors;
mod field;
mod files;
mod hostile;
mod models;
mod onnx;
mod state_dicts;
mod states;

use ndarray::Array3;
use rnn_core::{Cell, Model, Options, Parameters, Random};
use rnn_data::PortableRng;
use rnn_io::Element;

/// A model of 2 features, layers of 4 and 3 units and 2 outputs, with random numbers everywhere.
fn model<F: Element>(cell: impl Into<Cell<F>>, options: impl Into<Options>) -> Model<F> {
    let mut rng = PortableRng::new(1);
    let mut model = Model::zeros(cell, 2, &[4, 3], 2, options).unwrap();
    for block in model.blocks_mut() {
        rng.fill_uniform(-0.5, 0.5, block.as_mut_slice());
    }
    model
}

/// The names of all built-in cells.
fn built_in() -> Vec<String> {
    Cell::<f64>::all().iter().map(Cell::to_string).collect()
}

/// All numbers of a model.
fn flat<F: Element>(model: &impl Parameters<F>) -> Vec<F> {
    model.blocks().flat_map(|block| block.as_slice().iter().copied()).collect()
}

fn noise<F: Element>(seed: u64, shape: (usize, usize, usize)) -> Array3<F> {
    let mut array = Array3::zeros(shape);
    PortableRng::new(seed).fill_uniform(-1.0, 1.0, array.as_slice_mut().unwrap());
    array
}

/// Asserts that this is an error whose text has all these parts.
#[track_caller]
fn assert_names<T>(result: rnn_io::Result<T>, parts: &[&str]) {
    let Err(error) = result else { panic!("an error was expected that says {parts:?}") };
    assert!(std::error::Error::source(&error).is_none(), "its text says everything");
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{text:?} does not say {part:?}");
    }
}

/// A safetensors file of this header and so many bytes of zeros.
fn file(header: &str, zeros: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.resize(bytes.len() + zeros, 0);
    bytes
}
