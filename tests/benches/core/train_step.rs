//! One training step: forward, mean squared error over all timesteps, back-propagation through time, Adam.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion};
use rnn_core::{Adam, Cell, Elman, Gru, Lstm, Mse, Random, Trainer, Training};

use crate::setup::{SMALL, model};

fn one_cell(criterion: &mut Criterion, name: &str, cell: impl Into<Cell<f32>>) {
    let cell = cell.into();
    let mut group = criterion.benchmark_group("train_step");
    for hidden in [&[32][..], &[32, 32], &[128]] {
        let (mut model, batch) = model(cell.clone(), hidden, SMALL);
        let (mut adam, mut trainer) = (Adam::new(1e-4), Trainer::new(&model, Training::new(Mse)));
        group.bench_function(BenchmarkId::new(name, format!("{hidden:?}")), |bencher| {
            bencher.iter(|| {
                let batch = black_box(&batch);
                trainer.step(&mut model, batch.run(), batch.target(), &mut adam).expect("finite")
            });
        });
    }
    group.finish();
}

/// A step as in training, with a batch that is drawn and averaged first.
fn with_fresh_batch(criterion: &mut Criterion) {
    let (mut model, mut batch) = model(Elman::tanh(), &[32], SMALL);
    let (mut adam, mut trainer) = (Adam::new(1e-4), Trainer::new(&model, Training::new(Mse)));
    let mut rng = <rand_pcg::Pcg64Dxsm as rand::SeedableRng>::seed_from_u64(1);
    criterion.bench_function("train_step with a fresh batch/elman/[32]", |bencher| {
        bencher.iter(|| {
            rng.fill_normal(batch.x.as_slice_mut().expect("contiguous"));
            let y = batch.y.values_mut().expect("values");
            for (x, mut y) in batch.x.outer_iter().zip(y.outer_iter_mut()) {
                let mut sum = 0.0;
                for (t, (x, y)) in x.iter().zip(&mut y).enumerate() {
                    sum += x;
                    *y = sum / (t + 1) as f32;
                }
            }
            trainer.step(&mut model, batch.run(), batch.target(), &mut adam).expect("finite")
        });
    });
}

pub(crate) fn all(criterion: &mut Criterion) {
    with_fresh_batch(criterion);
    one_cell(criterion, "elman", Elman::tanh());
    one_cell(criterion, "lstm", Lstm);
    one_cell(criterion, "gru", Gru);
}
