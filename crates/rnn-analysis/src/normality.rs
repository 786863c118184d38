//! How far a matrix is from normal, and how much its powers may grow before the eigenvalues decide.

use std::f64::consts::PI;

use faer::{Mat, Side};
use ndarray::{Array2, ArrayView2};
use num_complex::Complex64;
use rnn_core::Real;

use crate::error::{Error, Result};
use crate::flow::number;
use crate::spectrum::{check_finite, eigenvalues, power_of_two};

/// Henrici's departure from normality of a square matrix, in the Frobenius norm:
///
/// ```text
/// √(‖A‖_F² − Σ |λ_i|²) = ‖N‖_F        A = U (Λ + N) U*, Schur's form
/// ```
///
/// 0 if and only if A is normal, which means that it has orthogonal eigenvectors. The norms of its powers are then those of its eigenvalues:
/// ‖Aᵏ‖ = ρᵏ. With a departure above 0 they may first be larger.
///
/// N is computed from an orthonormal basis of the eigenvectors, with an error of about n ε ‖A‖_F. Where that basis does not make A triangular
/// up to rounding, since some eigenvectors hardly differ, the difference of squares is taken; it is then far from 0.
///
/// # Errors
/// As [`eigenvalues`].
///
/// # Reference
/// Henrici 1962, *Bounds for iterates, inverses, spectral variation and fields of values of non-normal matrices*, Numerische
/// Mathematik 4.
///
/// ```
/// use ndarray::array;
/// use rnn_analysis::departure_from_normality;
/// assert!((departure_from_normality(array![[0.9, 5.0], [0.0, 0.9]].view())? - 5.0).abs() < 1e-12);
/// assert!(departure_from_normality(array![[0.0, -1.5], [1.5, 0.0]].view())? < 1e-14);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn departure_from_normality<F: Real>(matrix: ArrayView2<'_, F>) -> Result<f64> {
    let lambda = eigenvalues(matrix)?;
    let (n, scale) = (matrix.nrows(), power_of_two(check_finite(matrix)?));
    if n == 0 {
        return Ok(0.0);
    }
    let scaled = Mat::from_fn(n, n, |i, j| number(matrix[[i, j]]) / scale);
    let frobenius = scaled.norm_l2();
    if let Ok(found) = scaled.eigen() {
        let basis = found.U().qr().compute_thin_Q();
        let complex = Mat::from_fn(n, n, |i, j| Complex64::from(scaled[(i, j)]));
        let triangular = basis.adjoint() * complex * &basis;
        let part = |of: fn(usize, usize) -> bool| {
            let places = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
            places.filter(|&(i, j)| of(i, j)).map(|place| triangular[place].norm_sqr()).sum::<f64>().sqrt()
        };
        if part(|i, j| i > j) <= 1e-12 * n as f64 * frobenius {
            return Ok(scale * part(|i, j| i < j));
        }
    }
    let spectral: f64 = lambda.iter().map(|z| (z / scale).norm_sqr()).sum();
    Ok(scale * (frobenius * frobenius - spectral).max(0.0).sqrt())
}

