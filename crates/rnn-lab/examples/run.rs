//! Runs the experiments that are named, all of them if none is, in a folder that goes away, and prints what they find.
//!
//! `cargo run -p rnn-lab --example run -- E5 E7`; with `--long` first, what takes minutes too.

#![allow(clippy::print_stdout, reason = "the example prints")]

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rnn_lab::engine::{Settings, Which, on_threads, plan};
use rnn_lab::report::{Outcome, chapters};
use rnn_lab::{Folder, Result, Scope, experiments};

fn main() -> Result<()> {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    let long = names.first().is_some_and(|name| name == "--long");
    if long {
        names.remove(0);
    }
    let scope = Scope { long, seeds: None };
    let chosen = experiments::find(&names)?;
    let path = std::env::temp_dir().join(format!("rnn-lab-{}", std::process::id()));
    let folder = Folder::open(&path)?;
    let tasks = experiments::tasks(&chosen, &scope);
    let planned = plan(&tasks, &folder, Which::Open, None);
    let settings = Settings { threads: 1, limit: Duration::from_secs(600) };
    on_threads(&tasks, &planned, &folder, settings, &AtomicBool::new(false), &|task, reason| {
        println!("{}: {}", task.job.words(), reason.unwrap_or("done"));
    })?;
    for chapter in chapters(&chosen, &scope, &folder)? {
        println!("\n{} {} ({:.1} s)", chapter.about.id, chapter.about.question, chapter.seconds);
        match chapter.outcome {
            Outcome::Concluded(conclusion) => {
                for finding in &conclusion.findings {
                    println!("  {finding}");
                }
                for paragraph in &conclusion.text {
                    println!("  {paragraph}");
                }
                if let Some((figure, _)) = conclusion.figure {
                    let picture = std::env::temp_dir().join(format!("{}.png", chapter.about.id));
                    figure.write_png(&picture)?;
                    println!("  {}", picture.display());
                }
            }
            Outcome::Long => println!("  needs --long"),
            Outcome::Incomplete { done, of, failures } => {
                println!("  {done} of {of} jobs done; {failures:?}");
            }
        }
    }
    // What is left of it does no harm.
    let _ = std::fs::remove_dir_all(path);
    Ok(())
}
