//! Lyapunov exponents, by repeated QR decomposition.

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut1, Axis, Slice};
use rnn_core::{Error as NetworkError, Layer, Real, Stack, State};

use super::columns::{Columns, largest, norm, normalize};
use super::trajectory::{Input, follow};
use crate::error::Result;

/// The steps that are run before the measurement. A number converts to that many steps for the state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BurnIn {
    /// Steps that bring the state to the attractor, without directions.
    pub state: usize,
    /// Further steps, during which the directions turn from the columns of the identity to those that grow fastest. Without
    /// them each exponent has an error of order 1 / steps, from the growth during that turn.
    pub directions: usize,
}

impl From<usize> for BurnIn {
    fn from(state: usize) -> Self {
        Self { state, directions: 0 }
    }
}

/// The Lyapunov exponents of one layer: natural logarithms per step.
#[derive(Clone, Debug, PartialEq)]
pub struct LyapunovSpectrum {
    /// One exponent for each number of the state, in the order of the columns of Q. In the long run that is the order of the
    /// rates of growth, but two close exponents may not have changed places yet, and columns that start as exact eigenvectors
    /// never do. −∞ where a direction was mapped to zero.
    pub by_column: Vec<f64>,
    /// The number of steps that the exponents are means over.
    pub steps: usize,
}

impl LyapunovSpectrum {
    /// The exponents, largest first.
    pub fn sorted(&self) -> Vec<f64> {
        sorted(&self.by_column)
    }

