//! Every path of the products against the definition.

use proptest::prelude::*;
use pulp::{Scalar128b, Simd};

use super::cast::slice_mut;
use super::multiply::{Tiles, multiply_shared};
use super::panels::Right;
use super::*;
use crate::Real;

/// Entries of few bits, so that sums of products are exact and every order gives the same bits.
fn entries<F: Real>(count: usize, seed: u64) -> Vec<F> {
    noise(count, seed).into_iter().map(|x| F::of((x * 16.0).floor() / 4.0 - 2.0)).collect()
}

/// Uniform on [0, 1).
fn noise(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..count).map(|_| next()).collect()
}

/// The triple loop.
fn definition<F: Real>(c: &mut [F], store: Store<'_, F>, a: Matrix<'_, F>, b: Matrix<'_, F>) {
    for i in 0..a.rows {
        for j in 0..b.cols {
            let sum = (0..a.cols).fold(F::zero(), |sum, p| sum + a.at(i, p) * b.at(p, j));
            let c = &mut c[i * b.cols + j];
            *c = match store {
                Store::Set => sum,
                Store::Add => *c + sum,
                Store::Bias(bias) => bias[j] + sum,
            };
        }
    }
}

/// Two factors of these sizes, either of them the transpose of what lies in memory.
struct Factors<F> {
    sizes: (usize, usize, usize),
    transposed: (bool, bool),
    a: Vec<F>,
    b: Vec<F>,
}

impl<F: Real> Factors<F> {
    fn new(
        sizes: (usize, usize, usize),
        transposed: (bool, bool),
        fill: impl Fn(usize, u64) -> Vec<F>,
    ) -> Self {
        let (m, k, n) = sizes;
        Self { sizes, transposed, a: fill(m * k, 1), b: fill(k * n, 2) }
    }

    fn a(&self) -> Matrix<'_, F> {
        let (m, k, _) = self.sizes;
        if self.transposed.0 { Matrix::rows_of(&self.a, k, m).t() } else { Matrix::rows_of(&self.a, m, k) }
    }

    fn b(&self) -> Matrix<'_, F> {
        let (_, k, n) = self.sizes;
        if self.transposed.1 { Matrix::rows_of(&self.b, n, k).t() } else { Matrix::rows_of(&self.b, k, n) }
    }
}

fn every_path_equals_the_definition<F: Real>(
    sizes: (usize, usize, usize),
    transposed: (bool, bool),
    seed: u64,
) {
    let (m, _, n) = sizes;
    let factors = Factors::<F>::new(sizes, transposed, |count, part| entries(count, seed.wrapping_add(part)));
    let (bias, old) = (entries::<F>(n, seed ^ 1), entries::<F>(m * n, seed ^ 2));
    let mut panels = Panels::new();
    panels.pack(factors.b());
    for store in [Store::Set, Store::Add, Store::Bias(&bias)] {
        let mut want = old.clone();
        definition(&mut want, store, factors.a(), factors.b());
        let mut got = old.clone();
        multiply(&mut got, store, factors.a(), &panels);
        assert_eq!(got, want, "multiply, {sizes:?}, transposed {transposed:?}, {store:?}");
        let mut got = old.clone();
        product(&mut got, store, factors.a(), factors.b(), &mut Scratch::new());
        assert_eq!(got, want, "product, {sizes:?}, transposed {transposed:?}, {store:?}");
    }
}

proptest! {
    #[test]
    fn products_of_any_size(
        m in 0usize..40, k in 0usize..40, n in 0usize..70, transposed: (bool, bool), seed: u64,
    ) {
        for sizes in [(m, k, n), (m, k, 1), (1, k, n), (2, k, n), (m, 1, n), (m, k, 32), (m, k, 96)] {
            every_path_equals_the_definition::<f32>(sizes, transposed, seed);
            every_path_equals_the_definition::<f64>(sizes, transposed, seed);
        }
    }

    #[test]
    fn products_of_other_floats(
        m in 0usize..9, k in 0usize..9, n in 0usize..70, transposed: (bool, bool), seed: u64,
    ) {
        // Entries of three bits and few of them: exact in the eight bits of bf16 too.
        every_path_equals_the_definition::<half::bf16>((m.min(3), k.min(2), n), transposed, seed);
    }
}

/// Sizes at and beyond the edges of the blocks.
#[test]
fn products_in_several_blocks() {
    for sizes in [(65, 257, 513), (130, 600, 33), (9, 513, 545), (64, 256, 512), (1, 700, 100), (300, 300, 1)]
    {
        for transposed in [(false, false), (true, false), (false, true), (true, true)] {
            every_path_equals_the_definition::<f32>(sizes, transposed, 7);
        }
    }
}

