//! What is special to units with a state c: h_t is read from the normalized c_t.

use crate::Real;
use crate::cell::{PerUnit, Unit, UnitGradient};

/// A [`Unit`] that [`LayerNorm`](crate::LayerNorm) can be put around.
///
/// A unit without a state c has nothing to add, `impl<F: Real> Readout<F> for Mine {}`: its pre-activations are
/// normalized, and that is all. One with a c of which h_t is a function, as h_t = o ∘ tanh c_t, says how h_t follows from
/// another c_t in its place, and takes its [`backward`](Unit::backward) apart: the path from h_t to the c_t that it was
/// read from, and all the others.
pub trait Readout<F: Real>: Unit<F> {
    /// Whether h_t is read from the normalized c_t. If not, c is not normalized and the other items are not used.
    const READS_CELL: bool = false;

    /// Reads h_t again. `state` is s_t as [`forward`](Unit::forward) gave it, with the normalized c_t in the place of c_t,
    /// and comes back with the new h_t; what `saved` holds of the old reading is set to the new one.
    #[inline(always)]
    fn read(&self, state: Self::State, previous: Self::State, saved: &mut Self::Saved) -> Self::State {
        let _ = (previous, saved);
        state
    }

    /// The chain rule from h_t to the c_t that it was read from: `d` holds dL/dh_t, and comes back with that and dL/dc_t
    /// through h_t alone.
    #[inline(always)]
    fn read_back(&self, saved: Self::Saved, d: Self::State) -> Self::State {
        let _ = saved;
        d
    }

    /// [`backward`](Unit::backward) but for the path from h_t to c_t: `d` holds dL/dh_t and the total dL/dc_t.
    #[inline(always)]
    fn backward_unread(
        &self,
        saved: Self::Saved,
        previous: Self::State,
        d: Self::State,
    ) -> UnitGradient<Self::Gates, Self::State> {
        self.backward(saved, previous, d)
    }
}

/// A unit whose way back leaves out the path from h_t to c_t.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unread<U>(pub(super) U);

impl<U> PerUnit for Unread<U> {}

impl<F: Real, U: Readout<F>> Unit<F> for Unread<U> {
    type Gates = U::Gates;
    type State = U::State;
    type Saved = U::Saved;
    const SPLIT: bool = U::SPLIT;

    #[inline(always)]
    fn forward(&self, a: U::Gates, u: U::Gates, previous: U::State) -> (U::State, U::Saved) {
        self.0.forward(a, u, previous)
    }

    #[inline(always)]
    fn backward(&self, saved: U::Saved, previous: U::State, d: U::State) -> UnitGradient<U::Gates, U::State> {
        if U::READS_CELL {
            self.0.backward_unread(saved, previous, d)
        } else {
            self.0.backward(saved, previous, d)
        }
    }
}
