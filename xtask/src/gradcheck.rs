//! `cargo xtask gradcheck`: every gradient of every cell against differences, in many random networks.
//!
//! The check itself is [`rnn_core::gradcheck`]. Here is what is drawn (`study`) and how that is printed and written
//! (`display`).

mod display;
mod study;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::output;
use crate::progress::Progress;

/// The command line of `cargo xtask gradcheck`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Each network is drawn from all combinations of sizes, biases, directions, learned, given and zero initial states, both \
kinds of dropout and of zoneout, with noise and without, sequences of different lengths, and losses. Checked are the \
derivatives of every parameter, of the input and of every state. An error of 1 is as large as the largest derivative of \
that tensor; 1e-6 is allowed. Exits with 0 only if every derivative is right; for one that is wrong, prints the simplest \
network that shows it, and how to run it again.

Examples:
  Check every cell:
    cargo xtask gradcheck
  Other networks, and more of them, as every night:
    cargo xtask gradcheck --cases 20000 --seed \"$(date +%s)\"
  Some cells, by name or by how the name begins:
    cargo xtask gradcheck --cell gru elman
  Write the results for another program, too:
    cargo xtask gradcheck --json gradcheck.json")]
pub struct Args {
    /// Random networks in all, shared among the cells; each has one at least
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub cases: u64,
    /// The seed of each cell's first network; the others follow
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub seed: u64,
    /// Only these cells: names or beginnings of names
    #[arg(long = "cell", value_name = "NAME", num_args = 1.., value_parser = study::parse)]
    pub cells: Vec<String>,
    /// Write the results to this file, too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Checks, prints a table, and says whether every derivative is right.
///
/// # Errors
/// If the results cannot be printed, or written to the file that is named.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(file) = &args.json {
        output::check_writable(file)?;
    }
    let names = study::selected(&args.cells);
    let each = args.cases.div_ceil(names.len() as u64);
    let progress = Progress::new(each * names.len() as u64);
    let rows = study::run(&names, args.seed, each, &progress);
    progress.finish();
    output::print(|styled| display::table(&rows, styled))?;
    if let Some(file) = &args.json {
        output::write_json(file, &display::Document::new(args.seed, &rows))?;
    }
    let right = rows.iter().all(|row| row.failures.is_empty());
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
