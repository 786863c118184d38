//! Cross-entropy of two classes.

use ndarray::{ArrayView3, ArrayViewMut3};

use crate::Real;
use crate::error::{Error, Result};
use crate::real::{exp, ln_1p};
use crate::sigmoid;
use crate::training::loss::{Counted, Loss, Truth};

/// Cross-entropy of yes and no, from logits, as `torch.nn.BCEWithLogitsLoss`.
///
/// ```text
/// L = −(1/N) Σ y log σ(ŷ) + (1 − y) log(1 − σ(ŷ)) over the N elements that count            ∂L/∂ŷ = (σ(ŷ) − y) / N
/// ```
///
/// A target is a probability, from 0 to 1. The value is computed as (1 − y) ŷ − log σ(ŷ), with
/// log σ(ŷ) = min(ŷ, 0) − log(1 + e^−|ŷ|): nothing overflows, and nothing small is lost.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_core::{BinaryCrossEntropy, Counted, Loss, Truth};
///
/// let (logits, target) = (array![[[0.0], [-800.0]]], array![[[1.0], [1.0]]]);
/// let mut d = Array3::zeros((1, 2, 1));
/// let truth = Truth::Values(target.view());
/// let value = BinaryCrossEntropy.evaluate(logits.view(), truth, &Counted::all(), d.view_mut());
/// assert_eq!(value, (2.0_f64.ln() + 800.0) / 2.0);
/// assert_eq!(d, array![[[-0.25], [-0.5]]]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BinaryCrossEntropy;

impl<F: Real> Loss<F> for BinaryCrossEntropy {
    fn check_target(&self, truth: Truth<'_, F>, outputs: usize, counted: &Counted<'_>) -> Result<()> {
        let y = truth.values();
        let (batch, time, _) = y.dim();
        let mut elements = counted.elements(batch, time, outputs);
        let wrong = |&at: &[usize; 3]| !(F::zero()..=F::one()).contains(&y[at]);
        elements.find(wrong).map_or(Ok(()), |at| {
            let must = "a probability, from 0 to 1".to_owned();
            Err(Error::Target { index: at.to_vec(), value: y[at].to_string(), must })
        })
    }

    fn evaluate(
        &self,
        prediction: ArrayView3<'_, F>,
        truth: Truth<'_, F>,
        counted: &Counted<'_>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F {
        let (zero, one) = (F::zero(), F::one());
        counted.mean(prediction, truth.values(), d_prediction, |logit, target| {
            let log_sigmoid = logit.min(zero) - ln_1p(exp(-logit.abs()));
            ((one - target) * logit - log_sigmoid, sigmoid(logit) - target)
        })
    }
}
