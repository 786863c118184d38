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
        if self.season == 0 { 0 } else { self.season.saturating_mul(self.horizon.div_ceil(self.season)) }
    }
}

/// The ways of guessing that a series and its season allow.
#[derive(Clone, Debug)]
pub(crate) struct Guesses<'a> {
    values: &'a [f64],
    ahead: Ahead,
    /// The mean of the training part for each place in the season; empty if there is no season, or if a place has no row.
    usual: Vec<f64>,
}

/// A way of guessing: what it is called, and what it says about a row.
pub(crate) type Guess<'a> = (&'static str, Box<dyn Fn(usize) -> f64 + 'a>);

impl<'a> Guesses<'a> {
    /// Guesses about a series, whose training part is longer than a season and a horizon.
    pub(crate) fn new(values: &'a [f64], training: &Range<usize>, ahead: Ahead) -> Self {
        let mut usual = vec![0.0; ahead.season];
        let mut counts = vec![0_usize; ahead.season];
        if ahead.season > 0 {
            for row in training.clone() {
                usual[row % ahead.season] += values[row];
                counts[row % ahead.season] += 1;
            }
        }
        usual.iter_mut().zip(&counts).for_each(|(sum, &count)| *sum /= count as f64);
        if counts.contains(&0) {
            usual.clear();
        }
        Self { values, ahead, usual }
    }

    /// All guesses about a row that is at most a horizon after the last one.
    pub(crate) fn all(&self) -> Vec<Guess<'_>> {
        let Self { values, ahead, usual } = self;
        let mut all: Vec<Guess<'_>> = vec![("same as now", Box::new(|row| values[row - ahead.horizon]))];
        if ahead.season > 0 {
            // The last season that is known a horizon before.
            all.push(("same as last season", Box::new(|row| values[row - ahead.seasonal_lag()])));
        }
        if !usual.is_empty() {
            all.push(("usual for the season", Box::new(|row| usual[row % ahead.season])));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIES: [f64; 10] = [0.0, 10.0, 20.0, 1.0, 11.0, 21.0, 2.0, 12.0, 22.0, 3.0];

    fn say(horizon: usize, season: usize, training: Range<usize>, row: usize) -> Vec<(&'static str, f64)> {
        let guesses = Guesses::new(&SERIES, &training, Ahead { horizon, season });
        guesses.all().iter().map(|(who, guess)| (*who, guess(row))).collect()
    }

    #[test]
    fn the_last_season_is_one_that_is_known() {
        let lag = |horizon, season| Ahead { horizon, season }.seasonal_lag();
        assert_eq!((lag(1, 12), lag(12, 12), lag(13, 12), lag(5, 0)), (12, 12, 24, 0));
        assert_eq!(lag(usize::MAX, 12), usize::MAX, "nothing wraps around");
        let said = say(4, 3, 0..6, 9);
        assert_eq!(said[1], ("same as last season", 1.0), "6 rows before; 3 are not known yet");
        assert_eq!(said[0], ("same as now", 21.0));
        assert_eq!(say(4, 0, 0..6, 9), [("same as now", 21.0)]);
    }

    #[test]
    fn the_usual_value_is_that_of_the_training_part() {
        assert_eq!(say(1, 3, 0..6, 9)[2], ("usual for the season", 0.5), "of 0 and 1, not of 2");
        assert_eq!(say(1, 3, 0..6, 10)[2], ("usual for the season", 10.5), "after the last row");
        assert_eq!(say(1, 3, 0..1, 8).len(), 2);
    }
}
