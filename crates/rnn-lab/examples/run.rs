//! Runs the experiments that are named, all of them if none is, and prints what they find.
//!
//! ```sh
//! cargo run --package rnn-lab --example run -- E5 newton-in-time
//! cargo run --package rnn-lab --example run -- --long --out results E9    # keeps its results, and goes on with those there are
//! cargo build --package rnn-lab --features mpi --example run && mpirun -n 4 target/debug/examples/run --out results
//! ```

#![allow(clippy::print_stdout, reason = "the example prints")]

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rnn_lab::engine::{Link, Which, dismiss, follow, lead, plan};
use rnn_lab::report::{Chapter, Outcome, chapters};
use rnn_lab::{Error, Folder, Result, Scope, experiments};

const LIMIT: Duration = Duration::from_secs(3600);

fn main() -> Result<()> {
    let mut names = Vec::new();
    let (mut scope, mut out) = (Scope::default(), None);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--long" => scope.long = true,
            "--out" => out = words.next().map(PathBuf::from),
            _ => names.push(word),
        }
    }
    let chosen = experiments::find(&names)?;
    let tasks = experiments::tasks(&chosen, &scope);
    #[cfg(feature = "mpi")]
    let link = rnn_lab::engine::Mpi::start()?;
    #[cfg(not(feature = "mpi"))]
    let link = rnn_lab::engine::Alone;
    let stop = AtomicBool::new(false);
    if link.rank() > 0 {
        return follow(&link, &tasks, LIMIT, &stop);
    }

    let own = std::env::temp_dir().join(format!("rnn-lab-{}", std::process::id()));
    let open = || {
        let folder = Folder::open(out.as_ref().unwrap_or(&own))?;
        let lock = folder.join()?;
        Ok((folder, lock))
    };
    let (folder, lock) = open().inspect_err(|_: &Error| dismiss(&link))?;
    let planned = plan(&tasks, &folder, Which::Open, None);
    let summary = lead(&link, &tasks, &planned, &folder, LIMIT, &stop, |task, reason| {
        println!("{}: {}", task.job.words(), reason.unwrap_or("done"));
    })?;
    drop(lock);
    for chapter in chapters(&chosen, &scope, &folder)? {
        print(chapter)?;
    }
    println!("\n{:.0}% of the time of {} ranks was spent in jobs", 100.0 * summary.share(), link.size());
    // What may be left of it does no harm.
    let _ = std::fs::remove_dir_all(own);
    Ok(())
}

fn print(chapter: Chapter) -> Result<()> {
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
    Ok(())
}
