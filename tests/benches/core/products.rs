//! Matrix products, in the shapes that a training step has: batch 32, hidden 32 and up.

use criterion::{BenchmarkId, Criterion, Throughput};
use rnn_core::Random;
use rnn_core::kernel::{Matrix, Panels, Scratch, Store, multiply, product};

fn noise(count: usize) -> Vec<f32> {
    let mut rng = <rand_pcg::Pcg64Dxsm as rand::SeedableRng>::seed_from_u64(4);
    let mut numbers = vec![0.0; count];
    rng.fill_normal(&mut numbers);
    numbers
}

pub(crate) fn all(criterion: &mut Criterion) {
    // u_t = h W_hhᵀ with one gate and with four, dL/dh = dL/du W_hh, one sequence alone.
    let mut group = criterion.benchmark_group("products, right factor packed (elements are multiply-adds)");
    for (m, k, n) in
        [(32, 32, 32), (32, 32, 128), (32, 128, 32), (32, 256, 1024), (64, 512, 512), (1, 32, 128)]
    {
        let (a, b, mut c) = (noise(m * k), noise(k * n), vec![0.0; m * n]);
        let mut panels = Panels::new();
        panels.pack(Matrix::rows_of(&b, k, n));
        group.throughput(Throughput::Elements((m * k * n) as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("{m} x {k} x {n}")), |bencher| {
            bencher.iter(|| multiply(&mut c, Store::Set, Matrix::rows_of(&a, m, k), &panels));
        });
    }
    group.finish();

    // dL/dW_hh = (dL/du)ᵀ h over all timesteps.
    let mut group =
        criterion.benchmark_group("products, left factor transposed (elements are multiply-adds)");
    for (m, k, n) in [(32, 320, 32), (128, 320, 32), (1024, 3200, 256)] {
        let (a, b, mut c) = (noise(k * m), noise(k * n), vec![0.0; m * n]);
        let mut scratch = Scratch::new();
        group.throughput(Throughput::Elements((m * k * n) as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("{m} x {k} x {n}")), |bencher| {
            let (a, b) = (Matrix::rows_of(&a, k, m).t(), Matrix::rows_of(&b, k, n));
            bencher.iter(|| product(&mut c, Store::Set, a, b, &mut scratch));
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("packing");
    for (rows, cols) in [(32, 32), (128, 32), (1024, 256)] {
        let weight = noise(rows * cols);
        let mut panels = Panels::new();
        group.throughput(Throughput::Elements((rows * cols) as u64));
        group.bench_function(BenchmarkId::new("transposed", format!("{rows} x {cols}")), |bencher| {
            bencher.iter(|| panels.pack(Matrix::rows_of(&weight, rows, cols).t()));
        });
    }
    group.finish();
}
