//! Lines over a common pair of axes.

pub(crate) mod line;

use line::Line;

use crate::axis::scale::Scale;
use crate::axis::{Axis, Kind};
use crate::error::Error;
use crate::legend::{Entry, Key};
use crate::scene::{Guide, Layer, Scene, View};
use crate::style::INK;
use crate::svg::readings::Reading;

const X_MARGIN: f64 = 0.02;
const Y_MARGIN: f64 = 0.05;

/// A panel of lines: loss curves, norms over time, any function of one variable.
///
/// Points that are not finite break a line in two; values that are not positive are left out on a
/// logarithmic axis, and a panel in which nothing remains says so. The legend stands beside or below
/// the axes, whichever leaves the plot more room, and is drawn only if some line has a label.
///
/// ```
/// use rnn_plot::{Axis, Figure, Line, LinePlot};
/// let steps: Vec<f64> = (0..200).map(f64::from).collect();
/// let loss: Vec<f64> = steps.iter().map(|t| 0.3 * (-t / 40.0).exp() + 0.01).collect();
/// let plot = LinePlot::new("Training", Axis::linear("step"), Axis::log("loss"))
///     .line(Line::new("Elman", &steps, &loss))
///     .horizontal("predict zero", 0.2929);
/// let png = Figure::untitled().panel(plot).png()?;
/// # assert_eq!(&png[1..4], b"PNG");
/// # Ok::<(), rnn_plot::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct LinePlot {
    title: String,
    x: Axis,
    y: Axis,
    lines: Vec<Line>,
    guides: Vec<(String, f64, bool)>,
}

impl LinePlot {
    /// An empty panel; `title` may be empty.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Self {
        Self { title: title.into(), x, y, lines: Vec::new(), guides: Vec::new() }
    }

    /// Adds a line, in front of those added before; [faint](Line::faint) lines stay behind all others.
    pub fn line(mut self, line: Line) -> Self {
        self.lines.push(line);
        self
    }

    /// Adds lines, each in front of those before it.
    pub fn lines(mut self, lines: impl IntoIterator<Item = Line>) -> Self {
        self.lines.extend(lines);
        self
    }

    /// Adds a dashed grey reference line at `y`, its label in the margin to the right.
    ///
    /// An automatic range is extended to show it.
    pub fn horizontal(mut self, label: impl Into<String>, y: f64) -> Self {
        self.guides.push((label.into(), y, true));
        self
    }

    /// Adds a dashed grey reference line at `x`, its label in the margin above.
    ///
    /// An automatic range is extended to show it.
    pub fn vertical(mut self, label: impl Into<String>, x: f64) -> Self {
        self.guides.push((label.into(), x, false));
        self
    }

    pub(crate) fn scene(&self) -> Result<Scene<'_>, Error> {
        self.check()?;
        let guides_of = |horizontal| self.guides.iter().filter(move |g| g.2 == horizontal).map(|g| g.1);
        let xs = self.lines.iter().flat_map(|line| line.x.iter().copied());
        let ys = self.lines.iter().flat_map(|line| line.y.iter().copied());
        let notice = self.notice();
        let x = self.x.resolve(&self.title, xs.chain(guides_of(false)), X_MARGIN)?;
        let y = self.y.resolve(&self.title, ys.chain(guides_of(true)), Y_MARGIN)?;

        let (mut faint, mut strong) = (Vec::new(), Vec::new());
        let mut legend = Vec::new();
        let mut readings = Vec::new();
        let mut next_color = 0;
        for line in &self.lines {
            let (pen, mark) = line.look(&mut next_color);
            if let Some(label) = line.legend_label() {
                legend.push(Entry { label: label.to_owned(), key: Key::Line { pen, mark } });
                let color = pen.map(|pen| pen.color).or(mark.map(|mark| mark.color)).unwrap_or(INK);
                readings.push(Reading { label, x: &line.x, y: &line.y, color });
            }
            let layer = Layer::Points { x: line.x.clone(), y: line.y.clone(), pen, marker: mark };
            if line.is_faint() { faint.push(layer) } else { strong.push(layer) }
        }
        Ok(Scene {
            title: &self.title,
            x: View { label: &self.x.label, scale: x.unwrap_or(fallback(self.x.kind)) },
            y: View { label: &self.y.label, scale: y.unwrap_or(fallback(self.y.kind)) },
            square: false,
            grid: true,
            layers: faint.into_iter().chain(strong).collect(),
            guides: self
                .guides
                .iter()
                .map(|(label, at, horizontal)| Guide { label, at: *at, horizontal: *horizontal })
                .collect(),
            legend,
            color_bar: None,
            readings,
            notice,
        })
    }

    fn check(&self) -> Result<(), Error> {
        let panel = || self.title.clone();
        if self.lines.is_empty() {
            return Err(Error::NoLines { panel: panel() });
        }
        for line in &self.lines {
            line.check(&self.title)?;
        }
        for (label, at, horizontal) in &self.guides {
            let kind = if *horizontal { self.y.kind } else { self.x.kind };
            if !at.is_finite() || (kind == Kind::Log && *at <= 0.0) {
                return Err(Error::Value {
                    panel: panel(),
                    what: format!("place for the reference line \"{label}\""),
                    value: *at,
                });
            }
        }
        Ok(())
    }

    /// Why the panel is empty, if it is.
    fn notice(&self) -> Option<&'static str> {
        let points = || self.lines.iter().flat_map(|line| line.x.iter().zip(&line.y));
        let shows = |axis: &Axis, v: f64| v.is_finite() && (axis.kind == Kind::Linear || v > 0.0);
        if points().any(|(&x, &y)| shows(&self.x, x) && shows(&self.y, y)) {
            None
        } else if points().any(|(x, y)| x.is_finite() && y.is_finite()) {
            Some("no positive values")
        } else {
            Some("no finite values")
        }
    }
}

/// The scale of an axis without data.
fn fallback(kind: Kind) -> Scale {
    Scale::around(kind, [0.1, 1.0].into_iter(), 0.05)
        .unwrap_or_else(|| unreachable!("both values are positive"))
}
