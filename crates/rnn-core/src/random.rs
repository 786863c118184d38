//! Where random numbers come from.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal, StandardUniform};

use crate::Real;

/// A stream of random numbers.
///
/// Every `rand` generator is one. It is a trait of its own so that a stream with other rules than `rand`'s, that of
/// PyTorch for example, can stand in for it.
pub trait Random<F: Real> {
    /// Fills `out`, in order, with draws from the uniform distribution between `low` and `high`. A draw may be `low`, and
    /// it may be `high` where it is rounded to that: 1 − 2⁻⁵³ is 1 in `f32`.
    fn fill_uniform(&mut self, low: f64, high: f64, out: &mut [F]);

    /// Fills `out`, in order, with draws from the standard normal distribution.
    fn fill_normal(&mut self, out: &mut [F]);
}

/// Draws in double precision and rounds, so that a seed gives the same numbers in every float type. Uniform numbers have the
/// same bits on every platform. Normal ones are those of `rand_distr`, which takes the logarithms of its tail and the
/// exponentials that decide whether a draw is kept from the platform, and so may differ between platforms.
impl<F: Real, R: Rng + ?Sized> Random<F> for R {
    fn fill_uniform(&mut self, low: f64, high: f64, out: &mut [F]) {
        for to in out {
            let unit: f64 = StandardUniform.sample(self);
            *to = F::of(low + (high - low) * unit);
        }
    }

    fn fill_normal(&mut self, out: &mut [F]) {
        for to in out {
            let normal: f64 = StandardNormal.sample(self);
            *to = F::of(normal);
        }
    }
}
