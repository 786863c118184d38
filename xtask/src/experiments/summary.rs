//! What the terminal says.

use std::fmt::Write as _;
use std::path::Path;

use rnn_lab::engine::Summary;
use rnn_lab::report::{Chapter, Outcome};
use rnn_lab::{Experiment, Finding};

use crate::output::align;

/// One line for each experiment.
pub(super) fn list(chosen: &[&'static dyn Experiment]) -> String {
    let row = |experiment: &&'static dyn Experiment| {
        let about = experiment.about();
        [about.id, about.name, about.question].map(str::to_owned).to_vec()
    };
    let rows: Vec<_> = chosen.iter().map(row).collect();
    lines(&align(&rows, |_| false))
}

/// A line for each experiment, each check that has not passed, each job that has failed, and what was run.
pub(super) fn text(found: &[Chapter], ran: &Summary, folder: &Path, stopped: bool) -> String {
    let rows: Vec<Vec<String>> = found.iter().map(row).collect();
    let mut out = lines(&align(&rows, |column| column == 3));
    for chapter in found {
        match &chapter.outcome {
            Outcome::Concluded(conclusion) => {
                for finding in conclusion.findings.iter().filter(|finding| finding.passed() == Some(false)) {
                    let _ = writeln!(out, "{}: {finding}", chapter.about.id);
                }
            }
            Outcome::Long => {}
            Outcome::Incomplete { failures, .. } => {
                for failure in failures {
                    let _ = writeln!(out, "failed: {}: {}", failure.job, failure.reason);
                }
            }
        }
    }
    let _ = write!(out, "{} jobs run, {} failed", ran.done + ran.failed, ran.failed);
    if ran.elsewhere > 0 {
        let _ = write!(out, ", {} run by another process", ran.elsewhere);
    }
    let _ = writeln!(out, "; {:.0}% of the time of all threads was spent in jobs", 100.0 * ran.share());
    if stopped {
        let _ = writeln!(
            out,
            "Stopped, with {} jobs not run. The results are in {}; the same command with --resume goes on.",
            ran.left,
            folder.display()
        );
    } else if ran.failed > 0 {
        let _ = writeln!(out, "The same command with --failed runs the failed jobs again.");
    }
    out
}

fn row(chapter: &Chapter) -> Vec<String> {
    let state = match &chapter.outcome {
        Outcome::Concluded(conclusion) => verdict(&conclusion.findings),
        Outcome::Long => "needs --long".to_owned(),
        Outcome::Incomplete { done, of, .. } => format!("{done} of {of} jobs done"),
    };
    vec![
        chapter.about.id.to_owned(),
        chapter.about.name.to_owned(),
        state,
        format!("{:.1} s", chapter.seconds),
    ]
}

fn verdict(findings: &[Finding]) -> String {
    let checks = findings.iter().filter_map(Finding::passed);
    let (passed, all) = checks.fold((0, 0), |(passed, all), pass| (passed + usize::from(pass), all + 1));
    let seen = findings.len() - all;
    match (all, seen) {
        (0, seen) => format!("{seen} observations"),
        (all, 0) => format!("{passed} of {all} checks passed"),
        (all, seen) => format!("{passed} of {all} checks passed, {seen} observations"),
    }
}

fn lines(rows: &[String]) -> String {
    rows.iter().fold(String::new(), |out, row| out + row.trim_end() + "\n")
}
