use super::Kind;

/// Beyond this the width of a range overflows; such values are treated as this one.
const HUGE: f64 = 1e307;
/// Logarithmic axes reach from 10 to minus this to 10 to this: every power of ten there is a normal number.
pub(crate) const DECADES: f64 = 307.0;
/// Ranges relatively narrower than this are widened: their ticks would not be distinct numbers.
const NARROW: f64 = 1e-12;
/// Ranges narrower than this are widened: steps between ticks would be subnormal.
const TINY: f64 = 1e-303;

/// A map from the values of an axis to 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    kind: Kind,
    /// Ends of the range; their common logarithms if the scale is logarithmic.
    lo: f64,
    hi: f64,
}

impl Scale {
    /// The scale from `lo` to `hi`; `None` if they are not in order, finite, and fit for the kind, or
    /// too close to tell numbers between them apart.
    pub(crate) fn exact(kind: Kind, lo: f64, hi: f64) -> Option<Self> {
        let usable = |v: f64| v.abs() <= HUGE && (kind == Kind::Linear || v > 0.0);
        if !(usable(lo) && usable(hi) && lo < hi) || is_narrow(lo, hi) {
            return None;
        }
        Some(match kind {
            Kind::Linear => Self { kind, lo, hi },
            Kind::Log => Self { kind, lo: lo.log10(), hi: hi.log10() },
        })
    }

