//! `cargo xtask experiments`: the laboratory, run and written up.
//!
//! The experiments, their jobs and the folder of results are [`rnn_lab`]'s. Here is the command line (`args`), who runs the jobs
//! (`run`), the other processes (`ranks`), the page (`page`) and what the terminal says (`summary`).

mod args;
mod page;
mod ranks;
mod summary;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
pub use args::Args;
use rnn_lab::engine::{Link, Task, Which, dismiss, follow, lead, on_threads, plan};
use rnn_lab::report::{Chapter, Outcome, chapters, entries};
use rnn_lab::{Folder, Lock, Scope, experiments};

use crate::output;
use crate::progress::Progress;
use crate::signals;

/// Runs the jobs that are not done, and writes what all results say. The exit code says whether every check has passed and every
/// job has a result; a run that was asked to stop ends with success.
///
/// # Errors
/// If the folder is in use or cannot be written, or a result cannot be read.
pub fn run(args: &Args) -> Result<ExitCode> {
    let chosen = experiments::find(&args.names)?;
    let scope = Scope { long: args.long, seeds: args.seeds };
    if args.list {
        output::print(|_| summary::list(&chosen))?;
        return Ok(ExitCode::SUCCESS);
    }
    let tasks = experiments::tasks(&chosen, &scope);
    let stop = stopped_by_signals()?;
    let link = ranks::link()?;
    let limit = args.settings().limit;
    if let Some(link) = link.as_ref().filter(|link| link.rank() > 0) {
        follow(link, &tasks, limit, &stop)?;
        return Ok(ExitCode::SUCCESS);
    }

    let (folder, _lock, planned) = prepare(args, &tasks).inspect_err(|_| {
        if let Some(link) = &link {
            dismiss(link);
        }
    })?;
    let progress = Progress::new(planned.iter().map(|&index| units(tasks[index].job.cost)).sum());
    let seen = |task: &Task, _: Option<&str>| {
        progress.stage(task.job.experiment);
        progress.advance(units(task.job.cost));
    };
    let ran = match &link {
        Some(link) => lead(link, &tasks, &planned, &folder, limit, &stop, seen)?,
        None => on_threads(&tasks, &planned, &folder, args.settings(), &stop, &seen)?,
    };
    progress.finish();

    let found = write(&chosen, &scope, &folder)?;
    let page = folder.path().join("index.html");
    let text = summary::text(&found, &ran, folder.path(), stop.load(Ordering::Relaxed));
    output::shown(&text, &page, args.open)?;
    let stopped = stop.load(Ordering::Relaxed);
    Ok(if stopped || found.iter().all(whole) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The folder, which is this run's or shared with others until the lock is dropped, and the jobs to run.
fn prepare(args: &Args, tasks: &[Task]) -> Result<(Folder, Lock, Vec<usize>)> {
    let folder = Folder::open(&args.out)?;
    let keep = args.resume || args.failed || args.shard.is_some();
    let lock = if keep { folder.join()? } else { folder.begin(tasks.iter().map(|task| &task.job))? };
    let which = if args.failed { Which::Failed } else { Which::Open };
    let planned = plan(tasks, &folder, which, args.shard);
    Ok((folder, lock, planned))
}

/// Reads all results and writes the page, its figures, and `experiments.json`.
fn write(
    chosen: &[&'static dyn rnn_lab::Experiment],
    scope: &Scope,
    folder: &Folder,
) -> Result<Vec<Chapter>> {
    let _lock = folder.conclude()?;
    let found = chapters(chosen, scope, folder)?;
    let figures = folder.path().join("figures");
    fs::create_dir_all(&figures).with_context(|| format!("{} cannot be made", figures.display()))?;
    for chapter in &found {
        if let Outcome::Concluded(conclusion) = &chapter.outcome
            && let Some((figure, _)) = &conclusion.figure
        {
            put(&figures.join(format!("{}.png", chapter.about.id)), &figure.png()?)?;
        }
    }
    put(&folder.path().join("index.html"), page::html(&found, scope)?.as_bytes())?;
    let mut json = serde_json::to_vec_pretty(&entries(&found))?;
    json.push(b'\n');
    put(&folder.path().join("experiments.json"), &json)?;
    Ok(found)
}

/// Writes a file as a whole or not at all.
fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    rnn_file::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

/// Whether an experiment has all its results, and every check has passed.
fn whole(chapter: &Chapter) -> bool {
    match &chapter.outcome {
        Outcome::Concluded(conclusion) => conclusion.findings.iter().all(|f| f.passed() != Some(false)),
        Outcome::Long => true,
        Outcome::Incomplete { failures, .. } => failures.is_empty(),
    }
}

/// Units of progress of a job.
fn units(cost: f64) -> u64 {
    (cost * 1000.0) as u64 + 1
}

/// Set once the user presses Ctrl-C or the system asks the program to end.
fn stopped_by_signals() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asked = {
        let _inside = runtime.enter();
        signals::stop()?
    };
    std::thread::spawn(move || {
        runtime.block_on(asked);
        seen.store(true, Ordering::Relaxed);
    });
    Ok(stop)
}
