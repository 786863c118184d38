//! The pictures of the report.

mod data;
mod flow;
mod training;

use anyhow::{Context, Result};
use rayon::prelude::*;
use rnn_plot::{Figure, Pieces};

use super::Report;
use crate::progress::Progress;

/// About how many microseconds the drawing takes.
pub(super) const WORK: u64 = COUNT * EACH;
const COUNT: u64 = 11;
const EACH: u64 = 60_000;

/// Logical pixels of a panel on the page: about the width of a phone, so that its labels can be read there.
const PANEL: (u32, u32) = (320, 264);

/// A picture, and the words below it.
#[derive(Debug)]
pub(super) struct Drawn {
    /// The file's name without its ending.
    pub(super) name: String,
    /// What it shows.
    pub(super) caption: String,
    /// The file.
    pub(super) png: Vec<u8>,
    /// The same for the page: panels and legend that flow.
    pub(super) pieces: Pieces,
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
            let drawing = || format!("drawing {name}");
            let png = figure.png().with_context(drawing)?;
            let pieces =
                figure.panel_size(PANEL.0, PANEL.1).shared_legend().pieces().with_context(drawing)?;
            progress.advance(EACH);
            Ok(Drawn { name, caption, png, pieces })
        })
        .collect()
}
