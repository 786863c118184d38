//! The float type, and the only two transcendental functions that the cells need.

use std::any::TypeId;
use std::fmt::{Debug, Display};

use num_traits::{Float, NumAssign, NumCast};

use crate::kernel::transcendental as kernel;

/// A float type that networks can be built of: every `num_traits` float is one.
///
/// `f32` and `f64` take fast paths (vectorized activations, tuned matrix products). Any other type that
/// implements the supertraits, `half::bf16` or a dual number say, runs through plain generic loops with its own
/// arithmetic: nobody has to implement this trait.
pub trait Real: Float + NumAssign + Default + Debug + Display + Send + Sync + 'static {
    /// `x` rounded to this type.
    ///
    /// # Panics
    /// When the type cannot hold any rounding of `x`, which no type with infinities does.
    #[inline]
    fn of(x: f64) -> Self {
        <Self as NumCast>::from(x).expect("a float type holds a rounding of every f64")
    }
}

impl<T> Real for T where T: Float + NumAssign + Default + Debug + Display + Send + Sync + 'static {}

/// Hyperbolic tangent, within 3 units in the last place for `f32` and `f64`.
///
/// Odd to the bit; NaN stays NaN; ±∞ give ±1.
///
/// ```
/// assert_eq!(rnn_core::tanh(f64::INFINITY), 1.0);
/// assert!((rnn_core::tanh(0.2_f32) - 0.197_375_32).abs() < 1e-7);
/// ```
#[inline(always)]
pub fn tanh<F: Real>(x: F) -> F {
    if is::<F, f32>() {
        cast(kernel::tanh_f32(cast(x)))
    } else if is::<F, f64>() {
        cast(kernel::tanh_f64(cast(x)))
    } else {
        x.tanh()
    }
}

/// Logistic function σ(x) = 1 / (1 + e⁻ˣ), within 3 units in the last place for `f32` and `f64`.
///
/// Relative accuracy holds for large negative x too, down to the smallest normal number. NaN stays NaN.
///
/// ```
/// assert_eq!(rnn_core::sigmoid(0.0_f64), 0.5);
/// assert_eq!(rnn_core::sigmoid(f32::NEG_INFINITY), 0.0);
/// ```
#[inline(always)]
pub fn sigmoid<F: Real>(x: F) -> F {
    if is::<F, f32>() {
        cast(kernel::sigmoid_f32(cast(x)))
    } else if is::<F, f64>() {
        cast(kernel::sigmoid_f64(cast(x)))
    } else {
        F::one() / (F::one() + (-x).exp())
    }
}

/// The functions that losses need, in `f32` and `f64` with the same bits on every platform: those of the standard library are
/// the platform's own, and differ in the last one.
macro_rules! portable {
    ($($name:ident: $single:ident, $double:ident;)*) => {$(
        #[inline]
        pub(crate) fn $name<F: Real>(x: F) -> F {
            if is::<F, f32>() {
                cast(libm::$single(cast(x)))
            } else if is::<F, f64>() {
                cast(libm::$double(cast(x)))
            } else {
                x.$name()
            }
        }
    )*};
}

portable! {
    exp: expf, exp;
    ln: logf, log;
    ln_1p: log1pf, log1p;
}

/// Whether `F` and `G` are the same type; known at compile time.
#[inline(always)]
pub(crate) fn is<F: 'static, G: 'static>() -> bool {
    TypeId::of::<F>() == TypeId::of::<G>()
}

/// The identity, once [`is`] has shown both types to be one.
#[inline(always)]
fn cast<A: NumCast, B: NumCast>(x: A) -> B {
    <B as NumCast>::from(x).expect("the two types are the same")
}
