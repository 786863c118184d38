use super::Kind;
use super::labels;
use super::scale::{DECADES, Scale};

/// The largest number of ticks on one axis.
pub(crate) const MAX_TICKS: usize = 10;
/// The smallest limit on the number of ticks: with three allowed, there are always two in range.
const MIN_LIMIT: usize = 3;

/// Part of a step by which a tick may miss the range: the ends of ranges are rounded numbers.
const SLACK: f64 = 1e-9;

/// A labelled position on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) label: String,
}

/// At least two and at most `limit` ticks (itself kept between 3 and 10), ascending and within the scale.
pub(crate) fn major(scale: &Scale, limit: usize) -> Vec<Tick> {
    let limit = limit.clamp(MIN_LIMIT, MAX_TICKS);
    let (lo, hi) = scale.ends();
    match scale.kind() {
        Kind::Linear => {
            let steps = Steps::linear(lo, hi, limit);
            labels::stepped(&steps.values(lo, hi), &steps)
        }
        Kind::Log if hi - lo >= 2.0 => labels::powers(&powers(lo, hi, limit)),
        Kind::Log => {
            let (first, last) = (10_f64.powf(lo), 10_f64.powf(hi));
            let in_decades = one_two_five(lo, hi);
            if (2..=limit).contains(&in_decades.len()) {
                return labels::plain(&in_decades);
            }
            let steps = Steps::linear(first, last, limit);
            labels::stepped(&steps.values(first, last), &steps)
        }
    }
}

/// Unlabelled ticks between those of a logarithmic scale: 2 to 9 times each power of ten, or the
/// powers themselves where only some of them have a label. None where they would be too dense.
pub(crate) fn minor(scale: &Scale) -> Vec<f64> {
    let (lo, hi) = scale.ends();
    if scale.kind() == Kind::Linear || hi - lo > 40.0 {
        return Vec::new();
    }
    let multiples: &[f64] =
        if hi - lo <= 8.0 { &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0] } else { &[1.0] };
    (lo.floor() as i32..=hi.ceil() as i32)
        .flat_map(|exponent| multiples.iter().map(move |m| m * power(exponent)))
        .filter(|v| scale.position(*v).is_some_and(|at| (0.0..=1.0).contains(&at)))
        .collect()
}

/// Multiples of `mantissa` times ten to the `exponent`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Steps {
    mantissa: f64,
    pub(crate) exponent: i32,
}

impl Steps {
    /// The smallest of 1, 2, 2.5 and 5 times a power of ten of which at most `limit` multiples fit.
    fn linear(lo: f64, hi: f64, limit: usize) -> Self {
        let mut exponent = ((hi - lo) / limit as f64).log10().floor() as i32;
        loop {
            for mantissa in [1.0, 2.0, 2.5, 5.0] {
                let steps = Self { mantissa, exponent };
                let (first, last) = steps.indices(lo, hi);
                if last - first + 1.0 <= limit as f64 {
                    return steps;
                }
            }
            exponent += 1;
        }
    }

    fn size(&self) -> f64 {
        self.at(1.0)
    }

    /// The multiple `index`. Dividing by a power of ten rounds once, multiplying by its inverse
    /// twice: 3 · 0.1 is not 0.3.
    fn at(&self, index: f64) -> f64 {
        let whole = index * self.mantissa;
        if self.exponent < 0 { whole / power(-self.exponent) } else { whole * power(self.exponent) }
    }

    /// The first and the last multiple within the range, up to rounding.
    fn indices(&self, lo: f64, hi: f64) -> (f64, f64) {
        ((lo / self.size() - SLACK).ceil(), (hi / self.size() + SLACK).floor())
    }

    fn values(&self, lo: f64, hi: f64) -> Vec<f64> {
        let (first, last) = self.indices(lo, hi);
        (0..=(last - first) as usize)
            // Adding zero turns −0 into 0.
            .map(|i| self.at(first + i as f64) + 0.0)
            .collect()
    }

    /// Decimal exponent of the last digit that multiples need.
    pub(crate) fn last_digit(&self) -> i32 {
        if self.mantissa.fract() == 0.0 { self.exponent } else { self.exponent - 1 }
    }
}

/// Exponents of the powers of ten to label: all of them, or every second, third, fifth and so on.
fn powers(lo: f64, hi: f64, limit: usize) -> Vec<i32> {
    let strides = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300];
    let (lo, hi) = (lo.max(-DECADES), hi.min(DECADES));
    let multiples = |stride: i32| -> Vec<i32> {
        let first = (lo / f64::from(stride) - SLACK).ceil() as i32;
        let last = (hi / f64::from(stride) + SLACK).floor() as i32;
        (first..=last).map(|i| i * stride).collect()
    };
    strides.into_iter().map(multiples).find(|found| found.len() <= limit).unwrap_or_default()
}

fn one_two_five(lo: f64, hi: f64) -> Vec<f64> {
    let (first, last) = (10_f64.powf(lo - SLACK), 10_f64.powf(hi + SLACK));
    (lo.floor() as i32..=hi.ceil() as i32)
        .flat_map(|exponent| [1.0, 2.0, 5.0].map(|m| decimal(m, exponent)))
        .filter(|v| (first..=last).contains(v))
        .collect()
}

fn decimal(mantissa: f64, exponent: i32) -> f64 {
    if (-300..0).contains(&exponent) { mantissa / power(-exponent) } else { mantissa * power(exponent) }
}

/// Ten to an integer power; parsed powers are correctly rounded, those of `powi` are not.
pub(crate) fn power(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests;
