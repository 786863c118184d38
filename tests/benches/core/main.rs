//! What a training step costs, and what its parts cost.

mod activations;
mod optimizers;
mod passes;
mod products;
mod setup;
mod streams;
mod train_step;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    benches,
    train_step::all,
    passes::all,
    streams::all,
    products::all,
    optimizers::all,
    activations::all,
);
criterion_main!(benches);
