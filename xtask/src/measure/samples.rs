//! What many samples say.

/// Seconds a call, ascending; at least one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// `None` of no samples, and if one is not a time.
    pub(crate) fn new(mut seconds: Vec<f64>) -> Option<Self> {
        if seconds.is_empty() || seconds.iter().any(|s| !s.is_finite() || *s < 0.0) {
            return None;
        }
        seconds.sort_by(f64::total_cmp);
        Some(Self(seconds))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn min(&self) -> f64 {
        self.0[0]
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The number below which a share `q` of the samples lies, between neighbors on a straight line.
    pub(crate) fn quantile(&self, q: f64) -> f64 {
        let at = q * (self.0.len() - 1) as f64;
        let (below, above) = (self.0[at.floor() as usize], self.0[at.ceil() as usize]);
        below + (above - below) * at.fract()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_sorted_samples() {
        let samples = Samples::new(vec![4.0, 1.0, 2.0, 10.0]).unwrap();
        assert_eq!((samples.min(), samples.median(), samples.count()), (1.0, 3.0, 4));
        assert_eq!((samples.quantile(0.0), samples.quantile(1.0)), (1.0, 10.0));
        assert!((samples.quantile(0.9) - 8.2).abs() < 1e-12);
        assert_eq!(Samples::new(vec![3.0, 1.0, 2.0]).unwrap().median(), 2.0);
        assert_eq!(Samples::new(vec![7.0]).unwrap().median(), 7.0);
    }

    #[test]
    fn what_is_no_time_is_no_sample() {
        for seconds in [vec![], vec![1.0, f64::NAN], vec![f64::INFINITY], vec![-1.0]] {
            assert_eq!(Samples::new(seconds), None);
        }
    }
}
