//! Singular values of long products of Jacobians.

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut1, Axis};
use rnn_core::{Real, Stack, Workspace};

use super::columns::{Columns, norm, normalize};
use crate::error::{Error, Result};
use crate::spectrum::check_finite;

/// The largest number of sweeps over all pairs of columns. A few sweeps are enough unless columns vanish.
const SWEEPS: usize = 60;

/// The singular values of a product J_t … J_1, as logarithms: the product is stored as P = U Σ Vᵀ, with ln Σ in place of Σ and
/// without V.
///
/// # Accuracy
/// No singular value overflows or underflows, however long the product is. Each of them, including the smallest, has its own
/// relative accuracy: a factor J of size n adds an error of at most about n ε κ(J) to each ln σ, where κ is the condition number.
/// A plain product of matrices loses every singular value that is smaller than ε times the largest.
///
/// A factor that is exactly singular, as with dead units, sets σ to 0 and ln σ to −∞. A factor that is singular only up to
/// rounding, or nearly so, as with saturated units, has a κ(J) beyond 1 / ε; the smallest ln σ then has no digits and only says
/// "very small": it decreases by some 36 with each such factor. [`lyapunov_exponents`](crate::lyapunov_exponents) does not have
/// this limit.
///
/// # Method
/// J U Σ has columns of very different lengths whose directions are not quite orthogonal. Rotations of pairs of columns make
/// them orthogonal, and their lengths are then the new Σ. Each rotation is computed from the directions of the two columns and
/// the ratio of their lengths. If one column is much longer, the rotation is a Gram–Schmidt step.
///
/// # Reference
/// Hestenes 1958, *Inversion of matrices by biorthogonalization and related results*, Journal of the SIAM 6(1). The
/// accuracy: Demmel and Veselić 1992, *Jacobi's method is more accurate than QR*, SIAM Journal on Matrix Analysis and
/// Applications 13(4).
///
/// ```
/// use ndarray::array;
/// use rnn_analysis::JacobianProduct;
///
/// let mut product = JacobianProduct::identity(2);
/// for _ in 0..1000 {
///     product.multiply(array![[3.0, 0.0], [0.0, 1e-3]].view())?;
/// }
/// let [large, small] = product.ln_singular_values()[..] else { unreachable!() };
/// assert!((large / 1000.0 - 3f64.ln()).abs() < 1e-13);
/// assert!((small / 1000.0 - 1e-3f64.ln()).abs() < 1e-13);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct JacobianProduct {
    /// U, the longest column first; zeros where σ = 0.
    u: Columns,
    /// ln σ of each column; during a multiplication, ln σ less the logarithm of the length of the column.
    ln_scale: Vec<f64>,
}

impl JacobianProduct {
    /// The empty product for states of `n` numbers.
    pub fn identity(n: usize) -> Self {
        Self { u: Columns::identity(n), ln_scale: vec![0.0; n] }
    }

    /// P ← J P.
    ///
    /// # Errors
    /// [`Error::StateSize`] if J is not n x n, and [`Error::NonFinite`]; P is then unchanged. [`Error::NoConvergence`]; P is then
    /// invalid.
    pub fn multiply<F: Real>(&mut self, jacobian: ArrayView2<'_, F>) -> Result<()> {
        self.multiply_loosely(jacobian)?;
        self.settle()
    }

    /// P ← J P, without making the columns orthogonal again, which the next [`multiply`](Self::multiply) does for all factors
    /// since the last one. There are no singular values before that.
    pub(super) fn multiply_loosely<F: Real>(&mut self, jacobian: ArrayView2<'_, F>) -> Result<()> {
        let n = self.u.len();
        let (rows, columns) = jacobian.dim();
        if (rows, columns) != (n, n) {
            return Err(Error::StateSize { state: n, rows, columns });
        }
        check_finite(jacobian)?;
        self.u.multiply(jacobian, &mut self.ln_scale);
        Ok(())
    }

    /// Makes the columns orthogonal and of length 1.
    fn settle(&mut self) -> Result<()> {
        if !self.orthogonalize() {
            let n = self.u.len();
            return Err(Error::NoConvergence { what: "singular values", rows: n, columns: n });
        }
        for (v, ln_scale) in self.u.vectors.rows_mut().into_iter().zip(&mut self.ln_scale) {
            let length = norm(v.view());
            *ln_scale += libm::log(length);
            normalize(v, length);
        }
        Ok(())
    }

    /// ln σ, largest first; −∞ for σ = 0.
    pub fn ln_singular_values(&self) -> Vec<f64> {
        let mut sorted = self.ln_scale.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        sorted
    }

    /// Makes all pairs of columns orthogonal. `false` if [`SWEEPS`] sweeps are not enough.
    fn orthogonalize(&mut self) -> bool {
        let n = self.u.len();
        let tolerance = n.max(4) as f64 * f64::EPSILON;
        for _ in 0..SWEEPS {
            self.sort();
            let mut settled = true;
            for j in 1..n {
                for i in 0..j {
                    let (first, mut rest) = self.u.vectors.view_mut().split_at(Axis(0), j);
                    let (u, v) = (first.index_axis_move(Axis(0), i), rest.row_mut(0));
                    settled &= rotate(u, v, self.ln_scale[j] - self.ln_scale[i], tolerance);
                }
            }
            if settled {
                return true;
            }
        }
        false
    }