/// The numerical radius of a real square matrix: the largest |x* A x| over complex unit vectors x; 0 for an empty matrix.
///
/// ```text
/// w(A) = max over θ of λ_max(½ (e^{iθ} A + e^{−iθ} Aᵀ))        ρ(A) ≤ w(A) ≤ ‖A‖ ≤ 2 w(A)        ‖Aᵏ‖ ≤ 2 w(A)ᵏ
/// ```
///
/// The last of these bounds, which follows from w(Aᵏ) ≤ w(A)ᵏ, is what the spectral radius cannot give.
///
/// # Accuracy
/// The maximum is taken over 65 angles between 0 and π (a real matrix is symmetric in θ), and the best of them is refined. The
/// result is never above w(A) but for rounding. Where the refined maximum is not the global one, it is at least cos(π/128) w(A),
/// which is 0.9997 w(A).
///
/// # Errors
/// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::NoConvergence`].
///
/// # Reference
/// Horn and Johnson 1991, *Topics in matrix analysis*, chapter 1.
///
/// ```
/// use ndarray::array;
/// // A Jordan block: its only eigenvalue is 0.
/// let w = rnn_analysis::numerical_radius(array![[0.0, 1.0], [0.0, 0.0]].view())?;
/// assert!((w - 0.5).abs() < 1e-15);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn numerical_radius<F: Real>(matrix: ArrayView2<'_, F>) -> Result<f64> {
    const ANGLES: u32 = 64;
    let n = square(matrix)?;
    let scale = power_of_two(check_finite(matrix)?);
    if n == 0 {
        return Ok(0.0);
    }
    // The largest eigenvalue of the Hermitian part of e^{iθ} A.
    let support = |theta: f64| -> Result<f64> {
        let turn = Complex64::new(libm::cos(theta), libm::sin(theta));
        let part = |i: usize, j: usize| {
            let [a, b] = [matrix[[i, j]], matrix[[j, i]]].map(|x| number(x) / scale);
            (turn * a + turn.conj() * b) * 0.5
        };
        let found = Mat::from_fn(n, n, part).self_adjoint_eigenvalues(Side::Lower);
        let no_convergence =
            |_| Error::NoConvergence { what: "eigenvalues of the Hermitian part", rows: n, columns: n };
        Ok(found.map_err(no_convergence)?.into_iter().fold(f64::NEG_INFINITY, f64::max))
    };
    let step = PI / f64::from(ANGLES);
    let mut best = (f64::NEG_INFINITY, 0.0);
    for k in 0..=ANGLES {
        let theta = f64::from(k) * step;
        let value = support(theta)?;
        if value > best.0 {
            best = (value, theta);
        }
    }
    // Golden sections of the two steps around the best angle.
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (best.1 - step, best.1 + step);
    let mut inner = [high - golden * (high - low), low + golden * (high - low)];
    let mut values = [support(inner[0])?, support(inner[1])?];
    for _ in 0..40 {
        if values[0] > values[1] {
            high = inner[1];
            (inner[1], values[1]) = (inner[0], values[0]);
            inner[0] = high - golden * (high - low);
            values[0] = support(inner[0])?;
        } else {
            low = inner[0];
            (inner[0], values[0]) = (inner[1], values[1]);
            inner[1] = low + golden * (high - low);
            values[1] = support(inner[1])?;
        }
    }
    Ok(scale * best.0.max(values[0]).max(values[1]))
}

/// The smallest singular value of z I − A over a grid of complex numbers z: its level sets are the pseudospectra of A.
///
/// z is within the ε-pseudospectrum if σ_min(z I − A) ≤ ε, which is to say that z is an eigenvalue of a matrix at most ε from A. For a
/// normal matrix these are discs of radius ε around the eigenvalues; for others they may be much larger, and the powers of A then
/// grow before they decay: with ρ_ε the largest |z|, the pseudospectral radius,
///
/// ```text
/// max over k of ‖Aᵏ‖ ≥ (ρ_ε − 1) / ε        (Kreiss)
/// ```
///
/// # Reference
/// Trefethen and Embree 2005, *Spectra and pseudospectra*, Princeton University Press.
///
/// ```
/// use ndarray::array;
/// use rnn_analysis::Pseudospectrum;
///
/// // diag(0.5, −0.25) is normal: α_ε = 0.5 + ε and ρ_ε = 0.5 + ε.
/// let matrix = array![[0.5, 0.0], [0.0, -0.25]];
/// let seen = Pseudospectrum::on_grid(matrix.view(), [-1.0, 1.0], [-1.0, 1.0], [81, 81])?;
/// let [low, high] = seen.abscissa(0.1);
/// assert!(low <= 0.6 && 0.6 <= high && high - low < 0.06);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Pseudospectrum {
    /// The real parts of the grid, in ascending order.
    pub re: Vec<f64>,
    /// The imaginary parts, in ascending order.
    pub im: Vec<f64>,
    /// σ_min(z I − A), (imaginary parts, real parts).
    pub sigma_min: Array2<f64>,
}

