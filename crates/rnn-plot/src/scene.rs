//! The content of a panel, independent of its kind: every kind of panel builds a scene, and layout and drawing work on scenes.

pub(crate) mod clip;
pub(crate) mod draw;
pub(crate) mod layout;

use plotters::style::RGBAColor;

use crate::axis::scale::Scale;
use crate::heatmap::color_scale::ColorScale;
use crate::legend::Entry;
use crate::line_plot::line::Marker;
use crate::recorder::Pen;
use crate::svg::readings::Reading;

#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) title: &'a str,
    pub(crate) x: View<'a>,
    pub(crate) y: View<'a>,
    /// Whether both axes have the same scale; the extents are then equal.
    pub(crate) square: bool,
    pub(crate) grid: bool,
    /// From back to front.
    pub(crate) layers: Vec<Layer<'a>>,
    pub(crate) guides: Vec<Guide<'a>>,
    pub(crate) legend: Vec<Entry>,
    pub(crate) color_bar: Option<ColorBar<'a>>,
    /// What a pointer reads off.
    pub(crate) readings: Vec<Reading<'a>>,
    /// A message in the middle of a panel without data.
    pub(crate) notice: Option<&'static str>,
}

/// An axis with its scale.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) label: &'a str,
    pub(crate) scale: Scale,
}

#[derive(Debug)]
pub(crate) enum Layer<'a> {
    /// Points joined by a pen, where they are finite, and marked, if there is a marker.
    Points { x: Vec<f64>, y: Vec<f64>, pen: Option<Pen>, marker: Option<Mark> },
    /// Cells of a grid, row by row; there is one edge more than columns or rows.
    Cells { x_edges: Vec<f64>, y_edges: Vec<f64>, values: &'a [f64], colors: Option<ColorScale> },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mark {
    pub(crate) marker: Marker,
    pub(crate) color: RGBAColor,
    pub(crate) radius: f64,
}

/// A labelled reference line across the panel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guide<'a> {
    pub(crate) label: &'a str,
    pub(crate) at: f64,
    pub(crate) horizontal: bool,
}

#[derive(Debug)]
pub(crate) struct ColorBar<'a> {
    pub(crate) label: &'a str,
    pub(crate) colors: ColorScale,
}
