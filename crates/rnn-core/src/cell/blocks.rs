//! A pass over every unit of every sequence, some units at a time.

use pulp::NullaryFnOnce;

use crate::Real;
use crate::kernel::lanes::{self, LANES, Lanes};
use crate::kernel::simd;

/// A step, forward or backward, some units at a time.
pub(super) trait Units {
    /// (batch, hidden)
    fn size(&self) -> (usize, usize);

    /// `width` units of one sequence. Vectorized where `width` is a constant.
    fn units(&mut self, at: At, width: usize);
}

/// Every unit of every sequence, each once.
pub(super) fn each_unit(mut step: impl Units) {
    let (_, hidden) = step.size();
    simd::dispatch(WholeBlocks(&mut step));
    if !hidden.is_multiple_of(LANES) {
        simd::dispatch(Rest(&mut step));
    }
}

struct WholeBlocks<'a, T>(&'a mut T);

impl<T: Units> NullaryFnOnce for WholeBlocks<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (batch, hidden) = self.0.size();
        for row in 0..batch {
            for j in (0..hidden - hidden % LANES).step_by(LANES) {
                self.0.units(At { hidden, row, j }, LANES);
            }
        }
    }
}

/// The units that fill no block, in powers of two. A function of its own, so that the other stays small.
struct Rest<'a, T>(&'a mut T);

impl<T: Units> NullaryFnOnce for Rest<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        const { assert!(LANES == 16) };
        let (batch, hidden) = self.0.size();
        for row in 0..batch {
            let mut at = At { hidden, row, j: hidden - hidden % LANES };
            if hidden & 8 != 0 {
                self.0.units(at, 8);
                at.j += 8;
            }
            if hidden & 4 != 0 {
                self.0.units(at, 4);
                at.j += 4;
            }
            if hidden & 2 != 0 {
                self.0.units(at, 2);
                at.j += 2;
            }
            if hidden & 1 != 0 {
                self.0.units(at, 1);
            }
        }
    }
}

/// Unit `j` of sequence `row`, and those after it.
#[derive(Clone, Copy)]
pub(super) struct At {
    hidden: usize,
    row: usize,
    j: usize,
}

/// Some entries of a buffer that holds more for each unit: `first` and those after it, of `of`.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) first: usize,
    pub(super) of: usize,
}

impl At {
    /// The same units in a buffer that is the same for all sequences.
    #[inline(always)]
    pub(super) fn shared(self) -> Self {
        Self { row: 0, ..self }
    }

    /// Where entry `n` begins in a buffer with `of` numbers for each unit.
    #[inline(always)]
    pub(super) fn entry(self, n: usize, of: usize) -> usize {
        (self.row * of + n) * self.hidden + self.j
    }

    /// Reads a buffer of nothing but `L`.
    #[inline(always)]
    pub(super) fn load<F: Real, L: Lanes<F>>(self, width: usize, from: &[F]) -> L::Block {
        self.load_part::<F, L>(width, from, Part { first: 0, of: L::N })
    }

    #[inline(always)]
    pub(super) fn load_part<F: Real, L: Lanes<F>>(self, width: usize, from: &[F], part: Part) -> L::Block {
        lanes::load::<F, L>(width, |n| &from[self.entry(part.first + n, part.of)..])
    }

    /// Writes to a buffer of nothing but `L`.
    #[inline(always)]
    pub(super) fn store<F: Real, L: Lanes<F>>(self, width: usize, block: &L::Block, to: &mut [F]) {
        self.store_part::<F, L>(width, block, to, Part { first: 0, of: L::N });
    }

    #[inline(always)]
    pub(super) fn store_part<F: Real, L: Lanes<F>>(
        self,
        width: usize,
        block: &L::Block,
        to: &mut [F],
        part: Part,
    ) {
        for n in 0..L::N {
            lanes::store::<F, L>(block, n, width, &mut to[self.entry(part.first + n, part.of)..]);
        }
    }

    /// Adds to a buffer of nothing but `L`.
    #[inline(always)]
    pub(super) fn add<F: Real, L: Lanes<F>>(self, width: usize, block: &L::Block, to: &mut [F]) {
        for n in 0..L::N {
            lanes::add::<F, L>(block, n, width, &mut to[self.entry(n, L::N)..]);
        }
    }
}
