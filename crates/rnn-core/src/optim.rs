//! Optimizers, in PyTorch's arithmetic, and clipping.

mod adam;
mod clip;
mod sgd;

pub use adam::Adam;
pub(crate) use clip::finite_norm;
pub use clip::{clip_global_norm, global_norm};
pub use sgd::Sgd;

use crate::error::{Error, Result};
use crate::params::Params;
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
}

/// One buffer for each block of parameters, zeros at first.
type Moments<F> = Vec<Vec<F>>;

/// Makes `moments` fit at the first step; an error if it was made for other parameters, or `gradients` is for others.
fn fit<F: Real>(
    moments: &mut Moments<F>,
    params: &impl Parameters<F>,
    gradients: &impl Parameters<F>,
) -> Result<()> {
    let expected = params.parameter_count();
    let same = params.blocks().map(Params::len).eq(gradients.blocks().map(Params::len));
    if !same {
        return Err(Error::OtherNetwork {
            what: "the gradient",
            expected,
            found: gradients.parameter_count(),
        });
    }
    if moments.is_empty() {
        *moments = params.blocks().map(|p| vec![F::zero(); p.len()]).collect();
    }
    if params.blocks().map(Params::len).eq(moments.iter().map(Vec::len)) {
        return Ok(());
    }
    Err(Error::OtherNetwork { what: "the optimizer", expected, found: moments.iter().map(Vec::len).sum() })
}

/// An error unless `valid`.
fn check_option(option: &'static str, value: f64, valid: bool, must: &'static str) -> Result<()> {
    if valid { Ok(()) } else { Err(Error::InvalidOption { option, value, must }) }
}

/// An error unless the value is finite and at least 0.
fn check_not_negative(option: &'static str, value: f64) -> Result<()> {
    check_option(option, value, value.is_finite() && value >= 0.0, "it must be finite and at least 0")
}
