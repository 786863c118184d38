//! One timestep of a single sequence, for cells that are scalar mathematics for each unit.
//!
//! The gates of sixteen units are summed in registers and go straight into the unit's mathematics: nothing is written but
//! the new state.

use pulp::{Simd, WithSimd};

use crate::Real;
use crate::cell::Unit;
use crate::kernel::Matrix;
use crate::kernel::gathered::{Gathered, block_width};
use crate::kernel::lanes::{LANES, Lanes, load, store};
use crate::kernel::reduce::total;
use crate::kernel::simd;

/// The parameters of a layer for steps of a single sequence.
#[derive(Clone, Debug)]
pub(crate) struct SingleWeights<F> {
    w_ih: Gathered<F>,
    b_ih: Gathered<F>,
    /// W_hh and b_hh; `None` for a layer without W_hh.
    recurrent: Option<(Gathered<F>, Gathered<F>)>,
    /// The unit's own parameters.
    own: Vec<F>,
}

impl<F: Real> SingleWeights<F> {
    /// Gathers the weights of `units` units; each weight comes with its bias, which holds zeros where the layer has none.
    pub(crate) fn new(
        input: (Matrix<'_, F>, &[F]),
        recurrent: Option<(Matrix<'_, F>, &[F])>,
        own: &[F],
        units: usize,
    ) -> Self {
        let bias = |b: &[F]| Gathered::new(Matrix::rows_of(b, b.len(), 1), units);
        Self {
            w_ih: Gathered::new(input.0, units),
            b_ih: bias(input.1),
            recurrent: recurrent.map(|(w_hh, b_hh)| (Gathered::new(w_hh, units), bias(b_hh))),
            own: own.to_vec(),
        }
    }
}

/// One timestep of a single sequence; the state c lies entry after entry, as in a row of a batch.
#[derive(Debug)]
pub(crate) struct SingleStep<'a, F> {
    pub(crate) x: &'a [F],
    pub(crate) h_prev: &'a [F],
    pub(crate) c_prev: &'a [F],
    pub(crate) h: &'a mut [F],
    pub(crate) c: &'a mut [F],
}

/// Takes the step. `false` if a number of the new state may not be finite.
pub(super) fn step<F: Real, U: Unit<F>>(unit: &U, theta: &SingleWeights<F>, step: SingleStep<'_, F>) -> bool {
    simd::dispatch_or(Op { unit, theta, step }, |_| unreachable!("there are no vector instructions"))
}

struct Op<'a, F, U> {
    unit: &'a U,
    theta: &'a SingleWeights<F>,
    step: SingleStep<'a, F>,
}

impl<F: Real, U: Unit<F>> WithSimd for Op<'_, F, U> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> bool {
        match block_width(U::Gates::N, self.step.h.len()) {
            1 => self.blocks::<S, 1>(simd),
            4 if const { block_width(U::Gates::N, usize::MAX) == 4 } => self.blocks::<S, 4>(simd),
            _ => self.blocks::<S, 2>(simd),
        }
    }
}

impl<F: Real, U: Unit<F>> Op<'_, F, U> {
    /// All units, in blocks of `B` times sixteen, fewer in the last one.
    #[inline(always)]
    fn blocks<S: Simd, const B: usize>(&mut self, simd: S) -> bool {
        let mut zeros = [F::zero(); LANES];
        let (theta, units) = (self.theta, self.step.h.len());
        for (block, first) in (0..units).step_by(B * LANES).enumerate() {
            let u = match &theta.recurrent {
                Some((w_hh, b_hh)) if U::FORM.recurrent() => {
                    U::Gates::chains::<S, B>(simd, self.step.h_prev, w_hh.block(block), b_hh.block(block))
                }
                _ => std::array::from_fn(|_| U::Gates::zeros()),
            };
            let (w_ih, b_ih) = (theta.w_ih.block(block), theta.b_ih.block(block));
            let a = U::Gates::chains::<S, B>(simd, self.step.x, w_ih, b_ih);
            for (b, (a, u)) in a.iter().zip(&u).enumerate() {
                let j = first + b * LANES;
                match units.saturating_sub(j) {
                    0 => {}
                    LANES.. => self.units(j, LANES, a, u, &mut zeros),
                    width => self.units(j, width, a, u, &mut zeros),
                }
            }
        }
        total(zeros) == F::zero()
    }
}

impl<F: Real, U: Unit<F>> Op<'_, F, U> {
    /// Units `j .. j + width` from their pre-activations. Adds 0 · x for every number x of their state to `zeros`: 0 for
    /// finite ones, and NaN else.
    #[inline(always)]
    fn units(
        &mut self,
        j: usize,
        width: usize,
        a: &<U::Gates as Lanes<F>>::Block,
        u: &<U::Gates as Lanes<F>>::Block,
        zeros: &mut [F; LANES],
    ) {
        let Self { unit, step, theta } = self;
        let units = step.h.len();
        let own = load::<F, U::Own>(width, |n| &theta.own[n * units + j..]);
        let previous = load::<F, U::State>(width, |n| {
            if n == 0 { &step.h_prev[j..] } else { &step.c_prev[(n - 1) * units + j..] }
        });
        let mut next = U::State::zeros();
        for lane in 0..LANES {
            let (own, previous) = (U::Own::get(&own, lane), U::State::get(&previous, lane));
            let (mut s, saved) = unit.forward(own, U::Gates::get(a, lane), U::Gates::get(u, lane), previous);
            if U::FORM.reads_cell {
                (s, _) = unit.read(own, s, saved);
            }
            s.set(&mut next, lane);
            for n in 0..U::State::N {
                zeros[lane] += F::zero() * U::State::entry(&next, n)[lane];
            }
        }
        store::<F, U::State>(&next, 0, width, &mut step.h[j..]);
        for n in 1..U::State::N {
            store::<F, U::State>(&next, n, width, &mut step.c[(n - 1) * units + j..]);
        }
    }
}
