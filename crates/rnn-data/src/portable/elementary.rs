//! Logarithm, sine and cosine with +, −, ×, ÷, √ and integer operations alone: every processor rounds these in the same
//! way, and Rust never fuses them, so that the bits are the same everywhere.
//!
//! Numbers of the unit interval come in fixed point, as their first 32 bits and the next 32, for no instruction set lacks
//! conversions of signed integers of 32 bits. There are no branches, so that loops over these functions are vectorized.
//!
//! # Reference
//! The logarithm's reduction and polynomials are those of Sun's *fdlibm* (`e_log.c`, 1993, and `e_logf.c`), as are the
//! sine's and the cosine's for `f64` (`k_sin.c`, `k_cos.c`); those for `f32` are of S. L. Moshier's *Cephes* (`sinf`,
//! `cosf`).

/// A float type with these functions.
pub(super) trait Elementary: Copy {
    /// √(−2 ln u) for u = (2³² high + low) / 2⁶⁴, where the last bit of `low` is taken to be 1: 0 < u < 1.
    fn radius(high: u32, low: u32) -> Self;

    /// cos 2πu and sin 2πu for the same u; in `f32` the last 9 bits of `low` are taken to be 2⁸.
    fn cos_sin(high: u32, low: u32) -> (Self, Self);
}

/// c_0 xⁿ + … + c_n, rounded after each product and each sum.
macro_rules! horner {
    ($x:ident, $c:ident) => {{
        let mut y = $c[0];
        for &c in &$c[1..] {
            y = y * $x + c;
        }
        y
    }};
}

/// high + low / 2³², where the last `cut` ≥ 1 bits of `low` are taken to be 2ᶜᵘᵗ⁻¹; `float` converts integers.
macro_rules! fixed {
    ($float:ident, $high:expr, $low:expr, $cut:expr) => {
        $float($high)
            + ($float(($low >> $cut).cast_signed()) + 0.5) / $float(1 << 16) / $float(1 << (16 - $cut))
    };
}

macro_rules! elementary {
    ($float:ident, $bits:ident, $constants:ident) => {
        impl Elementary for $float {
            #[inline(always)]
            fn radius(high: u32, low: u32) -> Self {
                use $constants::{BIAS, LN, LN_2_HIGH, LN_2_LOW, MANTISSA, ONE, SQRT_HALF, STEP, float};
                // s = min(u, 1 − u) keeps its digits near both ends; `upper` is −1 if u ≥ ½, otherwise 0.
                let upper = high.cast_signed() >> 31;
                let (high, low) = (high ^ upper.cast_unsigned(), low ^ upper.cast_unsigned());
                let s = fixed!(float, high.cast_signed(), low, 1) * STEP;
                let u = if upper == 0 { s } else { 1.0 - s };

                // u = m 2ᵉ with √½ ≤ m < √2, and f = m − 1: u − 1 = −s if e = 0.
                let shifted = u.to_bits() + (ONE - SQRT_HALF);
                let e = ((shifted >> MANTISSA) as u32).cast_signed() - BIAS;
                let m = $float::from_bits((shifted & ((1 << MANTISSA) - 1)) + SQRT_HALF);
                let f = if e == 0 { -s } else { m - 1.0 };
                let e = float(e);

                // ln(1 + f) = 2 artanh r = f − f²/2 + r (f²/2 + p(r²)).
                let half = 0.5 * f * f;
                let r = f / (2.0 + f);
                let r2 = r * r;
                let p = horner!(r2, LN) * r2;
                let ln = e * LN_2_HIGH + (f - (half - (r * (half + p) + e * LN_2_LOW)));
                (-2.0 * ln).sqrt()
            }

            #[inline(always)]
            fn cos_sin(high: u32, low: u32) -> (Self, Self) {
                use $constants::{COS, CUT, SIN, TURN, float};
                // 2πu = quadrant · π/2 + x with |x| ≤ π/4.
                let quadrant = high.wrapping_add(1 << 29) >> 30;
                let x = fixed!(float, high.wrapping_sub(quadrant << 30).cast_signed(), low, CUT) * TURN;
                let x2 = x * x;
                let sin = x + x * (x2 * horner!(x2, SIN));
                let cos = 1.0 - (0.5 * x2 - x2 * (x2 * horner!(x2, COS)));

                let (cos, sin) = if quadrant & 1 == 0 { (cos, sin) } else { (sin, cos) };
                let negative = |half_turn: u32| $bits::from(half_turn & 2) << ($bits::BITS - 2);
                (
                    $float::from_bits(cos.to_bits() ^ negative(quadrant + 1)),
                    $float::from_bits(sin.to_bits() ^ negative(quadrant)),
                )
            }
        }
    };
}

elementary!(f32, u32, single);
elementary!(f64, u64, double);

