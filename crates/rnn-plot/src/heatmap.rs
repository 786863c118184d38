//! Heat maps: a function of two variables as colors.

pub(crate) mod color_scale;

use color_scale::Coloring;

use crate::axis::Axis;
use crate::axis::scale::Scale;
use crate::error::Error;
use crate::legend::{Entry, Key};
use crate::scene::{ColorBar, Layer, Scene, View};
use crate::style::MISSING;

/// Values on a regular grid, for a [`Heatmap`].
///
/// ```
/// use rnn_plot::Grid;
/// // f(x, y) = x + 10 y at x = 0, 1, 2 and y = 0, 1: the row of the smallest y comes first.
/// let grid = Grid::new([0.0, 1.0, 2.0, 10.0, 11.0, 12.0], (2, 3), (0.0, 2.0), (0.0, 1.0));
/// # let _ = grid;
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Grid {
    values: Vec<f64>,
    rows: usize,
    columns: usize,
    x: (f64, f64),
    y: (f64, f64),
}

impl Grid {
    /// A grid of `shape = (ny, nx)` values, row by row, with both coordinates ascending. The values are copied.
    ///
    /// `x` and `y` are the coordinates of the centers of the first and last column and row. The others are evenly spaced between
    /// them on the scale of the axis; a single column or row fills its range. Drawing fails with [`Error::Range`] unless both
    /// ranges are in order and fit their axes, and with [`Error::GridShape`] if the values do not fill the shape.
    pub fn new(values: impl AsRef<[f64]>, shape: (usize, usize), x: (f64, f64), y: (f64, f64)) -> Self {
        Self { values: values.as_ref().to_vec(), rows: shape.0, columns: shape.1, x, y }
    }
}

/// A panel of colored cells with a color bar.
///
/// By default colors follow viridis from the smallest to the largest finite value. Cells whose value is not finite, or not
/// positive on a logarithmic scale, are grey, and a note below the axes says so.
///
/// ```
/// use rnn_plot::{Axis, Figure, Grid, Heatmap};
/// let ratios: Vec<f64> = (0..30).map(|i| 10_f64.powi(i % 6 - 3)).collect();
/// let map = Heatmap::new(
///     "Growth of gradients",
///     Axis::linear("weight scale"),
///     Axis::linear("bias scale"),
///     "‖∂L/∂h_1‖ / ‖∂L/∂h_T‖",
///     Grid::new(&ratios, (5, 6), (-5.0, 5.0), (-5.0, 5.0)),
/// );
/// let png = Figure::untitled().panel(map.log().diverging(1.0)).png()?;
/// # assert_eq!(&png[1..4], b"PNG");
/// # Ok::<(), rnn_plot::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Heatmap {
    title: String,
    x: Axis,
    y: Axis,
    color_label: String,
    grid: Grid,
    coloring: Coloring,
}

impl Heatmap {
    /// A heat map of `grid`; `color_label` stands beside the color bar and may be empty.
    ///
    /// An axis with a [range](Axis::range) shows that part of the grid.
    pub fn new(
        title: impl Into<String>,
        x: Axis,
        y: Axis,
        color_label: impl Into<String>,
        grid: Grid,
    ) -> Self {
        let coloring = Coloring::default();
        Self { title: title.into(), x, y, color_label: color_label.into(), grid, coloring }
    }

    /// Colors follow the logarithm of the values.
    pub fn log(mut self) -> Self {
        self.coloring.log = true;
        self
    }

    /// Colors run from blue through white at `center` to vermilion, equally far to both sides.
    ///
    /// On a [logarithmic](Self::log) scale `center` must be positive (1 for ratios), or drawing fails
    /// with [`Error::Value`].
    pub fn diverging(mut self, center: f64) -> Self {
        self.coloring.center = Some(center);
        self
    }

    /// Colors span `lo..=hi` instead of the range of the values. Values outside take the color of the nearer end.
    ///
    /// Drawing fails with [`Error::Range`] if the range is empty, inverted or not finite.
    pub fn color_range(mut self, lo: f64, hi: f64) -> Self {
        self.coloring.range = Some((lo, hi));
        self
    }

    pub(crate) fn scene(&self) -> Result<Scene<'_>, Error> {
        let Grid { values, rows, columns, x, y } = &self.grid;
        if values.is_empty() || rows.checked_mul(*columns) != Some(values.len()) {
            return Err(Error::GridShape {
                panel: self.title.clone(),
                len: values.len(),
                rows: *rows,
                columns: *columns,
            });
        }
        let (x_scale, x_edges) = self.edges(&self.x, *x, *columns)?;
        let (y_scale, y_edges) = self.edges(&self.y, *y, *rows)?;
        let colors = self.coloring.resolve(&self.title, values)?;
        let missing =
            colors.map_or(values.len(), |c| values.iter().filter(|&&v| c.color(v).is_none()).count());
        let infinite = values.iter().any(|v| !v.is_finite());
        let negative = self.coloring.log && values.iter().any(|v| v.is_finite() && *v <= 0.0);
        let why = match (infinite, negative) {
            (true, true) => "not finite or not positive",
            (false, true) => "not positive",
            _ => "not finite",
        };
        let note = |()| Entry { label: why.to_owned(), key: Key::Swatch(MISSING) };
        Ok(Scene {
            title: &self.title,
            x: View { label: &self.x.label, scale: x_scale },
            y: View { label: &self.y.label, scale: y_scale },
            square: false,
            grid: false,
            layers: vec![Layer::Cells { x_edges, y_edges, values, colors }],
            guides: Vec::new(),
            legend: (missing > 0).then_some(()).map(note).into_iter().collect(),
            color_bar: colors.map(|colors| ColorBar { label: &self.color_label, colors }),
            readings: Vec::new(),
            notice: None,
        })
    }

    /// The scale of an axis and the edges of `cells` cells, the centers of the first and last given.
    fn edges(&self, axis: &Axis, (lo, hi): (f64, f64), cells: usize) -> Result<(Scale, Vec<f64>), Error> {
        let centers = Scale::exact(axis.kind, lo, hi).ok_or_else(|| Error::Range {
            panel: self.title.clone(),
            axis: axis.label.clone(),
            lo,
            hi,
        })?;
        let all = if cells == 1 { centers } else { centers.widened(0.5 / (cells - 1) as f64) };
        let edges = (0..=cells).map(|i| all.value(i as f64 / cells as f64)).collect();
        let shown = axis.resolve(&self.title, std::iter::empty(), 0.0)?.unwrap_or(all);
        Ok((shown, edges))
    }
}
