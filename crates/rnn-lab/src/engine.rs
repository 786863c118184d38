//! Who runs the jobs.
//!
//! An engine takes the jobs that are not done, the longest first, and stores each result as soon as it is there. What it does
//! with a job is the same everywhere: [`attempt`] runs it on one thread, and gives up after a time limit.

mod attempt;
mod link;
#[cfg(feature = "mpi")]
mod mpi;
mod ranks;
mod threads;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use attempt::{Attempt, attempt};
pub(crate) use link::wait;
pub use link::{Alone, Link};
#[cfg(feature = "mpi")]
pub use mpi::Mpi;
pub use ranks::{dismiss, follow, lead};
pub use threads::on_threads;

use crate::error::Result;
use crate::experiment::Experiment;
use crate::folder::{Folder, State};
use crate::job::Job;

/// A job and the experiment that runs it.
#[derive(Clone, Debug)]
pub struct Task {
    /// Who runs it.
    pub experiment: &'static dyn Experiment,
    /// What is to be computed.
    pub job: Job,
}

/// How jobs are run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Jobs that run at the same time, each on one thread.
    pub threads: usize,
    /// A job that runs longer has failed.
    pub limit: Duration,
}

/// Which of the jobs are to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those without a result that have not failed.
    Open,
    /// Those that have failed.
    Failed,
}

/// A share of the jobs: the K-th of N, for N processes that share a folder, on one machine or on many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which share, from 1.
    pub k: usize,
    /// How many shares there are.
    pub n: usize,
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let fault = || format!("a shard is K/N with 1 <= K <= N, as 2/8; this is {text}");
        let (k, n) = text.split_once('/').ok_or_else(fault)?;
        let number = |text: &str| text.parse::<usize>().map_err(|_| fault());
        let (k, n) = (number(k)?, number(n)?);
        if k == 0 || k > n { Err(fault()) } else { Ok(Self { k, n }) }
    }
}

/// What became of the jobs of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// How many were run and have a result.
    pub done: usize,
    /// How many were run and have none.
    pub failed: usize,
    /// How many were left because another process works on them.
    pub elsewhere: usize,
    /// How many were left because the run was asked to stop.
    pub left: usize,
    /// The seconds that threads spent in jobs.
    pub busy: f64,
    /// The seconds that threads were there.
    pub present: f64,
}

impl Summary {
    /// Adds what another thread or rank did.
    pub(crate) fn add(&mut self, other: &Self) {
        self.done += other.done;
        self.failed += other.failed;
        self.elsewhere += other.elsewhere;
        self.left += other.left;
        self.busy += other.busy;
        self.present += other.present;
    }

    /// Stores how a job ended, counts it, and tells `seen`. `None` is a job that was dropped.
    pub(crate) fn record(
        &mut self,
        task: &Task,
        attempt: Option<Attempt>,
        folder: &Folder,
        seen: &mut impl FnMut(&Task, Option<&str>),
    ) -> Result<()> {
        let Some(Attempt { outcome, seconds }) = attempt else {
            self.left += 1;
            return Ok(());
        };
        self.busy += seconds;
        match outcome {
            Ok(numbers) => {
                folder.store(&task.job, &numbers, seconds)?;
                self.done += 1;
                seen(task, None);
            }
            Err(reason) => {
                folder.store_failure(&task.job, &reason)?;
                self.failed += 1;
                seen(task, Some(&reason));
            }
        }
        Ok(())
    }

    /// The share of the time of all threads that was spent in jobs; 1 if no time has passed.
    pub fn share(&self) -> f64 {
        if self.present > 0.0 { self.busy / self.present } else { 1.0 }
    }
}

/// The indices of the jobs to run, the longest first.
pub fn plan(tasks: &[Task], folder: &Folder, which: Which, shard: Option<Shard>) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..tasks.len()).collect();
    // Equal jobs keep their order, so that every process sees the same list.
    sorted.sort_by(|&a, &b| tasks[b].job.cost.total_cmp(&tasks[a].job.cost));
    let mine = |place: usize| shard.is_none_or(|Shard { k, n }| place % n == k - 1);
    let wanted = |index: usize| match which {
        Which::Open => folder.state(&tasks[index].job) == State::Open,
        Which::Failed => folder.state(&tasks[index].job) == State::Failed,
    };
    let mine = sorted.into_iter().enumerate().filter(|&(place, _)| mine(place));
    mine.map(|(_, index)| index).filter(|&index| wanted(index)).collect()
}

/// Whether the run has been asked to stop: no further job is then started.
pub(crate) fn stopped(stop: &AtomicBool) -> bool {
    stop.load(Ordering::Relaxed)
}