mod single {
    pub(super) const MANTISSA: u32 = 23;
    pub(super) const BIAS: i32 = 127;
    pub(super) const ONE: u32 = 0x3f80_0000;
    pub(super) const SQRT_HALF: u32 = 0x3f35_04f3;
    /// 2⁻³².
    pub(super) const STEP: f32 = 1.0 / 4_294_967_296.0;
    /// 2π / 2³².
    pub(super) const TURN: f32 = std::f32::consts::TAU / 4_294_967_296.0;
    /// Bits that are cut off an angle, so that those beyond 32 are exact next to multiples of π/2.
    pub(super) const CUT: u32 = 9;
    pub(super) const LN_2_HIGH: f32 = 6.931_381e-1;
    pub(super) const LN_2_LOW: f32 = 9.058_001e-6;
    pub(super) const LN: [f32; 4] = [0.242_790_79, 0.284_987_87, 0.400_009_72, 0.666_666_6];
    pub(super) const SIN: [f32; 3] = [-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1];
    pub(super) const COS: [f32; 3] = [2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2];

    #[inline(always)]
    pub(super) fn float(x: i32) -> f32 {
        x as f32
    }
}

mod double {
    pub(super) const MANTISSA: u32 = 52;
    pub(super) const BIAS: i32 = 1023;
    pub(super) const ONE: u64 = 0x3ff0_0000_0000_0000;
    pub(super) const SQRT_HALF: u64 = 0x3fe6_a09e_0000_0000;
    /// 2⁻³².
    pub(super) const STEP: f64 = 1.0 / 4_294_967_296.0;
    /// 2π / 2³².
    pub(super) const TURN: f64 = std::f64::consts::TAU / 4_294_967_296.0;
    pub(super) const CUT: u32 = 1;
    pub(super) const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    pub(super) const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    pub(super) const LN: [f64; 7] = [
        1.479_819_860_511_658_6e-1,
        1.531_383_769_920_937_3e-1,
        1.818_357_216_161_805e-1,
        2.222_219_843_214_978_4e-1,
        2.857_142_874_366_239e-1,
        3.999_999_999_940_942e-1,
        6.666_666_666_666_735e-1,
    ];
    pub(super) const SIN: [f64; 6] = [
        1.589_690_995_211_55e-10,
        -2.505_076_025_340_686_3e-8,
        2.755_731_370_707_006_8e-6,
        -1.984_126_982_985_795e-4,
        8.333_333_333_322_49e-3,
        -1.666_666_666_666_663_2e-1,
    ];
    pub(super) const COS: [f64; 6] = [
        -1.135_964_755_778_819_5e-11,
        2.087_572_321_298_175e-9,
        -2.755_731_435_139_066_3e-7,
        2.480_158_728_947_673e-5,
        -1.388_888_888_887_411e-3,
        4.166_666_666_666_66e-2,
    ];

    #[inline(always)]
    pub(super) fn float(x: i32) -> f64 {
        f64::from(x)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// The error of `got` in units in the last place of `want`, a number of `digits` binary digits.
    fn ulps(got: f64, want: f64, digits: i32) -> f64 {
        (got - want).abs() / 2f64.powi(libm::ilogb(want) + 1 - digits)
    }

    /// The greatest errors of radius, cosine and sine over both ends, powers of two, and a lattice in between, against
    /// `libm` in double precision.
    fn worst<P: Elementary + Into<f64>>(digits: i32, cut: u32) -> [f64; 3] {
        let lattice = (0..1u64 << 20).map(|k| k.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let powers = [0].into_iter().chain((0..64).map(|k| 1u64 << k));
        let near = powers.flat_map(|power| (0..64).map(move |k| power.wrapping_add(k * (power / 37 + 1))));
        let mut worst = [0.0_f64; 3];
        for at in lattice.chain(near.clone()).chain(near.map(|at| !at)) {
            let (high, low) = ((at >> 32) as u32, at as u32);
            // What the functions see, in units of 2⁻⁶⁴.
            let (u, v) = (u128::from(at | 1), u128::from((at >> cut << cut) + (1 << (cut - 1))));

            let far = (1 << 64) - u;
            let ln = if u < far {
                libm::log(u as f64 / 2f64.powi(64))
            } else {
                libm::log1p(-(far as f64) / 2f64.powi(64))
            };
            let quadrant = (v + (1 << 61)) >> 62;
            let x = (v.cast_signed() - (quadrant << 62).cast_signed()) as f64 * (TAU / 2f64.powi(64));
            let (sin, cos) = libm::sincos(x);
            let (cos, sin) = [(cos, sin), (-sin, cos), (-cos, -sin), (sin, -cos)][quadrant as usize % 4];

            let (got_cos, got_sin) = P::cos_sin(high, low);
            let pairs = [
                (P::radius(high, low).into(), (-2.0 * ln).sqrt()),
                (got_cos.into(), cos),
                (got_sin.into(), sin),
            ];
            for (worst, (got, want)) in worst.iter_mut().zip(pairs) {
                *worst = worst.max(ulps(got, want, digits));
            }
        }
        worst
    }

    #[test]
    fn singles_are_the_functions() {
        let [radius, cos, sin] = worst::<f32>(24, 9);
        assert!(radius < 2.5 && cos < 3.0 && sin < 3.0, "radius {radius}, cos {cos}, sin {sin} ulp");
    }

    #[test]
    fn doubles_are_the_functions() {
        let [radius, cos, sin] = worst::<f64>(53, 1);
        assert!(radius <= 2.0 && cos <= 1.0 && sin <= 1.0, "radius {radius}, cos {cos}, sin {sin} ulp");
    }
}
