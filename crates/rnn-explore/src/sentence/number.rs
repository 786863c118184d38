//! Numbers in sentences.

/// A number with three significant digits, as 0.622, 1235 or 1.23 · 10⁴. Whole numbers below 10⁴ have all their digits, and NaN is "no number".
///
/// ```
/// assert_eq!(rnn_explore::number(-0.000_123_4), "−1.23 · 10⁻⁴");
/// ```
pub fn number(x: f64) -> String {
    if x.is_nan() {
        return "no number".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    if x == 0.0 {
        return "0".to_owned();
    }
    if x.fract() == 0.0 && x.abs() < 1e4 {
        return minus(&x.to_string());
    }
    significant(x, 3)
}

/// A share as a percentage: 62%, 1.3%, 0.0021%, or 2.1 · 10⁻⁹ of it. Only 0 is 0%, and only 1 is 100%.
///
/// ```
/// assert_eq!(rnn_explore::percent(14.0 / 10_201.0), "0.14%");
/// assert_eq!(rnn_explore::percent(10_200.0 / 10_201.0), "99.99%");
/// ```
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 0.0 && percent < 1e-3 {
        return format!("{} of it", significant(share, 2));
    }
    if percent > 0.0 && percent < 9.95 {
        return format!("{}%", significant(percent, 2));
    }
    // As many decimals as a rest needs.
    let decimals =
        (0..12).find(|&decimals| percent >= 100.0 || format!("{percent:.decimals$}").parse() != Ok(100.0));
    let decimals = decimals.unwrap_or(12);
    format!("{percent:.decimals$}%")
}

/// A product of many factors, which may be too small for the float type.
pub(crate) fn product(x: f64) -> String {
    if x == 0.0 { "less than 10⁻³⁰⁰".to_owned() } else { number(x) }
}

/// "windows of 4 timesteps".
pub(crate) fn windows(timesteps: usize) -> String {
    format!("windows of {timesteps} {}", if timesteps == 1 { "timestep" } else { "timesteps" })
}

/// A ratio of lengths: "1.52 times".
pub(crate) fn times(ratio: f64) -> String {
    if ratio.is_infinite() {
        "more than 10³⁰⁰ times".to_owned()
    } else {
        format!("{} times", number(ratio))
    }
}

/// That many significant digits, with a power of ten for magnitudes below 0.001 and from 10⁴ on.
pub(crate) fn significant(x: f64, digits: usize) -> String {
    let scientific = format!("{x:.*e}", digits - 1);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-3..4).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        return minus(&format!("{x:.decimals$}"));
    }
    format!("{} · 10{}", minus(mantissa), superscript(exponent))
}

/// "1 step", "9 steps".
pub(crate) fn steps(count: usize) -> String {
    if count == 1 { "1 step".to_owned() } else { format!("{count} steps") }
}

/// A true minus sign.
fn minus(digits: &str) -> String {
    digits.replace('-', "−")
}

/// An integer in superscript digits.
fn superscript(n: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |c: char| c.to_digit(10).map_or('⁻', |d| DIGITS[d as usize]);
    n.to_string().chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!(number(0.621_7), "0.622");
        assert_eq!(number(1.5), "1.50");
        assert_eq!(number(-5.0), "−5");
        assert_eq!(number(9.999), "10.0");
        assert_eq!(number(1234.6), "1235");
        assert_eq!(number(12_345.6), "1.23 · 10⁴");
        assert_eq!(number(-2.34e-12), "−2.34 · 10⁻¹²");
        assert_eq!(number(f64::NAN), "no number");
    }

    #[test]
    fn shares_have_two_digits_below_ten_percent() {
        assert_eq!(percent(0.617), "62%");
        assert_eq!(percent(0.012_9), "1.3%");
        assert_eq!(percent(0.0), "0%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.996), "99.6%");
        assert_eq!(percent(0.999_96), "99.996%");
        assert_eq!(percent(2.1e-5), "0.0021%");
        assert_eq!(percent(2.14e-9), "2.1 · 10⁻⁹ of it");
    }
}
