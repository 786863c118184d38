//! What a pointer reads off a panel of lines: at each place of the horizontal axis a hidden list of values.
//!
//! Every place is an element of the class `at` with one of the class `reading` in it, which is hidden. The page shows it with
//! one rule, `.at:hover .reading { visibility: visible }`, and needs no script.

use std::fmt::Write as _;

use super::{number, paint, spans};
use crate::legend::ROW_HEIGHT;
use crate::scene::Scene;
use crate::scene::layout::{Layout, Rect};
use crate::style::{CARD, GUIDE, INK, SPINE, TICK_TEXT};
use crate::text::{self, Weight};

/// The largest number of places: of more, some are left out.
const PLACES: usize = 40;
const PADDING: f64 = 6.0;
const ROW: f64 = ROW_HEIGHT - 2.5;

/// A line whose values can be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) label: &'a str,
    pub(crate) x: &'a [f64],
    pub(crate) y: &'a [f64],
    pub(crate) color: plotters::style::RGBAColor,
}

/// The elements of all places of a panel.
pub(crate) fn all(scene: &Scene<'_>, layout: &Layout) -> String {
    let mut places: Vec<(f64, f64)> = scene
        .readings
        .iter()
        .flat_map(|line| line.x)
        .filter_map(|&x| Some((scene.x.scale.position(x).filter(|at| (0.0..=1.0).contains(at))?, x)))
        .collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    places.dedup();
    let every = places.len().div_ceil(PLACES).max(1);
    let places: Vec<(f64, f64)> = places.into_iter().step_by(every).collect();
    let plot = layout.plot;
    let mut out = String::new();
    for (i, &(at, x)) in places.iter().enumerate() {
        // Each place reaches half way to its neighbours.
        let from = if i == 0 { 0.0 } else { 0.5 * (places[i - 1].0 + at) };
        let to = places.get(i + 1).map_or(1.0, |next| 0.5 * (at + next.0));
        let (left, width) = (number(plot.x + from * plot.width), number((to - from) * plot.width));
        let (top, height) = (number(plot.y), number(plot.height));
        let _ = write!(
            out,
            "<g class=\"at\"><rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"none\" pointer-events=\"all\"/>{}</g>",
            card(scene, plot, at, x)
        );
    }
    out
}

/// The list of values at one place, beside it.
fn card(scene: &Scene<'_>, plot: Rect, at: f64, x: f64) -> String {
    let label = scene.x.label;
    let symbol = label.rsplit(' ').next().is_some_and(|word| word.chars().count() == 1);
    let heading = format!("{label}{}{}", if symbol { " = " } else { " " }, value(x));
    let rows: Vec<_> = scene
        .readings
        .iter()
        .filter_map(|line| {
            let k = line.x.iter().position(|&known| known.to_bits() == x.to_bits())?;
            Some((line, value(*line.y.get(k)?)))
        })
        .collect();
    let width = |text: &str| text::width(text, TICK_TEXT, Weight::Regular);
    let of_row = |(line, value): &(&Reading<'_>, String)| width(line.label) + width(value) + 26.0;
    let inner = rows.iter().map(of_row).fold(width(&heading), f64::max);
    let (wide, high) = (inner + 2.0 * PADDING, ROW * (rows.len() as f64 + 1.0) + PADDING);
    let cursor = plot.x + at * plot.width;
    let left = if at < 0.5 { cursor + 8.0 } else { cursor - 8.0 - wide };
    let left = left.clamp(2.0, (plot.right() - wide).max(2.0));
    let top = (plot.y + 0.5 * (plot.height - high)).max(2.0);

    let mut out = format!(
        "<g class=\"reading\" visibility=\"hidden\" pointer-events=\"none\" font-size=\"{TICK_TEXT}\"><path d=\"M{} {}v{}\"{}/>",
        number(cursor),
        number(plot.y),
        number(plot.height),
        paint(&[("stroke", GUIDE)])
    );
    let _ = write!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"3\"{}/><g{}>",
        number(left),
        number(top),
        number(wide),
        number(high),
        paint(&[("fill", CARD), ("stroke", SPINE)]),
        paint(&[("fill", INK)])
    );
    let baseline = |row: usize| number(top + ROW * (row as f64 + 1.0));
    let _ = write!(
        out,
        "<text x=\"{}\" y=\"{}\">{}</text>",
        number(left + PADDING),
        baseline(0),
        spans(&heading, TICK_TEXT)
    );
    for (row, (line, value)) in rows.iter().enumerate() {
        let y = baseline(row + 1);
        let _ = write!(
            out,
            "<text x=\"{}\" y=\"{y}\"><tspan{}>■</tspan> {}</text><text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text>",
            number(left + PADDING),
            paint(&[("fill", line.color)]),
            spans(line.label, TICK_TEXT),
            number(left + wide - PADDING),
            spans(value, TICK_TEXT)
        );
    }
    out.push_str("</g></g>");
    out
}

/// A number with three significant digits.
fn value(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return if x.is_finite() { "0".to_owned() } else { "–".to_owned() };
    }
    let scientific = format!("{x:.2e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let text = if (-3..5).contains(&exponent) {
        let decimals = usize::try_from(2 - exponent).unwrap_or(0);
        let text = format!("{x:.decimals$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        format!("{digits}·10^{{{exponent}}}")
    };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_three_digits() {
        for (x, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (-0.646_12, "−0.646"),
            (0.001_234, "0.00123"),
            (12_345.6, "12346"),
            (1.2e-5, "1.20·10^{−5}"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(value(x), text);
        }
    }
}
