//! What was said about the held-out rows and about those after the last one, as numbers.

use std::fmt::Write as _;
use std::ops::Range;

use rnn_data::series::Series;

use crate::score::{Said, significant};
use crate::split::Split;

/// The share of forecasts whose truth is to lie in the interval around them.
const SHARE: f64 = 0.9;

/// At most so many of the next rows are printed.
const PRINTED: usize = 60;

/// How far from a forecast the truth may lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    /// The distance up and down.
    pub(crate) reach: f64,
}

impl Interval {
    /// The interval that a share of at least 0.9 of these forecasts kept to: the error whose rank is ⌈0.9 (n + 1)⌉ among n, as
    /// split conformal prediction has it, or the greatest one if there are too few.
    ///
    /// V. Vovk, A. Gammerman, G. Shafer, *Algorithmic Learning in a Random World*, Springer 2005, doi:10.1007/b106715.
    pub(crate) fn of(said: &[f64], truth: &[f64]) -> Self {
        let mut errors: Vec<f64> = said.iter().zip(truth).map(|(said, truth)| (said - truth).abs()).collect();
        errors.sort_unstable_by(f64::total_cmp);
        let rank = ((errors.len() + 1) as f64 * SHARE).ceil() as usize;
        Self { reach: errors.get(rank.clamp(1, errors.len().max(1)) - 1).copied().unwrap_or(f64::NAN) }
    }

    /// The share of other forecasts that kept to it.
    pub(crate) fn share(self, said: &[f64], truth: &[f64]) -> f64 {
        let kept =
            said.iter().zip(truth).filter(|(said, truth)| (**said - **truth).abs() <= self.reach).count();
        kept as f64 / truth.len() as f64
    }
}

/// The time of a row in words, also of one after the last.
pub(crate) fn label(series: &Series, row: usize) -> String {
    series.times.as_ref().map_or_else(|| format!("row {}", row + 1), |times| times.label(row))
}

/// The next rows, as a table: what the network says with its interval, and what the best guess says.
pub(crate) fn table(series: &Series, interval: Interval, network: &Said, best: &Said) -> String {
    let rows = series.values.len();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{:<20}{:>11}{:>11}{:>11}   {}",
        "after the last row", network.who, "low", "high", best.who
    );
    for (k, (&said, guess)) in network.next.iter().zip(&best.next).enumerate().take(PRINTED) {
        let numbers = [said, said - interval.reach, said + interval.reach, *guess].map(significant);
        let [said, low, high, guess] = numbers;
        let _ = writeln!(text, "{:<20}{said:>11}{low:>11}{high:>11}{guess:>11}", label(series, rows + k));
    }
    if network.next.len() > PRINTED {
        let _ = writeln!(text, "and {} more, which --predictions writes", network.next.len() - PRINTED);
    }
    text
}

/// What was said about a part.
type Values = fn(&Said) -> &[f64];

/// Everything that was said, as CSV: a line for each row of the validation and the test part and each row after the last one.
pub(crate) fn csv(
    series: &Series,
    split: &Split,
    interval: Interval,
    said: &[Said],
) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let network = said.first().map_or("network", |said| said.who);
    let fixed = ["part", "time", "truth", network, "low", "high"];
    out.write_record(fixed.into_iter().chain(said.iter().skip(1).map(|said| said.who)))?;
    let rows = series.values.len();
    let parts: [(&str, Range<usize>, Values); 3] = [
        ("validation", split.validation.clone(), |said| &said.validation),
        ("test", split.test.clone(), |said| &said.test),
        ("forecast", rows..rows + said.first().map_or(0, |said| said.next.len()), |said| &said.next),
    ];
    for (part, range, values) in parts {
        for (k, row) in range.enumerate() {
            let truth = series.values.get(row).map(f64::to_string).unwrap_or_default();
            let about: Vec<f64> = said.iter().map(|said| values(said)[k]).collect();
            let ends = [about[0], about[0] - interval.reach, about[0] + interval.reach];
            let numbers = ends.iter().chain(&about[1..]).map(f64::to_string);
            out.write_record([part.to_owned(), label(series, row), truth].into_iter().chain(numbers))?;
        }
    }
    out.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_nine_tenths_of_the_forecasts_that_it_is_made_of() {
        let truth = [0.0; 99];
        let said: Vec<f64> = (1..=99).map(|k| f64::from(k) * if k % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let interval = Interval::of(&said, &truth);
        assert_eq!((interval.reach, interval.share(&said, &truth)), (90.0, 90.0 / 99.0));
        assert_eq!(Interval::of(&[1.0, -3.0], &[0.0, 0.0]).reach, 3.0, "the greatest, where there are few");
    }
}
