//! From a series to what a network reads and what it is to say.

use std::ops::Range;

use ndarray::{Array2, Array3, Axis, s};
use rnn_core::Batch;
use thiserror::Error;

use crate::guesses::Ahead;
use crate::split::Split;

/// Inputs and targets at every row where all of them are known, in standard units.
///
/// The target is the change from now, y_{t+h} − y_t, so that a network that says 0 says "the same as now", and a trend of
/// the series is none of the target. The inputs are the value, unless it has a trend; the change since the row before; and
/// how the series went on from here in the last season. Means and standard deviations are those of the training part.
#[derive(Clone, Debug)]
pub(crate) struct Windows {
    /// (rows, features)
    inputs: Array2<f32>,
    /// (rows, 1)
    targets: Array2<f32>,
    /// The row of the series that comes first here.
    first: usize,
    ahead: Ahead,
    split: Split,
    target_scale: Scale,
}

/// Why a series is too short, or says nothing.
#[derive(Debug, Error, PartialEq)]
pub(crate) enum WindowsError {
    #[error(
        "{rows} rows are too few: the training part has {training}, and --history {history}, --horizon {horizon} and --season {season} need {needed}; bring more rows or lower one of these"
    )]
    TooShort { rows: usize, training: usize, history: usize, horizon: usize, season: usize, needed: usize },
    #[error("{rows} rows leave {held_out} each for validation and test, and 2 are needed; raise --held-out")]
    NothingHeldOut { rows: usize, held_out: usize },
    #[error("the {what} never changes in the training part: there is nothing to learn")]
    Constant { what: &'static str },
}

/// A mean and a standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale {
    mean: f64,
    deviation: f64,
}

impl Scale {
    fn of(values: &[f64], what: &'static str) -> Result<Self, WindowsError> {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
        if deviation > 1e-12 * mean.abs() {
            Ok(Self { mean, deviation })
        } else {
            Err(WindowsError::Constant { what })
        }
    }

    fn standard(self, value: f64) -> f32 {
        ((value - self.mean) / self.deviation) as f32
    }

    fn units(self, standard: f32) -> f64 {
        self.mean + self.deviation * f64::from(standard)
    }
}

impl Windows {
    /// `history` rows is what a window has to have; `trend` leaves the value itself out of the inputs.
    pub(crate) fn new(
        values: &[f64],
        split: Split,
        ahead: Ahead,
        history: usize,
        trend: bool,
    ) -> Result<Self, WindowsError> {
        let (rows, lag, Ahead { horizon, season }) = (values.len(), ahead.seasonal_lag(), ahead);
        let first = lag.max(1);
        let (training, needed) = (split.training.len(), first + history + horizon);
        if split.validation.len() < 2 || split.test.len() < 2 {
            return Err(WindowsError::NothingHeldOut { rows, held_out: split.test.len() });
        }
        if training < needed {
            return Err(WindowsError::TooShort { rows, training, history, horizon, season, needed });
        }
        let here = first..rows - horizon;
        let known = split.training.end - horizon - first; // what the training part says in full
        let value = here.clone().map(|t| values[t]).collect();
        let change = here.clone().map(|t| values[t] - values[t - 1]).collect();
        let target: Vec<f64> = here.clone().map(|t| values[t + horizon] - values[t]).collect();
        let mut features: Vec<(&'static str, Vec<f64>)> = vec![("change of the series", change)];
        if !trend {
            features.push(("series", value));
        }
        if season > 0 {
            let last = here.clone().map(|t| values[t + horizon - lag] - values[t - lag]).collect();
            features.push(("change of the last season", last));
        }
        let mut inputs = Array2::zeros((here.len(), features.len()));
        for ((what, feature), mut column) in features.iter().zip(inputs.axis_iter_mut(Axis(1))) {
            let scale = Scale::of(&feature[..known], what)?;
            column.iter_mut().zip(feature).for_each(|(to, &from)| *to = scale.standard(from));
        }
        let target_scale = Scale::of(&target[..known], "change over the horizon")?;
        let targets = Array2::from_shape_fn((here.len(), 1), |(k, _)| target_scale.standard(target[k]));
        Ok(Self { inputs, targets, first, ahead, split, target_scale })
    }

    pub(crate) fn features(&self) -> usize {
        self.inputs.ncols()
    }

    /// In how many places a window of the training part can begin.
    pub(crate) fn places(&self, history: usize) -> usize {
        self.indices(&self.split.training).len() - history + 1
    }

    /// Copies the windows that begin in these places, one a sequence: (batch, history, ·).
    pub(crate) fn cut(&self, places: &[usize], history: usize, batch: &mut Batch<f32>) {
        batch.x = Array3::zeros((places.len(), history, self.features()));
        let mut y = Array3::zeros((places.len(), history, 1));
        for (b, &place) in places.iter().enumerate() {
            batch.x.slice_mut(s![b, .., ..]).assign(&self.inputs.slice(s![place..place + history, ..]));
            y.slice_mut(s![b, .., ..]).assign(&self.targets.slice(s![place..place + history, ..]));
        }
        batch.y = y.into();
    }

    /// Everything up to the end of `part` as one sequence, of which the loss counts what is said about `part`.
    pub(crate) fn about(&self, part: &Range<usize>) -> Batch<f32> {
        let counted = self.indices(part);
        let all = s![..counted.end, ..];
        let batch = Batch::new(
            self.inputs.slice(all).insert_axis(Axis(0)).to_owned(),
            self.targets.slice(all).insert_axis(Axis(0)).to_owned(),
        );
        batch.with_mask(Array2::from_shape_fn((1, counted.end), |(_, k)| counted.contains(&k)))
    }

    /// What was said about the rows of `part`, in the units of the series.
    pub(crate) fn in_units(&self, said: &Array3<f32>, values: &[f64], part: &Range<usize>) -> Vec<f64> {
        let from_now = |k: usize| values[self.first + k] + self.target_scale.units(said[[0, k, 0]]);
        self.indices(part).map(from_now).collect()
    }

    /// Where the targets are rows of `part`.
    fn indices(&self, part: &Range<usize>) -> Range<usize> {
        let index = |row: usize| row.saturating_sub(self.first + self.ahead.horizon);
        index(part.start)..index(part.end)
    }
}

#[cfg(test)]
mod tests;
