//! `f32` and `f64` in vector registers, under one name for both.

use pulp::Simd;

use crate::Real;

/// A float type that vector instructions know.
///
/// `FUSED` says whether [`fma`](Self::fma) rounds once: where the processor has no such instruction it would be
/// a slow call, and product and sum are rounded each.
pub(super) trait Vectors: Real {
    /// A register of the instruction set `S`.
    type Register<S: Simd>: Copy;

    fn splat<S: Simd>(simd: S, x: Self) -> Self::Register<S>;
    fn plus<S: Simd>(simd: S, a: Self::Register<S>, b: Self::Register<S>) -> Self::Register<S>;
    /// a b + c.
    fn fma<S: Simd, const FUSED: bool>(
        simd: S,
        a: Self::Register<S>,
        b: Self::Register<S>,
        c: Self::Register<S>,
    ) -> Self::Register<S>;
    /// The first numbers of a slice that is long enough.
    fn load<S: Simd>(from: &[Self]) -> Self::Register<S>;
    /// Over the first numbers of a slice that is long enough.
    fn store<S: Simd>(to: &mut [Self], x: Self::Register<S>);
}

/// How many numbers a register holds.
#[inline(always)]
pub(super) const fn lanes<T: Vectors, S: Simd>() -> usize {
    size_of::<T::Register<S>>() / size_of::<T>()
}

macro_rules! vectors {
    ($float:ty, $registers:ident, $splat:ident, $add:ident, $mul:ident, $mul_add:ident, $load:ident, $store:ident) => {
        impl Vectors for $float {
            type Register<S: Simd> = S::$registers;

            #[inline(always)]
            fn splat<S: Simd>(simd: S, x: Self) -> S::$registers {
                simd.$splat(x)
            }

            #[inline(always)]
            fn plus<S: Simd>(simd: S, a: S::$registers, b: S::$registers) -> S::$registers {
                simd.$add(a, b)
            }

            #[inline(always)]
            fn fma<S: Simd, const FUSED: bool>(
                simd: S,
                a: S::$registers,
                b: S::$registers,
                c: S::$registers,
            ) -> S::$registers {
                if FUSED { simd.$mul_add(a, b, c) } else { simd.$add(simd.$mul(a, b), c) }
            }

            #[inline(always)]
            fn load<S: Simd>(from: &[Self]) -> S::$registers {
                S::$load(from).0[0]
            }

            #[inline(always)]
            fn store<S: Simd>(to: &mut [Self], x: S::$registers) {
                S::$store(to).0[0] = x;
            }
        }
    };
}

vectors!(f32, f32s, splat_f32s, add_f32s, mul_f32s, mul_add_f32s, as_simd_f32s, as_mut_simd_f32s);
vectors!(f64, f64s, splat_f64s, add_f64s, mul_f64s, mul_add_f64s, as_simd_f64s, as_mut_simd_f64s);
