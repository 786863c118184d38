//! Rules for one matrix.

use ndarray::ArrayViewMut2;

use crate::Real;
#[cfg(feature = "linalg")]
use crate::init::linalg;
use crate::init::{Fan, Init, InitError};
use crate::random::Random;

/// Sets `block`, (rows, columns), one gate's part of the parameter `name`, by a rule for matrices.
///
/// # Panics
/// If `init` is not such a rule: whoever calls has taken the others apart.
pub(super) fn set<F: Real>(
    init: Init,
    name: &str,
    mut block: ArrayViewMut2<'_, F>,
    rng: &mut (impl Random<F> + ?Sized),
) -> Result<(), InitError> {
    let (fan_out, fan_in) = block.dim();
    // In PyTorch's order of operations, so that a bound has its bits.
    let xavier = |gain: f64| gain * (2.0 / (fan_in + fan_out) as f64).sqrt();
    let kaiming = |gain: f64, fan| gain / (if fan == Fan::In { fan_in } else { fan_out } as f64).sqrt();
    let bound = |deviation: f64| 3.0f64.sqrt() * deviation;
    match init {
        Init::XavierUniform { gain } => uniform(block, bound(xavier(gain)), rng),
        Init::XavierNormal { gain } => normal(block, xavier(gain), rng),
        Init::KaimingUniform { fan, gain } => uniform(block, bound(kaiming(gain, fan)), rng),
        Init::KaimingNormal { fan, gain } => normal(block, kaiming(gain, fan), rng),
        #[cfg(feature = "linalg")]
        Init::Orthogonal { gain } => linalg::orthogonal(block, gain, rng),
        Init::Identity { scale } => {
            block.fill(F::zero());
            block.diag_mut().fill(F::of(scale));
        }
        #[cfg(feature = "linalg")]
        Init::Critical { radius } => return linalg::critical(name, block, radius, rng),
        Init::Zeros
        | Init::Constant(_)
        | Init::PyTorch
        | Init::Linear
        | Init::ForgetBias(_)
        | Init::Chrono { .. } => unreachable!("{init:?} is no rule for a matrix; {name}"),
    }
    Ok(())
}

/// U(−bound, bound).
fn uniform<F: Real>(block: ArrayViewMut2<'_, F>, bound: f64, rng: &mut (impl Random<F> + ?Sized)) {
    let mut draws = vec![F::zero(); block.len()];
    rng.fill_uniform(-bound, bound, &mut draws);
    place(block, draws);
}

/// N(0, deviation²).
fn normal<F: Real>(block: ArrayViewMut2<'_, F>, deviation: f64, rng: &mut (impl Random<F> + ?Sized)) {
    let mut draws = normals(block.len(), rng);
    for x in &mut draws {
        *x *= F::of(deviation);
    }
    place(block, draws);
}

/// N(0, 1), `len` times.
pub(super) fn normals<F: Real>(len: usize, rng: &mut (impl Random<F> + ?Sized)) -> Vec<F> {
    let mut draws = vec![F::zero(); len];
    rng.fill_normal(&mut draws);
    draws
}

/// The draws, row by row.
fn place<F: Real>(mut block: ArrayViewMut2<'_, F>, draws: Vec<F>) {
    block.iter_mut().zip(draws).for_each(|(to, x)| *to = x);
}