    /// A scale for all of `values` that it can show, with `margin` times their extent to spare at each
    /// end; `None` if it can show none.
    ///
    /// A single value gets a range around itself: a factor of three to both sides on a logarithmic
    /// scale, otherwise 10 % of its magnitude, or 1 around zero.
    pub(crate) fn around(kind: Kind, values: impl Iterator<Item = f64>, margin: f64) -> Option<Self> {
        let (lo, hi) = values
            .filter(|v| v.is_finite() && (kind == Kind::Linear || *v > 0.0))
            .map(|v| v.clamp(if kind == Kind::Log { HUGE.recip() } else { -HUGE }, HUGE))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
        if lo > hi {
            return None;
        }
        let (lo, hi) = match kind {
            Kind::Linear if !is_narrow(lo, hi) => (lo, hi),
            Kind::Linear if lo.abs().max(hi.abs()) < TINY / NARROW => (-1.0, 1.0),
            Kind::Linear => (lo - 0.1 * lo.abs(), hi + 0.1 * hi.abs()),
            Kind::Log if lo < hi && !is_narrow(lo, hi) => (lo.log10(), hi.log10()),
            Kind::Log => (lo.log10() - 0.5, hi.log10() + 0.5),
        };
        Some(Self { kind, lo, hi }.widened(margin))
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The ends of the scale; their common logarithms if it is logarithmic.
    pub(crate) fn ends(&self) -> (f64, f64) {
        (self.lo, self.hi)
    }

    /// Where `value` lies, 0 at the lower and 1 at the upper end; `None` for what it cannot show.
    pub(crate) fn position(&self, value: f64) -> Option<f64> {
        let value = match self.kind {
            Kind::Linear => value,
            Kind::Log if value > 0.0 => value.log10(),
            Kind::Log => return None,
        };
        value.is_finite().then(|| (0.5 * value - 0.5 * self.lo) / (0.5 * self.hi - 0.5 * self.lo))
    }

    /// The value at a position.
    pub(crate) fn value(&self, position: f64) -> f64 {
        let value = self.lo + position * (self.hi - self.lo);
        match self.kind {
            Kind::Linear => value,
            Kind::Log => 10_f64.powf(value),
        }
    }

    /// The narrowest scale with `center` in its middle that shows all of `values` it can show; `None`
    /// if it can show neither them nor the center.
    pub(crate) fn centered(kind: Kind, center: f64, values: &[f64]) -> Option<Self> {
        let reach = Self::around(kind, values.iter().copied().chain([center]), 0.0)?;
        let middle = if kind == Kind::Log { center.log10() } else { center.clamp(-HUGE, HUGE) };
        let half = (reach.hi - middle).max(middle - reach.lo);
        Some(Self { kind, lo: middle - half, hi: middle + half })
    }

    /// This scale with `by` of its width more at each end, as far as the axis reaches.
    pub(crate) fn widened(self, by: f64) -> Self {
        let spare = by * (self.hi - self.lo);
        let (lo, hi) = (self.lo - spare, self.hi + spare);
        match self.kind {
            Kind::Linear => Self { lo, hi, ..self },
            Kind::Log => Self { lo: lo.max(-DECADES), hi: hi.min(DECADES), ..self },
        }
    }
}

fn is_narrow(lo: f64, hi: f64) -> bool {
    hi - lo < TINY.max(NARROW * lo.abs().max(hi.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(kind: Kind, values: &[f64]) -> Option<(f64, f64)> {
        Scale::around(kind, values.iter().copied(), 0.0).map(|scale| scale.ends())
    }

    #[test]
    fn only_what_can_be_shown_counts() {
        let values = [f64::NAN, -1.0, 10.0, f64::INFINITY, 0.0, 1000.0];
        assert_eq!(ends(Kind::Linear, &values), Some((-1.0, 1000.0)));
        assert_eq!(ends(Kind::Log, &values), Some((1.0, 3.0)));
        assert_eq!(ends(Kind::Log, &[0.0, -5.0, f64::NAN]), None);
        assert_eq!(ends(Kind::Linear, &[f64::NAN]), None);
    }

    #[test]
    fn degenerate_ranges_are_widened() {
        assert_eq!(ends(Kind::Linear, &[0.0, 0.0]), Some((-1.0, 1.0)));
        assert_eq!(ends(Kind::Linear, &[5.0]), Some((4.5, 5.5)));
        assert_eq!(ends(Kind::Linear, &[-5.0, -5.0]), Some((-5.5, -4.5)));
        assert_eq!(ends(Kind::Log, &[100.0, 100.0]), Some((1.5, 2.5)));
        let (lo, hi) = ends(Kind::Linear, &[0.2928, 0.2930]).expect("two values");
        assert_eq!((lo, hi), (0.2928, 0.2930), "a small range is not a degenerate one");
        assert_eq!(ends(Kind::Linear, &[1e-300, 2e-300]), Some((1e-300, 2e-300)));
    }

    #[test]
    fn extremes_neither_overflow_nor_vanish() {
        for values in [[f64::MIN, f64::MAX], [f64::MAX, f64::MAX], [5e-324, 1e-323], [5e-324, f64::MAX]] {
            for kind in [Kind::Linear, Kind::Log] {
                let scale = Scale::around(kind, values.into_iter(), 0.05).expect("finite values");
                let (lo, hi) = scale.ends();
                assert!(lo.is_finite() && hi.is_finite() && lo < hi, "{values:?} {kind:?}: {lo} {hi}");
                assert!(scale.position(values[1]).is_some_and(f64::is_finite));
            }
        }
    }

    #[test]
    fn exact_ranges_are_checked() {
        assert!(Scale::exact(Kind::Linear, -1.0, 2.0).is_some());
        for (lo, hi) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (1.0, 1.0 + 1e-15)] {
            assert!(Scale::exact(Kind::Linear, lo, hi).is_none(), "{lo} {hi}");
        }
        assert!(Scale::exact(Kind::Log, 0.0, 1.0).is_none());
        assert!(Scale::exact(Kind::Log, -1.0, 1.0).is_none());
    }

    #[test]
    fn value_inverts_position() {
        for (kind, lo, hi) in [(Kind::Linear, -3.0, 5.0), (Kind::Log, 1e-12, 1e3)] {
            let scale = Scale::exact(kind, lo, hi).expect("a good range");
            for step in 0..=10 {
                let at = f64::from(step) / 10.0;
                let back = scale.position(scale.value(at)).expect("inside");
                assert!((back - at).abs() < 1e-12, "{kind:?} {at} {back}");
            }
        }
    }
}
