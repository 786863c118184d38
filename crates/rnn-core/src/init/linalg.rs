//! Random matrices with a given spectrum, by faer, in double precision whatever the float type.

use faer::Mat;
use ndarray::ArrayViewMut2;

use crate::Real;
use crate::init::InitError;
use crate::init::matrix::normals;
use crate::random::Random;

/// gain · Q, where Q is the factor of a Gaussian matrix with the signs that make R's diagonal positive: see
/// [`Init::Orthogonal`](crate::Init::Orthogonal).
pub(super) fn orthogonal<F: Real>(
    mut block: ArrayViewMut2<'_, F>,
    gain: f64,
    rng: &mut (impl Random<F> + ?Sized),
) {
    let (rows, columns) = block.dim();
    let gaussian = gaussian(rows, columns, rng);
    let wide = rows < columns;
    let qr = if wide { gaussian.transpose().qr() } else { gaussian.qr() };
    let (q, r) = (qr.compute_thin_Q(), qr.thin_R());
    for ((row, column), w) in block.indexed_iter_mut() {
        let (row, column) = if wide { (column, row) } else { (row, column) };
        let sign = if r[(column, column)] < 0.0 { -1.0 } else { 1.0 };
        *w = F::of(gain * (sign * q[(row, column)]));
    }
}

/// A Gaussian matrix times what makes its spectral radius `radius`.
pub(super) fn critical<F: Real>(
    name: &str,
    mut block: ArrayViewMut2<'_, F>,
    radius: f64,
    rng: &mut (impl Random<F> + ?Sized),
) -> Result<(), InitError> {
    let (rows, columns) = block.dim();
    if rows != columns {
        return Err(InitError::NotSquare { name: name.to_owned(), rows, columns });
    }
    let gaussian = gaussian(rows, columns, rng);
    let found = spectral_radius(&gaussian);
    let scale = radius / found;
    if !(found > 0.0 && scale.is_finite()) {
        return Err(InitError::NoRadius { name: name.to_owned(), wanted: radius, found });
    }
    block.indexed_iter_mut().for_each(|((row, column), w)| *w = F::of(gaussian[(row, column)] * scale));
    Ok(())
}

/// The largest |λ|; NaN if there is no telling.
fn spectral_radius(matrix: &Mat<f64>) -> f64 {
    if !matrix.is_all_finite() {
        return f64::NAN;
    }
    let eigenvalues = matrix.eigenvalues();
    eigenvalues
        .map_or(f64::NAN, |all| all.iter().fold(0.0, |most, z| f64::max(most, libm::hypot(z.re, z.im))))
}

/// N(0, 1), drawn row by row in the network's float type: of a seed, the matrix that `torch.randn` would give.
fn gaussian<F: Real>(rows: usize, columns: usize, rng: &mut (impl Random<F> + ?Sized)) -> Mat<f64> {
    let draws = normals(rows * columns, rng);
    Mat::from_fn(rows, columns, |row, column| draws[row * columns + column].to_f64().unwrap_or(f64::NAN))
}
