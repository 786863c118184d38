//! What a training step costs, and what its parts cost.

mod activations;
mod optimizers;
mod passes;
mod setup;
mod train_step;

use criterion::{criterion_group, criterion_main};

criterion_group!(benches, train_step::all, passes::all, optimizers::all, activations::all);
criterion_main!(benches);
