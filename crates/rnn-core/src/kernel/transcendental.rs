//! tanh and sigmoid without branches or table look-ups, so that a loop over them vectorizes.
//!
//! Both rest on one range reduction: z = n ln 2 + r with n an integer and |r| ≤ ln 2 / 2, then
//! eᶻ = 2ⁿ + 2ⁿ p(r), where p is the Taylor polynomial of eʳ − 1, its terms taken in pairs: half as long a chain of
//! dependent operations as Horner's, and no more of them. ln 2 is split into a high part with trailing
//! zeros, so that n · high is exact, and a low part (Cody and Waite 1980, *Software Manual for the Elementary
//! Functions*, chapter 6). n comes from adding 1.5 · 2ᵐ, which leaves the rounded integer in the low bits of the sum.

macro_rules! kernels {
    ($float:ident, $reduce:ident, $tanh:ident, $sigmoid:ident, $constants:ident) => {
        /// (p(r), 2ⁿ) with eᶻ − 1 = 2ⁿ p + (2ⁿ − 1), while 2ⁿ is a normal number. NaN gives p = NaN.
        #[inline(always)]
        fn $reduce(z: $float) -> ($float, $float) {
            use $constants::{BIAS, LN2_HIGH, LN2_LOW, MANTISSA, ROUND, TAYLOR};
            let shifted = z * std::$float::consts::LOG2_E + ROUND;
            let n = shifted - ROUND;
            let r = z - n * LN2_HIGH - n * LN2_LOW;
            let square = r * r;
            let mut p = TAYLOR[0][0] * r + TAYLOR[0][1];
            for [odd, even] in &TAYLOR[1..] {
                p = p * square + (odd * r + even);
            }
            let two_to_n = $float::from_bits((shifted.to_bits() << MANTISSA).wrapping_add(BIAS << MANTISSA));
            (p * square + r, two_to_n)
        }

        /// tanh|x| = (e²ˡˣˡ − 1) / (e²ˡˣˡ + 1), with the sign of x.
        #[inline(always)]
        pub(crate) fn $tanh(x: $float) -> $float {
            let y = x.abs();
            // Written so that NaN passes: the comparison is false.
            let y = if y > $constants::TANH_IS_ONE { $constants::TANH_IS_ONE } else { y };
            let (p, scale) = $reduce(2.0 * y);
            let e = scale * p + (scale - 1.0);
            (e / (e + 2.0)).copysign(x)
        }

        /// σ(x) from e⁻ˡˣˡ, which never overflows.
        #[inline(always)]
        pub(crate) fn $sigmoid(x: $float) -> $float {
            let y = x.abs();
            let capped = if y > $constants::EXP_IS_ZERO { $constants::EXP_IS_ZERO } else { y };
            let (p, scale) = $reduce(-capped);
            let e = if y > $constants::EXP_IS_ZERO { 0.0 } else { scale * p + scale };
            let upper = 1.0 / (1.0 + e);
            if x >= 0.0 { upper } else { e * upper }
        }
    };
}

mod constants_f32 {
    pub(super) const MANTISSA: u32 = 23;
    pub(super) const BIAS: u32 = 127;
    pub(super) const ROUND: f32 = 12_582_912.0; // 1.5 · 2²³
    pub(super) const LN2_HIGH: f32 = 0.693_359_4;
    pub(super) const LN2_LOW: f32 = -2.121_944_4e-4;
    /// tanh rounds to 1 from here on.
    pub(super) const TANH_IS_ONE: f32 = 9.02;
    /// e⁻ˣ is below the smallest normal number from about here on, and taken for 0.
    pub(super) const EXP_IS_ZERO: f32 = 87.0;
    /// 1/k! for k = 7..2: the first term left out is below 2e-8 of the sum.
    pub(super) const TAYLOR: [[f32; 2]; 3] =
        [[1.0 / 5040.0, 1.0 / 720.0], [1.0 / 120.0, 1.0 / 24.0], [1.0 / 6.0, 0.5]];
}

