//! The activations element by element, over more numbers than fit in the first cache.

use criterion::{Criterion, Throughput};
use rnn_core::{Random, sigmoid, tanh};

pub(crate) fn all(criterion: &mut Criterion) {
    let mut rng = <rand_pcg::Pcg64Dxsm as rand::SeedableRng>::seed_from_u64(2);
    let mut x = vec![0.0f32; 1 << 14];
    rng.fill_normal(&mut x);
    let mut y = x.clone();
    let mut group = criterion.benchmark_group("activations, baseline instruction set");
    group.throughput(Throughput::Elements(x.len() as u64));
    group.bench_function("tanh", |bencher| {
        bencher.iter(|| y.iter_mut().zip(&x).for_each(|(y, &x)| *y = tanh(x)));
    });
    group.bench_function("sigmoid", |bencher| {
        bencher.iter(|| y.iter_mut().zip(&x).for_each(|(y, &x)| *y = sigmoid(x)));
    });
    group.finish();
}
