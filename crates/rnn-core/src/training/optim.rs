//! Optimizers, in PyTorch's arithmetic, and clipping.

mod adam;
mod clip;
mod rms_prop;
mod sgd;
mod state;
mod update;

pub use adam::{Adam, AdamW, AdamWith};
pub(crate) use clip::finite_norm;
pub use clip::{clip_global_norm, clip_value, global_norm};
pub use rms_prop::RmsProp;
pub use sgd::Sgd;
pub use state::OptimizerState;

use crate::error::Result;
use crate::{Parameters, Real};

/// Moves parameters down a gradient.
///
/// An optimizer keeps its state by position; it belongs to the network that it first saw.
pub trait Optimizer<F: Real> {
    /// One step.
    ///
    /// # Errors
    /// [`Error::OtherNetwork`](crate::Error::OtherNetwork) if the gradients do not belong to the parameters, or the parameters are not those of the
    /// earlier steps; [`Error::InvalidOption`](crate::Error::InvalidOption) if a setting lies outside its range; [`Error::NonFinite`](crate::Error::NonFinite) if a parameter, or a
    /// moment of the optimizer, would not be finite after the step. Nothing has changed then.
    fn step(&mut self, params: &mut impl Parameters<F>, gradients: &impl Parameters<F>) -> Result<()>;

    /// The learning rate of the next step.
    fn lr(&self) -> f64;

    /// Sets the learning rate; the next step checks it. A [`Schedule`](crate::Schedule) says which.
    fn set_lr(&mut self, lr: f64);

    /// All settings and moments: what [`restore`](Self::restore) needs to go on with the same bits.
    fn snapshot(&self) -> OptimizerState;

    /// Becomes the optimizer that `state` was taken of.
    ///
    /// # Errors
    /// [`Error::OptimizerState`](crate::Error::OptimizerState) if `state` is that of another kind of optimizer, a setting or buffer is missing,
    /// unknown or impossible, or buffers do not fit each other; [`Error::InvalidOption`](crate::Error::InvalidOption) as a step. The optimizer is as
    /// before then. Whether the buffers fit a network is for the next step to say.
    fn restore(&mut self, state: OptimizerState) -> Result<()>;
}

/// The way from `from` to `to`, rounded as `torch.lerp` does: from the nearer end.
#[inline(always)]
fn lerp<F: Real>(from: F, to: F, weight: F) -> F {
    if weight < F::of(0.5) { from + weight * (to - from) } else { to - (to - from) * (F::one() - weight) }
}
