//! `cargo xtask site`: the explorer, the report and the documentation as a folder of files that needs no server.
//!
//! Everything is computed before anything is written (see the module `folder`). The explorer computes its views itself,
//! in WebAssembly, or, where that cannot be compiled, has the report's precomputed ones.

mod documents;
mod frame;
mod inventory;
mod links;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::folder::{File, Place};
use crate::module::{self, Module};
use crate::progress::Progress;
use crate::report::{self, Settings};
use crate::{output, site::inventory::SITE};

const EXAMPLES: &str = "\
The explorer computes its views in the page, which is compiled to WebAssembly for that. If the target is not installed \
(rustup target add wasm32-unknown-unknown), it has the two sliders of the report, with precomputed views.

Examples:
  cargo xtask site                       everything, into ./site
  cargo xtask site --open                and show it in the browser
  cargo xtask site --quick --out /tmp/s  a report of fewer batches
  cargo xtask site --experiments experiments   with the page of `cargo xtask experiments`";

/// The command line of `cargo xtask site`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Folder for the site; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "site")]
    pub out: PathBuf,
    /// A WebAssembly module of the explorer that was built elsewhere
    #[arg(long, value_name = "FILE")]
    pub module: Option<PathBuf>,
    /// The folder that `cargo xtask experiments` has written, to be part of the site
    #[arg(long, value_name = "DIR")]
    pub experiments: Option<PathBuf>,
    /// Fewer batches and coarser heat maps in the report
    #[arg(long)]
    pub quick: bool,
    /// Show the site in the browser when done
    #[arg(long)]
    pub open: bool,
}

/// Writes the site and says where it is.
///
/// # Errors
/// If a document has a link to nothing, the module cannot be built, the report fails, or the folder cannot be replaced: then
/// the folder stays as it was.
pub fn run(args: &Args) -> Result<()> {
    let place = Place::claim(SITE, &args.out)?;
    let documents = documents::render(&root())?;
    let experiments = args.experiments.as_deref().map(read_experiments).transpose()?.unwrap_or_default();
    let module = find_module(args)?;
    let live = module.is_some();

    let with_experiments = !experiments.is_empty();
    let settings = Settings {
        module,
        experiments: with_experiments,
        ..Settings::from_args(&report::Args::default_with(args.quick)?)
    };
    let progress = Progress::new(report::work(&settings));
    let (report, of_report) = report::files(settings, &progress)?;

    let mut files: Vec<File> = Vec::new();
    files.push((
        "index.html".into(),
        frame::index(&documents, &lessons(), live, with_experiments).into_bytes(),
    ));
    files.push(("style.css".into(), frame::STYLE.into()));
    files.push(("explorer.html".into(), report.explorer_page().into_bytes()));
    files.extend(of_report.into_iter().map(|(name, bytes)| (format!("report/{name}"), bytes)));
    files.extend(experiments);
    files.extend(documents.into_files());
    files.push(inventory::of(&files)?);
    place.publish(files)?;

    output::shown(&said(live), &args.out.join("index.html"), args.open)
}

/// The page of experiments with its figures and numbers, and no results of jobs.
fn read_experiments(folder: &Path) -> Result<Vec<File>> {
    let read = |name: String| -> Result<File> {
        let path = folder.join(&name);
        let bytes = std::fs::read(&path).with_context(|| {
            format!("--experiments: {} cannot be read; `cargo xtask experiments` writes it", path.display())
        })?;
        Ok((format!("experiments/{name}"), bytes))
    };
    let mut files = vec![read("index.html".to_owned())?, read("experiments.json".to_owned())?];
    for experiment in rnn_lab::experiments::ALL {
        let name = format!("figures/{}.png", experiment.about().id);
        if folder.join(&name).is_file() {
            files.push(read(name)?);
        }
    }
    Ok(files)
}

/// The module as the page takes it; `None` if it cannot be built here.
fn find_module(args: &Args) -> Result<Option<String>> {
    let module = match &args.module {
        Some(file) => Some(Module::read(file)?),
        None if module::can_be_built() => Some(module::build()?),
        None => None,
    };
    module.map(|module| module.packed()).transpose()
}

fn said(live: bool) -> String {
    if live {
        return String::new();
    }
    format!(
        "The explorer has two sliders with precomputed views: it is compiled to WebAssembly for more, and the target is not \
         installed. Type `{}`, and run this again.\n",
        module::ADVICE
    )
}

/// The ids and titles of the explorer's lessons.
fn lessons() -> Vec<(String, String)> {
    rnn_explore::lessons().into_iter().map(|lesson| (lesson.id.to_owned(), lesson.title.to_owned())).collect()
}

/// The folder of the repository.
fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}
