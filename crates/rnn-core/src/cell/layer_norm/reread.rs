//! h_t from the normalized c_t, for all units of one sequence, and back.

use pulp::NullaryFnOnce;

use crate::Real;
use crate::cell::Readout;
use crate::kernel::lanes::{LANES, Lanes, load, store};
use crate::kernel::simd;

/// Reads h_t from gain ∘ ĉ + offset. All arrays are those of one sequence.
pub(super) struct Read<'a, F, U> {
    pub(super) unit: &'a U,
    /// ĉ.
    pub(super) hat: &'a [F],
    /// The gain and the offset.
    pub(super) own: (&'a [F], &'a [F]),
    pub(super) h_prev: &'a [F],
    pub(super) c_prev: &'a [F],
    pub(super) h: &'a mut [F],
    /// What the unit kept.
    pub(super) saved: &'a mut [F],
}

impl<F: Real, U: Readout<F>> Read<'_, F, U> {
    pub(super) fn run(self) {
        simd::dispatch(self);
    }
}

impl<F: Real, U: Readout<F>> NullaryFnOnce for Read<'_, F, U> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { unit, hat, own: (gain, offset), h_prev, c_prev, h, saved } = self;
        let hidden = h.len();
        for j in (0..hidden).step_by(LANES) {
            let width = LANES.min(hidden - j);
            let mut state =
                load::<F, U::State>(width, |n| if n == 0 { &h[j..] } else { &hat[(n - 1) * hidden + j..] });
            for n in 1..U::State::N {
                let at = (n - 1) * hidden + j;
                let own = gain[at..][..width].iter().zip(&offset[at..][..width]);
                for (c, (&gain, &offset)) in U::State::entry_mut(&mut state, n).iter_mut().zip(own) {
                    *c = gain * *c + offset;
                }
            }
            let previous = load::<F, U::State>(width, |n| {
                if n == 0 { &h_prev[j..] } else { &c_prev[(n - 1) * hidden + j..] }
            });
            let mut kept = load::<F, U::Saved>(width, |n| &saved[n * hidden + j..]);
            for lane in 0..LANES {
                let mut k = U::Saved::get(&kept, lane);
                let s = unit.read(U::State::get(&state, lane), U::State::get(&previous, lane), &mut k);
                k.set(&mut kept, lane);
                s.set(&mut state, lane);
            }
            store::<F, U::State>(&state, 0, width, &mut h[j..]);
            for n in 0..U::Saved::N {
                store::<F, U::Saved>(&kept, n, width, &mut saved[n * hidden + j..]);
            }
        }
    }
}

/// dL/d(gain ∘ ĉ + offset) through h_t.
pub(super) struct ReadBack<'a, F, U> {
    pub(super) unit: &'a U,
    /// What the unit kept.
    pub(super) saved: &'a [F],
    pub(super) d_h: &'a [F],
    /// Out.
    pub(super) d_c: &'a mut [F],
}

impl<F: Real, U: Readout<F>> ReadBack<'_, F, U> {
    pub(super) fn run(self) {
        simd::dispatch(self);
    }
}

impl<F: Real, U: Readout<F>> NullaryFnOnce for ReadBack<'_, F, U> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { unit, saved, d_h, d_c } = self;
        let hidden = d_h.len();
        for j in (0..hidden).step_by(LANES) {
            let width = LANES.min(hidden - j);
            let kept = load::<F, U::Saved>(width, |n| &saved[n * hidden + j..]);
            let mut d = U::State::zeros();
            U::State::entry_mut(&mut d, 0)[..width].copy_from_slice(&d_h[j..][..width]);
            for lane in 0..LANES {
                unit.read_back(U::Saved::get(&kept, lane), U::State::get(&d, lane)).set(&mut d, lane);
            }
            for n in 1..U::State::N {
                store::<F, U::State>(&d, n, width, &mut d_c[(n - 1) * hidden + j..]);
            }
        }
    }
}
