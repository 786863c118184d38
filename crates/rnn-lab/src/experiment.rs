//! What an experiment is.

use std::fmt::Debug;

use rnn_plot::Figure;

use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// A work that a result comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Authors, year, title and where it was published.
    pub text: &'static str,
    /// An address that leads to it; empty if there is none.
    pub url: &'static str,
}

/// What an experiment is about. All prose is plain text: complete sentences, symbols in Unicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About {
    /// The number, as `E5`.
    pub id: &'static str,
    /// A name to type, as `non-normal-growth`.
    pub name: &'static str,
    /// The question, as a heading.
    pub question: &'static str,
    /// Why one would care.
    pub why: &'static str,
    /// What is computed: sizes, seeds, lengths.
    pub setting: &'static str,
    /// The formula in LaTeX; empty if there is none.
    pub formula: &'static str,
    /// Where the result comes from.
    pub sources: &'static [Source],
}

/// How much is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Whether to run what takes minutes: training over several seeds.
    pub long: bool,
    /// The number of seeds, in place of the experiment's own.
    pub seeds: Option<u64>,
}

impl Scope {
    /// The seeds: 0, 1, ... as many as the caller asks for, or else `own`.
    pub fn seeds(&self, own: u64) -> std::ops::Range<u64> {
        0..self.seeds.unwrap_or(own).max(1)
    }
}

/// One experiment: a file of its own.
pub trait Experiment: Debug + Sync {
    /// What it is about.
    fn about(&self) -> About;

    /// What is to be computed. The list may be empty: the experiment then needs [`Scope::long`].
    fn jobs(&self, scope: &Scope) -> Vec<Job>;

    /// Computes one job. The result depends on the job alone.
    ///
    /// # Errors
    /// What went wrong.
    fn run(&self, job: &Job) -> Result<Numbers>;

    /// What the results of all jobs say.
    ///
    /// # Errors
    /// If a number is missing or the figure cannot be drawn.
    fn conclude(&self, results: &Results) -> Result<Conclusion>;
}

/// What an experiment finds.
#[derive(Clone, Debug)]
pub struct Conclusion {
    /// Checks and observations, in the order in which they are told.
    pub findings: Vec<Finding>,
    /// The picture, and what it shows, in a sentence or two.
    pub figure: Option<(Figure, String)>,
    /// What follows, as paragraphs, with the numbers in them.
    pub text: Vec<String>,
}

/// The results of an experiment's jobs.
#[derive(Clone, Debug)]
pub struct Results {
    experiment: &'static str,
    all: Vec<(Job, Numbers)>,
}

impl Results {
    /// The results of the experiment of this name.
    pub fn new(experiment: &'static str, all: Vec<(Job, Numbers)>) -> Self {
        Self { experiment, all }
    }

    /// All results of a part, in the order of [`Experiment::jobs`].
    pub fn part(&self, part: &str) -> impl Iterator<Item = (&Job, &Numbers)> {
        self.all.iter().filter(move |(job, _)| job.part == part).map(|(job, numbers)| (job, numbers))
    }

    /// The one number of each result of a part.
    ///
    /// # Errors
    /// [`Error::NoNumber`].
    pub fn values(&self, part: &str, name: &str) -> Result<Vec<f64>> {
        self.part(part).map(|(_, numbers)| numbers.get(name)).collect()
    }

    /// Whether there is a result of this part.
    pub fn has(&self, part: &str) -> bool {
        self.part(part).next().is_some()
    }

    /// The first result of a part.
    ///
    /// # Errors
    /// [`Error::NoResult`].
    pub fn one(&self, part: &str) -> Result<&Numbers> {
        let missing = || Error::NoResult { experiment: self.experiment, part: part.to_owned() };
        self.part(part).next().map(|(_, numbers)| numbers).ok_or_else(missing)
    }
}
