//! What can be said of a value without any learning.

use std::ops::Range;

/// How far ahead, and after how many rows a series repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ahead {
    pub(crate) horizon: usize,
    /// 0 if there is no season.
    pub(crate) season: usize,
}

impl Ahead {
    /// From a row back to the latest one, whole seasons before it, that is known `horizon` rows before it: 0 if there is no
    /// season.
    pub(crate) fn seasonal_lag(self) -> usize {
        if self.season == 0 { 0 } else { self.season * self.horizon.div_ceil(self.season) }
    }

    /// The same as now.
    pub(crate) fn same_as_now(self, values: &[f64], row: usize) -> f64 {
        values[row - self.horizon]
    }

    /// The same as one season before, or as many seasons as it takes to be known.
    pub(crate) fn same_as_last_season(self, values: &[f64], row: usize) -> Option<f64> {
        (self.season > 0).then(|| values[row - self.seasonal_lag()])
    }

    /// The mean of the rows of the training part in the same place of the season.
    pub(crate) fn usual_for_the_season(
        self,
        values: &[f64],
        training: &Range<usize>,
        row: usize,
    ) -> Option<f64> {
        let same = |at: &usize| self.season > 0 && at % self.season == row % self.season;
        let (sum, count) = training.clone().filter(same).fold((0.0, 0), |(s, n), at| (s + values[at], n + 1));
        (count > 0).then(|| sum / f64::from(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIES: [f64; 10] = [0.0, 10.0, 20.0, 1.0, 11.0, 21.0, 2.0, 12.0, 22.0, 3.0];

    #[test]
    fn the_last_season_is_one_that_is_known() {
        let lag = |horizon, season| Ahead { horizon, season }.seasonal_lag();
        assert_eq!((lag(1, 12), lag(12, 12), lag(13, 12), lag(5, 0)), (12, 12, 24, 0));
        let ahead = Ahead { horizon: 4, season: 3 };
        assert_eq!(ahead.same_as_last_season(&SERIES, 9), Some(1.0), "6 rows before; 3 are not known yet");
        assert_eq!(ahead.same_as_now(&SERIES, 9), 21.0);
        assert_eq!(Ahead { horizon: 4, season: 0 }.same_as_last_season(&SERIES, 9), None);
    }

    #[test]
    fn the_usual_value_is_that_of_the_training_part() {
        let ahead = Ahead { horizon: 1, season: 3 };
        assert_eq!(ahead.usual_for_the_season(&SERIES, &(0..6), 9), Some(0.5), "of 0 and 1, not of 2");
        assert_eq!(ahead.usual_for_the_season(&SERIES, &(0..1), 8), None);
        assert_eq!(Ahead { horizon: 1, season: 0 }.usual_for_the_season(&SERIES, &(0..6), 9), None);
    }
}
