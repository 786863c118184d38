//! Mean squared error.

use ndarray::{ArrayView3, ArrayViewMut3};

use crate::Real;
use crate::training::loss::{Counted, Loss, Timesteps};

/// Mean squared error, L = (1/N) Σ (ŷ − y)² over the N elements that count; ∂L/∂ŷ = 2 (ŷ − y) / N. As
/// `torch.nn.MSELoss`.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_core::{Loss, Mse};
///
/// let prediction = array![[[0.1], [0.2], [0.3]], [[0.4], [0.5], [0.6]]];
/// let target = array![[[-1.1], [-1.2], [-1.3]], [[-1.4], [-1.5], [-1.6]]];
/// let mut d = Array3::zeros((2, 3, 1));
/// let all = Mse::all().evaluate(prediction.view(), target.view(), d.view_mut());
/// let last = Mse::last().evaluate(prediction.view(), target.view(), d.view_mut());
/// assert!((all - 3.006_666_7_f64).abs() < 1e-6 && (last - 3.7).abs() < 1e-12);
/// assert_eq!(d[[0, 0, 0]], 0.0, "only the last timestep counts");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mse {
    /// Which timesteps count.
    pub over: Timesteps,
}

impl Mse {
    /// Over all timesteps.
    pub fn all() -> Self {
        Self { over: Timesteps::All }
    }

    /// Over the last timestep.
    pub fn last() -> Self {
        Self { over: Timesteps::Last }
    }
}

impl<F: Real> Loss<F> for Mse {
    fn evaluate_counted(
        &self,
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        counted: &Counted<'_>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F {
        let two = F::one() + F::one();
        counted.mean(self.over, prediction, target, d_prediction, |prediction, target| {
            let error = prediction - target;
            (error * error, two * error)
        })
    }
}
