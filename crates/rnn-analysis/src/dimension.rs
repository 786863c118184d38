//! How many dimensions a cloud of states fills.

use ndarray::{Array2, ArrayView2, Axis};
use rnn_core::Real;

use crate::error::{Error, Result};
use crate::flow::number;
use crate::spectrum::check_finite;

/// The participation ratio of `states`, (samples, n): with C their covariance matrix,
///
/// ```text
/// PR = (tr C)² / tr C²
/// ```
///
/// which is n for a round cloud, 1 for a line, and in general the number of equally large principal components that would have the
/// same ratio. It is NaN if the states do not vary.
///
/// A finite number of samples makes it too small: m independent samples of a round cloud in n dimensions give about
/// n m / (n + m). [`participation_ratio_across`] does not have this bias.
///
/// # Errors
/// [`Error::TooFew`] for fewer than two samples, [`Error::NonFinite`].
///
/// ```
/// use ndarray::array;
/// // Two directions of equal size.
/// let states = array![[1.0, 0.0, 3.0], [-1.0, 0.0, 3.0], [0.0, 1.0, 3.0], [0.0, -1.0, 3.0]];
/// assert_eq!(rnn_analysis::participation_ratio(states.view())?, 2.0);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn participation_ratio<F: Real>(states: ArrayView2<'_, F>) -> Result<f64> {
    let covariance = covariance(states)?;
    Ok(ratio(&covariance, &covariance))
}

/// The participation ratio across two blocks of `states` that do not know of each other, each (samples, n), with covariances C and
/// C′:
///
/// ```text
/// PR = tr C tr C′ / tr C C′
/// ```
///
/// Noise of the two estimates is independent, so that neither the numerator nor the denominator has the bias that
/// [`participation_ratio`] has. For states of one trajectory, leave out what lies between the blocks until the trajectory has
/// forgotten the first.
///
/// # Errors
/// As [`participation_ratio`], and [`Error::StateSize`] if the states of the two blocks have different sizes.
///
/// # Reference
/// Clark, Abbott and Litwin-Kumar 2023, *Dimension of activity in random neural networks*, Physical Review Letters 131, for the
/// ratio itself.
///
/// ```
/// use ndarray::array;
/// let (first, second) = (array![[1.0, 0.0], [-1.0, 0.0]], array![[1.0, 1.0], [-1.0, -1.0]]);
/// assert_eq!(rnn_analysis::participation_ratio_across(first.view(), second.view())?, 2.0);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn participation_ratio_across<F: Real>(
    first: ArrayView2<'_, F>,
    second: ArrayView2<'_, F>,
) -> Result<f64> {
    if first.ncols() != second.ncols() {
        let (rows, columns) = second.dim();
        return Err(Error::StateSize { state: first.ncols(), rows, columns });
    }
    Ok(ratio(&covariance(first)?, &covariance(second)?))
}

/// tr C tr C′ / tr C C′ of two symmetric matrices.
fn ratio(first: &Array2<f64>, second: &Array2<f64>) -> f64 {
    let trace = |matrix: &Array2<f64>| matrix.diag().sum();
    let both: f64 = first.iter().zip(second).map(|(a, b)| a * b).sum();
    trace(first) * trace(second) / both
}

/// The covariance matrix of `states`, (samples, n), but for a factor.
fn covariance<F: Real>(states: ArrayView2<'_, F>) -> Result<Array2<f64>> {
    if states.nrows() < 2 {
        return Err(Error::TooFew { what: "states", count: states.nrows(), least: 2 });
    }
    let largest = check_finite(states)?;
    // Neither squares nor sums overflow or underflow.
    let scale = if largest > 0.0 { largest } else { 1.0 };
    let scaled = states.mapv(|x| number(x) / scale);
    let centered = &scaled - &scaled.mean_axis(Axis(0)).expect("there are states");
    Ok(centered.t().dot(&centered) / states.nrows() as f64)
}