    /// The largest exponent. If it is above 0, nearby states diverge, and a network whose states stay bounded is chaotic.
    pub fn largest(&self) -> f64 {
        self.by_column.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

/// The Lyapunov exponents of each layer of an autonomous network, that is, with an input of zeros: biases have an effect, W_ih
/// has none.
///
/// The network takes the steps of `burn_in` and then `steps` more, from `initial`, a state of one sequence, or from zeros. With
/// J_t the step Jacobian and Q_0 the identity,
///
/// ```text
/// Q_t R_t = J_t Q_{t−1}          λ_i = mean over t of ln |R_t[i, i]|
/// ```
///
/// A layer above the first is driven by the one below it. Its exponents are conditional on that input: they are about
/// perturbations of its own state. Jacobians of every float type are converted to double precision.
///
/// # Directions that vanish
/// A column of Q that J maps to zero exactly stays zero: its exponent is −∞, and those after it are measured without it. That
/// happens where units are dead, or where W_hh is zero. A saturated unit is no such case: its slope is tiny, but not zero, and
/// it is computed from the pre-activation, for every built-in cell, as in [`Stack::with_fine_slopes`]. A slope below the range
/// of the float type, as that of tanh for |z| > 354, is 0. Where the columns of J depend on each other, but for rounding,
/// the step counts with ln |R[i, i]| of about ln ε = −36 or less instead of −∞.
///
/// # Errors
/// If there are no steps, `initial` does not fit, or a state or a Jacobian is not finite, with the timestep.
///
/// # Reference
/// Benettin, Galgani, Giorgilli and Strelcyn 1980, *Lyapunov characteristic exponents for smooth dynamical systems and for
/// Hamiltonian systems; a method for computing all of them*, Meccanica 15. For recurrent networks: Vogt, Puelma Touzel,
/// Shlizerman and Lajoie 2022, *On Lyapunov exponents for RNNs*, Frontiers in Applied Mathematics and Statistics 8;
/// Engelken, Wolf and Abbott 2023, *Lyapunov spectra of chaotic recurrent neural networks*, Physical Review Research 5.
///
/// ```
/// use ndarray::array;
/// use rnn_analysis::{BurnIn, lyapunov_exponents};
/// use rnn_core::{Bias, Elman, Parameters, Stack};
///
/// // A linear network h_t = W h_{t−1}: the logarithms of the magnitudes of the eigenvalues.
/// let mut rnn = Stack::<f64>::zeros(Elman::identity(), 1, &[2], Bias::None)?;
/// rnn.set_parameter("weight_hh_l0", array![[0.5, 0.0], [7.0, 0.9]].view().into_dyn())?;
/// let burn_in = BurnIn { state: 0, directions: 100 };
/// let spectrum = &lyapunov_exponents(&rnn, None, 1000, burn_in)?[0];
/// assert!((spectrum.by_column[0] - 0.9f64.ln()).abs() < 1e-12);
/// assert!((spectrum.by_column[1] - 0.5f64.ln()).abs() < 1e-12);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn lyapunov_exponents<F: Real>(
    stack: &Stack<F>,
    initial: Option<&State<F>>,
    steps: usize,
    burn_in: impl Into<BurnIn>,
) -> Result<Vec<LyapunovSpectrum>> {
    if steps == 0 {
        return Err(NetworkError::ZeroSize { what: "the number of steps" }.into());
    }
    spectra(stack, Input::Zeros, initial, steps, burn_in.into())
}

/// The Lyapunov exponents of each layer of a network that reads `x`, (time, features): as [`lyapunov_exponents`], over the
/// timesteps after the burn-in. They are conditional on the input, and tell whether two states that read the same x converge.
///
/// # Errors
/// As [`lyapunov_exponents`]; also if the burn-in leaves no timestep, or `x` does not fit or is not finite.
pub fn driven_lyapunov_exponents<F: Real>(
    stack: &Stack<F>,
    x: ArrayView2<'_, F>,
    initial: Option<&State<F>>,
    burn_in: impl Into<BurnIn>,
) -> Result<Vec<LyapunovSpectrum>> {
    let burn_in = burn_in.into();
    let steps = x.nrows().saturating_sub(burn_in.state).saturating_sub(burn_in.directions);
    if steps == 0 {
        return Err(NetworkError::ZeroSize { what: "the number of timesteps after the burn-in" }.into());
    }
    spectra(stack, Input::Given(x), initial, steps, burn_in)
}

fn spectra<F: Real>(
    stack: &Stack<F>,
    input: Input<'_, F>,
    initial: Option<&State<F>>,
    steps: usize,
    BurnIn { state, directions }: BurnIn,
) -> Result<Vec<LyapunovSpectrum>> {
    let mut layers: Vec<Directions> =
        stack.layers().iter().map(Layer::state_width).map(|n| Directions::new(n, n, directions)).collect();
    follow(stack, input, initial, [state, directions.saturating_add(steps)], |layer, jacobian| {
        layers[layer].step(jacobian);
    })?;
    let spectrum = |layer: Directions| LyapunovSpectrum {
        by_column: layer.sums.iter().map(|sum| sum / steps as f64).collect(),
        steps,
    };
    Ok(layers.into_iter().map(spectrum).collect())
}

/// The directions of one layer.
struct Directions {
    /// The columns of Q, or zeros.
    q: Columns,
    /// Row r holds the unit vector v of the reflection I − 2 v vᵀ that belongs to the r-th column with a pivot; zeros
    /// before r.
    reflections: Array2<f64>,
    /// ln |R[i, i]| of the current step.
    ln_r: Vec<f64>,
    /// Their sums over the steps that count.
    sums: Vec<f64>,
    /// How many steps were taken.
    taken: usize,
    /// How many of them do not count.
    burn_in: usize,
}

impl Directions {
    /// The first `k` of `n` directions.
    fn new(k: usize, n: usize, burn_in: usize) -> Self {
        Self {
            q: Columns::leading(k, n),
            reflections: Array2::zeros((k, n)),
            ln_r: vec![0.0; k],
            sums: vec![0.0; k],
            taken: 0,
            burn_in,
        }
    }

    /// Q R = J Q, which counts after the burn-in. A direction that vanishes during the burn-in stays zero.
    fn step<F: Real>(&mut self, jacobian: ArrayView2<'_, F>) {
        self.ln_r.fill(0.0);
        self.q.multiply(jacobian, &mut self.ln_r);
        self.orthonormalize();
        self.taken += 1;
        if self.taken > self.burn_in {
            self.sums.iter_mut().zip(&self.ln_r).for_each(|(sum, ln)| *sum += ln);
        }
    }

