//! Random networks of each cell.

use rayon::prelude::*;
use rnn_core::Mse;
use rnn_core::gradcheck::{Check, Report, every_cell};

use crate::progress::Progress;

/// What came out for one cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) cell: String,
    pub(super) cases: u64,
    /// Of the networks in which every derivative is right.
    pub(super) report: Report,
    /// The first ones, by seed.
    pub(super) failures: Vec<Failure>,
}

/// A network with a wrong derivative, or one that could not be run.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Failure {
    pub(super) seed: u64,
    pub(super) error: String,
}

/// The names of all cells.
fn names() -> Vec<String> {
    every_cell().into_iter().map(|(name, _)| name).collect()
}

/// The beginning of a cell's name.
pub(super) fn parse(text: &str) -> Result<String, String> {
    let (text, names) = (text.to_lowercase(), names());
    if !text.is_empty() && names.iter().any(|name| name.starts_with(&text)) {
        return Ok(text);
    }
    Err(format!("there is no such cell; there are {}", names.join(", ")))
}

/// The cells that were asked for, in the order of the library: all if none was. A whole name means that cell alone.
pub(super) fn selected(asked: &[String]) -> Vec<String> {
    let all = names();
    let whole = |text: &String| all.iter().any(|name| name == text);
    let fits = |name: &str, text: &String| if whole(text) { name == text } else { name.starts_with(text) };
    let chosen = |name: &&String| asked.is_empty() || asked.iter().any(|text| fits(name, text));
    all.iter().filter(chosen).cloned().collect()
}

/// Checks `each` networks of each of these cells.
pub(super) fn run(names: &[String], seed: u64, each: u64, progress: &Progress) -> Vec<Row> {
    let chosen = every_cell().into_iter().filter(|(name, _)| names.contains(name));
    chosen.map(|(name, check)| row(&name, &check, seed, each, progress)).collect()
}

fn row(cell: &str, check: &Check<Mse>, seed: u64, each: u64, progress: &Progress) -> Row {
    progress.stage(cell);
    let outcomes: Vec<_> = (0..each)
        .into_par_iter()
        .map(|k| {
            let seed = seed.wrapping_add(k);
            let outcome = check.network(seed);
            progress.advance(1);
            outcome.map_err(|error| Failure { seed, error: error.to_string() })
        })
        .collect();
    let mut row = Row { cell: cell.to_owned(), cases: each, ..Row::default() };
    for outcome in outcomes {
        match outcome {
            Ok(report) => row.report.add(report),
            Err(failure) => row.failures.push(failure),
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_go_by_their_names_and_their_beginnings() {
        let of = |asked: &[&str]| selected(&asked.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&[]), names());
        assert_eq!(of(&["gru"]), ["gru"]);
        assert_eq!(of(&["lstm", "rnn-i"]), ["rnn-identity", "lstm"]);
        assert!(of(&["rnn"]).len() >= 4);
        assert_eq!(parse("GRU"), Ok("gru".to_owned()));
        assert!(parse("").is_err() && parse("grus").unwrap_err().contains("rnn-tanh, "));
    }
}
