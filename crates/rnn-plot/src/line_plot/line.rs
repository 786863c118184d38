use plotters::style::{Color as _, RGBAColor};

use crate::error::Error;
use crate::recorder::Pen;
use crate::scene::Mark;
use crate::style::color_map::sequential;
use crate::style::{FAINT_ALPHA, FAINT_WIDTH, LINE_WIDTH, MARKER_RADIUS, PALETTE_LEN, palette};

const DASHED: &[f64] = &[4.0, 2.2];
const DOTTED: &[f64] = &[1.2, 1.6];
const DASH_DOTTED: &[f64] = &[5.0, 1.8, 1.2, 1.8];

/// Patterns for lines whose colors repeat, in the order of repetition.
const CYCLES: [&[f64]; 4] = [&[], DASHED, DASH_DOTTED, DOTTED];

/// The brightest yellow of the color map is invisible as a line on white.
const BRIGHTEST_SHADE: f64 = 0.92;

/// Shape drawn at each point of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Marker {
    /// A filled circle.
    Circle,
    /// A filled square.
    Square,
    /// A filled triangle, pointing up.
    Triangle,
    /// A filled square on its corner.
    Diamond,
    /// Two diagonal strokes.
    Cross,
    /// An upright and a level stroke.
    Plus,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Hue {
    /// The next color of the palette that no line before has taken.
    Next,
    Palette(usize),
    Shade(f64),
}

/// One line of a [`LinePlot`](crate::LinePlot) and how it looks.
///
/// By default a line is solid, 1.8 logical pixels wide, listed in the legend, and has the next color of the palette (eight colors
/// after Okabe and Ito). From the ninth line on, colors repeat with dashes.
///
/// ```
/// use rnn_plot::{Line, Marker};
/// let (x, y) = ([0.0, 1.0, 2.0], [3.0, f64::NAN, 1.0]);
/// let raw = Line::new("raw", &x, &y).color(0).faint().unlabelled();
/// let mean = Line::new("mean", &x, &y).color(0).dashed().marker(Marker::Circle);
/// # let _ = (raw, mean);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Line {
    label: String,
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    hue: Hue,
    dash: Option<&'static [f64]>,
    marker: Option<Marker>,
    connected: bool,
    labelled: bool,
    faint: bool,
    width: f64,
}

impl Line {
    /// The line through `(x[i], y[i])` in order; the values are copied.
    ///
    /// Drawing fails with [`Error::LengthMismatch`] if the two differ in length, and with
    /// [`Error::EmptyLine`] if there are none.
    pub fn new(label: impl Into<String>, x: impl AsRef<[f64]>, y: impl AsRef<[f64]>) -> Self {
        Self {
            label: label.into(),
            x: x.as_ref().to_vec(),
            y: y.as_ref().to_vec(),
            hue: Hue::Next,
            dash: None,
            marker: None,
            connected: true,
            labelled: true,
            faint: false,
            width: LINE_WIDTH,
        }
    }

    /// The line through `(i, y[i])`, `i` counting from zero.
    pub fn indexed(label: impl Into<String>, y: impl AsRef<[f64]>) -> Self {
        let y = y.as_ref();
        let x: Vec<f64> = (0..y.len()).map(|i| i as f64).collect();
        Self::new(label, x, y)
    }

    /// Takes color `index` of the palette: blue, vermilion, green, purple, orange, sky blue, black,
    /// olive; indices beyond repeat them.
    pub fn color(mut self, index: usize) -> Self {
        self.hue = Hue::Palette(index);
        self
    }

    /// Takes a color from a sequential map (viridis), dark blue at 0 to yellow-green at 1: for
    /// families of lines ordered by a parameter.
    ///
    /// Drawing fails with [`Error::Value`] outside `0..=1`.
    pub fn shade(mut self, at: f64) -> Self {
        self.hue = Hue::Shade(at);
        self
    }

    /// Draws the line in dashes.
    pub fn dashed(mut self) -> Self {
        self.dash = Some(DASHED);
        self
    }

    /// Draws the line in dots.
    pub fn dotted(mut self) -> Self {
        self.dash = Some(DOTTED);
        self
    }

    /// Draws the line in dashes and dots in turn.
    pub fn dash_dotted(mut self) -> Self {
        self.dash = Some(DASH_DOTTED);
        self
    }

    /// Marks each point.
    pub fn marker(mut self, marker: Marker) -> Self {
        self.marker = Some(marker);
        self
    }

    /// Draws the points alone: as circles if no [`marker`](Self::marker) is chosen.
    pub fn unconnected(mut self) -> Self {
        self.connected = false;
        self
    }

    /// Draws the line thin and translucent: noisy raw data behind its average.
    pub fn faint(mut self) -> Self {
        self.faint = true;
        self.width = FAINT_WIDTH;
        self
    }

    /// Sets the width in logical pixels; 1.8 by default, 0.8 if [`faint`](Self::faint).
    ///
    /// Drawing fails with [`Error::Value`] unless it is positive and at most 20.
    pub fn width(mut self, width: f64) -> Self {
        self.width = width;
        self
    }

    /// Keeps the line out of the legend. The label still names it in errors.
    pub fn unlabelled(mut self) -> Self {
        self.labelled = false;
        self
    }

    pub(crate) fn legend_label(&self) -> Option<&str> {
        (self.labelled && !self.label.is_empty()).then_some(&self.label)
    }

    pub(crate) fn is_faint(&self) -> bool {
        self.faint
    }

    pub(crate) fn check(&self, panel: &str) -> Result<(), Error> {
        let panel = panel.to_owned();
        let line = self.label.clone();
        let (x_len, y_len) = (self.x.len(), self.y.len());
        if x_len != y_len {
            return Err(Error::LengthMismatch { panel, line, x_len, y_len });
        }
        if x_len == 0 {
            return Err(Error::EmptyLine { panel, line });
        }
        match self.hue {
            Hue::Shade(value) if !(0.0..=1.0).contains(&value) => Err(Error::Value {
                panel,
                what: format!("shade of the line \"{line}\", from 0 to 1,"),
                value,
            }),
            _ if !(self.width > 0.0 && self.width <= 20.0) => Err(Error::Value {
                panel,
                what: format!("width of the line \"{line}\", above 0 and up to 20,"),
                value: self.width,
            }),
            _ => Ok(()),
        }
    }

    /// How the line is drawn. `next_color` counts the lines that took the next color.
    pub(crate) fn look(&self, next_color: &mut usize) -> (Option<Pen>, Option<Mark>) {
        let (color, cycle) = match self.hue {
            Hue::Next => {
                *next_color += 1;
                (palette(*next_color - 1), (*next_color - 1) / PALETTE_LEN)
            }
            Hue::Palette(index) => (palette(index), 0),
            Hue::Shade(at) => (sequential(BRIGHTEST_SHADE * at), 0),
        };
        let color: RGBAColor = if self.faint { color.mix(FAINT_ALPHA) } else { color };
        let dash = self.dash.unwrap_or(CYCLES[cycle % CYCLES.len()]);
        let pen = self.connected.then_some(Pen { color, width: self.width, dash });
        let marker = self.marker.or((!self.connected).then_some(Marker::Circle));
        let radius = if self.faint { 0.7 * MARKER_RADIUS } else { MARKER_RADIUS };
        (pen, marker.map(|marker| Mark { marker, color, radius }))
    }
}
