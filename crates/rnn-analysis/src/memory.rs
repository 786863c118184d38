//! How long a linear network remembers its input, in closed form.

use faer::Mat;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use rnn_core::Real;

use crate::error::{Error, Result};
use crate::flow::number;
use crate::spectrum::{check_finite, spectral_radius};
use crate::steps::check_shape;

/// The most lags that are looked at.
const LAGS: usize = 1 << 20;

/// The spectral radius has to be below 1 by this much, so that the memory ends within [`LAGS`].
const MARGIN: f64 = 1e-4;

/// Directions whose standard deviation is below this share of the largest are not told from rounding.
const RANK: f64 = 1e-13;

/// What a linear network h_t = W h_{t−1} + v x_t remembers of its input, lag by lag.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearMemory {
    /// For lags 0, 1, 2, … until nothing is left.
    pub by_lag: Vec<f64>,
}

impl LinearMemory {
    /// The sum over all lags.
    pub fn total(&self) -> f64 {
        self.by_lag.iter().sum()
    }
}

/// The memory capacity of a linear network that reads white noise: at lag k the squared correlation of x_{t−k} with the best
/// linear estimate of it from h_t,
///
/// ```text
/// m_k = v_kᵀ C⁻¹ v_k          v_k = Wᵏ v          C = Σ_k v_k v_kᵀ
/// ```
///
/// where C is the stationary covariance. The sum over all lags is tr(C⁻¹ C), the dimension of the space that v, W v, W² v, … span:
/// n, for almost every W and v. A network can distribute its capacity among lags, but not exceed it. C⁻¹ is taken on that
/// space; directions in which h moves by less than 1e-13 of the largest are not told from rounding.
///
/// ```
/// use ndarray::array;
/// use rnn_analysis::linear_memory;
///
/// // One unit that keeps 0.6 of its state: m_k = (1 − w²) w²ᵏ.
/// let memory = linear_memory(array![[0.6]].view(), array![1.0].view())?;
/// assert!((memory.by_lag[2] - 0.64 * 0.6f64.powi(4)).abs() < 1e-15);
/// assert!((memory.total() - 1.0).abs() < 1e-14);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotSquare`], [`Error::NonFinite`], [`Error::NoConvergence`]; [`rnn_core::Error::Shape`] if `v` does not fit;
/// [`Error::Unstable`] if the spectral radius of W is not below 1 − 1e-4, where the covariance does not exist or the sums are too
/// long.
///
/// # Reference
/// Jaeger 2001, *Short term memory in echo state networks*, GMD Report 152; White, Lee and Sompolinsky 2004, *Short-term memory in
/// orthogonal neural networks*, Physical Review Letters 92.
pub fn linear_memory<F: Real>(w: ArrayView2<'_, F>, v: ArrayView1<'_, F>) -> Result<LinearMemory> {
    let (w, v) = checked(w, v)?;
    let start = v.clone().insert_axis(ndarray::Axis(1));
    by_lag(&w, v, &start)
}

/// The Fisher memory of a linear network whose state has noise of variance 1 in every unit at every step, h_t = W h_{t−1} + v x_t + z_t:
/// the Fisher information of h_t about x_{t−k},
///
/// ```text
/// J_k = v_kᵀ C⁻¹ v_k          v_k = Wᵏ v          C = Σ_k Wᵏ (Wᵏ)ᵀ
/// ```
///
/// which is the signal-to-noise ratio of the best linear estimate for a small signal. For a normal W and v of length 1 the sum over
/// all lags is 1; for others it is at most n. For noise of another variance, divide by it.
///
/// ```
/// use ndarray::array;
/// use rnn_analysis::fisher_memory;
///
/// // A chain of two units with gain 2: the second unit holds 2 x_{t−1} with noise of variance 1 + 4.
/// let memory = fisher_memory(array![[0.0, 0.0], [2.0, 0.0]].view(), array![1.0, 0.0].view())?;
/// assert!((memory.by_lag[1] - 4.0 / 5.0).abs() < 1e-15);
/// assert!((memory.total() - 1.8).abs() < 1e-15);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
///
/// # Errors
/// As [`linear_memory`].
///
/// # Reference
/// Ganguli, Huh and Sompolinsky 2008, *Memory traces in dynamical systems*, PNAS 105(48).
pub fn fisher_memory<F: Real>(w: ArrayView2<'_, F>, v: ArrayView1<'_, F>) -> Result<LinearMemory> {
    let (w, v) = checked(w, v)?;
    let start = Array2::eye(v.len());
    by_lag(&w, v, &start)
}

