//! Forecasts a column of a text file with a small recurrent network, and says whether that was worth it.
//!
//! ```sh
//! cargo run --release -p rnn-data --example time_series
//! cargo run --release -p rnn-data --example time_series -- --file sales.csv --column units --season 7 --horizon 2
//! ```

mod args;
mod figure;
mod fit;
mod forecast;
mod guesses;
#[path = "../shared/options.rs"]
mod options;
#[path = "../shared/places.rs"]
mod places;
#[path = "../shared/print.rs"]
mod print;
#[path = "../shared/progress.rs"]
mod progress;
#[path = "../shared/saved.rs"]
mod saved;
mod score;
mod split;
#[cfg(test)]
mod tests;
mod windows;

use std::io::{Write, stdout};
use std::ops::Range;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, ensure};
use clap::Parser;
use rnn_core::{Cell, Gru, Lstm, Model, Readout};
use rnn_data::series::{Note, Series, SeriesError};
use serde::{Deserialize, Serialize};

use args::Args;
use fit::{Settings, fit};
use forecast::Interval;
use guesses::{Ahead, Guesses};
use options::CellName;
use print::{Printer, note};
use progress::Progress;
use score::{Said, Score, Table};
use split::Split;
use windows::{Scales, Windows};

/// Sea surface temperatures, of which README.md beside it tells more.
const TEMPERATURES: &[u8] = include_bytes!("nino_1_2.csv");

/// What is needed to use a network again, beside its parameters.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    /// The column that it was trained on.
    column: String,
    horizon: usize,
    season: usize,
    trend: bool,
    history: usize,
    scales: Scales,
}

fn main() -> ExitCode {
    // clap exits with 2 on a wrong command line, and with 0 after --help.
    let args = Args::parse();
    match run(&args, &mut Printer::new(stdout()), Progress::new) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            note(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args, out: &mut Printer<impl Write>, progress: fn(u64) -> Progress) -> Result<()> {
    args.check_places()?;
    let (series, source) = series(args)?;
    for note in &series.notes {
        tell(note, &source);
    }
    let values = &series.values;
    let loaded = args.load.as_deref().map(load).transpose()?;
    let settings = loaded.as_ref().map(|(_, settings)| settings);
    let ahead = settings.map_or(Ahead { horizon: args.horizon, season: args.season }, |known| Ahead {
        horizon: known.horizon,
        season: known.season,
    });
    let shape = settings.map_or((args.history, args.trend), |known| (known.history, known.trend));
    let split = Split::new(values.len(), args.held_out);
    let windows = Windows::new(values, split.clone(), ahead, shape, settings.map(|known| &known.scales))
        .with_context(|| format!("{source}, column {:?}", series.name))?;
    let look = split.test.len() + 1000;
    options::check_memory(
        &[args.hidden],
        &[args.batch, shape.0],
        windows.features(),
        "--hidden, --batch and --history",
    )?;
    options::check_memory(&[args.hidden], &[look], windows.features(), "--hidden and so many held-out rows")?;
    out.line(format_args!(
        "{source}: {}\ncolumn {:?}, {} to {}: {} rows train, {} validate, {} test",
        series.dialect,
        series.name,
        forecast::label(&series, 0),
        forecast::label(&series, values.len() - 1),
        split.training.len(),
        split.validation.len(),
        split.test.len()
    ))?;

    let model = match loaded {
        Some((model, known)) => {
            if known.column != series.name {
                note(format_args!("warning: the network was trained on a column {:?}", known.column));
            }
            out.line("the network was loaded, and nothing was trained\n")?;
            model
        }
        None => train(args, &windows, &split, out, progress)?,
    };
    if let Some(path) = &args.save {
        let settings = Saved {
            column: series.name.clone(),
            horizon: ahead.horizon,
            season: ahead.season,
            trend: args.trend,
            history: args.history,
            scales: windows.scales().clone(),
        };
        saved::save(path, &model, &settings)?;
    }

    let said = said(&model, &windows, values, &split, ahead)?;
    let unit = args.unit.as_deref().unwrap_or(if args.file.is_none() { "°C" } else { "" });
    let score = |said: &Said| {
        let validation = Score::of(&said.validation, &values[split.validation.clone()]);
        (said.who, validation, Score::of(&said.test, &values[split.test.clone()]))
    };
    let table = Table { rows: said.iter().map(score).collect(), unit };
    out.line(format_args!("{table}\n{}\n", table.verdict()))?;

    let interval = Interval::of(&said[0].validation, &values[split.validation.clone()]);
    let kept = interval.share(&said[0].test, &values[split.test.clone()]);
    let best =
        (1..said.len()).min_by(|&a, &b| table.rows[a].1.rmse.total_cmp(&table.rows[b].1.rmse)).unwrap_or(0);
    out.line(forecast::table(&series, interval, &said[0], &said[best]))?;
    out.line(format_args!(
        "Low and high are {} from the forecast: nine tenths of the errors on the validation part are no greater. On the \
         test part, {:.0} % are no greater.\n",
        score::significant(interval.reach),
        100.0 * kept
    ))?;

    if let Some(path) = &args.predictions {
        places::write(path, &forecast::csv(&series, &split, interval, &said)?)?;
        out.line(format_args!("The predictions are {}.", path.display()))?;
    }
    if let Some(path) = &args.save {
        out.line(format_args!("The network is {}; its settings are beside it.", path.display()))?;
    }
    draw(args, &series, &split, &said, interval, (unit, ahead.horizon))?;
    out.line(format_args!("The figure is {}.", args.figure.display()))
}

/// The series, and what to call its source.
fn series(args: &Args) -> Result<(Series, String)> {
    let options = args.read_options();
    let Some(path) = &args.file else {
        return Ok((Series::read(TEMPERATURES, &options)?, "Sea surface temperatures".to_owned()));
    };
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .with_context(|| format!("cannot read {name}; --file takes a text file with columns"))?;
    let series =
        Series::read(&bytes, &options).map_err(|error| anyhow!("{name}: {error}{}", remedy(&error)))?;
    Ok((series, name))
}

/// The options that help against an error.
fn remedy(error: &SeriesError) -> &'static str {
    match error {
        SeriesError::Missing { .. } => " (--fill)",
        SeriesError::NotANumber { .. } => " (--missing CODE, --column NAME, --decimal MARK)",
        SeriesError::NoColumn { .. } | SeriesError::DoubledName { .. } | SeriesError::NoNumbers { .. } => {
            " (--column takes a name or a number)"
        }
        SeriesError::Ragged { .. } => " (--separator CHARACTER, if columns are separated by another one)",
        _ => "",
    }
}

