//! `cargo xtask conformance`: every PyTorch fixture in a folder against the public interface of the libraries.
//!
//! Each part is in one file, so that what comes later has one place to go to:
//!
//! - `fixture`: a file: its `case` and its tensors, and which of both were looked at.
//! - `keys`: a JSON object that remembers which keys were read, so that no option is ignored in silence.
//! - `network`: the words of a case become a cell and options here. A new cell, or a new way to run one, goes here.
//! - `states`: the states of all layers as the fixtures stack them.
//! - `checks`: how far two tensors are apart, and the worst pair of a case.
//! - one file for each family: what PyTorch computed, once more. A new family goes into `check` too.
//! - `outcome`: what became of a case; `display`: how that is printed and written.

mod checks;
mod display;
mod fixture;
mod gradient_flow;
mod jacobian;
mod keys;
mod layer;
mod loss;
mod lyapunov;
mod network;
mod optimiser;
mod outcome;
mod regression;
mod spectra;
mod states;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use anyhow::{Context, bail};
use rnn_core::Real;

use checks::Checks;
use fixture::{Fixture, Float};
use outcome::Stop;

use crate::output;

pub use outcome::{CaseReport, Status};

/// The command line of `cargo xtask conformance`.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = "\
Prints one line for each fixture: its name and family, the tensor that is furthest off, its error and what that may \
be, and what became of it. FAIL means that a number is wrong or a file is broken; \"unsupported\" names what the \
libraries lack. Exits with 0 only if every fixture passes.

Examples:
  Check the fixtures of this workspace:
    cargo xtask conformance
  Check those in another folder, or in its subfolder \"cases\":
    cargo xtask conformance ../fixtures
  Write the results for another program, too:
    cargo xtask conformance --json conformance.json")]
pub struct Args {
    /// Folder of fixtures, `*.safetensors` [default: tests/golden/cases of this workspace]
    pub dir: Option<PathBuf>,
    /// Write the results to this file, too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Checks every fixture, prints what became of it, and says whether all passed.
///
/// # Errors
/// If there are no fixtures, or the results cannot be written.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let dir = args.dir.clone().unwrap_or_else(default_dir);
    if let Some(file) = &args.json {
        output::check_writable(file)?;
    }
    let reports = check_folder(&dir)?;
    output::print(|styled| display::table(&reports, styled))?;
    if let Some(file) = &args.json {
        output::write_json(file, &display::Document::new(&dir, &reports))?;
    }
    let all_passed = reports.iter().all(|report| report.status == Status::Pass);
    Ok(if all_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where this workspace keeps its fixtures.
fn default_dir() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).join("tests/golden/cases")
}

/// Checks every fixture, `*.safetensors`, in `dir` and in its subfolder `cases`, in the order of their names.
///
/// # Errors
/// If a folder cannot be read, or holds no fixture. A broken fixture is no error but a [`Status::Fail`].
pub fn check_folder(dir: &Path) -> anyhow::Result<Vec<CaseReport>> {
    let mut files = fixtures_in(dir).with_context(|| format!("cannot read the folder {}", dir.display()))?;
    let cases = dir.join("cases");
    if cases.is_dir() {
        files.extend(
            fixtures_in(&cases).with_context(|| format!("cannot read the folder {}", cases.display()))?,
        );
    }
    if files.is_empty() {
        bail!("there are no fixtures (*.safetensors) in {}", dir.display());
    }
    let mut reports: Vec<CaseReport> = files.iter().map(|file| check_file(file)).collect();
    reports.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(reports)
}

fn fixtures_in(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let paths: io::Result<Vec<PathBuf>> = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect();
    Ok(paths?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "safetensors"))
        .collect())
}

/// Checks one fixture.
fn check_file(file: &Path) -> CaseReport {
    let lossy = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let mut report = CaseReport::new(lossy(file.file_stem()));
    let stop = check_bytes(file, &mut report).err();
    report.conclude(&lossy(file.file_name()), stop);
    report
}

/// Fills in `report`; what it returns says why the check is not complete.
fn check_bytes(file: &Path, report: &mut CaseReport) -> Result<(), Stop> {
    let bytes = fixture::read(file)?;
    let fixture = Fixture::parse(&bytes)?;
    let family = fixture.family()?;
    report.family = Some(family.to_owned());
    let mut checks = Checks::new(fixture.tolerance()?);
    report.tolerance = Some(checks.tolerance);
    let stop = match fixture.float {
        Float::F32 => check::<f32>(family, &fixture, &mut checks),
        Float::F64 => check::<f64>(family, &fixture, &mut checks),
    };
    let compared = checks.compared;
    report.take(checks);
    stop?;
    if compared == 0 {
        return Err(Stop::broken("it holds no number to compare with; generate it again"));
    }
    fixture.all_tensors_looked_at()
}

/// One case, by family, in its float type.
fn check<F: Real>(family: &str, fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
    match family {
        "layer" => layer::check::<F>(fixture, checks),
        "regression" => regression::check::<F>(fixture, checks),
        "optimiser" => optimiser::check::<F>(fixture, checks),
        "gradient_flow" => gradient_flow::check::<F>(fixture, checks),
        "spectra" => spectra::check::<F>(fixture, checks),
        "loss" => loss::check::<F>(fixture, checks),
        "jacobian" => jacobian::check::<F>(fixture, checks),
        "lyapunov" => lyapunov::check::<F>(fixture, checks),
        unknown => Err(Stop::unsupported(format!("unknown family {unknown:?}"))),
    }
}
