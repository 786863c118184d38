//! Cross-entropy of classes.

use ndarray::{ArrayView1, ArrayView3, ArrayViewMut1, ArrayViewMut3};

use crate::Real;
use crate::real::{exp, ln};
use crate::training::loss::counted::{Mean, Sum};
use crate::training::loss::{Counted, Loss, TargetKind, Truth};

/// Cross-entropy of one class of several, from logits, as `torch.nn.CrossEntropyLoss`.
///
/// ```text
/// L = −(1/N) Σ log p_y over the N timesteps that count            p = softmax(ŷ), ∂L/∂ŷ_k = (p_k − 1[k = y]) / N
/// ```
///
/// Predictions are logits, (batch, time, classes), and targets are [classes](crate::Target::classes), counted from 0. The
/// largest logit is subtracted before any exponential is taken, so that none overflows.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_core::{Counted, CrossEntropy, Loss, Truth};
///
/// let (logits, class) = (array![[[0.0, 3.0_f64.ln()]]], array![[1]]);
/// let mut d = Array3::zeros((1, 1, 2));
/// let value = CrossEntropy.evaluate(logits.view(), Truth::Classes(class.view()), &Counted::all(), d.view_mut());
/// assert!((value + 0.75_f64.ln()).abs() < 1e-15, "p = (1/4, 3/4)");
/// assert!((d[[0, 0, 0]] - 0.25).abs() < 1e-15 && (d[[0, 0, 1]] + 0.25).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CrossEntropy;

impl<F: Real> Loss<F> for CrossEntropy {
    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes
    }

    fn evaluate(
        &self,
        prediction: ArrayView3<'_, F>,
        truth: Truth<'_, F>,
        counted: &Counted<'_>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F {
        let (batch, time, _) = prediction.dim();
        let classes = truth.classes();
        let mut mean = Mean::over(counted.timesteps(batch, time));
        counted.rows(prediction, d_prediction, |b, t, logits, d| {
            let surprise = surprise(logits, classes[[b, t]], &mean, d);
            mean.add(surprise);
        });
        mean.value()
    }
}

/// −log p of the class, and (p − 1[class]) / n.
fn surprise<F: Real>(
    logits: ArrayView1<'_, F>,
    class: usize,
    mean: &Mean<F>,
    mut d: ArrayViewMut1<'_, F>,
) -> F {
    let largest = logits.fold(F::neg_infinity(), |largest, &logit| largest.max(logit));
    let mut sum = Sum::zero();
    d.zip_mut_with(&logits, |d, &logit| {
        *d = exp(logit - largest);
        sum.add(*d);
    });
    let sum = sum.value();
    d.mapv_inplace(|e| mean.share(e / sum));
    d[class] -= mean.share(F::one());
    ln(sum) - (logits[class] - largest)
}
