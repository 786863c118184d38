//! How good predictions are.

use ndarray::{ArrayView2, ArrayView3, s};

use crate::Real;
use crate::training::loss::Counted;

/// The loss of a model on some data, and its accuracy if the targets are classes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// The mean loss over what counts.
    pub loss: f64,
    /// The share of what counts at which the class has the largest output; the first of equal outputs is taken. `None` for
    /// targets that are values.
    pub accuracy: Option<f64>,
    /// How many timesteps of all sequences together, or how many sequences, were counted.
    pub counted: usize,
}

impl Evaluation {
    /// The evaluation of several batches as one, or `None` of none.
    pub fn of_all(parts: impl IntoIterator<Item = Self>) -> Option<Self> {
        let weighted = |sum: Self, part: Self| {
            let counted = sum.counted + part.counted;
            let mean = |a: f64, b: f64| a + (b - a) * (part.counted as f64 / counted as f64);
            let accuracy = sum.accuracy.zip(part.accuracy).map(|(a, b)| mean(a, b));
            Self { loss: mean(sum.loss, part.loss), accuracy, counted }
        };
        parts.into_iter().reduce(weighted)
    }
}

/// The share of what counts at which the class has the largest output.
pub(crate) fn accuracy<F: Real>(
    prediction: ArrayView3<'_, F>,
    classes: ArrayView2<'_, usize>,
    counted: &Counted<'_>,
) -> f64 {
    let (batch, time, _) = prediction.dim();
    let (mut right, mut all) = (0_usize, 0_usize);
    for (b, t) in counted.indices(batch, time) {
        let mut outputs = prediction.slice_move(s![b, t, ..]).into_iter().copied().enumerate();
        let first = outputs.next().unwrap_or((0, F::nan()));
        let (largest, _) = outputs.fold(first, |best, next| if next.1 > best.1 { next } else { best });
        right += usize::from(largest == classes[[b, t]]);
        all += 1;
    }
    right as f64 / all as f64
}
