//! What one sees in a study of gradient flow, in words, from its numbers.

use rnn_explore::{lags, number, percent, transport};

use super::SLIDER;

/// With the loss at the last timestep: what the steps back do at scale 1, where along the weight scales the gradient at the first
/// timestep is longer than that at the last, and in which share of the map. `norms` are ‖dL/dh_t‖ at scale 1, `line` holds weight
/// scales with the ratio of the first norm to the last, `map` the ratios at all positions of the sliders. A ratio is NaN where it
/// does not exist.
pub(super) fn last(radius: Option<f64>, norms: &[f64], line: &[(f64, f64)], map: &[f64]) -> String {
    let radius_of = radius.map_or(String::new(), |radius| format!(" (ρ = {})", number(radius)));
    let transport = transport(norms, "the gradient");
    let mut sentences = vec![format!(
        "With the loss at the last timestep only and the unscaled weights{radius_of}, {}",
        lower_first(&transport)
    )];
    sentences.extend(spans(radius, norms.len(), line));
    sentences.push(share(norms.len(), map));
    sentences.join(" ")
}

/// With the loss at all timesteps: `norms` are ‖dL/dh_t‖ at scale 1, of the sum over the losses, and `by_lag` the sums of
/// ‖dL_t/dh_{t−l}‖ over t.
pub(super) fn all(norms: &[f64], by_lag: &[f64]) -> String {
    let (Some(&first), Some(&last)) = (norms.first(), norms.last()) else { return String::new() };
    let text = format!(
        "With the loss at all timesteps dL/dh_t is the sum over the losses at t and later. For the unscaled weights its norm is {} \
         at timestep 1 and {} at timestep {}, which says nothing about single steps back. {}",
        number(first),
        number(last),
        norms.len(),
        lags(by_lag)
    );
    text.trim_end().to_owned()
}

/// Whether the gradient at the first timestep is longer than that at the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Shorter,
    AsLong,
    Longer,
    Unknown,
}

impl Side {
    fn of(ratio: f64) -> Self {
        match ratio.partial_cmp(&1.0) {
            Some(std::cmp::Ordering::Less) => Self::Shorter,
            Some(std::cmp::Ordering::Equal) => Self::AsLong,
            Some(std::cmp::Ordering::Greater) => Self::Longer,
            None => Self::Unknown,
        }
    }

    fn said(self) -> &'static str {
        match self {
            Self::Shorter => "shorter",
            Self::AsLong => "as long",
            Self::Longer => "longer",
            Self::Unknown => "not comparable",
        }
    }
}

/// Along the weight scales at bias scale 1, from where to where the first gradient is shorter and longer than the last. Every
/// change of sides is there.
fn spans(radius: Option<f64>, time: usize, line: &[(f64, f64)]) -> Option<String> {
    let &(high, end) = line.last()?;
    let span = |points: &[(f64, f64)]| {
        let (from, to) = (points[0].0, points[points.len() - 1].0);
        let rho = radius.map_or(String::new(), |radius| format!(" (where ρ = {})", number(radius * to)));
        let range = if from == to { format!("at {to}") } else { format!("from {from} to {to}") };
        format!("{} {range}{rho}", Side::of(points[0].1).said())
    };
    let spans = line.chunk_by(|before, after| Side::of(before.1) == Side::of(after.1)).map(span);
    let mut text = format!(
        "Along the weight scales and compared with that at timestep {time}, the gradient at timestep 1 is {}",
        spans.collect::<Vec<_>>().join(", ")
    );
    if !end.is_nan() {
        text = format!("{text}; at {high} it is {} times as long", number(end));
    }
    Some(text + ".")
}

/// In what share of the settings the first gradient is longer than the last, and in what share it has all but vanished.
fn share(time: usize, map: &[f64]) -> String {
    let known: Vec<f64> = map.iter().copied().filter(|ratio| !ratio.is_nan()).collect();
    let of = |part: usize, all: usize| percent(part as f64 / all as f64);
    let (low, high) = SLIDER;
    let range = format!("Over both sliders, from {} to {high}", number(low));
    let unknown = map.len() - known.len();
    if known.is_empty() {
        return format!("{range}, the two cannot be compared in any setting.");
    }
    let settings = match unknown {
        0 => "the settings".to_owned(),
        _ => format!(
            "those settings in which they can be compared (not in {}, where the gradient at timestep {time} is 0 or numbers overflow)",
            of(unknown, map.len())
        ),
    };
    let longer = known.iter().filter(|&&ratio| ratio > 1.0).count();
    let vanished = known.iter().filter(|&&ratio| ratio < 1e-3).count();
    let largest = known.iter().copied().fold(0.0, f64::max);
    format!(
        "{range}, the gradient at timestep 1 is longer than that at timestep {time} in {} of {settings}, and less than 1/1000 as \
         long in {}; at most it is {} times as long.",
        of(longer, known.len()),
        of(vanished, known.len()),
        number(largest)
    )
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests;
