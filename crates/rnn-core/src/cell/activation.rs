//! The nonlinearities of cells: values and derivatives.

mod any;
mod clip;
mod hard;
mod smooth;

pub use any::AnySquash;
pub(in crate::cell) use any::MaybeClipped;
pub use clip::Clip;
pub use hard::{HardSigmoid, HardTanh, Relu};
pub use smooth::{Identity, Sigmoid, Softsign, Tanh};

use crate::Real;
use crate::cell::{Loops, Name};

/// A scalar function φ and its derivative.
///
/// Any closure that gives both is one:
///
/// ```
/// use rnn_core::{Bias, Elman, Stack};
/// let sine = |z: f64| (z.sin(), z.cos());
/// let rnn = Stack::<f64>::zeros(Elman(sine), 2, &[3], Bias::Double)?;
/// # Ok::<(), rnn_core::Error>(())
/// ```
pub trait Activation<F>: Copy + Send + Sync + 'static {
    /// What the compiler knows of the function; see [`Unit::LOOPS`](crate::Unit::LOOPS).
    #[doc(hidden)]
    const KIND: Kind = Kind::Inlined;

    /// The name by which files know the activation; a closure has none.
    fn name(&self) -> String {
        Name::UNNAMED.to_owned()
    }

    /// (φ(z), φ′(z)).
    fn eval(&self, z: F) -> (F, F);
}

impl<F, A: Fn(F) -> (F, F) + Copy + Send + Sync + 'static> Activation<F> for A {
    #[inline(always)]
    fn eval(&self, z: F) -> (F, F) {
        self(z)
    }
}

/// A scalar function φ whose derivative follows from its value: a gate that is one keeps y = φ(z) for the way back, which
/// its step has anyway, and not z.
///
/// [`Lstm`](struct@crate::Lstm) and [`Gru`](struct@crate::Gru) take any two. One of the caller's:
///
/// ```
/// use rnn_core::cell::{Sigmoid, Squash};
/// use rnn_core::{Bias, Gru, Real, Stack};
///
/// /// φ(z) = z for z > 0 and eᶻ − 1 elsewhere, so φ′ is 1 or φ + 1 (Clevert, Unterthiner and Hochreiter 2016).
/// #[derive(Clone, Copy)]
/// struct Elu;
///
/// impl<F: Real> Squash<F> for Elu {
///     fn value(&self, z: F) -> F {
///         if z > F::zero() { z } else { z.exp_m1() }
///     }
///
///     fn slope(&self, y: F) -> F {
///         if y > F::zero() { F::one() } else { y + F::one() }
///     }
/// }
///
/// let gru = Stack::<f32>::zeros(Gru { gate: Sigmoid, candidate: Elu }, 2, &[3], Bias::Double)?;
/// # Ok::<(), rnn_core::Error>(())
/// ```
pub trait Squash<F: Real>: Copy + Send + Sync + 'static {
    /// What the compiler knows of the function; see [`Unit::LOOPS`](crate::Unit::LOOPS).
    #[doc(hidden)]
    const KIND: Kind = Kind::Inlined;

    /// The name by which files know the function.
    fn name(&self) -> String {
        Name::UNNAMED.to_owned()
    }

    /// y = φ(z).
    fn value(&self, z: F) -> F;

    /// φ′(z) for the z that gave `y`.
    fn slope(&self, y: F) -> F;

    /// dL/dz for d = dL/dy: the product of `d` and the slope, in the order in which the function's own formula has it.
    #[inline(always)]
    fn back(&self, d: F, y: F) -> F {
        d * self.slope(y)
    }
}

/// What has a value and a slope has both at once.
macro_rules! activations {
    ($($name:ident = $text:literal),*) => {$(
        impl<F: Real> Activation<F> for $name {
            const KIND: Kind = <Self as Squash<F>>::KIND;

            fn name(&self) -> String {
                $text.to_owned()
            }

            #[inline(always)]
            fn eval(&self, z: F) -> (F, F) {
                let y = self.value(z);
                (y, self.slope(y))
            }
        }
    )*};
}

activations!(
    HardSigmoid = "hard-sigmoid",
    HardTanh = "hard-tanh",
    Identity = "identity",
    Relu = "relu",
    Sigmoid = "sigmoid",
    Softsign = "softsign",
    Tanh = "tanh"
);

/// What the compiler knows of an activation.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Inlined into the loops over units, and in the cells that are compiled with this crate.
    Usual(AnySquash),
    /// Inlined into the loops over units.
    Inlined,
    /// Chosen at run time.
    Called,
}

