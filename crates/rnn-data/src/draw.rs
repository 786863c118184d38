//! Discrete draws from uniform numbers.

use rnn_core::Real;

/// The uniform number `u` of [0, 1) in double precision. Rounding to `F` may have made a 1 of it: that is the number below.
pub(crate) fn unit<F: Real>(u: F) -> f64 {
    u.to_f64().expect("a float is a number").min(1.0 - f64::EPSILON / 2.0)
}

/// One of 0, 1, … n − 1, each equally likely: ⌊u n⌋ for a uniform number `u` of [0, 1).
///
/// Even the greatest `unit` takes more than half a unit in the last place off n, so that no product is rounded to n.
///
/// No more of them can come up than `F` has numbers in [0, 1): 2²⁴ evenly spaced ones for `f32`, 2⁸ for `bf16`.
pub(crate) fn below<F: Real>(n: usize, u: F) -> usize {
    (unit(u) * n as f64) as usize
}

#[cfg(test)]
mod tests {
    use half::bf16;

    use super::*;

    #[test]
    fn integers_stay_below_their_bound() {
        assert_eq!([0.0, 0.124, 0.125, 0.99, 1.0].map(|u: f64| below(8, u)), [0, 0, 1, 7, 7]);
        let last = 1.0 - f64::EPSILON / 2.0;
        let powers = (1..usize::BITS).flat_map(|k| [(1 << k) - 1, 1 << k, (1 << k) + 1, 3 << (k - 1)]);
        for n in (1..2000).chain(powers).chain([usize::MAX]) {
            assert!(below(n, last) < n && below(n, 1.0_f32) < n && below(n, bf16::ONE) < n, "{n}");
            assert_eq!(below(n, 0.0), 0);
        }
        assert!(unit(bf16::ONE) < 1.0 && unit(bf16::from_f64(0.999)) < 1.0);
        assert_eq!(unit(0.25_f32), 0.25);
    }
}
