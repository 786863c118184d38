use super::ticks::{Steps, Tick, power};

/// Magnitudes from which on a power of ten is shorter than the zeros.
const LARGE: f64 = 1e6;
/// Magnitudes below which a power of ten is shorter than the zeros.
const SMALL: f64 = 1e-3;

/// Labels evenly spaced ticks with the digits their step needs and no more.
pub(crate) fn stepped(values: &[f64], steps: &Steps) -> Vec<Tick> {
    let largest = values.iter().fold(0.0_f64, |max, v| max.max(v.abs()));
    let last_digit = steps.last_digit();
    let label = |value: f64| {
        if (SMALL..LARGE).contains(&largest) {
            fixed(value, usize::try_from(-last_digit).unwrap_or(0))
        } else {
            scientific(value, last_digit)
        }
    };
    values.iter().map(|&value| Tick { value, label: label(value) }).collect()
}

/// Labels ticks that have one significant digit each.
pub(crate) fn plain(values: &[f64]) -> Vec<Tick> {
    let range = SMALL..LARGE;
    let short = values.iter().all(|v| range.contains(v));
    let label = |value: f64| {
        let exponent = exponent_of(value);
        if short {
            fixed(value, usize::try_from(-exponent).unwrap_or(0))
        } else {
            scientific(value, exponent)
        }
    };
    values.iter().map(|&value| Tick { value, label: label(value) }).collect()
}

/// Labels powers of ten.
pub(crate) fn powers(exponents: &[i32]) -> Vec<Tick> {
    exponents
        .iter()
        .map(|&e| Tick { value: power(e), label: format!("10^{{{}}}", minus(&e.to_string())) })
        .collect()
}

fn fixed(value: f64, decimals: usize) -> String {
    minus(&format!("{value:.decimals$}"))
}

/// `value` as digits down to ten to the `last_digit` times a power of ten.
fn scientific(value: f64, last_digit: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let exponent = exponent_of(value);
    let decimals = usize::try_from(exponent - last_digit).unwrap_or(0);
    let digits = format!("{value:.decimals$e}");
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    match mantissa {
        "1" => minus(&format!("10^{{{exponent}}}")),
        "-1" => minus(&format!("-10^{{{exponent}}}")),
        _ => minus(&format!("{mantissa}·10^{{{exponent}}}")),
    }
}

/// Exponent in the scientific notation of `value`.
fn exponent_of(value: f64) -> i32 {
    let digits = format!("{value:e}");
    digits.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

/// The minus sign that is as wide as a plus, in place of the hyphen.
fn minus(text: &str) -> String {
    text.replace('-', "−")
}
