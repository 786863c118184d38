//! Clipping of gradients.

use crate::error::{Error, Place, Result, check_option};
use crate::kernel::reduce;
use crate::network::params::Params;
use crate::network::stack::check_gradients;
use crate::real::is;
use crate::{Parameters, Real};

/// ‖g‖₂ over all parameters together. Squares that leave the range of the float type do no harm, and neither do sums of more
/// terms than a narrow type can add.
pub fn global_norm<F: Real>(gradients: &impl Parameters<F>) -> F {
    let all = || gradients.blocks().flat_map(Params::as_slice);
    let wide = || {
        let square = |g: &F| g.to_f64().unwrap_or(f64::NAN).powi(2);
        F::of(all().map(square).sum::<f64>().sqrt())
    };
    if size_of::<F>() < size_of::<f32>() {
        return wide();
    }
    let plain =
        gradients.blocks().fold(F::zero(), |sum, block| sum + reduce::sum_of_squares(block.as_slice()));
    // Squares that underflow lose digits where the sum is not far above the smallest normal number.
    let smallest = F::min_positive_value() / (F::epsilon() * F::epsilon());
    if plain >= smallest && plain.is_finite() {
        return plain.sqrt();
    }
    if is::<F, f32>() {
        return wide();
    }
    let largest = all().fold(F::zero(), |max, g| if g.abs() > max || g.is_nan() { g.abs() } else { max });
    if largest == F::zero() || !largest.is_finite() {
        return largest;
    }
    largest * all().fold(F::zero(), |sum, &g| sum + (g / largest) * (g / largest)).sqrt()
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
    check_bound("max_norm", max_norm)?;
    let norm = finite_norm(gradients)?;
    let scale = max_norm / (norm + F::of(1e-6));
    if scale < F::one() {
        for block in gradients.blocks_mut() {
            block.as_mut_slice().iter_mut().for_each(|g| *g *= scale);
        }
    }
    Ok(norm)
}

/// Clips every number of the gradients to the interval from `-limit` to `limit`.
///
/// ```text
/// g ← min(max(g, −limit), limit)
/// ```
///
/// ```
/// use rnn_core::{Bias, Elman, Parameters, Stack, clip_value};
///
/// let mut gradients = Stack::<f64>::zeros(Elman::tanh(), 1, &[2], Bias::None)?;
/// gradients.fill(-3.0);
/// clip_value(&mut gradients, 0.5)?;
/// assert_eq!(gradients.params().as_slice(), [-0.5; 6]);
/// # Ok::<(), rnn_core::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidOption`] if `limit` is not positive; [`Error::NonFinite`] if a gradient is not finite, and then the
/// gradients stay as they are.
///
/// # Reference
/// The arithmetic of `torch.nn.utils.clip_grad_value_`.
pub fn clip_value<F: Real>(gradients: &mut impl Parameters<F>, limit: F) -> Result<()> {
    check_bound("clip_value", limit)?;
    check_gradients(gradients)?;
    for block in gradients.blocks_mut() {
        block.as_mut_slice().iter_mut().for_each(|g| *g = g.max(-limit).min(limit));
    }
    Ok(())
}

fn check_bound<F: Real>(option: &'static str, bound: F) -> Result<()> {
    let value = bound.to_f64().unwrap_or(f64::NAN);
    check_option(option, value, bound > F::zero(), "it must be positive")
}