/// W and v in double precision, if they fit and the covariance exists.
fn checked<F: Real>(w: ArrayView2<'_, F>, v: ArrayView1<'_, F>) -> Result<(Array2<f64>, Array1<f64>)> {
    let radius = spectral_radius(w)?;
    check_shape("v (units)", &[w.nrows()], v.shape())?;
    check_finite(v.insert_axis(ndarray::Axis(1)))?;
    if radius >= 1.0 - MARGIN {
        return Err(Error::Unstable { radius });
    }
    Ok((w.mapv(number), v.mapv(number)))
}

/// v_kᵀ C⁻¹ v_k for every lag, with C = Σ_k Wᵏ S Sᵀ (Wᵏ)ᵀ.
///
/// C is held as a product of a factor and its transpose, which has the digits that C would lose: with S_m the factor of the first m
/// terms, those of 2 m terms are S_m and Wᵐ S_m side by side, made n columns wide again by a singular value decomposition.
fn by_lag(w: &Array2<f64>, mut v: Array1<f64>, start: &Array2<f64>) -> Result<LinearMemory> {
    let n = w.nrows();
    let (mut factor, mut power) = (start.clone(), w.clone());
    let (mut axes, mut sizes) = singular(&factor)?;
    for _ in 0..64 {
        let later = power.dot(&factor);
        let largest = later.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        if largest <= 1e-18 * sizes.first().copied().unwrap_or(0.0) {
            break;
        }
        let both = ndarray::concatenate(ndarray::Axis(1), &[factor.view(), later.view()])
            .expect("both have a row for each unit");
        (axes, sizes) = singular(&both)?;
        factor = Array2::from_shape_fn((n, sizes.len()), |(i, j)| axes[[i, j]] * sizes[j]);
        power = power.dot(&power);
    }
    let largest = sizes.first().copied().unwrap_or(0.0);
    let kept: Vec<usize> = (0..sizes.len()).filter(|&j| sizes[j] > RANK * largest).collect();
    let mut by_lag = Vec::new();
    let mut small = 0;
    // Nothing is left when a number of lags in a row adds nothing, which transient growth can no longer end.
    while small < 2 * n + 8 {
        if by_lag.len() == LAGS {
            return Err(Error::NoConvergence { what: "sum over lags", rows: n, columns: n });
        }
        let term = kept.iter().map(|&j| (axes.column(j).dot(&v) / sizes[j]).powi(2)).sum::<f64>();
        small = if term < 1e-18 { small + 1 } else { 0 };
        by_lag.push(term);
        v = w.dot(&v);
    }
    by_lag.truncate(by_lag.len() - small);
    Ok(LinearMemory { by_lag })
}

/// The left singular vectors and the singular values, largest first.
fn singular(matrix: &Array2<f64>) -> Result<(Array2<f64>, Vec<f64>)> {
    let (rows, columns) = matrix.dim();
    let svd = Mat::from_fn(rows, columns, |i, j| matrix[[i, j]]).thin_svd();
    let svd = svd.map_err(|_| Error::NoConvergence { what: "singular values", rows, columns })?;
    let count = rows.min(columns);
    let (u, s) = (svd.U(), svd.S());
    Ok((Array2::from_shape_fn((rows, count), |(i, j)| u[(i, j)]), (0..count).map(|j| s[j]).collect()))
}
