//! Activations with a derivative everywhere.

use crate::cell::activation::Kind;
use crate::cell::{AnySquash, Squash};
use crate::{Real, sigmoid, tanh};

/// φ(z) = z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity;

/// φ(z) = tanh z, φ′ = 1 − φ².
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tanh;

/// φ(z) = 1 / (1 + e⁻ᶻ), φ′ = φ (1 − φ).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sigmoid;

/// φ(z) = z / (1 + |z|), φ′ = (1 − |φ|)² = 1 / (1 + |z|)². Within ±1 as tanh, and slower to get there. NaN stays NaN, and
/// ±∞ give NaN.
///
/// # Reference
/// Glorot and Bengio 2010, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS. As
/// `torch.nn.functional.softsign`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Softsign;

impl<F: Real> Squash<F> for Identity {
    const KIND: Kind = Kind::Usual(AnySquash::Identity);

    fn name(&self) -> String {
        "identity".to_owned()
    }

    #[inline(always)]
    fn value(&self, z: F) -> F {
        z
    }

    #[inline(always)]
    fn slope(&self, _: F) -> F {
        F::one()
    }
}

impl<F: Real> Squash<F> for Tanh {
    const KIND: Kind = Kind::Usual(AnySquash::Tanh);

    fn name(&self) -> String {
        "tanh".to_owned()
    }

    #[inline(always)]
    fn value(&self, z: F) -> F {
        tanh(z)
    }

    #[inline(always)]
    fn slope(&self, y: F) -> F {
        F::one() - y * y
    }
}

impl<F: Real> Squash<F> for Sigmoid {
    const KIND: Kind = Kind::Usual(AnySquash::Sigmoid);

    fn name(&self) -> String {
        "sigmoid".to_owned()
    }

    #[inline(always)]
    fn value(&self, z: F) -> F {
        sigmoid(z)
    }

    #[inline(always)]
    fn slope(&self, y: F) -> F {
        y * (F::one() - y)
    }

    #[inline(always)]
    fn back(&self, d: F, y: F) -> F {
        d * y * (F::one() - y)
    }
}

impl<F: Real> Squash<F> for Softsign {
    const KIND: Kind = Kind::Usual(AnySquash::Softsign);

    fn name(&self) -> String {
        "softsign".to_owned()
    }

    #[inline(always)]
    fn value(&self, z: F) -> F {
        z / (F::one() + z.abs())
    }

    #[inline(always)]
    fn slope(&self, y: F) -> F {
        let s = F::one() - y.abs();
        s * s
    }
}
