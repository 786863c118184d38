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
pub(crate) use crate::training::target::Truth;

/// A function of predictions and targets that training minimizes. Which timesteps it counts is a matter of the
/// [`Target`](crate::Target).
///
/// A loss of your own implements [`evaluate`](Self::evaluate), and [`target_kind`](Self::target_kind) if it compares with
/// classes.
pub trait Loss<F: Real> {
    /// What predictions are compared with; values by default.
    fn target_kind(&self) -> TargetKind {
        TargetKind::Values
    }

    /// Checks the settings of the loss, and the targets that count, which are of the right shape and kind, finite values or
    /// classes below `outputs`. All are possible by default.
    ///
    /// # Errors
    /// [`Error::Target`](crate::Error::Target) for a target that the loss cannot be computed for;
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for a setting out of its range.
    fn check_target(&self, truth: Truth<'_, F>, outputs: usize, counted: &Counted<'_>) -> Result<()> {
        let _ = (truth, outputs, counted);
        Ok(())
    }

    /// The mean over what counts. Writes ∂L/∂prediction to `d_prediction`, 0 where nothing counts.
    ///
    /// Predictions and `d_prediction` are (batch, time, outputs). What does not count must not be looked at. The value is
    /// NaN if nothing counts at all.
    ///
    /// # Panics
    /// If the shapes differ, a class is not below the outputs, or the targets are of the other kind.
    fn evaluate(
        &self,
        prediction: ArrayView3<'_, F>,
        truth: Truth<'_, F>,
        counted: &Counted<'_>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F;
}

/// What a loss compares predictions with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// A value for each output.
    Values,
    /// One class, of as many as there are outputs.
    Classes,
}
