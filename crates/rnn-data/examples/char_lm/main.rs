//! Learns a text, character by character, and writes more of it.
//!
//! ```sh
//! cargo run --release -p rnn-data --example char_lm
//! cargo run --release -p rnn-data --example char_lm -- --file novel.txt --steps 2000 --temperature 0.7
//! ```

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a program")]

mod batches;
mod bits;
mod figure;
mod fit;
#[path = "../shared/options.rs"]
mod options;
#[path = "../shared/progress.rs"]
mod progress;
mod sample;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use rnn_core::{Cell, Gru, Lstm, Options};
use rnn_data::PortableRng;

use fit::{Settings, fit};
use options::{CellName, at_least_one, number, positive};
use text::Alphabet;

/// Shakespeare's sonnets, of which README.md beside them tells more.
const SONNETS: &str = include_str!("sonnets.txt");

/// Train a character-level language model on a text, and let it write.
///
/// Any UTF-8 text will do, the alphabet is its own. Its last tenth is held out: there, the bits per character are compared
/// with what counting single characters and pairs gives. Without --file, the text is Shakespeare's sonnets.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
struct Args {
    /// The text
    #[arg(long)]
    file: Option<PathBuf>,
    /// The cell
    #[arg(long, value_enum, default_value_t = CellName::Lstm)]
    cell: CellName,
    /// Hidden units of a layer
    #[arg(long, default_value_t = 128, value_parser = at_least_one)]
    hidden: usize,
    /// Layers
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    layers: usize,
    /// The probability of dropout, on the recurrence and between layers
    #[arg(long, default_value = "0.3", value_parser = |s: &str| number(s, |x| (0.0..1.0).contains(&x), "of at least 0 and below 1"))]
    dropout: f64,
    /// Steps of training
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// Parts of the text that are read side by side
    #[arg(long, default_value_t = 32, value_parser = at_least_one)]
    batch: usize,
    /// Characters from one step to the next, through which gradients go back
    #[arg(long, default_value_t = 50, value_parser = at_least_one)]
    unroll: usize,
    /// The largest learning rate
    #[arg(long, default_value = "0.01", value_parser = positive)]
    lr: f64,
    /// How many characters to write
    #[arg(long, default_value_t = 400)]
    sample: usize,
    /// What the text to write begins with
    #[arg(long, default_value = "\n")]
    prompt: String,
    /// Below 1 the network writes what it is surer of, above 1 it dares more; 0 is the likeliest character always
    #[arg(long, default_value = "0.7", value_parser = |s: &str| number(s, |x| x >= 0.0, "of at least 0"))]
    temperature: f64,
    /// The same seed gives the same numbers and the same text
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where to write the figure
    #[arg(long, default_value = "char_lm.png")]
    figure: PathBuf,
}

const EXAMPLES: &str = "Examples, after `cargo run --release -p rnn-data --example char_lm --`:
  --temperature 0.4 --sample 1000                       the sonnets, longer and tamer
  --file novel.txt --hidden 256 --steps 5000            a text of your own, and a larger network
  --cell gru --layers 2 --dropout 0.3 --prompt 'Thou '  two layers, and a beginning";

fn main() -> ExitCode {
    // clap exits with 2 on a wrong command line, and with 0 after --help.
    let args = Args::parse();
    let outcome = match args.cell {
        CellName::Gru => learn(Gru, &args),
        CellName::Lstm => learn(Lstm, &args),
    };
    outcome.map_or_else(
        |error| {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

fn learn(cell: impl Into<Cell<f32>>, args: &Args) -> Result<()> {
    let (text, source) = text(args)?;
    let alphabet = Alphabet::of(&text);
    let codes = alphabet.encode(&text)?;
    let split = batches::training_length(codes.len(), args.batch, args.unroll)?;
    ensure!(alphabet.len() > 1, "the text is one character again and again: there is nothing to learn");
    ensure!(!args.prompt.is_empty(), "--prompt is empty; one character is enough");
    // The default prompt is the end of a line, if the text has lines.
    let prompt = match alphabet.encode(&args.prompt) {
        Err(_) if args.prompt == "\n" => codes[..1].to_vec(),
        prompt => prompt.context("--prompt cannot be read")?,
    };
    println!(
        "{source}: {} characters, {} different ones; the last {} are held out",
        codes.len(),
        alphabet.len(),
        codes.len() - split
    );

    let between_layers = if args.layers > 1 { args.dropout } else { 0.0 };
    let options = Options::default().dropout(between_layers).recurrent_dropout(args.dropout);
    let settings = Settings {
        hidden: vec![args.hidden; args.layers],
        options,
        batch: args.batch,
        unroll: args.unroll,
        steps: args.steps,
        lr: args.lr,
        seed: args.seed,
        look: (args.steps / 20).max(1),
    };
    let bar = progress::bar(args.steps);
    let fitted = fit(cell, (&codes, split, alphabet.len()), &settings, &bar);
    bar.finish_and_clear();
    let fitted = fitted.context("training failed; a smaller --lr may help")?;

    let (training, validation) = codes.split_at(split);
    let unigram = bits::unigram(training, validation, alphabet.len());
    let bigram = bits::bigram(training, validation, alphabet.len());
    let network = fitted.validation.last().map_or(f64::NAN, |look| look.1);
    println!("\nbits per character of the held-out text");
    for (who, bits) in [("counting characters", unigram), ("counting pairs", bigram), ("network", network)] {
        println!("{who:>22} {bits:7.3}");
    }
    println!("{}\n", verdict(network, unigram, bigram));

    let mut rng = PortableRng::new(args.seed).stream(2);
    let written = sample::sample(&fitted.model, &prompt, args.sample, args.temperature, &mut rng)?;
    println!("What it writes at temperature {}:\n", args.temperature);
    println!("{}{}\n", alphabet.decode(&prompt).trim_start(), alphabet.decode(&written));

    let figure = figure::figure(&fitted.training, &fitted.validation, unigram, bigram);
    figure.write_png(&args.figure).context("--figure takes another place")?;
    println!("The figure is {}.", args.figure.display());
    Ok(())
}

/// The text, and what to call it.
fn text(args: &Args) -> Result<(String, String)> {
    let Some(path) = &args.file else { return Ok((SONNETS.to_owned(), "Shakespeare's sonnets".to_owned())) };
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read {name}; --file takes a text in UTF-8"))?;
    Ok((text, name))
}

fn verdict(network: f64, unigram: f64, bigram: f64) -> &'static str {
    if network < unigram.min(bigram) {
        "The network foresees more than counting does."
    } else {
        "The network does not foresee more than counting does; give it more --steps, or more text."
    }
}
