//! How results are printed, and written for other programs.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use atomic_write_file::AtomicWriteFile;
use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;

use crate::conformance::outcome::{CaseReport, Status};

/// One line for each case, and the total.
pub(super) fn print(reports: &[CaseReport]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let colored = out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    match out.write_all(table(reports, colored).as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

fn table(reports: &[CaseReport], colored: bool) -> String {
    let rows: Vec<[String; 4]> = reports.iter().map(cells).collect();
    let widths: [usize; 4] = std::array::from_fn(|column| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    });
    let mut text = String::new();
    for (row, report) in rows.iter().zip(reports) {
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(text, "{cell:width$}  ");
        }
        let (word, color) = match report.status {
            Status::Pass => ("pass", AnsiColor::Green),
            Status::Fail => ("FAIL", AnsiColor::Red),
            Status::Unsupported => ("unsupported", AnsiColor::Yellow),
        };
        let style = if colored { color.on_default() } else { Style::new() };
        let _ = write!(text, "{style}{word}{style:#}");
        if let Some(reason) = &report.reason {
            let _ = write!(text, " ({})", printable(reason));
        }
        text.push('\n');
    }
    let [passed, failed, unsupported] = counts(reports);
    let _ =
        writeln!(text, "{} cases: {passed} pass, {failed} FAIL, {unsupported} unsupported", reports.len());
    text
}

/// Name, family, worst tensor, and its error beside what it may be.
fn cells(report: &CaseReport) -> [String; 4] {
    let or_dash = |text: &Option<String>| text.as_deref().map_or_else(|| "-".to_owned(), printable);
    let error = match (report.error, report.tolerance) {
        (Some(error), Some(tolerance)) => {
            let relation = if error <= tolerance { "<=" } else { "> " };
            format!("{error:.1e} {relation} {tolerance:.1e}")
        }
        _ => "-".to_owned(),
    };
    [printable(&report.name), or_dash(&report.family), or_dash(&report.worst_tensor), error]
}

/// Names come from files: nothing in them may move the cursor.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// How many cases pass, fail, and are unsupported.
fn counts(reports: &[CaseReport]) -> [usize; 3] {
    [Status::Pass, Status::Fail, Status::Unsupported]
        .map(|status| reports.iter().filter(|report| report.status == status).count())
}

#[derive(Serialize)]
struct Document<'a> {
    /// Changes when the meaning of a field does.
    schema: u32,
    dir: String,
    cases: &'a [CaseReport],
    passed: usize,
    failed: usize,
    unsupported: usize,
}

/// Writes the results to `file`, which is never seen half written.
pub(super) fn write_json(file: &Path, dir: &Path, reports: &[CaseReport]) -> io::Result<()> {
    let [passed, failed, unsupported] = counts(reports);
    let dir = dir.display().to_string();
    let document = Document { schema: 1, dir, cases: reports, passed, failed, unsupported };
    let mut out = AtomicWriteFile::open(file)?;
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")?;
    out.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_nothing_from_a_file_reaches_the_terminal_raw() {
        let mut good = CaseReport::new("a".to_owned());
        good.family = Some("layer".to_owned());
        good.worst_tensor = Some("output".to_owned());
        (good.error, good.tolerance) = (Some(1e-16), Some(1e-10));
        let mut bad = CaseReport::new("b\u{1b}[2J".to_owned());
        bad.status = Status::Fail;
        bad.reason = Some("why".to_owned());
        let expected = "\
a      layer  output  1.0e-16 <= 1.0e-10  pass
b\u{fffd}[2J  -      -       -                   FAIL (why)
2 cases: 1 pass, 1 FAIL, 0 unsupported
";
        assert_eq!(table(&[good.clone(), bad], false), expected);
        assert!(table(&[good], true).contains("\u{1b}[32mpass\u{1b}[0m"));
    }
}
