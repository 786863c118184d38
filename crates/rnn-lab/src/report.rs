//! What all experiments together have found.

use serde::Serialize;

use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope};
use crate::finding::{Expected, Finding};
use crate::folder::{Failure, Folder, State};

/// One experiment after a run.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// What the experiment is about.
    pub about: About,
    /// What it found, if all its jobs are done.
    pub outcome: Outcome,
    /// The seconds that its jobs took, wherever they ran.
    pub seconds: f64,
}

/// How far an experiment has come.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// All its jobs are done.
    Concluded(Conclusion),
    /// It has no jobs in this scope: it needs [`Scope::long`].
    Long,
    /// Some of its jobs are not done.
    Incomplete {
        /// How many are done.
        done: usize,
        /// How many there are.
        of: usize,
        /// Why those that failed did.
        failures: Vec<Failure>,
    },
}

/// Reads the results of each experiment, and concludes.
///
/// # Errors
/// If a result cannot be read, or an experiment cannot conclude.
pub fn chapters(
    experiments: &[&'static dyn Experiment],
    scope: &Scope,
    folder: &Folder,
) -> Result<Vec<Chapter>> {
    experiments.iter().map(|experiment| chapter(*experiment, scope, folder)).collect()
}

fn chapter(experiment: &dyn Experiment, scope: &Scope, folder: &Folder) -> Result<Chapter> {
    let about = experiment.about();
    let jobs = experiment.jobs(scope);
    let of = jobs.len();
    let seconds = jobs.iter().fold(0.0, |sum, job| sum + folder.seconds(job));
    let done = jobs.iter().filter(|job| folder.state(job) == State::Done).count();
    let outcome = if of == 0 {
        Outcome::Long
    } else if done < of {
        Outcome::Incomplete {
            done,
            of,
            failures: jobs.iter().filter_map(|job| folder.failure(job)).collect(),
        }
    } else {
        let all: Result<Vec<_>> =
            jobs.into_iter().map(|job| folder.load(&job).map(|numbers| (job, numbers))).collect();
        Outcome::Concluded(experiment.conclude(&Results::new(about.id, all?))?)
    };
    Ok(Chapter { about, outcome, seconds })
}

/// One finding, as a program reads it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The experiment's number and the finding's, as `E5.2`.
    pub id: String,
    /// What the number is.
    pub title: String,
    /// `check` or `observation`.
    pub kind: &'static str,
    /// The number that is expected, a bound as `at least 2`, or nothing for an observation.
    pub expected: serde_json::Value,
    /// The number that was found; for an observation those of all seeds.
    pub got: serde_json::Value,
    /// The largest difference that passes; nothing for a bound.
    pub tolerance: Option<f64>,
    /// Whether a check passes; nothing for an observation, and for what has not been computed.
    pub passed: Option<bool>,
    /// The seconds that all jobs of the experiment took.
    pub seconds: f64,
}

/// Every finding, in order. An experiment that has no findings yet is one entry without numbers.
pub fn entries(chapters: &[Chapter]) -> Vec<Entry> {
    chapters.iter().flat_map(of_chapter).collect()
}

fn of_chapter(chapter: &Chapter) -> Vec<Entry> {
    let (id, seconds) = (chapter.about.id, chapter.seconds);
    let Outcome::Concluded(conclusion) = &chapter.outcome else {
        return vec![Entry {
            id: id.to_owned(),
            title: chapter.about.question.to_owned(),
            kind: "observation",
            expected: serde_json::Value::Null,
            got: serde_json::Value::Null,
            tolerance: None,
            passed: None,
            seconds,
        }];
    };
    let entry = |(index, finding): (usize, &Finding)| {
        let (kind, expected, got, tolerance) = match finding {
            Finding::Check { expected, got, .. } => {
                let (expected, tolerance) = match *expected {
                    Expected::Near { value, tolerance } => (value.into(), Some(tolerance)),
                    Expected::AtLeast(bound) => (format!("at least {bound}").into(), None),
                    Expected::AtMost(bound) => (format!("at most {bound}").into(), None),
                };
                ("check", expected, (*got).into(), tolerance)
            }
            Finding::Observation { values, .. } => {
                ("observation", serde_json::Value::Null, values.as_slice().into(), None)
            }
        };
        let id = format!("{id}.{}", index + 1);
        let title = finding.what().to_owned();
        Entry { id, title, kind, expected, got, tolerance, passed: finding.passed(), seconds }
    };
    conclusion.findings.iter().enumerate().map(entry).collect()
}
