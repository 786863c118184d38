//! Activations made of straight pieces. What is cut off has slope 0, and the corners count as cut off, as PyTorch has it.

use crate::Real;
use crate::cell::activation::Kind;
use crate::cell::{AnySquash, Squash};

/// φ(z) = max(z, 0), φ′ = 1 for z > 0 and 0 elsewhere, at 0 too. NaN stays NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relu;

/// φ(z) = z / 6 + 1/2 cut off at 0 and 1, so at z = ±3; φ′ = 1/6 between. NaN stays NaN.
///
/// # Reference
/// Courbariaux, Bengio and David 2015, *BinaryConnect*, arXiv:1511.00363, whose hard sigmoid has slope 1/2. The slope 1/6 is that of `keras.activations.hard_sigmoid` in Keras 3, relu6(z + 3) / 6, and of
/// `torch.nn.functional.hardsigmoid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HardSigmoid;

/// φ(z) = z cut off at −1 and 1; φ′ = 1 between. NaN stays NaN. As `torch.nn.functional.hardtanh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HardTanh;

/// `z` within `low` and `high`; NaN, which `min` and `max` would drop, where it is.
#[inline(always)]
fn cut<F: Real>(z: F, low: F, high: F) -> F {
    if z <= low {
        low
    } else if z >= high {
        high
    } else {
        z
    }
}

impl<F: Real> Squash<F> for Relu {
    const KIND: Kind = Kind::Usual(AnySquash::Relu);

    fn name(&self) -> String {
        "relu".to_owned()
    }

    #[inline(always)]
    fn value(&self, z: F) -> F {
        if z <= F::zero() { F::zero() } else { z }
    }

    #[inline(always)]
    fn slope(&self, y: F) -> F {
        if y <= F::zero() { F::zero() } else { F::one() }
    }
}

impl<F: Real> Squash<F> for HardSigmoid {
    const KIND: Kind = Kind::Usual(AnySquash::HardSigmoid);

    fn name(&self) -> String {
        "hard-sigmoid".to_owned()
    }

    #[inline(always)]
    fn value(&self, z: F) -> F {
        cut(z + F::of(3.0), F::zero(), F::of(6.0)) / F::of(6.0)
    }

    #[inline(always)]
    fn slope(&self, y: F) -> F {
        if y <= F::zero() || y >= F::one() { F::zero() } else { F::of(1.0 / 6.0) }
    }
}

impl<F: Real> Squash<F> for HardTanh {
    const KIND: Kind = Kind::Usual(AnySquash::HardTanh);

    fn name(&self) -> String {
        "hard-tanh".to_owned()
    }

    #[inline(always)]
    fn value(&self, z: F) -> F {
        cut(z, -F::one(), F::one())
    }

    #[inline(always)]
    fn slope(&self, y: F) -> F {
        if y.abs() >= F::one() { F::zero() } else { F::one() }
    }
}
