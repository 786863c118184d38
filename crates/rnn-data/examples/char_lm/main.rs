//! Learns a text, character by character, and writes more of it.
//!
//! ```sh
//! cargo run --release -p rnn-data --example char_lm
//! cargo run --release -p rnn-data --example char_lm -- --file novel.txt --steps 2000 --temperature 0.7
//! ```

mod args;
mod batches;
mod bits;
mod figure;
mod fit;
mod held_out;
#[path = "../shared/options.rs"]
mod options;
#[path = "../shared/places.rs"]
mod places;
#[path = "../shared/print.rs"]
mod print;
#[path = "../shared/progress.rs"]
mod progress;
mod sample;
#[path = "../shared/saved.rs"]
mod saved;
#[cfg(test)]
mod tests;
mod text;

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use rnn_core::{Cell, Gru, Lstm, Model, Options};
use rnn_data::PortableRng;
use rnn_data::text::{Encoding, decode};
use serde::{Deserialize, Serialize};

use args::Args;
use fit::{Settings, fit};
use options::CellName;
use print::{Printer, note};
use progress::Progress;
use text::Alphabet;

/// Shakespeare's sonnets, of which README.md beside them tells more.
const SONNETS: &[u8] = include_bytes!("sonnets.txt");

/// What is needed to use a network again, beside its parameters.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    alphabet: Alphabet,
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
    ensure!(!args.prompt.is_empty(), "--prompt is empty; one character is enough");
    args.check_places()?;
    if let Some(path) = &args.load {
        let (model, Saved { alphabet }) = saved::load(path)?;
        let (inputs, outputs) = (model.rnn.input(), model.head.output());
        ensure!(
            inputs == alphabet.len() && outputs == inputs,
            "{} has {inputs} inputs and {outputs} outputs, and its alphabet has {} characters",
            path.display(),
            alphabet.len()
        );
        let prompt = prompt(args, &alphabet, 0)?;
        return write(args, &model, &alphabet, &prompt, out);
    }
    let (text, source) = text(args)?;
    let alphabet = Alphabet::of(&text);
    let codes = alphabet.encode(&text)?;
    let split =
        batches::training_length(codes.len(), args.batch, args.unroll).with_context(|| source.clone())?;
    ensure!(alphabet.len() > 1, "{source} is one character again and again: there is nothing to learn");
    let hidden = vec![args.hidden; args.layers];
    let sizes = "--hidden, --layers, --batch and --unroll";
    options::check_memory(&hidden, &[args.batch, args.unroll], alphabet.len(), sizes)?;
    let prompt = prompt(args, &alphabet, codes[0])?;
    out.line(format_args!(
        "{source}: {} characters, {} different ones; the last {} are held out",
        codes.len(),
        alphabet.len(),
        codes.len() - split
    ))?;

    let between_layers = if args.layers > 1 { args.dropout } else { 0.0 };
    let options = Options::default().dropout(between_layers).recurrent_dropout(args.dropout);
    let settings = Settings {
        hidden,
        options,
        batch: args.batch,
        unroll: args.unroll,
        steps: args.steps,
        lr: args.lr,
        seed: args.seed,
        look: (args.steps / 20).max(1),
    };
    let cell: Cell<f32> = match args.cell {
        CellName::Gru => Gru.into(),
        CellName::Lstm => Lstm.into(),
    };
    let progress = progress(args.steps);
    let fitted = fit(cell, (&codes, split, alphabet.len()), &settings, &progress);
    progress.clear();
    let fitted = fitted.context("training failed; a smaller --lr may help")?;
    if let Some(path) = &args.save {
        saved::save(path, &fitted.model, &Saved { alphabet: alphabet.clone() })?;
    }

    let (training, validation) = codes.split_at(split);
    let unigram = bits::unigram(training, validation, alphabet.len());
    let bigram = bits::bigram(training, validation, alphabet.len());
    let network = fitted.held_out;
    out.line("\nbits per character of the held-out text")?;
    for (who, bits) in [("counting characters", unigram), ("counting pairs", bigram), ("network", network)] {
        out.line(format_args!("{who:>22} {bits:7.3}"))?;
    }
    out.line(format_args!("{}\n", verdict(network, unigram, bigram)))?;
    write(args, &fitted.model, &alphabet, &prompt, out)?;

    let figure = figure::figure(&fitted.training, &fitted.validation, unigram, bigram);
    figure.write_png(&args.figure).context("the figure cannot be drawn")?;
    if let Some(path) = &args.save {
        out.line(format_args!("The network is {}; its alphabet is beside it.", path.display()))?;
    }
    out.line(format_args!("The figure is {}.", args.figure.display()))
}

/// What the network writes.
fn write(
    args: &Args,
    model: &Model<f32>,
    alphabet: &Alphabet,
    prompt: &[usize],
    out: &mut Printer<impl Write>,
) -> Result<()> {
    let mut rng = PortableRng::new(args.seed).stream(2);
    let written = sample::sample(model, prompt, args.sample, args.temperature, &mut rng)?;
    out.line(format_args!("What it writes at temperature {}:\n", args.temperature))?;
    out.line(format_args!("{}{}\n", alphabet.decode(prompt).trim_start(), alphabet.decode(&written)))
}

/// The text, and what to call it.
fn text(args: &Args) -> Result<(String, String)> {
    let (bytes, name) = match &args.file {
        None => (SONNETS.to_vec(), "Shakespeare's sonnets".to_owned()),
        Some(path) => {
            let name = path.display().to_string();
            (std::fs::read(path).with_context(|| format!("cannot read {name}; --file takes a text"))?, name)
        }
    };
    let text = decode(&bytes).with_context(|| name.clone())?;
    if text.encoding == Encoding::Windows1252 {
        note(format_args!("note: {name}: the file is not UTF-8; it was read as {}", text.encoding));
    }
    Ok((text.text, name))
}

/// What the text to write begins with. The default is the end of a line, if the text has lines, or else its first character.
fn prompt(args: &Args, alphabet: &Alphabet, first: usize) -> Result<Vec<usize>> {
    match alphabet.encode(&args.prompt) {
        Err(_) if args.prompt == "\n" => Ok(vec![first]),
        prompt => prompt.context("--prompt cannot be read"),
    }
}

fn verdict(network: f64, unigram: f64, bigram: f64) -> &'static str {
    if network < unigram.min(bigram) {
        "The network foresees more than counting does."
    } else {
        "The network does not foresee more than counting does; give it more --steps, or more text."
    }
}
