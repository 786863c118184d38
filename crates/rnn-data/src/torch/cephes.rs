//! Logarithm, sine and cosine as PyTorch's blocks of `float32` normals have them: the polynomials of S. L. Moshier's
//! *Cephes* library (`logf`, `sinf`, `cosf`), with the fused operations that the compiler of PyTorch makes of them.
//!
//! There are no branches, so that loops over these functions are vectorized.

/// c_0 xⁿ + … + c_n, the product of each step fused with its sum.
#[inline(always)]
fn horner<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    coefficients.into_iter().reduce(|y, c| y.mul_add(x, c)).unwrap_or(0.0)
}

/// ln x for normal x > 0.
///
/// With x = m 2ᵉ and √½ ≤ m < √2: ln x = e ln 2 + ln(1 + (m − 1)).
#[inline(always)]
pub(super) fn ln(x: f32) -> f32 {
    const LN_2_HIGH: f32 = 355.0 / 512.0;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    const C: [f32; 9] = [
        7.037_683_6e-2,
        -1.151_461e-1,
        1.167_699_84e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_4e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ];
    let half_to_one = f32::from_bits(x.to_bits() & 0x007f_ffff | 0x3f00_0000);
    let exponent = (x.to_bits() >> 23).cast_signed() - 126;
    let low = half_to_one < std::f32::consts::FRAC_1_SQRT_2;
    let m = if low { 2.0 * half_to_one } else { half_to_one };
    let e = (exponent - i32::from(low)) as f32;

    let x = m - 1.0;
    let x2 = x * x;
    let tail = (horner(x, C) * x).mul_add(x2, e * LN_2_LOW) - 0.5 * x2;
    e.mul_add(LN_2_HIGH, x + tail)
}

/// sin x and cos x for 0 ≤ x ≤ 2π.
///
/// x is reduced to [−π/4, π/4] by the nearest even multiple of π/4, which is subtracted in three parts.
#[inline(always)]
pub(super) fn sin_cos(x: f32) -> (f32, f32) {
    const QUARTER_PI: [f32; 3] = [0.785_156_25, 2.418_756_5e-4, 3.774_895e-8];
    const SIN: [f32; 3] = [-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1];
    const COS: [f32; 3] = [2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2];
    let octant = ((x * (4.0 / std::f32::consts::PI)) as i32 + 1) & !1;
    let multiple = octant as f32;
    let x = QUARTER_PI.into_iter().fold(x, |x, part| multiple.mul_add(-part, x));

    let x2 = x * x;
    let sin = (horner(x2, SIN) * x2).mul_add(x, x);
    let cos = (horner(x2, COS) * x2).mul_add(x2, -0.5 * x2) + 1.0;
    let (sin, cos) = if octant & 2 == 0 { (sin, cos) } else { (cos, sin) };
    (negate_if(octant & 4, sin), negate_if((octant + 2) & 4, cos))
}

/// −x if `four` is 4, x if it is 0.
#[inline(always)]
fn negate_if(four: i32, x: f32) -> f32 {
    f32::from_bits(x.to_bits() ^ four.cast_unsigned() << 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Over all arguments that can occur: a wrong coefficient or quadrant would show.
    #[test]
    fn they_are_the_functions() {
        for k in (0..1 << 24).step_by(97) {
            let u = k as f32 / (1 << 24) as f32;
            let x = 1.0 - u;
            assert!(
                (f64::from(ln(x)) - libm::log(x.into())).abs() <= 2e-7 * libm::log(x.into()).abs(),
                "ln {x}"
            );
            let x = 2.0 * std::f32::consts::PI * u;
            let (sin, cos) = sin_cos(x);
            assert!((f64::from(sin) - libm::sin(x.into())).abs() < 1e-7, "sin {x}");
            assert!((f64::from(cos) - libm::cos(x.into())).abs() < 1e-7, "cos {x}");
        }
    }
}
