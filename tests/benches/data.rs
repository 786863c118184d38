//! What a random number costs, and a batch of a task.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rnn_core::{Random, Real};
use rnn_data::{
    AddingProblem, CopyMemory, CumulativeAverage, DelayedRecall, FlipFlop, PortableRng, SineMixture, Task,
    TemporalOrder, TorchRng,
};

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

/// 32 sequences.
fn batches<F: Real>(c: &mut Criterion, group: &str, name: &str, task: &impl Task, rng: &mut impl Random<F>) {
    let mut group = c.benchmark_group(group);
    let mut batch = task.sample::<F>(32, rng).expect("there are sequences");
    group.throughput(Throughput::Elements(batch.x.len() as u64));
    group.bench_function(name, |b| b.iter(|| task.fill(rng, black_box(&mut batch))));
    group.finish();
}

/// 10 timesteps of the average are what one step of the notebook's training takes; 100 are common for the others.
fn tasks(c: &mut Criterion) {
    const SIZES: &str = "every task has its sizes";
    let rng = &mut PortableRng::new(0);
    let average = CumulativeAverage::new(10).expect(SIZES);
    batches::<f32>(c, "cumulative_average", "portable/f32", &average, rng);
    batches::<f64>(c, "cumulative_average", "portable/f64", &average, rng);
    batches::<f32>(c, "cumulative_average", "torch/f32", &average, &mut TorchRng::new(0));
    let f32 = "portable/f32";
    batches::<f32>(c, "adding_problem", f32, &AddingProblem::new(100).expect(SIZES), rng);
    batches::<f32>(c, "copy_memory", f32, &CopyMemory::new(80).expect(SIZES), rng);
    batches::<f32>(c, "temporal_order", f32, &TemporalOrder::new(100).expect(SIZES), rng);
    batches::<f32>(c, "delayed_recall", f32, &DelayedRecall::new(100, 10).expect(SIZES), rng);
    batches::<f32>(c, "flip_flop", f32, &FlipFlop::new(100, 3, 0.2).expect(SIZES), rng);
    batches::<f32>(c, "sine_mixture", f32, &SineMixture::new(100, 3, 0.2..=0.7).expect(SIZES), rng);
}

criterion_group!(benches, random, tasks);
criterion_main!(benches);
