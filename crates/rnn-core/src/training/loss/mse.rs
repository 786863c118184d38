//! Mean squared error.

use ndarray::{ArrayView3, ArrayViewMut3};

use crate::Real;
use crate::training::loss::{Counted, Loss, Truth};

/// Mean squared error, L = (1/N) Σ (ŷ − y)² over the N elements that count; ∂L/∂ŷ = 2 (ŷ − y) / N. As
/// `torch.nn.MSELoss`.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_core::{Counted, Loss, Mse, Truth};
///
/// let prediction = array![[[0.1], [0.2], [0.3]], [[0.4], [0.5], [0.6]]];
/// let target = array![[[-1.1], [-1.2], [-1.3]], [[-1.4], [-1.5], [-1.6]]];
/// let mut d = Array3::zeros((2, 3, 1));
/// let truth = Truth::Values(target.view());
/// let all = Mse.evaluate(prediction.view(), truth, &Counted::all(), d.view_mut());
/// let last = Mse.evaluate(prediction.view(), truth, &Counted::last(), d.view_mut());
/// assert!((all - 3.006_666_7_f64).abs() < 1e-6 && (last - 3.7).abs() < 1e-12);
/// assert_eq!(d[[0, 0, 0]], 0.0, "only the last timestep counts");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mse;

impl<F: Real> Loss<F> for Mse {
    fn evaluate(
        &self,
        prediction: ArrayView3<'_, F>,
        truth: Truth<'_, F>,
        counted: &Counted<'_>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F {
        let two = F::one() + F::one();
        counted.mean(prediction, truth.values(), d_prediction, |prediction, target| {
            let error = prediction - target;
            (error * error, two * error)
        })
    }
}
