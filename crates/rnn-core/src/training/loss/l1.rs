//! Mean absolute error.

use ndarray::{ArrayView3, ArrayViewMut3};

use crate::Real;
use crate::training::loss::{Counted, Loss, Timesteps};

/// Mean absolute error, L = (1/N) Σ |ŷ − y| over the N elements that count; ∂L/∂ŷ = sign(ŷ − y) / N, and 0 where ŷ = y.
/// As `torch.nn.L1Loss`.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_core::{L1, Loss};
///
/// let (prediction, target) = (array![[[3.0], [1.0]]], array![[[1.0], [1.0]]]);
/// let mut d = Array3::zeros((1, 2, 1));
/// assert_eq!(L1::all().evaluate(prediction.view(), target.view(), d.view_mut()), 1.0);
/// assert_eq!(d, array![[[0.5], [0.0]]]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct L1 {
    /// Which timesteps count.
    pub over: Timesteps,
}

impl L1 {
    /// Over all timesteps.
    pub fn all() -> Self {
        Self { over: Timesteps::All }
    }

    /// Over the last timestep.
    pub fn last() -> Self {
        Self { over: Timesteps::Last }
    }
}

impl<F: Real> Loss<F> for L1 {
    fn evaluate_counted(
        &self,
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        counted: &Counted<'_>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F {
        counted.mean(self.over, prediction, target, d_prediction, |prediction, target| {
            let error = prediction - target;
            (error.abs(), if error == F::zero() { error } else { error.signum() })
        })
    }
}
