//! `cargo xtask`: dispatch and exit codes, nothing else.

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::{bench, conformance, diagnose, experiments, explore, gradcheck, python_checks, report, site};

/// Train small recurrent networks and see how gradients flow through them.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole notebook and write a report: a page, figures, numbers
    Report(report::Args),
    /// Serve the gradient explorer, a page with sliders, to the browsers of this machine
    Explore(explore::Args),
    /// Compute the laboratory: results of the literature and of theory, each held against its known number
    Experiments(experiments::Args),
    /// Write the explorer, the report and the documentation as a folder of files that needs no server
    Site(site::Args),
    /// Check every PyTorch fixture in a folder against this library
    Conformance(conformance::Args),
    /// Name what is wrong with the gradients of a model in a file, and what helps
    Diagnose(diagnose::Args),
    /// Check every gradient of every cell against finite differences, in many random networks
    Gradcheck(gradcheck::Args),
    /// Measure how long training, streaming, sweeps and the report take, beside other programs if asked to
    Bench(bench::Args),
    /// Check what is written to files against PyTorch and onnxruntime, and what PyTorch writes
    PythonChecks(python_checks::Args),
}

fn main() -> ExitCode {
    // clap exits with 2 on a wrong command line, and with 0 after --help.
    let outcome = match Cli::parse().command {
        Command::Report(args) => report::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Explore(args) => explore::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Experiments(args) => experiments::run(&args),
        Command::Site(args) => site::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Conformance(args) => conformance::run(&args),
        Command::Diagnose(args) => diagnose::run(&args),
        Command::Gradcheck(args) => gradcheck::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::PythonChecks(args) => python_checks::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        // If that cannot be printed either, the exit code says it.
        let _ = writeln!(io::stderr(), "error: {error:#}");
        ExitCode::FAILURE
    })
}
