//! What one sees in a study of gradient flow, in words, from its numbers.

use rnn_analysis::SweepPoint;
use rnn_core::Timesteps;

use super::{rate, ratio};

/// Two or three sentences: what happens at scale 1, where the gradient is level, what share of the map explodes.
pub(super) fn describe(
    over: Timesteps,
    radius: Option<f64>,
    family: &[SweepPoint],
    line: &[SweepPoint],
    map: &[f64],
) -> String {
    let loss = match over {
        Timesteps::All => "With the loss at all timesteps",
        Timesteps::Last => "With the loss at the last timestep only",
    };
    let unscaled = family.iter().find(|point| point.weight_scale == 1.0);
    let start = unscaled.and_then(|point| {
        Some(format!(
            "{loss}, the unscaled weights{} make the gradient at the first timestep {} times that at the last: on \
             average each of the {} steps back multiplies it by {}. ",
            radius.map_or(String::new(), |radius| format!(" (ρ = {radius:.2})")),
            number(ratio(point)),
            point.flow.grad_norm.ncols() - 1,
            number(rate(point)?),
        ))
    });
    start.unwrap_or_default() + &level(radius, line) + &share(map)
}

/// Where on the line of weight scales at bias scale 1 the ratio passes through 1, and what comes after.
fn level(radius: Option<f64>, line: &[SweepPoint]) -> String {
    let crossings: Vec<(f64, bool)> = line
        .windows(2)
        .filter_map(|pair| {
            let (before, after) = (ratio(&pair[0]), ratio(&pair[1]));
            let crosses = (before < 1.0) != (after < 1.0) && !before.is_nan() && !after.is_nan();
            crosses.then_some((pair[1].weight_scale, after >= 1.0))
        })
        .collect();
    let end = line.last().map_or(f64::NAN, ratio);
    match crossings.as_slice() {
        [] if end < 1.0 => "At no weight scale up to 5 does the first exceed the last. ".to_owned(),
        [] if end >= 1.0 => "The first exceeds the last at every weight scale up to 5. ".to_owned(),
        [] => String::new(),
        [(scale, true), rest @ ..] => {
            let rule = radius.map_or(String::new(), |radius| {
                format!(", where the spectral radius is {:.2}", scale * radius)
            });
            let back = rest.first().map_or(String::new(), |(scale, _)| {
                format!(" In between it is below 1 again from a scale of {scale:.2} on.")
            });
            format!(
                "First and last are level at a weight scale of {scale:.2}{rule}; at scale 5 the ratio is {}.{back} ",
                number(end)
            )
        }
        [(scale, false), ..] => {
            format!("The first exceeds the last for small weights, up to a scale of {scale:.2}. ")
        }
    }
}

/// How much of the map of sliders explodes and how much vanishes.
fn share(map: &[f64]) -> String {
    let percent = |count: usize| (100.0 * count as f64 / map.len() as f64).round();
    let explodes = percent(map.iter().filter(|&&ratio| ratio > 1.0).count());
    let vanishes = percent(map.iter().filter(|&&ratio| ratio < 1e-3).count());
    let largest = map.iter().copied().fold(0.0, f64::max);
    format!(
        "Over the whole range of both sliders the ratio exceeds 1 in {explodes}% of the settings (at most {}) and is \
         below 1/1000 in {vanishes}%.",
        number(largest)
    )
}

/// Two or three significant digits, with a power of ten where that is shorter.
fn number(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let exponent = x.abs().log10().floor();
    if (-3.0..4.0).contains(&exponent) {
        let decimals = (2.0 - exponent).max(0.0) as usize;
        return format!("{x:.decimals$}");
    }
    format!("{:.1} · 10{}", x / 10f64.powf(exponent), superscript(exponent as i32))
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
        assert_eq!(number(1234.6), "1235");
        assert_eq!(number(12_345.6), "1.2 · 10⁴");
        assert_eq!(number(-2.34e-12), "-2.3 · 10⁻¹²");
        assert_eq!(number(0.0), "0");
    }

    #[test]
    fn shares_of_the_map_are_counted() {
        let text = share(&[2.0, 0.5, 1e-4, f64::NAN]);
        assert!(
            text.contains("exceeds 1 in 25%")
                && text.contains("1/1000 in 25%")
                && text.contains("at most 2.00")
        );
    }
}
