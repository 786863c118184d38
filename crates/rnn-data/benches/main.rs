//! What a random number costs, and a batch of a task.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rnn_core::{Batch, Random, Real};
use rnn_data::{CumulativeAverage, PortableRng, Task, TorchRng};

/// Fills of few numbers, and of many.
const LENGTHS: [usize; 2] = [16, 4096];

fn fills<F: Real>(c: &mut Criterion, name: &str, rng: &mut impl Random<F>) {
    let mut group = c.benchmark_group(name);
    for length in LENGTHS {
        let mut out = vec![F::zero(); length];
        group.throughput(Throughput::Elements(length as u64));
        group.bench_function(BenchmarkId::new("normal", length), |b| {
            b.iter(|| rng.fill_normal(black_box(&mut out)));
        });
        group.bench_function(BenchmarkId::new("uniform", length), |b| {
            b.iter(|| rng.fill_uniform(-1.0, 1.0, black_box(&mut out)));
        });
    }
    group.finish();
}

fn random(c: &mut Criterion) {
    fills::<f32>(c, "portable/f32", &mut PortableRng::new(0));
    fills::<f64>(c, "portable/f64", &mut PortableRng::new(0));
    fills::<f32>(c, "torch/f32", &mut TorchRng::new(0));
    fills::<f64>(c, "torch/f64", &mut TorchRng::new(0));
}

/// 32 sequences of 10 timesteps: what one step of the notebook's training takes.
fn batches<F: Real>(c: &mut Criterion, name: &str, rng: &mut impl Random<F>) {
    let mut group = c.benchmark_group("cumulative_average");
    let task = CumulativeAverage::new(10).expect("there are timesteps");
    let mut batch = Batch::<F>::zeros(32, task.time(), task.features(), task.target_width());
    group.throughput(Throughput::Elements(batch.x.len() as u64));
    group.bench_function(name, |b| b.iter(|| task.fill(rng, black_box(&mut batch))));
    group.finish();
}

fn tasks(c: &mut Criterion) {
    batches::<f32>(c, "portable/f32", &mut PortableRng::new(0));
    batches::<f64>(c, "portable/f64", &mut PortableRng::new(0));
    batches::<f32>(c, "torch/f32", &mut TorchRng::new(0));
}

criterion_group!(benches, random, tasks);
criterion_main!(benches);
