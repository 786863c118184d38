//! A matrix as one row vector times it wants it, when all gates of a unit are needed together.

use pulp::{Scalar128b, Simd};

use crate::Real;
use crate::kernel::aligned::Aligned;
use crate::kernel::cast::{slice, slice_mut};
use crate::kernel::lanes::LANES;
use crate::kernel::matrix::Matrix;
use crate::kernel::simd::FUSED;
use crate::kernel::vectors::{Vectors, lanes};
use crate::real::is;

/// The transpose of a weight, (inputs, gates · units), some units at a time: within such a block, row after row, the
/// numbers of each gate side by side. One pass over a block, in the order of memory, gives every gate of its units.
#[derive(Clone, Debug)]
pub(crate) struct Gathered<F> {
    /// Numbers in a block.
    size: usize,
    data: Aligned<F>,
}

/// How many times sixteen units a block has: so many that enough sums are in flight while each waits for its last one,
/// and no more than there are.
pub(crate) const fn block_width(gates: usize, units: usize) -> usize {
    match (units.div_ceil(LANES), gates) {
        (..=1, _) => 1,
        (2, _) | (_, 3..) => 2,
        _ => 4,
    }
}

impl<F: Real> Gathered<F> {
    /// Gathers a weight, (gates · units, inputs).
    pub(crate) fn new(weight: Matrix<'_, F>, units: usize) -> Self {
        let (gates, rows) = (weight.rows / units, weight.cols);
        let block_units = block_width(gates, units) * LANES;
        let size = rows * gates * block_units;
        let mut data = Aligned::new();
        let numbers = data.resize(units.div_ceil(block_units) * size);
        numbers.fill(F::zero());
        for gate in 0..gates {
            for unit in 0..units {
                let (block, lane) = (unit / block_units, unit % block_units);
                for row in 0..rows {
                    let at = block * size + (row * gates + gate) * block_units + lane;
                    numbers[at] = weight.at(gate * units + unit, row);
                }
            }
        }
        Self { size, data }
    }

    /// A block, as [`chains`] reads it.
    #[inline(always)]
    pub(crate) fn block(&self, block: usize) -> &[F] {
        &self.data.as_slice()[block * self.size..][..self.size]
    }
}

/// `bias + Σ_p x[p] weights[p]` for the `N` gates of a block of `B` times sixteen units, each sum a chain of
/// multiply-adds in the order of p, with the bits of [`multiply`](crate::kernel::multiply). Sixteen units after the others.
#[inline(always)]
pub(crate) fn chains<F: Real, S: Simd, const N: usize, const B: usize>(
    simd: S,
    x: &[F],
    weights: &[F],
    bias: &[F],
) -> [[[F; LANES]; N]; B] {
    let mut sums = [[[F::zero(); LANES]; N]; B];
    if is::<F, f32>() {
        of_vectors::<f32, S, N, B>(simd, slice(x), slice(weights), slice(bias), slice_mut(&mut sums));
    } else if is::<F, f64>() {
        of_vectors::<f64, S, N, B>(simd, slice(x), slice(weights), slice(bias), slice_mut(&mut sums));
    } else {
        for (b, sums) in sums.iter_mut().enumerate() {
            for (n, sums) in sums.iter_mut().enumerate() {
                let of =
                    |row: &[F]| -> [F; LANES] { std::array::from_fn(|lane| row[(n * B + b) * LANES + lane]) };
                for (&x, row) in x.iter().zip(weights.chunks_exact(N * B * LANES)) {
                    sums.iter_mut().zip(of(row)).for_each(|(sum, w)| *sum += x * w);
                }
                sums.iter_mut().zip(of(bias)).for_each(|(sum, bias)| *sum = bias + *sum);
            }
        }
    }
    sums
}

#[inline(always)]
fn of_vectors<T: Vectors, S: Simd, const N: usize, const B: usize>(
    simd: S,
    x: &[T],
    weights: &[T],
    bias: &[T],
    sums: &mut [[[T; LANES]; N]],
) {
    if S::IS_SCALAR {
        in_registers::<T, _, false, N, B>(Scalar128b, x, weights, bias, sums);
    } else {
        in_registers::<T, S, FUSED, N, B>(simd, x, weights, bias, sums);
    }
}

#[inline(always)]
fn in_registers<T: Vectors, S: Simd, const FUSED: bool, const N: usize, const B: usize>(
    simd: S,
    x: &[T],
    weights: &[T],
    bias: &[T],
    sums: &mut [[[T; LANES]; N]],
) {
    let lanes = lanes::<T, S>();
    for from in (0..LANES).step_by(lanes) {
        let at = |n: usize, b: usize| (n * B + b) * LANES + from;
        let mut chains = [[T::splat(simd, T::zero()); B]; N];
        for (&x, row) in x.iter().zip(weights.chunks_exact(N * B * LANES)) {
            let x = T::splat(simd, x);
            for (n, chains) in chains.iter_mut().enumerate() {
                for (b, chain) in chains.iter_mut().enumerate() {
                    *chain = T::fma::<S, FUSED>(simd, x, T::load::<S>(&row[at(n, b)..][..lanes]), *chain);
                }
            }
        }
        for (n, chains) in chains.into_iter().enumerate() {
            for (b, chain) in chains.into_iter().enumerate() {
                let sum = T::plus(simd, T::load::<S>(&bias[at(n, b)..][..lanes]), chain);
                T::store::<S>(&mut sums[b][n][from..], sum);
            }
        }
    }
}
