//! One job, run once.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Task, stopped};
use crate::error::Result;
use crate::numbers::Numbers;

/// How a job ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// Its result, or why it has none.
    pub outcome: std::result::Result<Numbers, String>,
    /// How long it took.
    pub seconds: f64,
}

/// How often a waiting thread looks whether the run has been asked to stop.
const LOOK: Duration = Duration::from_millis(50);

/// Runs a job on a thread of its own, on which everything that it calls runs too. `None` if `stop` is set before it ends.
///
/// A job that panics, gives an error, NaN or an infinity, or runs longer than `limit`, has failed. A thread cannot be ended from
/// outside: one that is past its limit, or not waited for any more, goes on until the process ends, and what it computes is
/// dropped.
pub fn attempt(task: &Task, limit: Duration, stop: &AtomicBool) -> Option<Attempt> {
    let start = Instant::now();
    let (to, from) = channel();
    let Task { experiment, job } = task.clone();
    let work = move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| checked(experiment.run(&job))));
        // Nobody listens any more if the limit has passed.
        let _ = to.send(outcome.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))));
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "job".to_owned()).build();
    let outcome = match pool {
        Err(error) => Err(format!("a thread cannot be started: {error}")),
        Ok(pool) => {
            pool.spawn(work);
            loop {
                let left = limit.saturating_sub(start.elapsed());
                match from.recv_timeout(left.min(LOOK)) {
                    Ok(outcome) => break outcome,
                    Err(RecvTimeoutError::Disconnected) => break Err("ended without a result".to_owned()),
                    Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                        break Err(format!("took longer than {limit:?}"));
                    }
                    Err(RecvTimeoutError::Timeout) if stopped(stop) => return None,
                    Err(RecvTimeoutError::Timeout) => {}
                }
            }
        }
    };
    Some(Attempt { outcome, seconds: start.elapsed().as_secs_f64() })
}

fn checked(numbers: Result<Numbers>) -> std::result::Result<Numbers, String> {
    let numbers = numbers.map_err(|error| error.to_string())?;
    numbers.check().map_err(|error| error.to_string())?;
    Ok(numbers)
}

fn panicked(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panicked: {}", text.as_deref().unwrap_or("without a message"))
}
