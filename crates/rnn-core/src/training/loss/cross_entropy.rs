//! Cross-entropy of classes.

use ndarray::{ArrayView1, ArrayView3, ArrayViewMut1, ArrayViewMut3};

use crate::Real;
use crate::error::{Error, Result};
use crate::training::loss::{Counted, Loss, Timesteps};

/// Cross-entropy of one class of several, from logits, as `torch.nn.CrossEntropyLoss`.
///
/// ```text
/// L = −(1/N) Σ log p_y over the N timesteps that count            p = softmax(ŷ), ∂L/∂ŷ_k = (p_k − 1[k = y]) / N
/// ```
///
/// Predictions are logits, (batch, time, classes). A target, (batch, time, 1), is the number of a class, from 0, as a
/// float: the float type has to hold it, as `half::bf16` holds whole numbers up to 256 only. The largest logit is
/// taken off before any exponential, so none overflows. A target that is no class makes the value NaN;
/// [`check_target`](Loss::check_target) names it.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_core::{CrossEntropy, Loss};
///
/// let (logits, class) = (array![[[0.0, 3.0_f64.ln()]]], array![[[1.0]]]);
/// let mut d = Array3::zeros((1, 1, 2));
/// let value = CrossEntropy::all().evaluate(logits.view(), class.view(), d.view_mut());
/// assert!((value + 0.75_f64.ln()).abs() < 1e-15, "p = (1/4, 3/4)");
/// assert!((d[[0, 0, 0]] - 0.25).abs() < 1e-15 && (d[[0, 0, 1]] + 0.25).abs() < 1e-15);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CrossEntropy {
    /// Which timesteps count.
    pub over: Timesteps,
}

impl CrossEntropy {
    /// Over all timesteps.
    pub fn all() -> Self {
        Self { over: Timesteps::All }
    }

    /// Over the last timestep.
    pub fn last() -> Self {
        Self { over: Timesteps::Last }
    }
}

impl<F: Real> Loss<F> for CrossEntropy {
    fn target_width(&self, _: usize) -> usize {
        1
    }

    fn check_target(&self, target: ArrayView3<'_, F>, outputs: usize, counted: &Counted<'_>) -> Result<()> {
        let (batch, time, _) = target.dim();
        let wrong = |&(b, t): &(usize, usize)| class(target[[b, t, 0]], outputs).is_none();
        counted.indices(batch, time, self.over).find(wrong).map_or(Ok(()), |(b, t)| {
            let must = format!("a class, a whole number from 0 to {}", outputs.saturating_sub(1));
            Err(Error::Target { index: vec![b, t, 0], value: target[[b, t, 0]].to_string(), must })
        })
    }

    fn evaluate_counted(
        &self,
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        counted: &Counted<'_>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F {
        let (batch, time, _) = prediction.dim();
        let n = F::of(counted.timesteps(batch, time, self.over) as f64);
        let mut sum = F::zero();
        counted.rows(self.over, prediction, target, d_prediction, |logits, target, d| {
            sum += surprise(logits, target[0], n, d);
        });
        sum / n
    }
}

/// −log p of the class, and (p − 1[class]) / n.
fn surprise<F: Real>(logits: ArrayView1<'_, F>, target: F, n: F, mut d: ArrayViewMut1<'_, F>) -> F {
    let largest = logits.fold(F::neg_infinity(), |largest, &logit| largest.max(logit));
    let mut sum = F::zero();
    d.zip_mut_with(&logits, |d, &logit| {
        *d = (logit - largest).exp();
        sum += *d;
    });
    d.mapv_inplace(|e| e / sum / n);
    let Some(class) = class(target, logits.len()) else { return F::nan() };
    d[class] -= F::one() / n;
    sum.ln() - (logits[class] - largest)
}

/// The class that a target means.
fn class<F: Real>(target: F, classes: usize) -> Option<usize> {
    let whole = target >= F::zero() && target == target.floor();
    target.to_usize().filter(|&class| whole && class < classes)
}
