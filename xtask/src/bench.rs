//! `cargo xtask bench`: how long the workloads take, and how far that is from what the processor can do.
//!
//! Data flows one way: `args` and `filter` choose `workloads`; each becomes a closure (`subjects`), and so do its matrix
//! products alone (`bound`); they take turns with the `peers`, programs that compute the same; what all of it gave
//! (`results`) is printed (`table`) and written (`json`).
//!
//! What is measured is a release build: `cargo xtask`, which is not optimized across crates, hands over to one.

mod args;
mod bound;
mod filter;
mod json;
mod machine;
mod peak;
mod peers;
mod results;
mod subjects;
mod table;
mod turns;
mod variants;
mod workloads;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

pub use args::Args;
pub use filter::Filter;

use crate::output;
use crate::progress::Progress;
use machine::Machine;
use peak::Peak;
use results::Results;
use turns::Plan;

/// Measures, prints a table, and writes the numbers to a file if one is named.
///
/// # Errors
/// If the release build cannot be started, the pool of threads cannot be made, a computation fails, peers are wanted and not installed, or the file cannot be
/// written. A peer that fails is no error: its column says so.
pub fn run(args: &Args) -> Result<ExitCode> {
    if is_built_by_the_alias()? {
        return run_in_release();
    }
    if let Some(threads) = args.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into());
        pool.build_global().context("the pool of threads cannot be made")?;
    }
    if let Some(file) = &args.json {
        output::check_writable(file)?;
    }
    let threads = rayon::current_num_threads();
    let mut peers = if args.peers { peers::start(&peers_folder(), threads)? } else { Vec::new() };
    let filter = args.filter.clone().unwrap_or_else(Filter::all);
    let plan = Plan { seconds: args.seconds, rounds: args.rounds };

    let progress = Progress::new(plan.work(filter.workloads()));
    let mut peak = Peak::default();
    let rows = turns::take(filter.workloads(), plan, &mut peak, &mut peers, &progress)?;
    progress.finish();
    let peers = peers.into_iter().map(|peer| peer.identity).collect();

    let results = Results { machine: Machine::this(), peak, peers, rows };
    output::print(|styled| table::text(&results, styled))?;
    if let Some(file) = &args.json {
        output::write_json(file, &json::document(plan, &results))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether this program is the one that `cargo xtask` builds. Cargo names the folder of a build after its profile.
fn is_built_by_the_alias() -> Result<bool> {
    let program = std::env::current_exe().context("the path of this program is not known")?;
    Ok(program.parent().and_then(Path::file_name).is_some_and(|profile| profile == "xtask"))
}

/// Builds and runs the same command line with `--release`.
fn run_in_release() -> Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--release", "--package", "xtask", "--manifest-path"]);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    command.arg("--").args(std::env::args_os().skip(1));
    let status =
        command.status().context("cargo, which builds the release build to measure, could not be started")?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Where this workspace keeps its peers.
fn peers_folder() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).join("tests/peers")
}
