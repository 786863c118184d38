//! The command line.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Parser;

use crate::options::{CellName, number, positive, size};
use crate::{places, saved};

/// Train a character-level language model on a text, and let it write.
///
/// Any text in UTF-8, UTF-16 or Windows-1252 will do, the alphabet is its own. Its last tenth is held out: there, the bits per
/// character are compared with what counting single characters and pairs gives. Without --file, the text is Shakespeare's
/// sonnets.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The text
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
    /// The cell
    #[arg(long, value_enum, default_value_t = CellName::Lstm)]
    pub(crate) cell: CellName,
    /// Hidden units of a layer
    #[arg(long, default_value_t = 128, value_parser = size(1, 4096))]
    pub(crate) hidden: usize,
    /// Layers
    #[arg(long, default_value_t = 1, value_parser = size(1, 32))]
    pub(crate) layers: usize,
    /// The probability of dropout, on the recurrence and between layers
    #[arg(long, default_value = "0.3", value_parser = |s: &str| number(s, |x| (0.0..1.0).contains(&x), "of at least 0 and below 1"))]
    pub(crate) dropout: f64,
    /// Steps of training
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(crate) steps: u64,
    /// Parts of the text that are read side by side
    #[arg(long, default_value_t = 32, value_parser = size(1, 65_536))]
    pub(crate) batch: usize,
    /// Characters from one step to the next, through which gradients go back
    #[arg(long, default_value_t = 50, value_parser = size(1, 1_000_000))]
    pub(crate) unroll: usize,
    /// The largest learning rate
    #[arg(long, default_value = "0.01", value_parser = positive)]
    pub(crate) lr: f64,
    /// How many characters to write
    #[arg(long, default_value_t = 400, value_parser = size(0, 10_000_000))]
    pub(crate) sample: usize,
    /// What the text to write begins with
    #[arg(long, default_value = "\n")]
    pub(crate) prompt: String,
    /// Below 1 the network writes what it is surer of, above 1 it dares more; 0 is the likeliest character always
    #[arg(long, default_value = "0.7", value_parser = |s: &str| number(s, |x| x >= 0.0, "of at least 0"))]
    pub(crate) temperature: f64,
    /// The same seed gives the same numbers and the same text
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Where to write the figure
    #[arg(long, default_value = "char_lm.png")]
    pub(crate) figure: PathBuf,
    /// Where to save the network, as a safetensors file; its alphabet is saved beside it, with .json after its name
    #[arg(long)]
    pub(crate) save: Option<PathBuf>,
    /// Let a network write that --save saved, and train nothing
    #[arg(long, conflicts_with_all = ["file", "cell", "hidden", "layers", "dropout", "steps", "batch", "unroll", "lr", "figure", "save"])]
    pub(crate) load: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples, after `cargo run --release -p rnn-data --example char_lm --`:
  --temperature 0.4 --sample 1000                       the sonnets, longer and tamer
  --file novel.txt --hidden 256 --steps 5000            a text of your own, and a larger network
  --cell gru --layers 2 --dropout 0.3 --prompt 'Thou '  two layers, and a beginning
  --save sonnets.safetensors                            train and save the network
  --load sonnets.safetensors --sample 2000              let it write again";

impl Args {
    /// An error if a file that is to be written could not be, or is one that is read.
    pub(crate) fn check_places(&self) -> Result<()> {
        if self.load.is_some() {
            return Ok(()); // nothing is written
        }
        let beside = self.save.as_deref().map(saved::beside);
        let written: [(&str, Option<&Path>); 3] = [
            ("--figure", Some(&self.figure)),
            ("--save", self.save.as_deref()),
            ("--save (alphabet)", beside.as_deref()),
        ];
        places::check(&written, &[("--file", self.file.as_deref())])
    }
}
