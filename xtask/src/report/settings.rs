//! What the user can choose.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args as _, FromArgMatches};

const EXAMPLES: &str = "\
Examples:
  cargo xtask report                           the notebook as it is, into ./report
  cargo xtask report --open                    and show the page in the browser
  cargo xtask report --quick --out /tmp/look   a look in two seconds: fewer batches, coarser maps
  cargo xtask report --seed 7 --hidden 64      other draws, a larger network

With the default settings every one of the 20,000 training losses is compared with PyTorch's.";

/// The command line of `cargo xtask report`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Folder for the report; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "report")]
    pub out: PathBuf,
    /// Seed of all random draws, as in `torch.manual_seed(SEED)`
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub seed: u64,
    /// Training batches of each model [default: 5000, with --quick 300]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub batches: Option<u32>,
    /// Hidden units of the trained models
    #[arg(long, value_name = "N", default_value_t = 32, allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub hidden: u32,
    /// Learning rate of Adam
    #[arg(long, value_name = "X", default_value_t = 1e-4, allow_negative_numbers = true, value_parser = learning_rate)]
    pub lr: f64,
    /// Fewer batches and coarser heat maps: a look in two seconds
    #[arg(long)]
    pub quick: bool,
    /// Put the whole explorer into the page, as WebAssembly, in place of two sliders with precomputed views
    #[arg(long)]
    pub live: bool,
    /// Show the page in the browser when done
    #[arg(long)]
    pub open: bool,
}

impl Args {
    /// The defaults, but for the path, and for `quick`.
    pub(crate) fn default_with(quick: bool) -> Result<Self> {
        let words = ["report", "--quick"];
        let words = words.iter().take(if quick { 2 } else { 1 });
        let matches = Self::augment_args(clap::Command::new("report")).try_get_matches_from(words)?;
        Ok(Self::from_arg_matches(&matches)?)
    }
}

/// The choices that the report rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The output folder.
    pub out: PathBuf,
    /// Seed of all random draws.
    pub seed: u64,
    /// Training batches of each model.
    pub batches: usize,
    /// Hidden units of the trained models.
    pub hidden: usize,
    /// Learning rate.
    pub lr: f64,
    /// Fewer points in heat maps and curves.
    pub quick: bool,
    /// Points of a heat map along each side; odd, so that 0 is one of them.
    pub map_side: usize,
    /// The explorer's WebAssembly module, as its page takes it; without it the page has two sliders with precomputed views.
    pub module: Option<String>,
    /// Whether the page links to the page of experiments beside the folder of the report.
    pub experiments: bool,
}

impl Settings {
    /// What `cargo xtask report --out OUT` has.
    pub(crate) fn default_in(out: &Path) -> Result<Self> {
        let words = ["report".as_ref(), "--out".as_ref(), out.as_os_str()];
        let matches = Args::augment_args(clap::Command::new("report")).try_get_matches_from(words)?;
        Ok(Self::from_args(&Args::from_arg_matches(&matches)?))
    }

    /// The defaults filled in.
    pub fn from_args(args: &Args) -> Self {
        let batches = args.batches.unwrap_or(if args.quick { 300 } else { 5000 });
        Self {
            out: args.out.clone(),
            seed: args.seed,
            batches: batches as usize,
            hidden: args.hidden as usize,
            lr: args.lr,
            quick: args.quick,
            map_side: if args.quick { 41 } else { 101 },
            module: None,
            experiments: true,
        }
    }
}

fn learning_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(lr) if lr.is_finite() && lr > 0.0 => Ok(lr),
        Ok(_) => Err("a learning rate is a positive number, such as 1e-4".into()),
        Err(_) => Err("not a number".into()),
    }
}
