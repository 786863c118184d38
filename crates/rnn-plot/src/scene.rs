//! What a panel shows, whatever kind it is: the kinds build a scene, layout and drawing know only scenes.

pub(crate) mod clip;
pub(crate) mod draw;
pub(crate) mod layout;

use plotters::style::RGBAColor;

use crate::axis::scale::Scale;
use crate::backend::Pen;
use crate::heatmap::color_scale::ColorScale;
use crate::legend::Entry;
use crate::line_plot::line::Marker;

#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) title: &'a str,
    pub(crate) x: View<'a>,
    pub(crate) y: View<'a>,
    /// Whether a unit is as long on both axes; the scales then have equal extents.
    pub(crate) square: bool,
    pub(crate) grid: bool,
    /// From back to front.
    pub(crate) layers: Vec<Layer<'a>>,
    pub(crate) guides: Vec<Guide<'a>>,
    pub(crate) legend: Vec<Entry>,
    pub(crate) color_bar: Option<ColorBar<'a>>,
    /// Said in the middle of a panel that has nothing to show.
    pub(crate) notice: Option<&'static str>,
}

/// One axis with its scale settled.
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
