//! How results are printed, and written for other programs.

use std::fmt::Write as _;
use std::path::Path;

use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;

use crate::conformance::outcome::{CaseReport, Status};
use crate::output::{align, printable};

/// One line for each case, and the total.
pub(super) fn table(reports: &[CaseReport], styled: bool) -> String {
    let rows: Vec<Vec<String>> = reports.iter().map(cells).collect();
    let mut text = String::new();
    for (line, report) in align(&rows, |_| false).iter().zip(reports) {
        let (word, color) = match report.status {
            Status::Pass => ("pass", AnsiColor::Green),
            Status::Fail => ("FAIL", AnsiColor::Red),
            Status::Unsupported => ("unsupported", AnsiColor::Yellow),
        };
        let style = if styled { color.on_default() } else { Style::new() };
        let _ = write!(text, "{line}{style}{word}{style:#}");
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
fn cells(report: &CaseReport) -> Vec<String> {
    let or_dash = |text: &Option<String>| text.as_deref().map_or_else(|| "-".to_owned(), printable);
    let error = match (report.error, report.tolerance) {
        (Some(error), Some(tolerance)) => {
            let relation = if error <= tolerance { "<=" } else { "> " };
            format!("{error:.1e} {relation} {tolerance:.1e}")
        }
        _ => "-".to_owned(),
    };
    vec![printable(&report.name), or_dash(&report.family), or_dash(&report.worst_tensor), error]
}

/// How many cases pass, fail, and are unsupported.
fn counts(reports: &[CaseReport]) -> [usize; 3] {
    [Status::Pass, Status::Fail, Status::Unsupported]
        .map(|status| reports.iter().filter(|report| report.status == status).count())
}

/// The results for other programs.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    /// Changes when the meaning of a field does.
    schema: u32,
    dir: String,
    cases: &'a [CaseReport],
    passed: usize,
    failed: usize,
    unsupported: usize,
}

impl<'a> Document<'a> {
    pub(super) fn new(dir: &Path, cases: &'a [CaseReport]) -> Self {
        let [passed, failed, unsupported] = counts(cases);
        Self { schema: 1, dir: dir.display().to_string(), cases, passed, failed, unsupported }
    }
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
