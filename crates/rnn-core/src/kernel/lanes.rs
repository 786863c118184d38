//! Small groups of numbers per unit (its gates, its state), sixteen units at a time.

use pulp::Simd;

use crate::Real;
use crate::kernel::gathered;

/// How many units are worked on at once: one AVX-512 register of `f32`.
pub(crate) const LANES: usize = 16;

/// The `N` numbers that belong to one hidden unit: `[F; N]` for its gates, its state, or what backward needs.
///
/// Implemented for arrays, and for nothing else; a cell only names the array type. In memory, a row of a buffer holds entry 0 of every
/// unit, then entry 1 of every unit, and so on: PyTorch's order of the gates.
pub trait Lanes<F: Real>: sealed::Sealed + Copy + Send + Sync + 'static {
    /// How many numbers a unit has.
    const N: usize;
    /// The same number in every place.
    fn splat(x: F) -> Self;
    #[doc(hidden)]
    fn at(&self, n: usize) -> F;
    #[doc(hidden)]
    fn at_mut(&mut self, n: usize) -> &mut F;
    /// Those of sixteen units, entry by entry.
    #[doc(hidden)]
    type Block;
    #[doc(hidden)]
    fn zeros() -> Self::Block;
    /// Entry `n` of the sixteen units.
    #[doc(hidden)]
    fn entry(block: &Self::Block, n: usize) -> &[F; LANES];
    #[doc(hidden)]
    fn entry_mut(block: &mut Self::Block, n: usize) -> &mut [F; LANES];
    /// The numbers of one of the sixteen units.
    #[doc(hidden)]
    fn get(block: &Self::Block, lane: usize) -> Self;
    #[doc(hidden)]
    fn set(self, block: &mut Self::Block, lane: usize);
    /// bias + x W for a row vector x and a block of gathered weights of `B` times sixteen units.
    #[doc(hidden)]
    fn chains<S: Simd, const B: usize>(simd: S, x: &[F], weights: &[F], bias: &[F]) -> [Self::Block; B];
}

mod sealed {
    /// What only this crate can implement.
    pub trait Sealed {}
}

impl<F: Real, const N: usize> sealed::Sealed for [F; N] {}

impl<F: Real, const N: usize> Lanes<F> for [F; N] {
    const N: usize = N;

    #[inline(always)]
    fn splat(x: F) -> Self {
        [x; N]
    }

    #[inline(always)]
    fn at(&self, n: usize) -> F {
        self[n]
    }

    #[inline(always)]
    fn at_mut(&mut self, n: usize) -> &mut F {
        &mut self[n]
    }

    type Block = [[F; LANES]; N];

    #[inline(always)]
    fn zeros() -> Self::Block {
        [[F::zero(); LANES]; N]
    }

    #[inline(always)]
    fn entry(block: &Self::Block, n: usize) -> &[F; LANES] {
        &block[n]
    }

    #[inline(always)]
    fn entry_mut(block: &mut Self::Block, n: usize) -> &mut [F; LANES] {
        &mut block[n]
    }

    #[inline(always)]
    fn get(block: &Self::Block, lane: usize) -> Self {
        std::array::from_fn(|n| block[n][lane])
    }

    #[inline(always)]
    fn set(self, block: &mut Self::Block, lane: usize) {
        for n in 0..N {
            block[n][lane] = self[n];
        }
    }

    #[inline(always)]
    fn chains<S: Simd, const B: usize>(simd: S, x: &[F], weights: &[F], bias: &[F]) -> [Self::Block; B] {
        gathered::chains(simd, x, weights, bias)
    }
}

/// Copies the first `width` numbers. Vectorized where `width` is a constant.
#[inline(always)]
pub(crate) fn copy<F: Copy>(to: &mut [F], from: &[F], width: usize) {
    to[..width].copy_from_slice(&from[..width]);
}

/// Reads a block: entry `n` from the slice that `at(n)` returns, `width` units of it.
#[inline(always)]
pub(crate) fn load<'r, F: Real, L: Lanes<F>>(width: usize, at: impl Fn(usize) -> &'r [F]) -> L::Block {
    let mut block = L::zeros();
    for n in 0..L::N {
        copy(L::entry_mut(&mut block, n), at(n), width);
    }
    block
}

/// Writes `width` units of entry `n` of a block over the beginning of `to`.
#[inline(always)]
pub(crate) fn store<F: Real, L: Lanes<F>>(block: &L::Block, n: usize, width: usize, to: &mut [F]) {
    copy(to, L::entry(block, n), width);
}