#[test]
fn old_values_are_overwritten_even_if_not_finite() {
    for (m, k, n) in [(3, 2, 5), (3, 2, 1), (3, 0, 5), (17, 3, 33), (1, 9, 70)] {
        let (a, b, bias) = (vec![1.0; m * k], vec![1.0; k * n], vec![0.0; n]);
        for store in [Store::Set, Store::Bias(&bias)] {
            let mut c = vec![f64::NAN; m * n];
            product(&mut c, store, Matrix::rows_of(&a, m, k), Matrix::rows_of(&b, k, n), &mut Scratch::new());
            assert_eq!(c, vec![k as f64; m * n]);
        }
    }
}

#[test]
fn not_a_number_is_never_lost() {
    let mut a = vec![1.0f32; 9 * 40];
    a[3 * 40 + 39] = f32::NAN;
    let mut c = vec![0.0; 9 * 33];
    let b = vec![0.0f32; 40 * 33];
    product(&mut c, Store::Set, Matrix::rows_of(&a, 9, 40), Matrix::rows_of(&b, 40, 33), &mut Scratch::new());
    assert!(c.chunks(33).enumerate().all(|(i, row)| row.iter().all(|x| x.is_nan() == (i == 3))));
}

/// Products on one instruction set.
fn on<T: vectors::Vectors, S: Simd>(simd: S, fused: bool, factors: &Factors<T>) -> Vec<T> {
    let (m, k, n) = factors.sizes;
    let mut packed = vec![T::zero(); panels::packed_len::<T>(k, n)];
    panels::pack(factors.b(), &mut packed);
    let mut c = vec![T::nan(); m * n];
    let b = Right::packed(&packed, k, n);
    let tiles = Tiles { c: slice_mut(&mut c), c_stride: n, store: Store::Set, a: factors.a(), b };
    if fused {
        tiles.run::<S, true>(simd);
    } else {
        tiles.run::<S, false>(simd);
    }
    c
}

/// The path for a processor without vector instructions that we know, on whatever processor this is.
#[test]
fn the_portable_path_rounds_each_product_and_each_sum() {
    for sizes in [(1, 1, 1), (1, 33, 129), (2, 9, 64), (7, 40, 31), (33, 65, 100)] {
        let factors = Factors::new(sizes, (false, false), noise);
        let mut want = vec![0.0; sizes.0 * sizes.2];
        definition(&mut want, Store::Set, factors.a(), factors.b());
        assert_eq!(on(Scalar128b, false, &factors), want, "{sizes:?}");
    }
}

/// Whatever the width of the registers.
#[test]
fn every_instruction_set_with_fused_multiply_add_gives_the_same_bits() {
    for sizes in [(1, 33, 129), (2, 9, 64), (7, 40, 31), (33, 65, 100)] {
        let factors = Factors::new(sizes, (false, false), noise);
        let (m, k, n) = sizes;
        let chain = |i: usize, j: usize| {
            (0..k).fold(0.0f64, |sum, p| factors.a().at(i, p).mul_add(factors.b().at(p, j), sum))
        };
        let want: Vec<f64> = (0..m * n).map(|at| chain(at / n, at % n)).collect();
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(simd) = pulp::x86::V3::try_new() {
                assert_eq!(on(simd, true, &factors), want, "avx2, {sizes:?}");
            }
            if let Some(simd) = pulp::x86::V4::try_new() {
                assert_eq!(on(simd, true, &factors), want, "avx-512, {sizes:?}");
            }
        }
        assert_eq!(on(pulp::Scalar256b, true, &factors), want, "an emulation, {sizes:?}");
    }
}

#[test]
fn rows_in_one_call_or_in_many_give_the_same_bits() {
    let factors = Factors::new((37, 50, 70), (false, false), noise);
    let mut panels = Panels::new();
    panels.pack(factors.b());
    let mut whole = vec![0.0; 37 * 70];
    multiply(&mut whole, Store::Set, factors.a(), &panels);
    for (i, want) in whole.chunks(70).enumerate() {
        let mut row = vec![0.0; 70];
        multiply(&mut row, Store::Set, Matrix::rows_of(&factors.a[i * 50..][..50], 1, 50), &panels);
        assert_eq!(row, want, "row {i}");
    }
}

/// Large enough to be shared among the threads that there are.
#[cfg(feature = "rayon")]
#[test]
fn the_number_of_threads_changes_no_bit() {
    let results = [1, 2, 3, 7].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let factors = Factors::new((257, 1000, 140), (true, false), noise);
            let mut panels = Panels::new();
            panels.pack(factors.b());
            let (mut c, mut d) = (vec![0.0; 257 * 140], vec![0.0; 257 * 140]);
            multiply_shared(&mut c, Store::Set, factors.a(), &panels);
            product(&mut d, Store::Set, factors.a(), factors.b(), &mut Scratch::new());
            assert_eq!(parallel::tasks(257, 257 * 1000 * 140, 1), threads);
            (c, d)
        })
    });
    assert!(results.iter().all(|result| *result == results[0]));
}
