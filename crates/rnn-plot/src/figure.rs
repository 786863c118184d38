//! The whole picture: a grid of panels under a title.

mod encode;

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use plotters::style::text_anchor::{HPos, VPos};
use tiny_skia::Pixmap;

use crate::complex_plane::ComplexPlane;
use crate::error::Error;
use crate::heatmap::Heatmap;
use crate::legend::{Entry, Legend};
use crate::line_plot::LinePlot;
use crate::pixels;
use crate::recorder::{Recorder, Shape};
use crate::scene::Scene;
use crate::scene::draw::shapes::{font, text_at};
use crate::scene::draw::{self, Canvas};
use crate::scene::layout::{Layout, Rect};
use crate::style::{
    DEFAULT_PANEL, FIGURE_TITLE_TEXT, INK, MAX_PANEL, MAX_PIXELS, MIN_PANEL, PANEL_MARGIN, PIXELS_PER_POINT,
};
use crate::svg::{self, readings};
use crate::text::{self, LINE_HEIGHT, Weight};

const TITLE_LINES: usize = 3;

/// A panel of any kind; [`Figure::panel`] converts each kind into it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Panel {
    /// Lines over a common pair of axes.
    Lines(LinePlot),
    /// Colored cells with a color bar.
    Heatmap(Heatmap),
    /// Points beside the unit circle.
    ComplexPlane(ComplexPlane),
}

impl From<LinePlot> for Panel {
    fn from(panel: LinePlot) -> Self {
        Self::Lines(panel)
    }
}

impl From<Heatmap> for Panel {
    fn from(panel: Heatmap) -> Self {
        Self::Heatmap(panel)
    }
}

impl From<ComplexPlane> for Panel {
    fn from(panel: ComplexPlane) -> Self {
        Self::ComplexPlane(panel)
    }
}

impl Panel {
    fn scene(&self) -> Result<Scene<'_>, Error> {
        match self {
            Self::Lines(panel) => panel.scene(),
            Self::Heatmap(panel) => panel.scene(),
            Self::ComplexPlane(panel) => panel.scene(),
        }
    }
}

/// A picture of one or more panels.
///
/// Panels fill a grid row by row; the axes of a row share their upper and lower end, those of a column
/// their left end. Sizes are logical pixels, of which a PNG has two to each side of one: a panel of
/// 720 by 440 makes a picture of 1440 by 880, to be shown at half its size. Drawing the same figure
/// twice gives the same bytes.
///
/// ```
/// use rnn_plot::{Axis, Figure, Line, LinePlot};
/// let x = [0.0, 1.0, 2.0, 3.0];
/// let panel = |title: &str, power: i32| {
///     LinePlot::new(title, Axis::linear("x"), Axis::linear("y"))
///         .line(Line::new("power", x, x.map(|x| x.powi(power))))
/// };
/// let figure = Figure::new("Powers")
///     .columns(2)
///     .panel_size(400, 300)
///     .panels((1..=4).map(|power| panel(&format!("x^{power}"), power)))
///     .shared_legend();
/// let png = figure.png()?;
/// # assert_eq!(&png[1..4], b"PNG");
/// # Ok::<(), rnn_plot::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Figure {
    title: String,
    columns: usize,
    panel_size: (u32, u32),
    panels: Vec<Panel>,
    shared_legend: bool,
}

