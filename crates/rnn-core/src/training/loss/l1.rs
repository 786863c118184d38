//! Mean absolute error.

use ndarray::{ArrayView3, ArrayViewMut3};

use crate::Real;
use crate::training::loss::{Counted, Loss, Truth};

/// Mean absolute error, L = (1/N) Σ |ŷ − y| over the N elements that count; ∂L/∂ŷ = sign(ŷ − y) / N, and 0 where ŷ = y.
/// As `torch.nn.L1Loss`.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_core::{Counted, L1, Loss, Truth};
///
/// let (prediction, target) = (array![[[3.0], [1.0]]], array![[[1.0], [1.0]]]);
/// let mut d = Array3::zeros((1, 2, 1));
/// let value = L1.evaluate(prediction.view(), Truth::Values(target.view()), &Counted::all(), d.view_mut());
/// assert_eq!(value, 1.0);
/// assert_eq!(d, array![[[0.5], [0.0]]]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct L1;

impl<F: Real> Loss<F> for L1 {
    fn evaluate(
        &self,
        prediction: ArrayView3<'_, F>,
        truth: Truth<'_, F>,
        counted: &Counted<'_>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F {
        counted.mean(prediction, truth.values(), d_prediction, |prediction, target| {
            let error = prediction - target;
            (error.abs(), if error == F::zero() { error } else { error.signum() })
        })
    }
}
