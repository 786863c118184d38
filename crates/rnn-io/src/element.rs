//! The float types that a file can hold.

use half::{bf16, f16};
use rnn_core::cell::{Name, NameError};
use rnn_core::{Cell, Real};
use safetensors::Dtype;

mod sealed {
    pub trait Sealed {}
}

/// A float type that files can hold: `f32`, `f64`, [`half::f16`] or [`half::bf16`].
///
/// A tensor of any of these types is converted to the type that is asked for: exactly if that type is wide enough, and
/// otherwise rounded once to the nearest number, ties to even. A number that is too large for the type is an error.
pub trait Element: Real + sealed::Sealed {
    #[doc(hidden)]
    const DTYPE: Dtype;
    #[doc(hidden)]
    const NAME: &'static str;
    #[doc(hidden)]
    fn rounded(x: f64) -> Self;
    #[doc(hidden)]
    fn exact(self) -> f64;
    #[doc(hidden)]
    fn write(self, to: &mut Vec<u8>);
    #[doc(hidden)]
    fn builtin(name: &Name) -> Result<Cell<Self>, NameError>;
}

macro_rules! element {
    ($type:ty, $dtype:ident, $builtin:ident, $x:ident => $rounded:expr, $exact:expr) => {
        impl sealed::Sealed for $type {}

        impl Element for $type {
            const DTYPE: Dtype = Dtype::$dtype;
            const NAME: &'static str = stringify!($type);

            fn rounded($x: f64) -> Self {
                $rounded
            }

            fn exact(self) -> f64 {
                let $x = self;
                $exact
            }

            fn write(self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }

            // Inlined, so that the cells of `f16` and `bf16` are compiled in the crates that load such models, and not here.
            #[inline]
            fn builtin(name: &Name) -> Result<Cell<Self>, NameError> {
                Cell::<Self>::$builtin(name)
            }
        }
    };
}

element!(f64, F64, builtin, x => x, x);
element!(f32, F32, builtin, x => x as f32, f64::from(x));
element!(f16, F16, builtin_of_any_float, x => Self::from_f32(to_odd(x)), x.to_f64());
element!(bf16, BF16, builtin_of_any_float, x => Self::from_f32(to_odd(x)), x.to_f64());

/// `x` in single precision, rounded to odd: toward zero, with the last bit set if that is not exact. Rounding the result
/// again, to a type that is a few bits narrower, gives the same number as rounding `x` once.
fn to_odd(x: f64) -> f32 {
    let nearest = x as f32;
    if f64::from(nearest) == x || !nearest.is_finite() {
        return nearest;
    }
    let beyond = f64::from(nearest).abs() > x.abs();
    f32::from_bits((nearest.to_bits() - u32::from(beyond)) | 1)
}

/// Reads one number.
pub(crate) type Reader = fn(&[u8]) -> f64;

/// The size in bytes and the reader of a number of this type, or `None` for a type that is not converted.
pub(crate) fn reader(dtype: Dtype) -> Option<(usize, Reader)> {
    match dtype {
        Dtype::F64 => Some((8, |b| f64::from_le_bytes(array(b)))),
        Dtype::F32 => Some((4, |b| f64::from(f32::from_le_bytes(array(b))))),
        Dtype::F16 => Some((2, |b| f16::from_le_bytes(array(b)).to_f64())),
        Dtype::BF16 => Some((2, |b| bf16::from_le_bytes(array(b)).to_f64())),
        _ => None,
    }
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("chunks of the size that goes with the type")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Through single precision, this would be rounded twice and end on the other side.
    #[test]
    fn half_precision_is_rounded_once() {
        let x = 1.0 + 2f64.powi(-11) + 2f64.powi(-30);
        assert_eq!(f16::rounded(x).exact(), 1.0 + 2f64.powi(-10));
        let x = 1.0 + 2f64.powi(-8) + 2f64.powi(-30);
        assert_eq!(bf16::rounded(x).exact(), 1.0 + 2f64.powi(-7));
    }
}
