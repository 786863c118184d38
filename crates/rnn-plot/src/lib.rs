//! Figures for a report on recurrent networks, as PNG files and SVG elements, from plain slices of `f64`.
//!
//! - A [`Figure`] is the picture: a grid of panels under a title. It draws and writes itself.
//! - A [`LinePlot`] is a panel of [`Line`]s over two [`Axis`]es, linear or logarithmic.
//! - A [`Heatmap`] is a panel that shows a [`Grid`] of values as colors, with a color bar.
//! - A [`ComplexPlane`] is a panel of points beside the unit circle.
//!
//! ```
//! use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};
//!
//! let t: Vec<f64> = (0..=100).map(f64::from).collect();
//! let norm = |rate: f64| -> Vec<f64> { t.iter().map(|t| (rate * (100.0 - t)).exp()).collect() };
//! let panel = LinePlot::new("Gradients", Axis::linear("timestep t"), Axis::log("‖∂L/∂h_t‖"))
//!     .line(Line::new("scale 0.5", &t, norm(-0.2)))
//!     .line(Line::new("scale 2", &t, norm(0.1)).dashed())
//!     .horizontal("at the end", 1.0);
//! let folder = std::env::temp_dir();
//! Figure::new("Recurrent networks").panel(panel).write_png(folder.join("gradients.png"))?;
//! # Ok::<(), rnn_plot::Error>(())
//! ```
//!
//! # Text
//!
//! Titles and labels are Unicode in DejaVu Sans. `h_t`, `W_{hh}` and `10^{-3}` become subscripts and
//! superscripts: braces take any text, `^` without them the letters and digits that follow, and `_`
//! without them the same after a single letter (`copy_memory` stays as it is). A backslash before `_`
//! or `^` keeps the character. Text too long for its place wraps, and ends in an ellipsis if that does
//! not help.
//!
//! # Guarantees
//!
//! - No input panics; what cannot be drawn is an [`Error`] that names the panel and line.
//! - Legends and the labels of reference lines never cover data.
//! - The same figure gives the same bytes. No font or library of the system is used.

#![forbid(unsafe_code)]

mod axis;
mod complex_plane;
mod error;
mod figure;
mod heatmap;
mod legend;
mod line_plot;
mod pixels;
mod recorder;
mod scene;
mod style;
mod svg;
mod text;

pub use axis::Axis;
pub use complex_plane::ComplexPlane;
pub use error::Error;
pub use figure::{Figure, Panel, Pieces};
pub use heatmap::{Grid, Heatmap};
pub use line_plot::LinePlot;
pub use line_plot::line::{Line, Marker};
