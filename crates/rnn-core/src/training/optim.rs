//! Optimizers, in PyTorch's arithmetic, and clipping.

mod adam;
mod clip;
mod rms_prop;
mod sgd;
mod state;

pub use adam::{Adam, AdamW, AdamWith, Decoupled, L2, WeightDecay};
pub(crate) use clip::finite_norm;
pub use clip::{clip_global_norm, clip_value, global_norm};
pub use rms_prop::RmsProp;
pub use sgd::Sgd;
pub use state::OptimizerState;

use crate::error::{Error, Result};
use crate::network::params::Params;
use crate::{Parameters, Real};

/// Moves parameters down a gradient.
///
/// An optimizer keeps its state by position; it belongs to the network that it first saw.
pub trait Optimizer<F: Real> {
    /// One step.
    ///
    /// # Errors
    /// [`Error::OtherNetwork`] if the gradients do not belong to the parameters, or the parameters are not those of the
    /// earlier steps; [`Error::InvalidOption`] if a setting lies outside its range.
    fn step(&mut self, params: &mut impl Parameters<F>, gradients: &impl Parameters<F>) -> Result<()>;

    /// The learning rate of the next step.
    fn lr(&self) -> f64;

    /// Sets the learning rate; the next step checks it. A [`Schedule`](crate::Schedule) says which.
    fn set_lr(&mut self, lr: f64);

    /// All settings and moments: what [`restore`](Self::restore) needs to go on with the same bits.
    fn snapshot(&self) -> OptimizerState<F>;

    /// Becomes the optimizer that `state` was taken of.
    ///
    /// # Errors
    /// [`Error::OptimizerState`] if `state` is that of another kind of optimizer, a setting or buffer is missing,
    /// unknown or impossible, or buffers do not fit each other; [`Error::InvalidOption`] as a step. The optimizer is as
    /// before then. Whether the buffers fit a network is for the next step to say.
    fn restore(&mut self, state: OptimizerState<F>) -> Result<()>;
}

/// One buffer for each block of parameters, zeros at first.
type Moments<F> = Vec<Vec<F>>;

/// Makes `moments` fit at the first step; an error if it was made for other parameters, or `gradients` is for others.
fn fit<F: Real>(
    moments: &mut Moments<F>,
    params: &impl Parameters<F>,
    gradients: &impl Parameters<F>,
) -> Result<()> {
    check_gradient(params, gradients)?;
    if moments.is_empty() {
        *moments = params.blocks().map(|p| vec![F::zero(); p.len()]).collect();
    }
    if params.blocks().map(Params::len).eq(moments.iter().map(Vec::len)) {
        return Ok(());
    }
    let (expected, found) = (params.parameter_count(), moments.iter().map(Vec::len).sum());
    Err(Error::OtherNetwork { what: "the optimizer", expected, found })
}

/// An error if `gradients` is for other parameters.
fn check_gradient<F: Real>(params: &impl Parameters<F>, gradients: &impl Parameters<F>) -> Result<()> {
    if params.blocks().map(Params::len).eq(gradients.blocks().map(Params::len)) {
        return Ok(());
    }
    let (expected, found) = (params.parameter_count(), gradients.parameter_count());
    Err(Error::OtherNetwork { what: "the gradient", expected, found })
}

/// A flag as a setting.
fn number(flag: bool) -> f64 {
    f64::from(u8::from(flag))
}

/// The way from `from` to `to`, rounded as `torch.lerp` does: from the nearer end.
#[inline(always)]
fn lerp<F: Real>(from: F, to: F, weight: F) -> F {
    if weight < F::of(0.5) { from + weight * (to - from) } else { to - (to - from) * (F::one() - weight) }
}
