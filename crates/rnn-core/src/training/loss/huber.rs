//! Huber's loss.

use ndarray::{ArrayView3, ArrayViewMut3};

use crate::Real;
use crate::error::{Result, check_option};
use crate::training::loss::{Counted, Loss, Truth};

/// Huber's loss, squared near 0 and absolute beyond ±δ, as `torch.nn.HuberLoss`.
///
/// ```text
/// L = (1/N) Σ l(ŷ − y) over the N elements that count
/// l(e) = e² / 2 if |e| < δ, else δ (|e| − δ/2)            l′(e) = e, but between −δ and δ
/// ```
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_core::{Counted, Huber, Loss, Truth};
///
/// let (prediction, target) = (array![[[0.5], [-3.0]]], Array3::<f64>::zeros((1, 2, 1)));
/// let mut d = Array3::zeros((1, 2, 1));
/// let truth = Truth::Values(target.view());
/// let value = Huber::new(1.0).evaluate(prediction.view(), truth, &Counted::all(), d.view_mut());
/// assert_eq!(value, (0.125 + 2.5) / 2.0);
/// assert_eq!(d, array![[[0.25], [-0.5]]]);
/// ```
///
/// # Reference
/// Huber 1964, *Robust estimation of a location parameter*, Annals of Mathematical Statistics 35.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    /// δ, where the loss turns from squared to absolute: positive and finite. PyTorch's default is 1.
    pub delta: f64,
}

impl Huber {
    /// The loss that turns from squared to absolute at ±`delta`.
    pub fn new(delta: f64) -> Self {
        Self { delta }
    }
}

/// δ = 1, PyTorch's default.
impl Default for Huber {
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl<F: Real> Loss<F> for Huber {
    fn check_target(&self, _: Truth<'_, F>, _: usize, _: &Counted<'_>) -> Result<()> {
        let delta = F::of(self.delta);
        let must = "it must be positive and finite in the network's float type";
        check_option("delta", self.delta, delta > F::zero() && delta.is_finite(), must)
    }

    fn evaluate(
        &self,
        prediction: ArrayView3<'_, F>,
        truth: Truth<'_, F>,
        counted: &Counted<'_>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F {
        let (delta, half) = (F::of(self.delta), F::of(0.5));
        counted.mean(prediction, truth.values(), d_prediction, |prediction, target| {
            let error = prediction - target;
            let size = error.abs();
            if size < delta {
                (half * error * error, error)
            } else {
                (delta * (size - half * delta), delta * error.signum())
            }
        })
    }
}
