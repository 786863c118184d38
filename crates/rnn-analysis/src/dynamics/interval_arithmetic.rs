//! Intervals of real numbers, rounded outward.

use std::ops::{Add, Mul, Sub};

/// All real numbers from `low` to `high`. What is computed with intervals holds what would be computed, without rounding, with any
/// numbers in them: each end is moved outward by one unit in the last place after each operation, which IEEE 754 rounds by at most
/// half of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) high: f64,
}

/// Units in the last place by which an exponential or hyperbolic function of libm may be wrong, generously: its documentation
/// states errors below 1 or 2.
const FUNCTION: usize = 8;

impl Range {
    pub(super) fn of(x: f64) -> Self {
        Self { low: x, high: x }
    }

    /// All numbers within `radius` of `center`.
    pub(super) fn around(center: f64, radius: f64) -> Self {
        Self { low: (center - radius).next_down(), high: (center + radius).next_up() }
    }

    fn outward(self, units: usize) -> Self {
        (0..units).fold(self, |Self { low, high }, _| Self { low: low.next_down(), high: high.next_up() })
    }

    /// Whether all of it lies strictly inside of `other`.
    pub(super) fn is_inside(self, other: Self) -> bool {
        other.low < self.low && self.high < other.high
    }

    /// The function, which rises, at both ends, cut to where its values lie.
    fn rising(self, f: impl Fn(f64) -> f64, [least, most]: [f64; 2]) -> Self {
        let Self { low, high } = Self { low: f(self.low), high: f(self.high) }.outward(FUNCTION);
        Self { low: low.max(least), high: high.min(most) }
    }

    pub(super) fn tanh(self) -> Self {
        self.rising(libm::tanh, [-1.0, 1.0])
    }

    /// 1 / (1 + e⁻ˣ). The errors of the exponential, the sum and the quotient are a few units in the last place together.
    pub(super) fn sigmoid(self) -> Self {
        self.rising(|x| 1.0 / (1.0 + libm::exp(-x)), [0.0, 1.0])
    }

    /// x², which is not negative.
    fn square(self) -> Self {
        let Self { low, high } = self * self;
        Self { low: low.max(0.0), high }
    }

    /// 1 − y², the slope of tanh where it has the value y.
    pub(super) fn tanh_slope(self) -> Self {
        // Where y may be 0, the product of the interval with itself alone does not know that squares are not negative.
        Self::of(1.0) - self.square()
    }

    /// y (1 − y), the slope of the sigmoid where it has the value y.
    pub(super) fn sigmoid_slope(self) -> Self {
        self * (Self::of(1.0) - self)
    }
}

impl Add for Range {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }.outward(1)
    }
}

impl Sub for Range {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { low: self.low - other.high, high: self.high - other.low }.outward(1)
    }
}

impl Mul for Range {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let all =
            [self.low * other.low, self.low * other.high, self.high * other.low, self.high * other.high];
        Self {
            low: all.iter().copied().fold(f64::INFINITY, f64::min),
            high: all.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
        .outward(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_computed_holds_the_truth() {
        // 0.1 + 0.2 of real numbers, between these two doubles.
        let tenth = Range { low: 0.1f64.next_down(), high: 0.1 };
        let sum = tenth + (tenth + tenth);
        assert!(sum.low < 0.3 && 0.3 < sum.high && sum.high - sum.low < 1e-15);
        let product = Range { low: -2.0, high: 3.0 } * Range { low: -5.0, high: 1.0 };
        assert!(product.low < -15.0 && product.high > 10.0 && product.low > -15.000_001);
        let slope = Range { low: -0.1, high: 0.2 }.tanh().tanh_slope();
        assert!(slope.high >= 1.0 && slope.low < 1.0 - 0.2f64.tanh().powi(2) && slope.low > 0.96);
        let half = Range::of(0.0).sigmoid();
        assert!(half.low < 0.5 && 0.5 < half.high);
        assert!(Range::of(0.5).is_inside(half) && !half.is_inside(half));
        assert!(Range::of(0.0).sigmoid_slope().high > 0.249_999 || half.sigmoid_slope().high > 0.25);
        assert_eq!(Range::of(100.0).tanh().high, 1.0);
    }
}
