//! Forecasts a column of a CSV file with a small recurrent network, and says whether that was worth it.
//!
//! ```sh
//! cargo run --release -p rnn-data --example time_series
//! cargo run --release -p rnn-data --example time_series -- --file sales.csv --column units --season 7 --horizon 2
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a program")]

mod calendar;
mod figure;
mod fit;
mod guesses;
#[path = "../shared/options.rs"]
mod options;
#[path = "../shared/progress.rs"]
mod progress;
mod score;
mod series;
mod split;
mod windows;

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;
use rnn_core::{Cell, Gru, Lstm};

use fit::{Settings, fit};
use guesses::Ahead;
use options::{CellName, at_least_one, number, positive};
use score::{Said, Score, Table};
use series::Series;
use split::Split;
use windows::Windows;

/// Sea surface temperatures, of which README.md beside it tells more.
const TEMPERATURES: &str = include_str!("nino_1_2.csv");

/// Forecast a column of a CSV file with a recurrent network, and compare with guesses that need no learning.
///
/// The file has a header, and a row for each timestep, equally far apart, oldest first. The last rows are held out: a part
/// for validation, which says when to stop training, and after it a part for the test. Without --file, the series is 61
/// years of monthly sea surface temperatures.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
struct Args {
    /// The CSV file
    #[arg(long)]
    file: Option<PathBuf>,
    /// The column to forecast, by its name in the header [default: the last one]
    #[arg(long)]
    column: Option<String>,
    /// The unit of its values, for the table and the figure
    #[arg(long)]
    unit: Option<String>,
    /// How many rows ahead to look
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    horizon: usize,
    /// After how many rows the series repeats, 0 for never: 12 for months, 7 for days with a week
    #[arg(long, default_value_t = 12)]
    season: usize,
    /// The series rises or falls for good: the network is shown changes only, not values it has not seen in training
    #[arg(long)]
    trend: bool,
    /// How many rows a sequence of training has
    #[arg(long, default_value_t = 60, value_parser = at_least_one)]
    history: usize,
    /// The share of the rows held out for validation, and as many again for the test
    #[arg(long, default_value = "0.15", value_parser = |s: &str| number(s, |x| x > 0.0 && x < 0.5, "above 0 and below 0.5"))]
    held_out: f64,
    /// The cell
    #[arg(long, value_enum, default_value_t = CellName::Gru)]
    cell: CellName,
    /// Hidden units
    #[arg(long, default_value_t = 32, value_parser = at_least_one)]
    hidden: usize,
    /// Steps of training, if it does not stop before
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// Sequences in a step
    #[arg(long, default_value_t = 16, value_parser = at_least_one)]
    batch: usize,
    /// The largest learning rate
    #[arg(long, default_value = "0.003", value_parser = positive)]
    lr: f64,
    /// Stop after so many looks at the validation part, one every 20 steps, without a better loss
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u64).range(1..))]
    patience: u64,
    /// The same seed gives the same numbers
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where to write the figure
    #[arg(long, default_value = "time_series.png")]
    figure: PathBuf,
}

const EXAMPLES: &str = "Examples, after `cargo run --release -p rnn-data --example time_series --`:
  --horizon 3                                                    the temperatures, three months ahead
  --file sales.csv --column units --season 7 --unit pieces       a file of your own, by days
  --file co2.csv --column ppm --trend --cell lstm --hidden 64    a series that rises for good
  --file noise.csv --season 0                                    one without a season";

fn main() -> ExitCode {
    // clap exits with 2 on a wrong command line, and with 0 after --help.
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    match args.cell {
        CellName::Gru => forecast(Gru, args),
        CellName::Lstm => forecast(Lstm, args),
    }
}

fn forecast(cell: impl Into<Cell<f32>>, args: &Args) -> Result<()> {
    let (series, source) = series(args)?;
    let values = &series.values;
    let split = Split::new(values.len(), args.held_out);
    let ahead = Ahead { horizon: args.horizon, season: args.season };
    let windows = Windows::new(values, split.clone(), ahead, args.history, args.trend)?;
    println!(
        "{source}, column {:?}: {} rows train, {} validate, {} test",
        series.name,
        split.training.len(),
        split.validation.len(),
        split.test.len()
    );

    let settings = Settings {
        hidden: args.hidden,
        history: args.history,
        batch: args.batch,
        steps: args.steps,
        lr: args.lr,
        look: 20,
        patience: args.patience,
        seed: args.seed,
    };
    let bar = progress::bar(args.steps);
    let fitted = fit(cell, &windows, &split.validation, &settings, &bar);
    bar.finish_and_clear();
    let fitted = fitted.context("training failed; a smaller --lr may help")?;
    println!("trained for {} steps, and kept the network of step {}\n", fitted.steps, fitted.best_step);

    let about = |part| -> rnn_core::Result<Vec<f64>> {
        let said = fitted.model.predict(windows.about(part).run())?;
        Ok(windows.in_units(&said, values, part))
    };
    let mut said =
        vec![Said { who: "network", validation: about(&split.validation)?, test: about(&split.test)? }];
    said.extend(guesses(values, &split, ahead));
    let unit = args.unit.as_deref().unwrap_or(if args.file.is_none() { "°C" } else { "" });
    let score = |said: &Said| {
        let validation = Score::of(&said.validation, &values[split.validation.clone()]);
        (said.who, validation, Score::of(&said.test, &values[split.test.clone()]))
    };
    let table = Table { rows: said.iter().map(score).collect(), unit };
    println!("{table}\n{}", table.verdict());

    let (times, time) = calendar::places("time", series.times.as_deref(), values.len());
    let name = series.name.replace('_', " ");
    let value = if unit.is_empty() { name } else { format!("{name} ({unit})") };
    let title = format!("The test part, {} ahead", steps(args.horizon));
    let figure =
        figure::figure(&title, (&times[split.test.clone()], &time), &value, &values[split.test], &said);
    figure.write_png(&args.figure).context("--figure takes another place")?;
    println!("The figure is {}.", args.figure.display());
    Ok(())
}

/// The series, and what to call its source.
fn series(args: &Args) -> Result<(Series, String)> {
    let column = args.column.as_deref();
    let Some(path) = &args.file else {
        return Ok((Series::read(TEMPERATURES.as_bytes(), column)?, "Sea surface temperatures".to_owned()));
    };
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| format!("cannot open {name}; --file takes a CSV file"))?;
    Ok((Series::read(file, column).with_context(|| name.clone())?, name))
}

/// What can be said without learning.
fn guesses(values: &[f64], split: &Split, ahead: Ahead) -> Vec<Said> {
    let guess = |who, about: &dyn Fn(usize) -> Option<f64>| {
        let validation: Option<_> = split.validation.clone().map(about).collect();
        let test: Option<_> = split.test.clone().map(about).collect();
        Some(Said { who, validation: validation?, test: test? })
    };
    let known = [
        guess("same as now", &|row| Some(ahead.same_as_now(values, row))),
        guess("same as last season", &|row| ahead.same_as_last_season(values, row)),
        guess("usual for the season", &|row| ahead.usual_for_the_season(values, &split.training, row)),
    ];
    known.into_iter().flatten().collect()
}

fn steps(horizon: usize) -> String {
    if horizon == 1 { "1 row".to_owned() } else { format!("{horizon} rows") }
}
