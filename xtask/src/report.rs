//! `cargo xtask report`: the whole notebook, run and written up.
//!
//! Data flows one way: [`Settings`] → studies (`checks`, `data`, `flow`, `explorer`, `training`,
//! `agreement`) → `Report` → figures, tables, metrics and the page → files, written only when all of them are there.
//!
//! Nothing that is written depends on the clock, the number of threads or the folder: the same settings give the same bytes.
//! How long it took is said in the terminal only.

mod agreement;
mod checks;
mod data;
mod explorer;
mod figures;
mod files;
mod flow;
mod metrics;
mod page;
mod settings;
mod summary;
mod tables;
mod training;

use std::time::Instant;

use anyhow::Result;
use rnn_explore::page::Source;

#[cfg(test)]
pub(crate) use files::FILES;
pub(crate) use files::REPORT;
pub(crate) use flow::sliders;
pub use settings::{Args, Settings};

use crate::folder::{File, Place};
use crate::progress::Progress;
use crate::{module, output};

/// Everything that the report says, before it is drawn and written.
#[derive(Debug)]
pub(crate) struct Report {
    settings: Settings,
    checks: Vec<checks::Check>,
    data: data::Sequences,
    flow: Vec<flow::FlowStudy>,
    explorer: explorer::Explorer,
    training: training::TrainingStudy,
    agreement: Option<agreement::Agreement>,
}

/// Runs the notebook, writes the report and prints its summary.
///
/// # Errors
/// If a setting is out of range, the folder cannot be replaced, or a computation fails: then the folder stays as it was. Also if
/// the summary cannot be printed.
pub fn run(args: &Args) -> Result<()> {
    let start = Instant::now();
    let mut settings = Settings::from_args(args);
    if args.live {
        settings.module = Some(module::build()?.packed()?);
    }
    let progress = Progress::new(work(&settings));
    let report = write(settings, &progress)?;

    let summary = summary::text(&report, start.elapsed().as_secs_f64());
    output::shown(&format!("{summary}\n"), &report.settings.out.join("index.html"), args.open)
}

/// Everything that [`run`] does but for the words in the terminal.
pub(crate) fn write(settings: Settings, progress: &Progress) -> Result<Report> {
    let place = Place::claim(REPORT, &settings.out)?;
    let (report, files) = files(settings, progress)?;
    place.publish(files)?;
    Ok(report)
}

/// The report, and all its files.
pub(crate) fn files(settings: Settings, progress: &Progress) -> Result<(Report, Vec<File>)> {
    let report = Report::compute(settings, progress)?;
    let figures = figures::draw_all(&report, progress)?;
    progress.finish();

    let mut files: Vec<File> = Vec::new();
    files.extend(tables::csv_files(&report)?);
    files.push(("metrics.json".into(), metrics::json(&report)?));
    files.push(("index.html".into(), page::html(&report, &figures)?.into_bytes()));
    files.extend(figures.into_iter().map(|figure| (format!("figures/{}.png", figure.name), figure.png)));
    Ok((report, files))
}

/// Units of progress of [`files`].
pub(crate) fn work(settings: &Settings) -> u64 {
    Report::work(settings) + figures::WORK
}

impl Report {
    /// How many units of progress [`compute`](Self::compute) reports.
    fn work(settings: &Settings) -> u64 {
        training::work(settings) + flow::work(settings) + explorer::work(settings)
    }

    /// The explorer as a page of its own, with what this report has for it.
    pub(crate) fn explorer_page(&self) -> String {
        match &self.explorer {
            explorer::Explorer::Grid(grid) => rnn_explore::page::page(Source::Grid(&grid.json())),
            explorer::Explorer::Module(module) => rnn_explore::page::page(Source::Module(module)),
        }
    }

    fn compute(settings: Settings, progress: &Progress) -> Result<Self> {
        progress.stage("checks");
        let checks = checks::run_all()?;
        let data = data::draw(&settings)?;
        progress.stage("gradient flow");
        let flow = flow::study_all(&settings, progress)?;
        progress.stage("explorer");
        let explorer = explorer::compute(&settings, progress)?;
        progress.stage("training");
        let training = training::train_all(&settings, progress)?;
        let agreement = agreement::with_pytorch(&settings, &training)?;
        Ok(Self { settings, checks, data, flow, explorer, training, agreement })
    }
}
