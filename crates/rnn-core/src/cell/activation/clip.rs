//! An activation whose argument is held within bounds.

use crate::Real;
use crate::cell::activation::Kind;
use crate::cell::{Activation, Name, Squash};

/// φ(z) with z held within ±`limit`: φ_clip(z) = φ(max(−limit, min(z, limit))), whose slope is 0 from the limits on. The `clip`
/// of ONNX' recurrent operators. φ must not be constant near the limits.
///
/// ```
/// use rnn_core::cell::{Clip, Squash, Tanh};
///
/// let clipped = Clip { of: Tanh, limit: 1.0 };
/// let at = |z: f64| clipped.value(z);
/// assert_eq!((at(0.5), at(3.0), clipped.slope(at(3.0))), (Tanh.value(0.5), Tanh.value(1.0), 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clip<S> {
    /// φ.
    pub of: S,
    /// The bound: positive.
    pub limit: f64,
}

impl<F: Real, S: Squash<F>> Squash<F> for Clip<S> {
    const KIND: Kind = S::KIND.within_bounds();

    fn name(&self) -> String {
        Name::new("clip").with("of", self.of.name()).with("limit", self.limit).to_string()
    }

    #[inline(always)]
    fn value(&self, z: F) -> F {
        let limit = F::of(self.limit);
        // Comparisons, so that NaN stays NaN.
        self.of.value(if z > limit {
            limit
        } else if z < -limit {
            -limit
        } else {
            z
        })
    }

    #[inline(always)]
    fn slope(&self, y: F) -> F {
        let limit = F::of(self.limit);
        if y == self.of.value(limit) || y == self.of.value(-limit) { F::zero() } else { self.of.slope(y) }
    }
}

impl<F: Real, S: Squash<F>> Activation<F> for Clip<S> {
    const KIND: Kind = <Self as Squash<F>>::KIND;

    fn name(&self) -> String {
        Squash::name(self)
    }

    #[inline(always)]
    fn eval(&self, z: F) -> (F, F) {
        let y = self.value(z);
        (y, self.slope(y))
    }
}
