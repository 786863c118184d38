//! One timestep of inference, each input made of the last output.

use criterion::{BenchmarkId, Criterion, Throughput};
use rnn_core::{Cell, Elman, Gru, Lstm};

use crate::setup::{SMALL, model};

fn one_cell(criterion: &mut Criterion, name: &str, cell: impl Into<Cell<f32>>) {
    let cell = cell.into();
    let mut group = criterion.benchmark_group("stream");
    for hidden in [16, 32, 128] {
        let (model, _) = model(cell.clone(), &[hidden], SMALL);
        let stream = model.stream().expect("finite");
        for batch in [1, 16] {
            let (mut state, mut x) = (stream.state(batch), vec![0.1; batch]);
            group.throughput(Throughput::Elements(batch as u64));
            group.bench_function(
                BenchmarkId::new(name, format!("{hidden} units, {batch} sequences")),
                |bencher| {
                    bencher.iter(|| {
                        let y = stream.step(&x, &mut state).expect("finite");
                        x[0] = 0.1 + 0.01 * y[0];
                    });
                },
            );
        }
    }
    group.finish();
}

pub(crate) fn all(criterion: &mut Criterion) {
    one_cell(criterion, "elman", Elman::tanh());
    one_cell(criterion, "lstm", Lstm);
    one_cell(criterion, "gru", Gru);
}
