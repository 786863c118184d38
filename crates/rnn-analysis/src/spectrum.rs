//! Eigenvalues and singular values, computed by faer.

use faer::Mat;
use ndarray::{Array2, ArrayView2};
use num_complex::Complex64;
use rnn_core::Real;

use crate::error::{Error, Result};
use crate::flow::number;

/// The eigenvalues λ of a square matrix, largest magnitude first; ties by real, then by imaginary part.
///
/// They are computed in double precision for every float type. The eigenvalues of a defective matrix, such as a Jordan block of
/// size k, are ill-conditioned: no method gets more than an accuracy of about ε^(1/k).
///
/// # Errors
/// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::NoConvergence`].
pub fn eigenvalues<F: Real>(matrix: ArrayView2<'_, F>) -> Result<Vec<Complex64>> {
    let (rows, columns) = matrix.dim();
    if rows != columns {
        return Err(Error::NotSquare { rows, columns });
    }
    let (scaled, scale) = normalized(matrix)?;
    let no_convergence = |_| Error::NoConvergence { what: "eigenvalues", rows, columns };
    let mut eigenvalues: Vec<Complex64> = scaled
        .eigenvalues()
        .map_err(no_convergence)?
        .into_iter()
        .map(|z| Complex64::new(z.re, z.im) * scale)
        .collect();
    eigenvalues.sort_by(|a, b| {
        let by_magnitude = b.norm().total_cmp(&a.norm());
        by_magnitude.then(a.re.total_cmp(&b.re)).then(a.im.total_cmp(&b.im))
    });
    Ok(eigenvalues)
}

/// The spectral radius ρ, the largest |λ|; 0 for an empty matrix.
///
/// In a linear recurrence h_t = W h_{t−1} both states and gradients grow like ρᵗ in the long run. In the short run they may
/// grow faster if W is not normal.
///
/// # Errors
/// As [`eigenvalues`].
pub fn spectral_radius<F: Real>(matrix: ArrayView2<'_, F>) -> Result<f64> {
    Ok(eigenvalues(matrix)?.first().map_or(0.0, |z| z.norm()))
}

/// Its square is far from underflow.
const SMALL: f64 = 1e-150;

/// The singular values σ of a matrix, largest first.
///
/// # Errors
/// [`Error::NonFinite`], [`Error::NoConvergence`].
pub fn singular_values<F: Real>(matrix: ArrayView2<'_, F>) -> Result<Vec<f64>> {
    let (rows, columns) = matrix.dim();
    let (scaled, scale) = normalized(matrix)?;
    let no_convergence = |_| Error::NoConvergence { what: "singular values", rows, columns };
    let found = scaled.singular_values().or_else(|_| {
        // Entries whose squares underflow stop the iteration. Without them no singular value moves by more than
        // n times `SMALL`, as a share of the largest entry.
        let large = |x: f64| if x.abs() < SMALL { 0.0 } else { x };
        Mat::from_fn(rows, columns, |i, j| large(scaled[(i, j)])).singular_values()
    });
    Ok(found.map_err(no_convergence)?.into_iter().map(|s| s * scale).collect())
}

/// The matrix with orthonormal columns, or rows if it is wide, that is nearest to this one in the Frobenius norm: U Vᵀ of the singular
/// value decomposition U Σ Vᵀ. If a singular value is 0, it is one of several.
pub(crate) fn polar<F: Real>(matrix: ArrayView2<'_, F>) -> Result<Array2<f64>> {
    let (rows, columns) = matrix.dim();
    let (scaled, _) = normalized(matrix)?;
    let svd =
        scaled.thin_svd().map_err(|_| Error::NoConvergence { what: "singular values", rows, columns })?;
    let nearest = svd.U() * svd.V().transpose();
    Ok(Array2::from_shape_fn((rows, columns), |(i, j)| nearest[(i, j)]))
}

/// The matrix divided by a power of two near its largest entry, and that power. The division is exact, and afterwards neither
/// squares nor sums of entries overflow or underflow.
fn normalized<F: Real>(matrix: ArrayView2<'_, F>) -> Result<(Mat<f64>, f64)> {
    let largest = check_finite(matrix)?;
    let entry = |i, j| number(matrix[[i, j]]);
    let scale = power_of_two(largest);
    Ok((Mat::from_fn(matrix.nrows(), matrix.ncols(), |i, j| entry(i, j) / scale), scale))
}

/// The largest magnitude in a matrix; an error if an entry is not finite.
pub(crate) fn check_finite<F: Real>(matrix: ArrayView2<'_, F>) -> Result<f64> {
    let mut largest = 0.0f64;
    for ((row, column), x) in matrix.indexed_iter() {
        let value = number(*x);
        if !value.is_finite() {
            return Err(Error::NonFinite { row, column, value });
        }
        largest = largest.max(value.abs());
    }
    Ok(largest)
}

/// A power of two near a magnitude; 1 for 0.
pub(crate) fn power_of_two(magnitude: f64) -> f64 {
    if magnitude > 0.0 { libm::exp2(libm::log2(magnitude).floor().clamp(-1000.0, 1000.0)) } else { 1.0 }
}
