//! The passes of a step by themselves: where its time goes.

use criterion::{BenchmarkId, Criterion, Throughput};
use ndarray::Array3;
use rnn_core::{Cell, Elman, Gru, Lstm};

use crate::setup::{SMALL, model};

fn one_cell(criterion: &mut Criterion, name: &str, cell: impl Into<Cell<f32>>) {
    let cell = cell.into();
    // 32 units are two whole blocks of sixteen; 33 and 47 have a rest.
    for hidden in [32, 33, 47, 128] {
        let (model, batch) = model(cell.clone(), &[hidden], SMALL);
        let (rnn, mut ws) = (&model.rnn, model.rnn.workspace());
        let units = (SMALL.batch * SMALL.time * hidden) as u64;

        let mut group = criterion.benchmark_group("forward");
        group.throughput(Throughput::Elements(units));
        group.bench_function(BenchmarkId::new(name, hidden), |bencher| {
            bencher.iter(|| rnn.forward(batch.x.view(), &mut ws).expect("finite"));
        });
        group.finish();

        let d_output = Array3::ones((SMALL.batch, SMALL.time, hidden));
        let mut group = criterion.benchmark_group("backward");
        group.throughput(Throughput::Elements(units));
        group.bench_function(BenchmarkId::new(name, hidden), |bencher| {
            bencher.iter(|| rnn.backward(d_output.view(), None, &mut ws).expect("finite"));
        });
        group.finish();
    }
}

pub(crate) fn all(criterion: &mut Criterion) {
    one_cell(criterion, "elman", Elman::tanh());
    one_cell(criterion, "lstm", Lstm);
    one_cell(criterion, "gru", Gru);
}
