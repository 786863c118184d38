//! The pictures of the report.

mod data;
mod flow;
mod performance;
mod training;

use anyhow::{Context, Result};
use rayon::prelude::*;
use rnn_plot::Figure;

pub(super) use performance::NAME as PERFORMANCE;

use super::Report;
use crate::progress::Progress;

/// About how many microseconds the drawing takes.
pub(super) const WORK: u64 = COUNT * EACH;
const COUNT: u64 = 12;
const EACH: u64 = 60_000;

/// A picture, and the words below it.
#[derive(Debug)]
pub(super) struct Drawn {
    /// The file's name without its ending.
    pub(super) name: String,
    /// What it shows, for those who cannot see it too.
    pub(super) caption: String,
    /// The encoded picture.
    pub(super) png: Vec<u8>,
    /// Whether it shows times, which differ from run to run: then it is on the page only.
    pub(super) measured: bool,
}

/// A picture to be drawn.
struct Sketch {
    name: String,
    caption: String,
    figure: Figure,
    measured: bool,
}

/// Draws every picture, several at a time; in the order of the report.
pub(super) fn draw_all(report: &Report, progress: &Progress) -> Result<Vec<Drawn>> {
    progress.stage("figures");
    let mut sketches = data::sketches(&report.data);
    sketches.extend(report.flow.iter().map(flow::sketch));
    sketches.extend(training::sketches(&report.training));
    sketches.push(performance::sketch(&report.performance));
    sketches
        .into_par_iter()
        .with_max_len(1)
        .map(|Sketch { name, caption, figure, measured }| {
            let png = figure.png().with_context(|| format!("drawing {name}"))?;
            progress.advance(EACH);
            Ok(Drawn { name, caption, png, measured })
        })
        .collect()
}