impl Figure {
    /// A figure under a title, in one column of panels of 720 by 440 logical pixels.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            columns: 1,
            panel_size: DEFAULT_PANEL,
            panels: Vec::new(),
            shared_legend: false,
        }
    }

    /// A figure without a title of its own.
    pub fn untitled() -> Self {
        Self::new("")
    }

    /// Sets the number of columns of the grid; zero is an error when drawing.
    ///
    /// A figure of fewer panels has fewer columns.
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = columns;
        self
    }

    /// Sets the size of each panel in logical pixels, labels and legend included.
    ///
    /// Drawing fails with [`Error::PanelSize`] below 160 by 120 and above 4096.
    pub fn panel_size(mut self, width: u32, height: u32) -> Self {
        self.panel_size = (width, height);
        self
    }

    /// Adds a panel.
    pub fn panel(mut self, panel: impl Into<Panel>) -> Self {
        self.panels.push(panel.into());
        self
    }

    /// Adds panels.
    pub fn panels<P: Into<Panel>>(mut self, panels: impl IntoIterator<Item = P>) -> Self {
        self.panels.extend(panels.into_iter().map(Into::into));
        self
    }

    /// Draws one legend below all panels in place of one for each.
    ///
    /// It lists each label once; drawing fails with [`Error::LegendConflict`] if two panels draw the
    /// same label differently.
    pub fn shared_legend(mut self) -> Self {
        self.shared_legend = true;
        self
    }

    /// Draws the figure and encodes it as an opaque PNG.
    ///
    /// # Errors
    ///
    /// Any [`Error`] but [`Error::Write`]: what was added to the figure is checked here.
    pub fn png(&self) -> Result<Vec<u8>, Error> {
        encode::png(&self.draw()?)
    }

    /// Writes the figure as a PNG file. An existing file is replaced as a whole, or left unchanged if writing fails. A symbolic
    /// link stays a link, and the file that it points to is replaced; an existing file keeps its mode.
    ///
    /// # Errors
    ///
    /// As [`png`](Self::png), [`Error::NotAFile`] if `path` is something other than a regular file, such as a folder, a pipe or a
    /// device, and [`Error::Write`] if the file cannot be written.
    pub fn write_png(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        encode::write(path.as_ref(), &self.png()?)
    }

    /// Draws the figure as one `svg` element, as [`png`](Self::png) does.
    ///
    /// Texts stay texts, in the fonts of the reader. Every color has a second one for dark pages, which browsers take where the
    /// property `color-scheme` of the page says so.
    ///
    /// # Errors
    ///
    /// Those of [`png`](Self::png) but for sizes.
    pub fn svg(&self) -> Result<String, Error> {
        let plan = Plan::new(self)?;
        let more: String =
            plan.panels.iter().map(|(scene, layout, _)| readings::all(scene, layout)).collect();
        let shapes = record(plan.size, |canvas| plan.draw(canvas))?;
        Ok(svg::element(whole(plan.size), &self.title, &shapes, &more))
    }

    /// Draws each panel and each entry of a shared legend as an `svg` element of its own, for a page that lets them flow. The
    /// title of the figure and the number of columns are left to that page.
    ///
    /// Where a panel has lines, each place of its horizontal axis is an element of the class `at`, with a hidden list of values
    /// of the class `reading` in it: one rule, `.at:hover .reading { visibility: visible }`, shows it.
    ///
    /// # Errors
    ///
    /// As [`svg`](Self::svg).
    pub fn pieces(&self) -> Result<Pieces, Error> {
        let (scenes, layouts) = laid_out(self, self.panels.len())?;
        let size = (f64::from(self.panel_size.0), f64::from(self.panel_size.1));
        let rect = Rect { x: 0.0, y: 0.0, width: size.0, height: size.1 };
        let panel = |(scene, mut layout): (&Scene<'_>, Layout)| {
            layout.place(scene, rect);
            let shapes = record(size, |canvas| draw::panel(canvas, scene, &layout, rect))?;
            Ok(svg::element(self.panel_size, scene.title, &shapes, &readings::all(scene, &layout)))
        };
        let entry = |entry: Entry| {
            let legend = Legend::rows(std::slice::from_ref(&entry), f64::INFINITY);
            let size = (legend.width, legend.height);
            let shapes = record(size, |canvas| draw::legend(canvas, &legend, 0.0, 0.0))?;
            Ok(svg::element(whole(size), &entry.label, &shapes, ""))
        };
        let entries = if self.shared_legend { shared_entries(&scenes)? } else { Vec::new() };
        Ok(Pieces {
            panels: scenes.iter().zip(layouts).map(panel).collect::<Result<_, Error>>()?,
            legend: entries.into_iter().map(entry).collect::<Result<_, Error>>()?,
        })
    }

    fn draw(&self) -> Result<Pixmap, Error> {
        let plan = Plan::new(self)?;
        let too_large = || Error::PictureSize {
            width: plan.size.0 as u64 * u64::from(PIXELS_PER_POINT),
            height: plan.size.1 as u64 * u64::from(PIXELS_PER_POINT),
        };
        let pixels = plan.size.0 * plan.size.1 * f64::from(PIXELS_PER_POINT).powi(2);
        if pixels > MAX_PIXELS as f64 {
            return Err(too_large());
        }
        let shapes = record(plan.size, |canvas| plan.draw(canvas))?;
        pixels::picture(whole(plan.size), &shapes).ok_or_else(too_large)
    }
}

/// The parts of a figure as SVG, see [`Figure::pieces`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pieces {
    /// An element for each panel.
    pub panels: Vec<String>,
    /// An element for each entry of the shared legend; none if the figure has no such legend.
    pub legend: Vec<String>,
}

/// What `draw` draws.
fn record(size: (f64, f64), draw: impl FnOnce(&Canvas) -> draw::Drawn) -> Result<Vec<Shape>, Error> {
    let recorder = Rc::new(RefCell::new(Recorder::new(whole(size))));
    draw(&Canvas::from(&recorder)).map_err(|source| Error::Draw { source: Box::new(source) })?;
    // The canvas was dropped, so this is the last reference.
    Rc::into_inner(recorder)
        .map(|recorder| recorder.into_inner().shapes)
        .ok_or_else(|| Error::Draw { source: "the canvas is still in use".into() })
}

/// Whole logical pixels that hold a size.
fn whole(size: (f64, f64)) -> (u32, u32) {
    (size.0.ceil() as u32, size.1.ceil() as u32)
}

/// A figure with a finished layout.
struct Plan<'a> {
    size: (f64, f64),
    title: Vec<String>,
    panels: Vec<(Scene<'a>, Layout, Rect)>,
    legend: Legend,
}

