//! From a series to what a network reads and what it is to say.

use std::ops::Range;

use ndarray::{Array2, Array3, Axis, s};
use rnn_core::Batch;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::guesses::Ahead;
use crate::split::Split;

/// Inputs at every row where they are known, and targets, in standard units.
///
/// The target is the change from now, y_{t+h} − y_t, so that a network that says 0 says "the same as now", and a trend of
/// the series is none of the target. The inputs are the value, unless it has a trend; the change since the row before; and
/// how the series went on from here in the last season. Means and standard deviations are those of the training part.
#[derive(Clone, Debug)]
pub(crate) struct Windows {
    /// (rows, features)
    inputs: Array2<f32>,
    /// (rows, 1), 0 in the last rows, about which nothing is known
    targets: Array2<f32>,
    /// The row of the series that comes first here.
    first: usize,
    ahead: Ahead,
    split: Split,
    warm_up: usize,
    scales: Scales,
}

/// The standard units of the inputs and of the target: those of the rows that a network was trained on.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Scales {
    inputs: Vec<Scale>,
    target: Scale,
}

impl Scales {
    /// How many inputs there are.
    pub(crate) fn inputs(&self) -> usize {
        self.inputs.len()
    }
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
    #[error(
        "row {row}: the {what} is so far from what the training part has that it cannot be told in its standard units"
    )]
    TooFar { row: usize, what: &'static str },
    #[error("the saved network reads {saved} inputs, and these options make {needed}")]
    OtherInputs { saved: usize, needed: usize },
}

/// A mean and a standard deviation.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
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

    /// Nothing if the number of deviations is beyond what networks can do with.
    fn standard(self, value: f64) -> Option<f32> {
        let deviations = (value - self.mean) / self.deviation;
        (deviations.abs() < 1e15).then_some(deviations as f32)
    }

    fn units(self, standard: f32) -> f64 {
        self.mean + self.deviation * f64::from(standard)
    }
}

/// So many rows are read before those that a forecast is about, if there are as many: a network forgets, and the time that a
/// look takes must not grow with the rows before.
const WARM_UP: usize = 1000;

impl Windows {
    /// `history` rows is what a window has to have; `trend` leaves the value itself out of the inputs. Standard units are those
    /// of the training part if none are given.
    pub(crate) fn new(
        values: &[f64],
        split: Split,
        ahead: Ahead,
        (history, trend): (usize, bool),
        scales: Option<&Scales>,
    ) -> Result<Self, WindowsError> {
        let (rows, lag, Ahead { horizon, season }) = (values.len(), ahead.seasonal_lag(), ahead);
        let first = lag.max(1);
        let (training, needed) =
            (split.training.len(), first.saturating_add(history).saturating_add(horizon));
        if split.validation.len() < 2 || split.test.len() < 2 {
            return Err(WindowsError::NothingHeldOut { rows, held_out: split.test.len() });
        }
        if training < needed {
            return Err(WindowsError::TooShort { rows, training, history, horizon, season, needed });
        }
        let here = first..rows;
        let known = split.training.end - horizon - first; // what the training part says in full
        let value = here.clone().map(|t| values[t]).collect();
        let change = here.clone().map(|t| values[t] - values[t - 1]).collect();
        let mut features: Vec<(&'static str, Vec<f64>)> = vec![("change of the series", change)];
        if !trend {
            features.push(("series", value));
        }
        if season > 0 {
            let last = here.clone().map(|t| values[t + horizon - lag] - values[t - lag]).collect();
            features.push(("change of the last season", last));
        }
        let target: Vec<f64> = (first..rows - horizon).map(|t| values[t + horizon] - values[t]).collect();
        let what = "change over the horizon";
        let scales = match scales {
            Some(scales) if scales.inputs.len() == features.len() => scales.clone(),
            Some(scales) => {
                return Err(WindowsError::OtherInputs { saved: scales.inputs.len(), needed: features.len() });
            }
            None => Scales {
                inputs: features
                    .iter()
                    .map(|(what, feature)| Scale::of(&feature[..known], what))
                    .collect::<Result<_, _>>()?,
                target: Scale::of(&target[..known], what)?,
            },
        };
        let mut inputs = Array2::zeros((here.len(), features.len()));
        for (((what, feature), mut column), scale) in
            features.iter().zip(inputs.axis_iter_mut(Axis(1))).zip(&scales.inputs)
        {
            for (k, (to, &from)) in column.iter_mut().zip(feature).enumerate() {
                *to = scale.standard(from).ok_or(WindowsError::TooFar { row: first + k + 1, what })?;
            }
        }
        let mut targets = Array2::zeros((here.len(), 1));
        for (k, (to, &from)) in targets.iter_mut().zip(&target).enumerate() {
            *to = scales
                .target
                .standard(from)
                .ok_or(WindowsError::TooFar { row: first + k + horizon + 1, what })?;
        }
        let warm_up = WARM_UP.max(history);
        Ok(Self { inputs, targets, first, ahead, split, warm_up, scales })
    }

    /// The standard units.
    pub(crate) fn scales(&self) -> &Scales {
        &self.scales
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

    /// What is read up to the end of `part`, as one sequence, of which the loss counts what is said about `part`. The part may
    /// be the rows after the last one, about which there is no target.
    pub(crate) fn about(&self, part: &Range<usize>) -> Batch<f32> {
        let counted = self.indices(part);
        let from = counted.start.saturating_sub(self.warm_up);
        let read = s![from..counted.end, ..];
        let batch = Batch::new(
            self.inputs.slice(read).insert_axis(Axis(0)).to_owned(),
            self.targets.slice(read).insert_axis(Axis(0)).to_owned(),
        );
        let shape = (1, counted.end - from);
        batch.with_mask(Array2::from_shape_fn(shape, |(_, k)| counted.contains(&(from + k))))
    }

    /// What was said about the rows of `part`, in the units of the series.
    pub(crate) fn in_units(&self, said: &Array3<f32>, values: &[f64], part: &Range<usize>) -> Vec<f64> {
        let indices = self.indices(part);
        let from = indices.end - said.dim().1;
        let from_now = |k: usize| values[self.first + k] + self.scales.target.units(said[[0, k - from, 0]]);
        indices.map(from_now).collect()
    }

    /// Where the targets are rows of `part`.
    fn indices(&self, part: &Range<usize>) -> Range<usize> {
        let index = |row: usize| row.saturating_sub(self.first + self.ahead.horizon);
        index(part.start)..index(part.end)
    }
}

#[cfg(test)]
mod tests;
