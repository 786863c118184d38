//! How results are printed, and written for other programs.

use std::fmt::Write as _;

use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;

use super::study::{Failure, Row};
use crate::output::align;

/// So many failures of each cell are printed; the file has all.
const SHOWN: usize = 3;

/// One line for each cell, and what is wrong.
pub(super) fn table(rows: &[Row], styled: bool) -> String {
    let header = ["cell", "cases", "derivatives", "worst tensor", "error"].map(str::to_owned).to_vec();
    let cells: Vec<Vec<String>> = std::iter::once(header).chain(rows.iter().map(cells)).collect();
    let lines = align(&cells, |column| matches!(column, 1 | 2 | 4));
    let mut text = format!("{}\n", lines[0].trim_end());
    for (line, row) in lines[1..].iter().zip(rows) {
        let wrong = row.failures.len();
        let color = if wrong == 0 { AnsiColor::Green } else { AnsiColor::Red };
        let style = if styled { color.on_default() } else { Style::new() };
        let word = if wrong == 0 { "pass".to_owned() } else { format!("FAIL, {wrong} of {}", row.cases) };
        let _ = writeln!(text, "{line}{style}{word}{style:#}");
    }
    for row in rows {
        for Failure { seed, error } in row.failures.iter().take(SHOWN) {
            let _ = writeln!(text, "\n{}: {error}", row.cell);
            let _ =
                writeln!(text, "again: cargo xtask gradcheck --cell {} --seed {seed} --cases 1", row.cell);
        }
    }
    text
}

fn cells(row: &Row) -> Vec<String> {
    let worst = row.report.worst.as_ref();
    vec![
        row.cell.clone(),
        row.cases.to_string(),
        row.report.derivatives.to_string(),
        worst.map_or_else(|| "-".to_owned(), |worst| worst.tensor.to_string()),
        worst.map_or_else(|| "-".to_owned(), |worst| format!("{:.1e}", worst.error)),
    ]
}

/// Raised when a field changes its meaning.
const SCHEMA: u32 = 1;

/// The results for other programs.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    schema: u32,
    seed: u64,
    cells: Vec<CellResult<'a>>,
}

#[derive(Serialize)]
struct CellResult<'a> {
    name: &'a str,
    cases: u64,
    /// In networks in which every derivative is right.
    derivatives: usize,
    worst: Option<Worst>,
    failures: &'a [Failure],
}

#[derive(Serialize)]
struct Worst {
    tensor: String,
    claimed: f64,
    found: f64,
    error: f64,
}

impl<'a> Document<'a> {
    pub(super) fn new(seed: u64, rows: &'a [Row]) -> Self {
        let cells = rows.iter().map(|row| CellResult {
            name: &row.cell,
            cases: row.cases,
            derivatives: row.report.derivatives,
            worst: row.report.worst.as_ref().map(|worst| Worst {
                tensor: worst.tensor.to_string(),
                claimed: worst.claimed,
                found: worst.found,
                error: worst.error,
            }),
            failures: &row.failures,
        });
        Self { schema: SCHEMA, seed, cells: cells.collect() }
    }
}

#[cfg(test)]
mod tests {
    use rnn_core::gradcheck::{Report, Tensor, Worst};

    use super::*;

    #[test]
    fn columns_align_and_a_failure_says_how_to_see_it_again() {
        let worst = Worst { tensor: Tensor::Input, claimed: 1.0, found: 1.0, error: 2.5e-9 };
        let report = Report { networks: 3, tensors: 9, derivatives: 120, worst: Some(worst) };
        let good = Row { cell: "one".into(), cases: 3, report, failures: vec![] };
        let failures = vec![Failure { seed: 17, error: "dL/dx: claimed 1e0".into() }];
        let bad = Row { cell: "another".into(), cases: 1, report: Report::default(), failures };
        let expected = "\
cell     cases  derivatives  worst tensor   error
one          3          120  dL/dx         2.5e-9  pass
another      1            0  -                  -  FAIL, 1 of 1

another: dL/dx: claimed 1e0
again: cargo xtask gradcheck --cell another --seed 17 --cases 1
";
        assert_eq!(table(&[good.clone(), bad], false), expected);
        assert!(table(&[good], true).contains("\u{1b}[32mpass\u{1b}[0m"));
    }
}
