use plotters::style::RGBAColor;

use crate::axis::Kind;
use crate::axis::scale::Scale;
use crate::error::Error;
use crate::style::color_map::{diverging, sequential};

/// The coloring as the user describes it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Coloring {
    pub(crate) log: bool,
    pub(crate) center: Option<f64>,
    pub(crate) range: Option<(f64, f64)>,
}

/// A map from values to colors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ColorScale {
    /// The range of the color bar.
    pub(crate) scale: Scale,
    /// Position of the center of a diverging map on the scale.
    center: Option<f64>,
}

impl Coloring {
    /// The scale for `values`; `None` if none of them can have a color.
    pub(crate) fn resolve(&self, panel: &str, values: &[f64]) -> Result<Option<ColorScale>, Error> {
        let kind = if self.log { Kind::Log } else { Kind::Linear };
        if let Some(center) = self.center
            && (!center.is_finite() || (self.log && center <= 0.0))
        {
            let what = "center of the diverging color scale".to_owned();
            return Err(Error::Value { panel: panel.to_owned(), what, value: center });
        }
        let given = match self.range {
            Some((lo, hi)) => Some(Scale::exact(kind, lo, hi).ok_or_else(|| Error::Range {
                panel: panel.to_owned(),
                axis: "color".to_owned(),
                lo,
                hi,
            })?),
            None => None,
        };
        let Some(seen) = Scale::around(kind, values.iter().copied(), 0.0) else { return Ok(None) };
        let Some(center) = self.center else {
            return Ok(Some(ColorScale { scale: given.unwrap_or(seen), center: None }));
        };
        let scale = given.or_else(|| Scale::centered(kind, center, values)).unwrap_or(seen);
        Ok(Some(ColorScale { scale, center: scale.position(center) }))
    }
}

impl ColorScale {
    /// The color of a value; `None` if the scale cannot show it.
    pub(crate) fn color(&self, value: f64) -> Option<RGBAColor> {
        let at = self.scale.position(value)?;
        Some(match self.center {
            None => sequential(at),
            // The longer arm spans half the map, so that equal distances from the center differ equally in color.
            Some(center) => diverging(0.5 + 0.5 * (at - center) / center.abs().max((1.0 - center).abs())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(coloring: Coloring, values: &[f64]) -> ColorScale {
        coloring.resolve("p", values).expect("it is valid").expect("it has values")
    }

    #[test]
    fn log_diverging_scales_are_centered_on_ratio_one() {
        let colors =
            resolve(Coloring { log: true, center: Some(1.0), range: None }, &[1e-4, 10.0, 1.0, f64::NAN]);
        let (lo, hi) = colors.scale.ends();
        assert!((lo + 4.0).abs() < 1e-12 && (hi - 4.0).abs() < 1e-12, "{lo} {hi}");
        assert_eq!(colors.color(1.0), Some(diverging(0.5)));
        assert_eq!(colors.color(1e-4), Some(diverging(0.0)));
        for missing in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
            assert_eq!(colors.color(missing), None);
        }
    }

    #[test]
    fn values_beyond_a_given_range_take_the_nearer_end() {
        let colors = resolve(Coloring { range: Some((0.0, 1.0)), ..Coloring::default() }, &[-5.0, 0.5, 9.0]);
        assert_eq!(colors.color(-5.0), Some(sequential(0.0)));
        assert_eq!(colors.color(9.0), Some(sequential(1.0)));
    }

    #[test]
    fn values_that_all_equal_the_center_are_white() {
        for (log, value) in [(true, 1.0), (false, 0.0), (false, 1.0)] {
            let colors = resolve(Coloring { log, center: Some(value), range: None }, &[value, value]);
            assert_eq!(colors.color(value), Some(diverging(0.5)), "{log} {value}");
        }
    }

    #[test]
    fn impossible_centers_and_ranges_are_errors() {
        let at = |coloring: Coloring| coloring.resolve("p", &[1.0, 2.0]);
        assert!(matches!(
            at(Coloring { log: true, center: Some(0.0), range: None }),
            Err(Error::Value { .. })
        ));
        assert!(matches!(
            at(Coloring { center: Some(f64::NAN), ..Coloring::default() }),
            Err(Error::Value { .. })
        ));
        assert!(matches!(
            at(Coloring { range: Some((2.0, 1.0)), ..Coloring::default() }),
            Err(Error::Range { .. })
        ));
        let none = Coloring { log: true, ..Coloring::default() }.resolve("p", &[-1.0, f64::NAN]);
        assert!(matches!(none, Ok(None)));
    }
}
