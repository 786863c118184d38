use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::axis::scale::Scale;
use crate::axis::ticks::Tick;

/// A scale as plotters sees it: a coordinate whose key points are our ticks.
pub(super) struct Ticked {
    pub(super) scale: Scale,
    pub(super) ticks: Vec<Tick>,
}

impl Ranged for Ticked {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (start, end): (i32, i32)) -> i32 {
        let at = self.scale.position(*value).unwrap_or(0.0);
        (f64::from(start) + at * f64::from(end - start)).round() as i32
    }

    /// The ticks of the layout; plotters' hint about their number is ignored.
    fn key_points<H: KeyPointHint>(&self, _: H) -> Vec<f64> {
        self.ticks.iter().map(|tick| tick.value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.scale.value(0.0)..self.scale.value(1.0)
    }
}

impl ValueFormatter<f64> for Ticked {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|tick| tick.value.to_bits() == value.to_bits());
        tick.map(|tick| tick.label.clone()).unwrap_or_default()
    }
}
