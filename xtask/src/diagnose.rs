//! `cargo xtask diagnose`: what is wrong with a model in a file, and what helps.
//!
//! The diagnosis is [`rnn_analysis::diagnose`]. Here is the batch that it is made on (`data`) and how it is printed and written
//! (`display`).

mod data;
mod display;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use rnn_analysis::{DiagnoseOptions, Diagnosis};
use rnn_core::{Cell, CrossEntropy, Linear, Model, Mse, Parameters, Stack};
use rnn_io::{Fault, LoadOptions};

use crate::output;

/// The command line of `cargo xtask diagnose`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
The conditions are exploding, chaotic, dead, saturated, transient growth, forgetting, vanishing and, with --rate, a learning \
rate that is too large; the documentation of rnn_analysis::diagnose says how each is told. Every remedy was applied to a copy \
of the model, and the symptom was gone. Exits with 0 only if nothing is wrong.

Without --data the inputs are 4 sequences of --time timesteps of independent standard normal numbers, the same for every run, and \
so are the targets. Gradients depend on the inputs: a model that was trained on other numbers should be shown those.

A file for --data has the tensor `x`, (batch, time, features), of F32 or F64, and may have `y`: F32 or F64 of the shape of the \
model's predictions, compared by the mean squared error, or I64 classes, (batch, predictions), compared by the cross-entropy.

Examples:
  A model that this library saved:
    cargo xtask diagnose model.safetensors
  On the data that it is trained on, at the learning rate of gradient descent:
    cargo xtask diagnose model.safetensors --data batch.safetensors --rate 0.1
  A file that PyTorch wrote, which does not say what the cell is:
    cargo xtask diagnose state_dict.safetensors --cell lstm")]
pub struct Args {
    /// The model: a safetensors file of this library, a checkpoint, or PyTorch's with --cell
    #[arg(value_name = "MODEL")]
    pub model: PathBuf,
    /// Inputs, and targets if there are any: a safetensors file with `x` and `y`
    #[arg(long, value_name = "FILE")]
    pub data: Option<PathBuf>,
    /// Timesteps of the sequences that are drawn [default: 50]
    #[arg(long, value_name = "N", conflicts_with = "data", value_parser = clap::value_parser!(u32).range(2..=10_000))]
    pub time: Option<u32>,
    /// The learning rate of gradient descent, to be judged too
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub rate: Option<f64>,
    /// The cell of a file that PyTorch wrote: `lstm`, `gru`, `rnn-tanh`, `rnn-relu`
    #[arg(long, value_name = "NAME")]
    pub cell: Option<String>,
    /// Write the diagnosis to this file, too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Reads the model, makes the diagnosis, prints it.
///
/// # Errors
/// If a file cannot be read, does not hold what it should, or the batch does not fit the model; if the model has no diagnosis; if the
/// result cannot be printed or written.
pub fn run(args: &Args) -> Result<ExitCode> {
    if let Some(file) = &args.json {
        output::check_writable(file)?;
    }
    let model = load(args)?;
    let mut options = DiagnoseOptions::default();
    if let Some(rate) = args.rate {
        options = options.rate(rate);
    }
    let found = diagnose(&model, args, &options)?;
    output::print(|styled| display::text(&model, &found, styled))?;
    if let Some(file) = &args.json {
        output::write_json(file, &display::Document::new(&found))?;
    }
    Ok(if found.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn diagnose(model: &Model<f64>, args: &Args, options: &DiagnoseOptions) -> Result<Diagnosis> {
    let time = args.time.unwrap_or(50) as usize;
    let data = match &args.data {
        Some(file) => data::read(file, model)?,
        None => data::drawn(model, time)?,
    };
    let found = if data.classes {
        rnn_analysis::diagnose(model, &data.batch, &CrossEntropy, options)
    } else {
        rnn_analysis::diagnose(model, &data.batch, &Mse, options)
    };
    found.with_context(|| match &args.data {
        Some(file) => format!("{} on {}", args.model.display(), file.display()),
        None => args.model.display().to_string(),
    })
}

/// The model; recurrent layers without a head get one that adds up all units.
fn load(args: &Args) -> Result<Model<f64>> {
    let with_head = |rnn: Stack<f64>| -> Result<Model<f64>> {
        let mut head = Linear::zeros_without_bias(rnn.output(), 1)?;
        head.fill(1.0);
        Ok(Model::from_parts(rnn, head)?)
    };
    if let Some(cell) = &args.cell {
        let cell: Cell<f64> = cell.parse().with_context(|| format!("--cell {cell}"))?;
        let options = LoadOptions::default();
        return match rnn_io::load_state_dict(&args.model, cell.clone(), &options) {
            Ok(model) => Ok(model),
            Err(error) => match rnn_io::load_stack_state_dict(&args.model, cell, &options) {
                Ok(rnn) => with_head(rnn),
                Err(_) => Err(error.into()),
            },
        };
    }
    match rnn_io::load(&args.model) {
        Ok(model) => Ok(model),
        Err(error) if matches!(error.fault, Fault::Kind { .. }) => match rnn_io::load_stack(&args.model) {
            Ok(rnn) => with_head(rnn),
            Err(_) => Err(error.into()),
        },
        Err(error) if matches!(error.fault, Fault::NoArchitecture) => {
            Err(anyhow::Error::from(error).context("name the cell with --cell, as in --cell lstm"))
        }
        Err(error) => Err(error.into()),
    }
}
