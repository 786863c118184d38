//! One optimizer step, and clipping, over as many parameters as small and middling networks have.

use criterion::{BenchmarkId, Criterion, Throughput};
use rnn_core::{Adam, Elman, Optimizer, Parameters, Sgd, clip_global_norm};

use crate::setup::{SMALL, model};

pub(crate) fn all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("optimizers");
    for hidden in [32, 256] {
        let (mut model, _) = model(Elman::tanh(), &[hidden], SMALL);
        let mut gradients = model.workspace();
        gradients.fill(1e-3);
        group.throughput(Throughput::Elements(model.parameter_count() as u64));

        let mut adam = Adam::new(1e-6);
        group.bench_function(BenchmarkId::new("adam", hidden), |bencher| {
            bencher.iter(|| adam.step(&mut model, &gradients).expect("valid"));
        });
        let mut sgd = Sgd::new(1e-6);
        sgd.momentum = 0.9;
        group.bench_function(BenchmarkId::new("sgd with momentum", hidden), |bencher| {
            bencher.iter(|| sgd.step(&mut model, &gradients).expect("valid"));
        });
        group.bench_function(BenchmarkId::new("clip_global_norm", hidden), |bencher| {
            bencher.iter(|| clip_global_norm(&mut gradients, 1e9).expect("finite"));
        });
    }
    group.finish();
}