    /// Makes the columns orthonormal, in their order, by Householder reflections.
    ///
    /// The rows are sorted by size first. Each row then has its own relative accuracy (Cox and Higham 1998, *Stability of
    /// Householder QR factorization for weighted least squares problems*), which a saturated unit needs: the row of its
    /// slope may be 1e-30 times as long as another.
    ///
    /// faer's QR decomposition, as of version 0.24, skips columns that depend on earlier ones, so that the diagonal of R
    /// no longer belongs to the columns.
    fn orthonormalize(&mut self) {
        let Self { q: Columns { vectors, .. }, reflections, ln_r, .. } = self;
        let sizes: Vec<f64> = vectors.columns().into_iter().map(|row| largest(row.iter())).collect();
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.sort_by(|&a, &b| sizes[b].total_cmp(&sizes[a]));
        // In row-major order, so that each column is contiguous.
        let mut columns = Array2::from_shape_fn(vectors.dim(), |(j, i)| vectors[[j, order[i]]]);
        let mut rank = 0;
        for (mut column, ln_r) in columns.rows_mut().into_iter().zip(ln_r) {
            for (r, v) in reflections.rows().into_iter().take(rank).enumerate() {
                reflect(column.view_mut(), v, r);
            }
            let mut v = reflections.row_mut(rank);
            let rest = column.slice_axis(Axis(0), Slice::from(rank..));
            let scale = largest(rest.iter());
            if scale == 0.0 {
                *ln_r = f64::NEG_INFINITY;
                column.fill(0.0);
                continue;
            }
            v.fill(0.0);
            let mut v = v.slice_axis_mut(Axis(0), Slice::from(rank..));
            v.assign(&rest.mapv(|x| x / scale));
            let length = norm(v.view());
            *ln_r += libm::log(scale) + libm::log(length);
            normalize(v.view_mut(), length);
            // Reflects the column onto the axis, on the other side of 0, so that nothing cancels.
            v[0] += 1f64.copysign(v[0]);
            let length = norm(v.view());
            normalize(v, length);
            column.fill(0.0);
            column[rank] = 1.0;
            for r in (0..=rank).rev() {
                reflect(column.view_mut(), reflections.row(r), r);
            }
            rank += 1;
        }
        for (from, &to) in columns.columns().into_iter().zip(&order) {
            vectors.column_mut(to).assign(&from);
        }
    }
}

/// x ← (I − 2 v vᵀ) x for a unit vector v whose first entries, before `from`, are 0.
fn reflect(mut x: ArrayViewMut1<'_, f64>, v: ArrayView1<'_, f64>, from: usize) {
    let mut x = x.slice_axis_mut(Axis(0), Slice::from(from..));
    let v = v.slice_axis(Axis(0), Slice::from(from..));
    let along = -2.0 * v.dot(&x);
    x.scaled_add(along, &v);
}

/// The Kaplan–Yorke dimension of an attractor with these Lyapunov exponents, in any order: with k the largest number for
/// which λ_1 + … + λ_k ≥ 0, largest first,
///
/// ```text
/// D = k + (λ_1 + … + λ_k) / |λ_{k+1}|
/// ```
///
/// 0 if all are negative, and their number if no volume shrinks. NaN if one of them is.
///
/// # Reference
/// Kaplan and Yorke 1979, *Chaotic behavior of multidimensional difference equations*, Lecture Notes in Mathematics 730.
///
/// ```
/// use rnn_analysis::kaplan_yorke_dimension;
/// assert_eq!(kaplan_yorke_dimension(&[0.5, 0.0, -2.0]), 2.25);
/// assert_eq!(kaplan_yorke_dimension(&[-0.5, f64::NEG_INFINITY]), 0.0);
/// ```
pub fn kaplan_yorke_dimension(exponents: &[f64]) -> f64 {
    if exponents.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    let mut sum = 0.0;
    for (k, exponent) in sorted(exponents).into_iter().enumerate() {
        if sum + exponent < 0.0 {
            return k as f64 + sum / -exponent;
        }
        sum += exponent;
    }
    exponents.len() as f64
}

/// The sum of the positive Lyapunov exponents. By Pesin's formula this is the entropy rate of a chaotic network, in nats per step:
/// the rate at which observations of it give information about its initial state. In general it is an upper bound of that rate
/// (Ruelle's inequality). NaN if an exponent is NaN.
///
/// ```
/// assert_eq!(rnn_analysis::entropy_rate(&[0.5, -1.0, 0.25]), 0.75);
/// ```
pub fn entropy_rate(exponents: &[f64]) -> f64 {
    exponents.iter().fold(0.0, |sum, &x| if x <= 0.0 { sum } else { sum + x })
}

fn sorted(exponents: &[f64]) -> Vec<f64> {
    let mut sorted = exponents.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    sorted
}

mod blocks;

pub use blocks::{Blocks, LyapunovBlocks, driven_lyapunov_blocks, lyapunov_blocks};

#[cfg(test)]
mod tests;