impl Pseudospectrum {
    /// Computes it on a grid with these ends and so many points along each axis: `counts` are those of real and of imaginary parts.
    /// Each point takes one singular value decomposition.
    ///
    /// # Errors
    /// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::NoConvergence`]; [`Error::TooFew`] for fewer than two points along an axis,
    /// [`Error::OutOfRange`] if the ends of an axis are not finite or do not ascend.
    pub fn on_grid<F: Real>(
        matrix: ArrayView2<'_, F>,
        re: [f64; 2],
        im: [f64; 2],
        counts: [usize; 2],
    ) -> Result<Self> {
        let n = square(matrix)?;
        check_finite(matrix)?;
        let axis = |[from, to]: [f64; 2], count: usize| {
            if count < 2 {
                return Err(Error::TooFew { what: "points along an axis", count, least: 2 });
            }
            if !(from < to && from.is_finite() && to.is_finite()) {
                let range = "finite and above the lower one";
                return Err(Error::OutOfRange { what: "the upper end of an axis", value: to, range });
            }
            let step = (to - from) / (count - 1) as f64;
            Ok((0..count).map(|k| from + k as f64 * step).collect::<Vec<f64>>())
        };
        let (re, im) = (axis(re, counts[0])?, axis(im, counts[1])?);
        let mut sigma_min = Array2::zeros((im.len(), re.len()));
        for ((row, column), to) in sigma_min.indexed_iter_mut() {
            let z = Complex64::new(re[column], im[row]);
            let entry = |i: usize, j: usize| {
                let diagonal = if i == j { z } else { Complex64::ZERO };
                diagonal - number(matrix[[i, j]])
            };
            let found = Mat::from_fn(n, n, entry).singular_values();
            let no_convergence = |_| Error::NoConvergence { what: "singular values", rows: n, columns: n };
            *to = found.map_err(no_convergence)?.last().copied().unwrap_or(f64::INFINITY);
        }
        Ok(Self { re, im, sigma_min })
    }

    /// Bounds of the pseudospectral abscissa α_ε, the largest Re z with σ_min(z I − A) ≤ ε, as far as the grid reaches: the lower
    /// one is that of the grid's points, −∞ if none of them is within; the upper one holds because σ_min changes by no more than
    /// |Δz| between two points.
    pub fn abscissa(&self, epsilon: f64) -> [f64; 2] {
        self.bounds(epsilon, |z| z.re)
    }

    /// Bounds of the pseudospectral radius ρ_ε, the largest |z| with σ_min(z I − A) ≤ ε, as those of [`abscissa`](Self::abscissa).
    pub fn radius(&self, epsilon: f64) -> [f64; 2] {
        self.bounds(epsilon, Complex64::norm)
    }

    fn bounds(&self, epsilon: f64, of: impl Fn(Complex64) -> f64) -> [f64; 2] {
        let step = |axis: &[f64]| axis[1] - axis[0];
        // Every z on the grid's rectangle is at most this far from a point of the grid.
        let reach = 0.5 * step(&self.re).hypot(step(&self.im));
        let (mut low, mut high) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        for ((row, column), &sigma) in self.sigma_min.indexed_iter() {
            let value = of(Complex64::new(self.re[column], self.im[row]));
            if sigma <= epsilon {
                low = low.max(value);
            }
            if sigma <= epsilon + reach {
                high = high.max(value + reach);
            }
        }
        [low, high]
    }
}

fn square<F: Real>(matrix: ArrayView2<'_, F>) -> Result<usize> {
    let (rows, columns) = matrix.dim();
    if rows == columns { Ok(rows) } else { Err(Error::NotSquare { rows, columns }) }
}
