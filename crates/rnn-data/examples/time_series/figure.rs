//! The test part as it came, as the network said, and as one can guess, and what comes after it.

use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use crate::forecast::Interval;
use crate::score::Said;

/// At most so many of the last rows are shown, and at most as many of the next ones.
const SHOWN: usize = 120;

/// Two panels over the same time: the network with its forecasts, and the guesses without learning. `time` has the places of the
/// rows of the test part and of the next ones, and the label of the axis.
pub(crate) fn figure(
    title: &str,
    time: (&[f64], &str),
    value: &str,
    truth: &[f64],
    said: &[Said],
    interval: Interval,
) -> Figure {
    let from = truth.len().saturating_sub(SHOWN);
    let (x, next) = time.0.split_at(truth.len());
    let (x, next) = (&x[from..], &next[..next.len().min(SHOWN)]);
    let (network, guesses) = said.split_at(1);
    let forecast = &network[0].next[..next.len()];
    let ends =
        [-interval.reach, interval.reach].map(|reach| forecast.iter().map(|y| y + reach).collect::<Vec<_>>());
    let shown = said.iter().map(|said| &said.test[from..]).chain([&truth[from..], &ends[0], &ends[1]]);
    let (low, high) =
        shown.flatten().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
    let margin = 0.05 * (high - low).max(1e-9 * high.abs().max(low.abs())).max(f64::MIN_POSITIVE);
    let axis = || Axis::linear(value).range(low - margin, high + margin);
    let panel = |title: &str, said: &[Said], color: usize| {
        let truth = Line::new("the series", x, &truth[from..]).color(6);
        LinePlot::new(title, Axis::linear(time.1), axis()).line(truth).lines(said.iter().zip(color..).map(
            |(said, color)| {
                let line = Line::new(said.who, x, &said.test[from..]).color(color);
                if color == 0 { line } else { line.dashed() }
            },
        ))
    };
    let forecast = panel("What the network says", network, 0)
        .line(Line::new("forecast", next, forecast).color(0).marker(Marker::Circle))
        .line(Line::new("90 % interval, low", next, &ends[0]).color(0).dotted().marker(Marker::Square))
        .line(Line::new("90 % interval, high", next, &ends[1]).color(0).dotted().marker(Marker::Square));
    Figure::new(title).panel_size(960, 360).panel(forecast).panel(panel(
        "What can be said without learning",
        guesses,
        1,
    ))
}
