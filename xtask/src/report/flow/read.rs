//! For tests: numbers read back from sentences, and a study's network as the explorer knows it.

use rnn_explore::{CellKind, Nonlinearity, Settings as Positions};

use super::FlowStudy;

/// A number at the start of `text`, as `number` and `percent` write it.
pub(in crate::report) fn read(text: &str) -> f64 {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '−').unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let mut exponent = String::new();
    for c in rest.strip_prefix(" · 10").unwrap_or_default().chars() {
        match "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|digit| digit == c) {
            Some(digit) => exponent += &digit.to_string(),
            None if c == '⁻' => exponent.push('-'),
            None => break,
        }
    }
    let digits = digits.trim_end_matches('.').replace('−', "-");
    let value: f64 =
        format!("{digits}e{}", if exponent.is_empty() { "0" } else { &exponent }).parse().unwrap();
    if rest.starts_with('%') { value / 100.0 } else { value }
}

pub(in crate::report) fn after(text: &str, phrase: &str) -> Option<f64> {
    text.find(phrase).map(|at| read(&text[at + phrase.len()..]))
}

pub(in crate::report) fn same(claimed: f64, actual: f64, text: &str) {
    assert!((claimed - actual).abs() <= 5.1e-3 * actual.abs(), "{claimed} is not {actual}: {text}");
}

/// The explorer's settings of the network of a study.
pub(in crate::report) fn positions(study: &FlowStudy, seed: u64) -> Positions {
    let cell = *CellKind::ALL.iter().find(|cell| cell.name() == study.cell).unwrap();
    let nonlinearity = Nonlinearity::ALL.iter().find(|one| Some(one.name()) == study.nonlinearity);
    Positions {
        cell,
        nonlinearity: nonlinearity.copied().unwrap_or(Nonlinearity::Tanh),
        seed,
        ..Positions::default()
    }
}
