//! Losses, in PyTorch's arithmetic, and which timesteps they count.

mod binary_cross_entropy;
mod counted;
mod cross_entropy;
mod huber;
mod l1;
mod mse;

pub use binary_cross_entropy::BinaryCrossEntropy;
pub use counted::{Counted, Timesteps};
pub use cross_entropy::CrossEntropy;
pub use huber::Huber;
pub use l1::L1;
pub use mse::Mse;

use ndarray::{ArrayView3, ArrayViewMut3};

use crate::Real;
use crate::error::Result;

/// A function of predictions and targets that training makes small.
///
/// A loss written elsewhere is [`evaluate_counted`](Self::evaluate_counted) and no more.
pub trait Loss<F: Real> {
    /// How wide a target is, for so many outputs: as wide, or 1 where it is the number of a class.
    fn target_width(&self, outputs: usize) -> usize {
        outputs
    }

    /// Looks at what a value cannot tell: settings of the loss, and targets that count. All finite targets are possible
    /// by default.
    ///
    /// # Errors
    /// [`Error::Target`](crate::Error::Target) for a target that is impossible with so many outputs;
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for a setting out of its range.
    fn check_target(&self, target: ArrayView3<'_, F>, outputs: usize, counted: &Counted<'_>) -> Result<()> {
        let _ = (target, outputs, counted);
        Ok(())
    }

    /// The mean over what counts, and ∂L/∂prediction, written to `d_prediction`: 0 where nothing counts.
    ///
    /// Predictions and `d_prediction` are (batch, time, outputs), targets (batch, time,
    /// [`target_width`](Self::target_width)). The value is NaN if nothing counts at all.
    ///
    /// # Panics
    /// If the shapes are others, or `counted` is for another batch.
    fn evaluate_counted(
        &self,
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        counted: &Counted<'_>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F;

    /// [`evaluate_counted`](Self::evaluate_counted) where every sequence has all timesteps, and all may count.
    fn evaluate(
        &self,
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F {
        self.evaluate_counted(prediction, target, &Counted::everything(), d_prediction)
    }
}
