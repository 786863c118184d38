//! The pictures of the report.

mod data;
mod flow;
mod training;

use anyhow::{Context, Result};
use rayon::prelude::*;
use rnn_plot::Figure;

use super::Report;
use super::progress::Progress;

/// About how many microseconds the drawing takes.
pub(super) const WORK: u64 = COUNT * EACH;
const COUNT: u64 = 11;
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
}

/// A picture to be drawn.
struct Sketch {
    name: String,
    caption: String,
    figure: Figure,
}

/// Draws every picture, several at a time; in the order of the report.
pub(super) fn draw_all(report: &Report, progress: &Progress) -> Result<Vec<Drawn>> {
    progress.stage("figures");
    let mut sketches = data::sketches(&report.data);
    sketches.extend(report.flow.iter().map(flow::sketch));
    sketches.extend(training::sketches(&report.training));
    sketches
        .into_par_iter()
        .with_max_len(1)
        .map(|Sketch { name, caption, figure }| {
            let png = figure.png().with_context(|| format!("drawing {name}"))?;
            progress.advance(EACH);
            Ok(Drawn { name, caption, png })
        })
        .collect()
}
