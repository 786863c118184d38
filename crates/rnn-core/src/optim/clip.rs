//! Clipping of gradients.

use crate::error::{Error, Place, Result};
use crate::kernel::reduce;
use crate::stack::check_gradients;
use crate::{Parameters, Real};

/// ‖g‖₂ over all parameters together.
pub fn global_norm<F: Real>(gradients: &impl Parameters<F>) -> F {
    gradients.blocks().fold(F::zero(), |sum, block| sum + reduce::sum_of_squares(block.as_slice())).sqrt()
}

/// [`global_norm`], or an error that names what is not finite.
pub(crate) fn finite_norm<F: Real>(gradients: &impl Parameters<F>) -> Result<F> {
    let norm = global_norm(gradients);
    if norm.is_finite() {
        return Ok(norm);
    }
    check_gradients(gradients)?;
    Err(Error::NonFinite { place: Place::GradientNorm, value: norm.to_string() })
}

/// Scales the gradients so that their global norm is at most about `max_norm`, and returns the norm before.
///
/// ```text
/// g ← g · min(1, max_norm / (‖g‖ + 1e−6))
/// ```
///
/// # Errors
/// [`Error::InvalidOption`] if `max_norm` is not positive; [`Error::NonFinite`] if the norm is not finite, and then the
/// gradients stay as they are.
///
/// # Reference
/// Pascanu, Mikolov and Bengio 2013, *On the difficulty of training recurrent neural networks*, algorithm 1; the
/// arithmetic of `torch.nn.utils.clip_grad_norm_`.
pub fn clip_global_norm<F: Real>(gradients: &mut impl Parameters<F>, max_norm: F) -> Result<F> {
    if max_norm.is_nan() || max_norm <= F::zero() {
        let value = max_norm.to_f64().unwrap_or(f64::NAN);
        return Err(Error::InvalidOption { option: "max_norm", value, must: "it must be positive" });
    }
    let norm = finite_norm(gradients)?;
    let scale = max_norm / (norm + F::of(1e-6));
    if scale < F::one() {
        for block in gradients.blocks_mut() {
            block.as_mut_slice().iter_mut().for_each(|g| *g *= scale);
        }
    }
    Ok(norm)
}
