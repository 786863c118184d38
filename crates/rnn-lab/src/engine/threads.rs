//! The jobs on the threads of one process.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::{Settings, Summary, Task, attempt, stopped};
use crate::error::Result;
use crate::folder::Folder;

/// Runs the jobs of `planned`, indices of `tasks`, in that order on `settings.threads` threads, and stores what each of them gives.
/// `seen` is called after each job.
///
/// Jobs that another process works on are left to it. Once `stop` is set, no further job is started, and those that
/// run are dropped.
///
/// # Errors
/// If a result cannot be written. No further job is started then, and the results that were written stay.
pub fn on_threads(
    tasks: &[Task],
    planned: &[usize],
    folder: &Folder,
    settings: Settings,
    stop: &AtomicBool,
    seen: &(dyn Fn(&Task, Option<&str>) + Sync),
) -> Result<Summary> {
    let start = Instant::now();
    let next = Mutex::new(planned.iter());
    let summary = Mutex::new(Summary::default());
    let fault = Mutex::new(None);
    let work = || {
        while fault.lock().is_ok_and(|fault| fault.is_none()) {
            let Some(&index) = next.lock().ok().and_then(|mut next| next.next()) else { return };
            let task = &tasks[index];
            let mut mine = Summary::default();
            if stopped(stop) {
                mine.left = 1;
            } else if let Err(error) = one(task, folder, settings, stop, &mut mine, seen)
                && let Ok(mut fault) = fault.lock()
            {
                fault.get_or_insert(error);
            }
            if let Ok(mut summary) = summary.lock() {
                summary.add(&mine);
            }
        }
    };
    let threads = settings.threads.min(planned.len()).max(1);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    if let Some(error) = fault.into_inner().unwrap_or_default() {
        return Err(error);
    }
    let mut summary = summary.into_inner().unwrap_or_default();
    summary.present = start.elapsed().as_secs_f64() * threads as f64;
    Ok(summary)
}

/// Runs one job, if no other process does.
fn one(
    task: &Task,
    folder: &Folder,
    settings: Settings,
    stop: &AtomicBool,
    summary: &mut Summary,
    seen: &(dyn Fn(&Task, Option<&str>) + Sync),
) -> Result<()> {
    let Some(_claim) = folder.claim(&task.job)? else {
        summary.elsewhere = 1;
        return Ok(());
    };
    summary
        .record(task, attempt(task, settings.limit, stop), folder, &mut |task, failure| seen(task, failure))
}
