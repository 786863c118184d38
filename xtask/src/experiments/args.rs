//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use rnn_lab::engine::{Settings, Shard};

const EXAMPLES: &str = "\
Examples:
  cargo xtask experiments                      all checks, in minutes, into ./experiments
  cargo xtask experiments --list               what there is
  cargo xtask experiments E5 newton-in-time    two of them
  cargo xtask experiments --long --seeds 10    also what takes training over many seeds
  cargo xtask experiments --long --resume      go on where an earlier run ended
  cargo xtask experiments --shard 2/8          the second of eight processes that share the folder

A job is done if its result is in the folder. docs/cluster has scripts for Slurm, MPI and GNU parallel. Exits with 0 only if every \
check has passed and every job has a result, or if the run was asked to stop.";

/// The command line of `cargo xtask experiments`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Args {
    /// The experiments to run, by number or name; all of them if none is named
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Print the experiments and compute nothing
    #[arg(long)]
    pub list: bool,
    /// Also run what takes minutes: training over several seeds
    #[arg(long)]
    pub long: bool,
    /// Seeds of each job that is repeated over seeds, in place of the experiment's own number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub seeds: Option<u64>,
    /// Folder of the results and the page; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "experiments")]
    pub out: PathBuf,
    /// Jobs that run at the same time [default: as many as this machine has threads]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub threads: Option<u16>,
    /// Keep the results that are there, and compute the missing ones
    #[arg(long)]
    pub resume: bool,
    /// Compute the K-th of N shares of the jobs; implies --resume
    #[arg(long, value_name = "K/N")]
    pub shard: Option<Shard>,
    /// Run the jobs again that have failed, and no others; implies --resume
    #[arg(long)]
    pub failed: bool,
    /// The seconds after which a job has failed
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// Show the page in the browser when done
    #[arg(long)]
    pub open: bool,
}

impl Args {
    /// How jobs are run.
    pub(super) fn settings(&self) -> Settings {
        let machine = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.map_or_else(machine, usize::from);
        Settings { threads, limit: Duration::from_secs(u64::from(self.limit)) }
    }
}