/// Says what was found out about the file, and which options help.
fn tell(note: &Note, source: &str) {
    let kind = if note.is_warning() { "warning" } else { "note" };
    let options = match note {
        Note::StrangeValues { value, .. } => format!(" (--missing {value} --fill)"),
        Note::MissingTimes { .. } => " (--fill)".to_owned(),
        Note::AmbiguousNumbers { .. } => " (--decimal MARK)".to_owned(),
        Note::DoubledName { .. } => " (--column NUMBER)".to_owned(),
        _ => String::new(),
    };
    print::note(format_args!("{kind}: {source}: {note}{options}"));
}

/// A network that was saved, and its settings.
fn load(path: &Path) -> Result<(Model<f32>, Saved)> {
    let (model, saved): (Model<f32>, Saved) = saved::load(path)?;
    let (inputs, outputs) = (model.rnn.input(), model.head.output());
    ensure!(
        outputs == 1
            && model.readout() == Readout::EveryTimestep
            && model.stream().is_ok()
            && saved.horizon > 0
            && saved.scales.inputs() == inputs,
        "{} does not fit its settings: it has {inputs} inputs and {outputs} outputs, or is not a network that reads forwards",
        path.display()
    );
    Ok((model, saved))
}

fn train(
    args: &Args,
    windows: &Windows,
    split: &Split,
    out: &mut Printer<impl Write>,
    progress: fn(u64) -> Progress,
) -> Result<Model<f32>> {
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
    let cell: Cell<f32> = match args.cell {
        CellName::Gru => Gru.into(),
        CellName::Lstm => Lstm.into(),
    };
    let progress = progress(args.steps);
    let fitted = fit(cell, windows, &split.validation, &settings, &progress);
    progress.clear();
    let fitted = fitted.context("training failed; a smaller --lr may help")?;
    out.line(format_args!(
        "trained for {} steps, and kept the network of step {}\n",
        fitted.steps, fitted.best_step
    ))?;
    Ok(fitted.model)
}

/// What the network says, and what can be said without learning.
fn said(
    model: &Model<f32>,
    windows: &Windows,
    values: &[f64],
    split: &Split,
    ahead: Ahead,
) -> Result<Vec<Said>> {
    let next = values.len()..values.len() + ahead.horizon;
    let network = |part: &Range<usize>| -> rnn_core::Result<Vec<f64>> {
        let said = model.predict(windows.about(part).run())?;
        Ok(windows.in_units(&said, values, part))
    };
    let (validation, test) = (network(&split.validation)?, network(&split.test)?);
    let mut all = vec![Said { who: "network", validation, test, next: network(&next)? }];
    let guesses = Guesses::new(values, &split.training, ahead);
    for (who, guess) in guesses.all() {
        let about = |part: &Range<usize>| part.clone().map(&guess).collect();
        all.push(Said {
            who,
            validation: about(&split.validation),
            test: about(&split.test),
            next: about(&next),
        });
    }
    Ok(all)
}

fn draw(
    args: &Args,
    series: &Series,
    split: &Split,
    said: &[Said],
    interval: Interval,
    (unit, horizon): (&str, usize),
) -> Result<()> {
    let rows = split.test.start..series.values.len() + horizon;
    let (places, time): (Vec<f64>, &str) = match &series.times {
        Some(times) if times.has_dates() => (rows.map(|row| times.place(row)).collect(), "year"),
        Some(times) => (rows.map(|row| times.place(row)).collect(), times.name()),
        None => (rows.map(|row| (row + 1) as f64).collect(), "row"),
    };
    let name = series.name.replace('_', " ");
    let value = if unit.is_empty() { name } else { format!("{name} ({unit})") };
    let rows = if horizon == 1 { "1 row".to_owned() } else { format!("{horizon} rows") };
    let title = format!("The test part and what comes next, {rows} ahead");
    let truth = &series.values[split.test.clone()];
    let figure = figure::figure(&title, (&places, time), &value, truth, said, interval);
    figure.write_png(&args.figure).context("the figure cannot be drawn")
}
