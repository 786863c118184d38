//! The command line.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Parser;
use rnn_data::series::{Decimal, ReadOptions};

use crate::options::{CellName, number, positive, size};
use crate::places;

/// Forecast a column of a text file with a recurrent network, and compare with guesses that need no learning.
///
/// The file has a row for each timestep, equally far apart; what separates its columns, decimal commas, a header and which column
/// has the times are found out, and rows are turned around if the newest comes first. The last rows are held out: a part for
/// validation, which says when to stop training, and after it a part for the test. In the end the next rows after the last one
/// are forecast, with intervals that 90 % of the forecasts of the validation part kept to. Without --file, the series is 61
/// years of monthly sea surface temperatures.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file: columns separated by commas, semicolons, tabs or spaces
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
    /// The column to forecast, by its name in the header or its number [default: the last one with numbers]
    #[arg(long)]
    pub(crate) column: Option<String>,
    /// What separates columns [default: found out]
    #[arg(long, value_parser = separator)]
    separator: Option<char>,
    /// The mark before decimals, "." or "," [default: found out]
    #[arg(long, value_parser = decimal)]
    decimal: Option<Decimal>,
    /// A code of missing values, such as -999; may be repeated
    #[arg(long, allow_hyphen_values = true)]
    missing: Vec<String>,
    /// Fill in missing values and missing rows on the line between their neighbours
    #[arg(long)]
    fill: bool,
    /// The unit of its values, for the table and the figure
    #[arg(long)]
    pub(crate) unit: Option<String>,
    /// How many rows ahead to look
    #[arg(long, default_value_t = 1, value_parser = size(1, 1_000_000))]
    pub(crate) horizon: usize,
    /// After how many rows the series repeats, 0 for never: 12 for months, 7 for days with a week
    #[arg(long, default_value_t = 12, value_parser = size(0, 1_000_000))]
    pub(crate) season: usize,
    /// The series rises or falls for good: the network is shown changes only, not values it has not seen in training
    #[arg(long)]
    pub(crate) trend: bool,
    /// How many rows a sequence of training has
    #[arg(long, default_value_t = 60, value_parser = size(1, 1_000_000))]
    pub(crate) history: usize,
    /// The share of the rows held out for validation, and as many again for the test
    #[arg(long, default_value = "0.15", value_parser = |s: &str| number(s, |x| x > 0.0 && x < 0.5, "above 0 and below 0.5"))]
    pub(crate) held_out: f64,
    /// The cell
    #[arg(long, value_enum, default_value_t = CellName::Gru)]
    pub(crate) cell: CellName,
    /// Hidden units
    #[arg(long, default_value_t = 32, value_parser = size(1, 4096))]
    pub(crate) hidden: usize,
    /// Steps of training, if it does not stop before
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub(crate) steps: u64,
    /// Sequences in a step
    #[arg(long, default_value_t = 16, value_parser = size(1, 65_536))]
    pub(crate) batch: usize,
    /// The largest learning rate
    #[arg(long, default_value = "0.003", value_parser = positive)]
    pub(crate) lr: f64,
    /// Stop after so many looks at the validation part, one every 20 steps, without a better loss
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) patience: u64,
    /// The same seed gives the same numbers
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Where to write the figure
    #[arg(long, default_value = "time_series.png")]
    pub(crate) figure: PathBuf,
    /// Where to write what was said about the held-out rows and the next ones, as CSV
    #[arg(long)]
    pub(crate) predictions: Option<PathBuf>,
    /// Where to save the network, as a safetensors file; its settings are saved beside it, with .json after its name
    #[arg(long)]
    pub(crate) save: Option<PathBuf>,
    /// Forecast with a network that --save saved instead of training one; its settings are taken from beside it
    #[arg(long, conflicts_with_all = ["horizon", "season", "trend", "history", "cell", "hidden", "steps", "batch", "lr", "patience", "seed", "save"])]
    pub(crate) load: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples, after `cargo run --release -p rnn-data --example time_series --`:
  --horizon 3                                                    the temperatures, three months ahead
  --file sales.csv --column units --season 7 --unit pieces       a file of your own, by days
  --file co2.csv --column ppm --trend --cell lstm --hidden 64    a series that rises for good
  --file noise.csv --season 0                                    one without a season
  --file sales.csv --save sales.safetensors                      train and save the network
  --file sales.csv --load sales.safetensors                      forecast again, when there are more rows";

impl Args {
    /// What is known of the file.
    pub(crate) fn read_options(&self) -> ReadOptions {
        let mut options = ReadOptions::default().missing(&self.missing).fill(self.fill);
        if let Some(column) = &self.column {
            options = options.column(column);
        }
        if let Some(separator) = self.separator {
            options = options.separator(separator);
        }
        if let Some(decimal) = self.decimal {
            options = options.decimal(decimal);
        }
        options
    }

    /// An error if a file that is to be written could not be, or is one that is read.
    pub(crate) fn check_places(&self) -> Result<()> {
        let settings = self.save.as_deref().map(crate::saved::beside);
        let written = [
            ("--figure", Some(self.figure.as_path())),
            ("--predictions", self.predictions.as_deref()),
            ("--save", self.save.as_deref()),
            ("--save (settings)", settings.as_deref()),
        ];
        let loaded = self.load.as_deref().map(crate::saved::beside);
        let read: [(&str, Option<&Path>); 3] = [
            ("--file", self.file.as_deref()),
            ("--load", self.load.as_deref()),
            ("--load (settings)", loaded.as_deref()),
        ];
        places::check(&written, &read)
    }
}

fn separator(text: &str) -> Result<char, String> {
    let text = if text == "\\t" || text == "tab" { "\t" } else { text };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if c.is_ascii() && !c.is_alphanumeric() && !"\"\n\r#.".contains(c) => Ok(c),
        _ => Err("it must be one character such as , ; | or tab".to_owned()),
    }
}

fn decimal(text: &str) -> Result<Decimal, String> {
    match text {
        "." => Ok(Decimal::Point),
        "," => Ok(Decimal::Comma),
        _ => Err("it must be . or ,".to_owned()),
    }
}
