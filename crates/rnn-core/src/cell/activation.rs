//! The nonlinearity of an Elman cell: a value and its derivative.

use crate::{Real, sigmoid, tanh};

/// A scalar function φ and its derivative.
///
/// Any closure that gives both is one:
///
/// ```
/// use rnn_core::{Bias, Elman, Stack};
/// let softsign = |z: f64| { let d = 1.0 + z.abs(); (z / d, 1.0 / (d * d)) };
/// let rnn = Stack::<f64, _>::zeros(Elman(softsign), 2, &[3], Bias::Double)?;
/// # Ok::<(), rnn_core::Error>(())
/// ```
pub trait Activation<F>: Clone + Send + Sync + 'static {
    /// (φ(z), φ′(z)).
    fn eval(&self, z: F) -> (F, F);
}

impl<F, A: Fn(F) -> (F, F) + Clone + Send + Sync + 'static> Activation<F> for A {
    #[inline(always)]
    fn eval(&self, z: F) -> (F, F) {
        self(z)
    }
}

/// φ(z) = z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity;

/// φ(z) = tanh z, φ′ = 1 − φ².
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tanh;

/// φ(z) = max(z, 0), φ′ = 1 for z > 0 and 0 elsewhere, at 0 too, as PyTorch has it. NaN stays NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relu;

/// φ(z) = 1 / (1 + e⁻ᶻ), φ′ = φ (1 − φ).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sigmoid;

impl<F: Real> Activation<F> for Identity {
    #[inline(always)]
    fn eval(&self, z: F) -> (F, F) {
        (z, F::one())
    }
}

impl<F: Real> Activation<F> for Tanh {
    #[inline(always)]
    fn eval(&self, z: F) -> (F, F) {
        let y = tanh(z);
        (y, F::one() - y * y)
    }
}

impl<F: Real> Activation<F> for Relu {
    #[inline(always)]
    fn eval(&self, z: F) -> (F, F) {
        if z <= F::zero() { (F::zero(), F::zero()) } else { (z, F::one()) }
    }
}

impl<F: Real> Activation<F> for Sigmoid {
    #[inline(always)]
    fn eval(&self, z: F) -> (F, F) {
        let y = sigmoid(z);
        (y, y * (F::one() - y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derivative_is_right(activation: &impl Activation<f64>) {
        for z in [-3.0, -0.7, -0.01, 0.02, 0.5, 4.0] {
            let h = 1e-6;
            let difference = (activation.eval(z + h).0 - activation.eval(z - h).0) / (2.0 * h);
            assert!((activation.eval(z).1 - difference).abs() < 1e-9, "at {z}");
        }
    }

    #[test]
    fn derivatives_match_differences() {
        derivative_is_right(&Identity);
        derivative_is_right(&Tanh);
        derivative_is_right(&Relu);
        derivative_is_right(&Sigmoid);
    }

    #[test]
    fn relu_hides_no_nan() {
        assert!(Relu.eval(f64::NAN).0.is_nan());
        assert_eq!(Relu.eval(0.0), (0.0, 0.0));
    }
}