impl<'a> Plan<'a> {
    fn new(figure: &'a Figure) -> Result<Self, Error> {
        let columns = match figure.columns {
            0 => return Err(Error::NoColumns),
            columns => columns.min(figure.panels.len()),
        };
        let (scenes, layouts) = laid_out(figure, columns)?;
        let rows = figure.panels.len().div_ceil(columns);
        let cell = (f64::from(figure.panel_size.0), f64::from(figure.panel_size.1));

        let width = cell.0 * columns as f64;
        let room = width - 2.0 * PANEL_MARGIN;
        let title = text::wrap(&figure.title, FIGURE_TITLE_TEXT, Weight::Bold, room, TITLE_LINES);
        let above = if title.is_empty() { 0.0 } else { PANEL_MARGIN + title_height(&title) };
        let legend = if figure.shared_legend {
            Legend::rows(&shared_entries(&scenes)?, room)
        } else {
            Legend::default()
        };
        let below = if legend.items.is_empty() { 0.0 } else { legend.height + PANEL_MARGIN };

        let panels = scenes.into_iter().zip(layouts).enumerate().map(|(i, (scene, mut layout))| {
            let (row, column) = (i / columns, i % columns);
            let (x, y) = (cell.0 * column as f64, above + cell.1 * row as f64);
            let rect = Rect { x, y, width: cell.0, height: cell.1 };
            layout.place(&scene, rect);
            (scene, layout, rect)
        });
        let size = (width, (above + cell.1 * rows as f64 + below).ceil());
        Ok(Self { size, title, panels: panels.collect(), legend })
    }

    fn draw(&self, canvas: &Canvas) -> draw::Drawn {
        for (i, line) in self.title.iter().enumerate() {
            let at = (0.5 * self.size.0, PANEL_MARGIN + FIGURE_TITLE_TEXT * LINE_HEIGHT * i as f64);
            let style = font(FIGURE_TITLE_TEXT, Weight::Bold, &INK);
            text_at(canvas, line, style, (HPos::Center, VPos::Top), at)?;
        }
        for (scene, layout, rect) in &self.panels {
            draw::panel(canvas, scene, layout, *rect)?;
        }
        let left = 0.5 * (self.size.0 - self.legend.width);
        draw::legend(canvas, &self.legend, left, self.size.1 - PANEL_MARGIN - self.legend.height)
    }
}

/// The scenes of all panels, and their layouts in a grid of so many columns, not yet placed.
fn laid_out(figure: &Figure, columns: usize) -> Result<(Vec<Scene<'_>>, Vec<Layout>), Error> {
    let (width, height) = figure.panel_size;
    if width < MIN_PANEL.0 || height < MIN_PANEL.1 || width.max(height) > MAX_PANEL {
        return Err(Error::PanelSize { width, height });
    }
    if figure.panels.is_empty() {
        return Err(Error::NoPanels);
    }
    let cell = (f64::from(width), f64::from(height));
    let scenes: Vec<Scene<'_>> = figure.panels.iter().map(Panel::scene).collect::<Result<_, _>>()?;
    let mut layouts: Vec<Layout> =
        scenes.iter().map(|scene| Layout::new(scene, cell, !figure.shared_legend)).collect();
    align(&mut layouts, &scenes, columns.max(1), cell.1);
    Ok((scenes, layouts))
}

/// Lines up the axes of each row and column.
fn align(layouts: &mut [Layout], scenes: &[Scene<'_>], columns: usize, height: f64) {
    let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
    for row in layouts.chunks_mut(columns) {
        let top = largest(&mut row.iter().map(|layout| layout.margins.top));
        let bottom = largest(&mut row.iter().map(|layout| layout.margins.bottom));
        for layout in row {
            (layout.margins.top, layout.margins.bottom) = (top, bottom);
        }
    }
    for (layout, scene) in layouts.iter_mut().zip(scenes) {
        layout.choose_vertical_ticks(scene, height);
    }
    for column in 0..columns {
        let left =
            largest(&mut layouts.iter().skip(column).step_by(columns).map(|layout| layout.margins.left));
        for layout in layouts.iter_mut().skip(column).step_by(columns) {
            layout.margins.left = left;
        }
    }
}

/// Each label once, in order of appearance.
fn shared_entries(scenes: &[Scene<'_>]) -> Result<Vec<Entry>, Error> {
    let mut entries: Vec<Entry> = Vec::new();
    for entry in scenes.iter().flat_map(|scene| &scene.legend) {
        match entries.iter().find(|known| known.label == entry.label) {
            None => entries.push(entry.clone()),
            Some(known) if known.key == entry.key => {}
            Some(_) => return Err(Error::LegendConflict { label: entry.label.clone() }),
        }
    }
    Ok(entries)
}

fn title_height(title: &[String]) -> f64 {
    FIGURE_TITLE_TEXT * LINE_HEIGHT * title.len() as f64
}

#[cfg(test)]
mod tests;