mod constants_f64 {
    pub(super) const MANTISSA: u32 = 52;
    pub(super) const BIAS: u64 = 1023;
    pub(super) const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
    pub(super) const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
    pub(super) const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    /// tanh rounds to 1 from here on.
    pub(super) const TANH_IS_ONE: f64 = 19.1;
    /// e⁻ˣ is below the smallest normal number from about here on, and taken for 0.
    pub(super) const EXP_IS_ZERO: f64 = 708.0;
    /// 1/k! for k = 13..2: the first term left out is below 1e-17 of the sum.
    pub(super) const TAYLOR: [[f64; 2]; 6] = [
        [1.0 / 6_227_020_800.0, 1.0 / 479_001_600.0],
        [1.0 / 39_916_800.0, 1.0 / 3_628_800.0],
        [1.0 / 362_880.0, 1.0 / 40_320.0],
        [1.0 / 5040.0, 1.0 / 720.0],
        [1.0 / 120.0, 1.0 / 24.0],
        [1.0 / 6.0, 0.5],
    ];
}

kernels!(f32, reduce_f32, tanh_f32, sigmoid_f32, constants_f32);
kernels!(f64, reduce_f64, tanh_f64, sigmoid_f64, constants_f64);

#[cfg(test)]
mod tests {
    use super::*;

    /// Distance in units in the last place of `want`, `want` given in a wider type.
    fn ulps_f32(got: f32, want: f64) -> f64 {
        let unit = f64::from(f32::EPSILON) * 2f64.powi((want.abs().log2().floor() as i32).max(-126));
        (f64::from(got) - want).abs() / unit
    }

    fn ulps_f64(got: f64, want: f64) -> f64 {
        (got - want).abs() / (f64::EPSILON * 2f64.powi((want.abs().log2().floor() as i32).max(-1022)))
    }

    #[test]
    fn f32_follows_the_f64_library_everywhere() {
        let (mut worst_tanh, mut worst_sigmoid) = (0.0f64, 0.0f64);
        for bits in (0..=0x42b0_0000u32).step_by(997) {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                if x != 0.0 {
                    worst_tanh = worst_tanh.max(ulps_f32(tanh_f32(x), f64::from(x).tanh()));
                }
                if x > -86.9 {
                    worst_sigmoid =
                        worst_sigmoid.max(ulps_f32(sigmoid_f32(x), 1.0 / (1.0 + (-f64::from(x)).exp())));
                }
            }
        }
        assert!(
            worst_tanh < 3.0 && worst_sigmoid < 3.0,
            "tanh {worst_tanh} ulp, sigmoid {worst_sigmoid} ulp"
        );
    }

    #[test]
    fn f64_follows_the_library_everywhere() {
        let (mut worst_tanh, mut worst_sigmoid) = (0.0f64, 0.0f64);
        let mut x = 1e-300;
        while x < 700.0 {
            for x in [x, -x] {
                worst_tanh = worst_tanh.max(ulps_f64(tanh_f64(x), x.tanh()));
                worst_sigmoid = worst_sigmoid.max(ulps_f64(sigmoid_f64(x), 1.0 / (1.0 + (-x).exp())));
            }
            x *= 1.000_7;
        }
        // The library itself is off by 1, and so is the naive sigmoid.
        assert!(
            worst_tanh < 4.0 && worst_sigmoid < 4.0,
            "tanh {worst_tanh} ulp, sigmoid {worst_sigmoid} ulp"
        );
    }

    #[test]
    fn edges_are_right() {
        assert!(tanh_f32(f32::NAN).is_nan() && tanh_f64(f64::NAN).is_nan());
        assert!(sigmoid_f32(f32::NAN).is_nan() && sigmoid_f64(f64::NAN).is_nan());
        assert_eq!((tanh_f32(f32::INFINITY), tanh_f32(f32::NEG_INFINITY)), (1.0, -1.0));
        assert_eq!((tanh_f64(f64::INFINITY), tanh_f64(f64::NEG_INFINITY)), (1.0, -1.0));
        assert_eq!((sigmoid_f32(f32::INFINITY), sigmoid_f32(f32::NEG_INFINITY)), (1.0, 0.0));
        assert_eq!((sigmoid_f64(f64::INFINITY), sigmoid_f64(f64::NEG_INFINITY)), (1.0, 0.0));
        assert_eq!(tanh_f32(-0.0).to_bits(), (-0.0f32).to_bits());
        assert_eq!(tanh_f64(-0.0).to_bits(), (-0.0f64).to_bits());
        assert_eq!(tanh_f32(1e-40), 1e-40, "subnormal numbers pass");
        assert_eq!(tanh_f64(5e-324), 5e-324, "subnormal numbers pass");
        assert_eq!((sigmoid_f32(0.0), sigmoid_f64(-0.0)), (0.5, 0.5));
    }
}
