//! What the user can choose.

use std::path::PathBuf;

use super::filter::{self, Filter};

const EXAMPLES: &str = "\
W1 to W7 are training steps, a batch of 32 or 64 sequences drawn afresh for each; I1 to I5 single timesteps of one \
sequence, as they come in; B1 a forward pass; O1 to O11 a training step with one thing changed (cells, options); S1 a sweep over weight and bias scales (f64, all others f32); R1 the whole \
report. GFLOP/s count matrix products only. \"of peak\" compares them with fused multiply-adds on registers, measured \
just before on as many threads. \"products\" is the least time that the same products take with nothing between them, and \
\"of time\" its share of the workload's own minimum; a step that fuses its products can be faster.

Examples:
  cargo xtask bench                          every workload, about half a minute
  cargo xtask bench --filter W1,I            the notebook's network, and all streaming
  cargo xtask bench --threads 1 --filter W   training on one thread
  cargo xtask bench --peers --filter W1,W5   PyTorch and JAX too, after tests/peers/setup.sh
  cargo xtask bench --json bench.json        every number to a file, too";

/// The command line of `cargo xtask bench`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Only these workloads: ids or beginnings of ids, separated by commas
    #[arg(long, value_name = "IDS", value_parser = filter::parse)]
    pub filter: Option<Filter>,
    /// Threads [default: RAYON_NUM_THREADS, or one for each core]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Write every number to this file, too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Measure the programs in tests/peers beside this library
    #[arg(long)]
    pub peers: bool,
    /// Seconds of samples for each workload, and for each peer
    #[arg(long, value_name = "S", default_value_t = 1.0, allow_negative_numbers = true, value_parser = seconds)]
    pub seconds: f64,
    /// Parts that this time is divided into; between them others have their turn
    #[arg(long, value_name = "R", default_value_t = 5, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub rounds: u16,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 3600.0 => Ok(seconds),
        Ok(_) => Err("more than 0 seconds and at most 3600".into()),
        Err(_) => Err("not a number".into()),
    }
}
