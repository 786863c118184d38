//! Axes as the user describes them. The scale of an axis is computed from that and from the data.

pub(crate) mod labels;
pub(crate) mod scale;
pub(crate) mod ticks;

use scale::Scale;

use crate::error::Error;

/// Whether equal distances on an axis are equal differences or equal ratios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Linear,
    Log,
}

/// One axis of a panel: its label, linear or logarithmic, and optionally its range.
///
/// Without a range the axis spans the finite data with a small margin. On a logarithmic axis only
/// positive values count; ticks sit at powers of ten, or at 1, 2 and 5 times them if the axis spans
/// fewer than two.
///
/// Labels may hold Unicode mathematics and scripts: `h_t`, `W_{hh}`, `10^{-3}`.
///
/// ```
/// use rnn_plot::Axis;
/// let time = Axis::linear("timestep t").range(0.0, 100.0);
/// let norm = Axis::log("‖∂L/∂h_t‖");
/// # let _ = (time, norm);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Axis {
    pub(crate) label: String,
    pub(crate) kind: Kind,
    pub(crate) range: Option<(f64, f64)>,
}

impl Axis {
    /// An axis on which equal distances are equal differences.
    pub fn linear(label: impl Into<String>) -> Self {
        Self { label: label.into(), kind: Kind::Linear, range: None }
    }

    /// An axis on which equal distances are equal ratios.
    pub fn log(label: impl Into<String>) -> Self {
        Self { label: label.into(), kind: Kind::Log, range: None }
    }

    /// Shows exactly `lo..=hi`; what lies outside is cut off.
    ///
    /// Both must be finite with `lo < hi`, and positive on a logarithmic axis, or drawing fails with
    /// [`Error::Range`].
    pub fn range(mut self, lo: f64, hi: f64) -> Self {
        self.range = Some((lo, hi));
        self
    }

    /// The scale for `values`, of which it leaves `margin` (a fraction of their extent) free at both
    /// ends; `None` if there is no range and no value that the axis can show.
    pub(crate) fn resolve(
        &self,
        panel: &str,
        values: impl Iterator<Item = f64>,
        margin: f64,
    ) -> Result<Option<Scale>, Error> {
        let Some((lo, hi)) = self.range else {
            return Ok(Scale::around(self.kind, values, margin));
        };
        Scale::exact(self.kind, lo, hi).map(Some).ok_or_else(|| Error::Range {
            panel: panel.to_owned(),
            axis: self.label.clone(),
            lo,
            hi,
        })
    }
}
