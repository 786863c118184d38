//! What one sees in a study of gradient flow, in words, from its numbers.

use rnn_analysis::SweepPoint;
use rnn_core::Timesteps;
use rnn_explore::number;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_the_map_are_counted() {
        let text = share(&[2.0, 0.5, 1e-4, f64::NAN]);
        assert!(
            text.contains("exceeds 1 in 25%")
                && text.contains("1/1000 in 25%")
                && text.contains("at most 2)")
        );
    }
}
