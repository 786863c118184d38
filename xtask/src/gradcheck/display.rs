//! How results are printed, and written for other programs.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result};
use atomic_write_file::AtomicWriteFile;
use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;

use super::study::{Failure, Row};

/// So many failures of each cell are printed; the file has all.
const SHOWN: usize = 3;

/// One line for each cell, and what is wrong.
pub(super) fn print(rows: &[Row]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let colored = out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    match out.write_all(table(rows, colored).as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

fn table(rows: &[Row], colored: bool) -> String {
    let header = ["cell", "cases", "derivatives", "worst tensor", "error"].map(str::to_owned);
    let lines: Vec<[String; 5]> = std::iter::once(header).chain(rows.iter().map(cells)).collect();
    let widths: [usize; 5] = std::array::from_fn(|column| {
        lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()
    });
    let mut text = String::new();
    for (k, line) in lines.iter().enumerate() {
        for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
            // Words to the left, numbers to the right.
            let number = matches!(column, 1 | 2 | 4);
            let _ = if number { write!(text, "{cell:>width$}  ") } else { write!(text, "{cell:width$}  ") };
        }
        if let Some(row) = k.checked_sub(1).map(|k| &rows[k]) {
            let wrong = row.failures.len();
            let color = if wrong == 0 { AnsiColor::Green } else { AnsiColor::Red };
            let style = if colored { color.on_default() } else { Style::new() };
            let word = if wrong == 0 { "pass".to_owned() } else { format!("FAIL, {wrong} of {}", row.cases) };
            let _ = write!(text, "{style}{word}{style:#}");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
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

fn cells(row: &Row) -> [String; 5] {
    let worst = row.report.worst.as_ref();
    [
        row.cell.to_owned(),
        row.cases.to_string(),
        row.report.derivatives.to_string(),
        worst.map_or_else(|| "-".to_owned(), |worst| worst.tensor.to_string()),
        worst.map_or_else(|| "-".to_owned(), |worst| format!("{:.1e}", worst.error)),
    ]
}

/// Raised when a field changes its meaning.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    seed: u64,
    cells: Vec<CellResult<'a>>,
}

#[derive(Serialize)]
struct CellResult<'a> {
    name: &'static str,
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

/// An error, before any work is done, if the file cannot be written.
pub(super) fn check_writable(file: &Path) -> Result<()> {
    let probe = AtomicWriteFile::open(file).and_then(AtomicWriteFile::discard);
    probe.with_context(|| format!("--json {} cannot be written", file.display()))
}

/// Writes the results to `file`, which is never seen half written.
pub(super) fn write_json(file: &Path, seed: u64, rows: &[Row]) -> Result<()> {
    let cells = rows.iter().map(|row| CellResult {
        name: row.cell,
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
    let document = Document { schema: SCHEMA, seed, cells: cells.collect() };
    let write = || -> io::Result<()> {
        let mut out = AtomicWriteFile::open(file)?;
        serde_json::to_writer_pretty(&mut out, &document)?;
        out.write_all(b"\n")?;
        out.commit()
    };
    write().with_context(|| format!("--json {} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use rnn_core::gradcheck::{Report, Tensor, Worst};

    use super::*;

    #[test]
    fn columns_align_and_a_failure_says_how_to_see_it_again() {
        let worst = Worst { tensor: Tensor::Input, claimed: 1.0, found: 1.0, error: 2.5e-9 };
        let report = Report { networks: 3, tensors: 9, derivatives: 120, worst: Some(worst) };
        let good = Row { cell: "one", cases: 3, report, failures: vec![] };
        let failures = vec![Failure { seed: 17, error: "dL/dx: claimed 1e0".into() }];
        let bad = Row { cell: "another", cases: 1, report: Report::default(), failures };
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