impl Kind {
    /// That of the same function with another argument.
    const fn within_bounds(self) -> Self {
        match self {
            Self::Called => Self::Called,
            Self::Usual(_) | Self::Inlined => Self::Inlined,
        }
    }

    /// How the loops of a cell with this activation are compiled, of which the registry holds those with a `usual` one.
    pub(super) const fn loops(self, usual: &[AnySquash]) -> Loops {
        match self {
            Self::Called => Loops::Plain,
            Self::Inlined => Loops::Vectorized,
            Self::Usual(this) => {
                let mut n = 0;
                while n < usual.len() {
                    if usual[n] as u8 == this as u8 {
                        return Loops::BuiltIn;
                    }
                    n += 1;
                }
                Loops::Vectorized
            }
        }
    }

    /// How the loops of a cell with this activation of the gates and that of the candidate are compiled, of which the
    /// registry holds the one with sigmoid and tanh.
    pub(super) const fn loops_with(self, candidate: Self) -> Loops {
        match (self.loops(&[AnySquash::Sigmoid]), candidate.loops(&[AnySquash::Tanh])) {
            (Loops::Plain, _) | (_, Loops::Plain) => Loops::Plain,
            (Loops::BuiltIn, Loops::BuiltIn) => Loops::BuiltIn,
            _ => Loops::Vectorized,
        }
    }
}

/// The name of a unit with two activations: `lstm` with the usual ones, sigmoid and tanh.
pub(super) fn pair<F: Real>(base: &str, gate: &impl Squash<F>, candidate: &impl Squash<F>) -> Name {
    let (gate, candidate) = (gate.name(), candidate.name());
    if (gate.as_str(), candidate.as_str()) == ("sigmoid", "tanh") {
        return Name::new(base);
    }
    Name::new(base).with("gate", gate).with("candidate", candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At points that are no kinks of any.
    fn derivative_is_right(squash: &(impl Squash<f64> + Activation<f64> + std::fmt::Debug)) {
        for z in [-4.0, -2.9, -0.7, -0.01, 0.02, 0.5, 2.9, 4.0] {
            let h = 1e-6;
            let (y, slope) = squash.eval(z);
            assert_eq!(y, squash.value(z));
            let difference = (squash.value(z + h) - squash.value(z - h)) / (2.0 * h);
            assert!((slope - difference).abs() < 1e-9, "{squash:?} at {z}");
            assert!((squash.back(-3.0, y) + 3.0 * slope).abs() < 1e-14, "{squash:?} at {z}");
        }
    }

    #[test]
    fn derivatives_match_differences() {
        derivative_is_right(&Identity);
        derivative_is_right(&Tanh);
        derivative_is_right(&Relu);
        derivative_is_right(&Sigmoid);
        derivative_is_right(&HardSigmoid);
        derivative_is_right(&HardTanh);
        derivative_is_right(&Softsign);
    }

    #[test]
    fn values() {
        let all = |z: f64| [HardSigmoid.value(z), HardTanh.value(z), Softsign.value(z), Relu.value(z)];
        assert_eq!(all(-7.0), [0.0, -1.0, -0.875, 0.0]);
        assert_eq!(all(-1.5), [0.25, -1.0, -0.6, 0.0]);
        assert_eq!(all(0.0), [0.5, 0.0, 0.0, 0.0]);
        assert_eq!(all(0.75), [0.625, 0.75, 0.75 / 1.75, 0.75]);
        assert_eq!(all(7.0), [1.0, 1.0, 0.875, 7.0]);
    }

    /// What is cut off has slope 0, the corners too, as PyTorch has it.
    #[test]
    fn corners_are_flat() {
        assert_eq!(Relu.eval(0.0), (0.0, 0.0));
        assert_eq!([-3.0, 3.0].map(|z| HardSigmoid.eval(z)), [(0.0, 0.0), (1.0, 0.0)]);
        assert_eq!([-1.0, 1.0].map(|z| HardTanh.eval(z)), [(-1.0, 0.0), (1.0, 0.0)]);
    }

    #[test]
    fn nothing_hides_a_nan() {
        let found = [
            HardSigmoid.value(f64::NAN),
            HardTanh.value(f64::NAN),
            Identity.value(f64::NAN),
            Relu.value(f64::NAN),
            Sigmoid.value(f64::NAN),
            Softsign.value(f64::NAN),
            Tanh.value(f64::NAN),
        ];
        assert!(found.iter().all(|y| y.is_nan()), "{found:?}");
    }
}
