//! Random networks of each cell.

use rayon::prelude::*;
use rnn_core::gradcheck::{Check, Report, Visitor, every_cell};
use rnn_core::{Cell, Mse};

use crate::progress::Progress;

/// What came out for one cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) cell: &'static str,
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
fn names() -> Vec<&'static str> {
    struct Names(Vec<&'static str>);
    impl Visitor for Names {
        fn visit(&mut self, name: &'static str, _: Check<Cell, Mse>) {
            self.0.push(name);
        }
    }
    let mut names = Names(Vec::new());
    every_cell(&mut names);
    names.0
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
pub(super) fn selected(asked: &[String]) -> Vec<&'static str> {
    let all = names();
    let whole = |text: &String| all.iter().any(|name| name == text);
    let fits = |name: &str, text: &String| if whole(text) { name == text } else { name.starts_with(text) };
    let chosen = |name: &&str| asked.is_empty() || asked.iter().any(|text| fits(name, text));
    all.iter().copied().filter(chosen).collect()
}

/// Checks `each` networks of each of these cells.
pub(super) fn run(names: &[&'static str], seed: u64, each: u64, progress: &Progress) -> Vec<Row> {
    let mut study = Study { names, seed, each, progress, rows: Vec::new() };
    every_cell(&mut study);
    study.rows
}

struct Study<'a> {
    names: &'a [&'static str],
    seed: u64,
    each: u64,
    progress: &'a Progress,
    rows: Vec<Row>,
}

impl Visitor for Study<'_> {
    fn visit(&mut self, name: &'static str, check: Check<Cell, Mse>) {
        if !self.names.contains(&name) {
            return;
        }
        self.progress.stage(name);
        let outcomes: Vec<_> = (0..self.each)
            .into_par_iter()
            .map(|k| {
                let seed = self.seed.wrapping_add(k);
                let outcome = check.network(seed);
                self.progress.advance(1);
                outcome.map_err(|error| Failure { seed, error: error.to_string() })
            })
            .collect();
        let mut row = Row { cell: name, cases: self.each, ..Row::default() };
        for outcome in outcomes {
            match outcome {
                Ok(report) => row.report.add(report),
                Err(failure) => row.failures.push(failure),
            }
        }
        self.rows.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_go_by_their_names_and_their_beginnings() {
        let of = |asked: &[&str]| selected(&asked.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&[]), names());
        assert_eq!(of(&["gru"]), ["gru"]);
        assert_eq!(of(&["lstm", "elman-i"]), ["elman-identity", "lstm"]);
        assert!(of(&["elman"]).len() >= 4);
        assert_eq!(parse("GRU"), Ok("gru".to_owned()));
        assert!(parse("").is_err() && parse("grus").unwrap_err().contains("elman-tanh, "));
    }
}