    /// Sorts the columns by length, the longest first, which keeps the rotations small.
    fn sort(&mut self) {
        let lengths = self.u.vectors.rows().into_iter().map(norm);
        let keys: Vec<f64> = lengths.zip(&self.ln_scale).map(|(length, ln)| libm::log(length) + ln).collect();
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_by(|&a, &b| keys[b].total_cmp(&keys[a]));
        if !order.is_sorted() {
            self.u.vectors = self.u.vectors.select(Axis(0), &order);
            self.ln_scale = order.iter().map(|&at| self.ln_scale[at]).collect();
        }
    }
}

/// Rotates the columns u and e^`ln_ratio` v in their plane so that they become orthogonal. Returns whether they already were.
///
/// With α and β the lengths of u and v, c the cosine between them, and s = e^`ln_ratio` β/α ≤ 1 but for small changes in
/// length since the columns were sorted, the smaller root of τ² s² c + τ (1 − s²) − c = 0 makes
///
/// ```text
/// u ← cos θ (u + τ s² (α/β) v)        v ← cos θ (v − τ (β/α) u)        cos θ = 1 / √(1 + s² τ²)
/// ```
///
/// orthogonal. No overflow or underflow in it does harm: s = 0 gives τ = c, a Gram–Schmidt step.
fn rotate(
    mut u: ArrayViewMut1<'_, f64>,
    mut v: ArrayViewMut1<'_, f64>,
    ln_ratio: f64,
    tolerance: f64,
) -> bool {
    let (alpha, beta) = (norm(u.view()), norm(v.view()));
    if alpha == 0.0 || beta == 0.0 {
        return true;
    }
    let c = cosine(u.view(), v.view(), alpha, beta);
    if c.abs() <= tolerance {
        return true;
    }
    let s = libm::exp(ln_ratio + libm::log(beta / alpha));
    let (gap, s2) = (1.0 - s * s, s * s);
    // The root whose denominator has no cancellation; columns in the wrong order turn by less than 45° as well.
    let root = gap.abs() + (gap * gap + 4.0 * s2 * c * c).sqrt();
    let tau = if gap >= 0.0 { 2.0 * c / root } else { -2.0 * c / root };
    let cos = 1.0 / (1.0 + s2 * tau * tau).sqrt();
    let (to_u, to_v) = (tau * s2 * (alpha / beta), -tau * (beta / alpha));
    for (u, v) in u.iter_mut().zip(&mut v) {
        (*u, *v) = (cos * (*u + to_u * *v), cos * (*v + to_v * *u));
    }
    false
}

fn cosine(u: ArrayView1<'_, f64>, v: ArrayView1<'_, f64>, alpha: f64, beta: f64) -> f64 {
    u.dot(&v) / alpha / beta
}

/// ln σ_i of ∂s_t/∂s_0 = J_t … J_1, largest first, for t = 1 .. T: (time, n), of `layer` and `sequence` of the run that
/// [`Stack::forward`] recorded in `ws`. The state s of n numbers is h, or h and c. [`JacobianProduct`] states the accuracy.
///
/// The gradient of a loss of s_t with respect to s_0 is at least σ_n and at most σ_1 times as long as its gradient with respect
/// to s_t.
///
/// Where units saturate, their slopes are 0 by rounding and σ is too small or 0, unless `stack` is made by
/// [`Stack::with_fine_slopes`].
///
/// # Errors
/// As [`Stack::step_jacobians`], if a Jacobian is not finite, with the timestep, and [`Error::NoConvergence`].
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_analysis::ln_singular_values;
/// use rnn_core::{Bias, Elman, Parameters, Stack};
///
/// // W = [[0.9, 5], [0, 0.9]]: the eigenvalues are below 1, and in the long run every product vanishes.
/// let mut rnn = Stack::<f64>::zeros(Elman::identity(), 1, &[2], Bias::None)?;
/// rnn.set_parameter("weight_hh_l0", array![[0.9, 5.0], [0.0, 0.9]].view().into_dyn())?;
/// let mut ws = rnn.workspace();
/// rnn.forward(Array3::zeros((1, 60, 1)).view(), &mut ws)?;
/// let ln_sigma = ln_singular_values(&rnn, &ws, 0, 0)?;
/// assert!(ln_sigma[[8, 0]] > 19f64.ln(), "but first it grows nearly twentyfold");
/// assert!(ln_sigma[[59, 0]] < 0.0);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn ln_singular_values<F: Real>(
    stack: &Stack<F>,
    ws: &Workspace<F>,
    layer: usize,
    sequence: usize,
) -> Result<Array2<f64>> {
    let mut jacobians = stack.step_jacobians(ws, layer, sequence)?;
    let mut product = JacobianProduct::identity(jacobians.state());
    let mut all = Array2::zeros((jacobians.time(), jacobians.state()));
    for (t, mut row) in all.rows_mut().into_iter().enumerate() {
        product.multiply(jacobians.at(t + 1)?)?;
        row.assign(&ArrayView1::from(&product.ln_singular_values()));
    }
    Ok(all)
}
