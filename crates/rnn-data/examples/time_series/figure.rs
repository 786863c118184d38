//! The test part as it came, as the network said, and as one can guess.

use rnn_plot::{Axis, Figure, Line, LinePlot};

use crate::score::Said;

/// At most so many of the last rows are shown.
const SHOWN: usize = 120;

/// Two panels over the same time: the network, and the guesses without learning.
pub(crate) fn figure(title: &str, time: (&[f64], &str), value: &str, truth: &[f64], said: &[Said]) -> Figure {
    let from = truth.len().saturating_sub(SHOWN);
    let x = &time.0[from..];
    let lows = said
        .iter()
        .map(|said| &said.test)
        .chain([&truth.to_vec()])
        .flat_map(|v| v[from..].to_vec())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let margin = 0.05 * (lows.1 - lows.0).max(1e-9);
    let axis = || Axis::linear(value).range(lows.0 - margin, lows.1 + margin);
    let panel = |title: &str, said: &[Said], color: usize| {
        let truth = Line::new("the series", x, &truth[from..]).color(6);
        LinePlot::new(title, Axis::linear(time.1), axis()).line(truth).lines(said.iter().zip(color..).map(
            |(said, color)| {
                let line = Line::new(said.who, x, &said.test[from..]).color(color);
                if color == 0 { line } else { line.dashed() }
            },
        ))
    };
    let (network, guesses) = said.split_at(1);
    Figure::new(title).panel_size(960, 360).panel(panel("What the network says", network, 0)).panel(panel(
        "What can be said without learning",
        guesses,
        1,
    ))
}
