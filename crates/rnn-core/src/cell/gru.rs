//! The gated recurrent unit.

use crate::cell::{PerUnit, Unit, UnitGradient};
use crate::{Real, sigmoid, tanh};

/// Gated recurrent unit in PyTorch's form, which resets after the product; gate order r, z, n.
///
/// ```text
/// r = σ(a_r + u_r)    z = σ(a_z + u_z)    n = tanh(a_n + r ∘ u_n)
/// h_t = (1 − z) ∘ n + z ∘ h_{t−1}
///
/// dL/dn = dL/dh_t ∘ (1 − z)    dL/dz = dL/dh_t ∘ (h_{t−1} − n)    dL/dr = dL/da_n ∘ u_n
/// dL/du_n = dL/da_n ∘ r
/// ```
///
/// with a = W_ih x_t + b_ih and u = W_hh h_{t−1} + b_hh; u_n is what r scales, so dL/du differs from dL/da in n.
///
/// # Reference
/// Cho et al. 2014, *Learning phrase representations using RNN encoder–decoder*, arXiv:1406.1078, resets before the
/// product, W_hn (r ∘ h_{t−1}). Resetting after it lets W_hh h_{t−1} be one product; this is the form of cuDNN and of
/// `torch.nn.GRU`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gru;

impl PerUnit for Gru {}

impl<F: Real> Unit<F> for Gru {
    type Gates = [F; 3];
    type State = [F; 1];
    type Saved = [F; 4];
    const SPLIT: bool = true;

    fn gates(&self) -> &'static [&'static str] {
        &["r", "z", "n"]
    }

    #[inline(always)]
    fn forward(&self, a: [F; 3], u: [F; 3], [h]: [F; 1]) -> ([F; 1], [F; 4]) {
        let r = sigmoid(a[0] + u[0]);
        let z = sigmoid(a[1] + u[1]);
        let n = tanh(a[2] + r * u[2]);
        ([(F::one() - z) * n + z * h], [r, z, n, u[2]])
    }

    #[inline(always)]
    fn backward(
        &self,
        [r, z, n, u_n]: [F; 4],
        [h_prev]: [F; 1],
        [d_h]: [F; 1],
    ) -> UnitGradient<[F; 3], [F; 1]> {
        let one = F::one();
        let d_n = d_h * (one - z) * (one - n * n);
        let d_z = d_h * (h_prev - n) * z * (one - z);
        let d_r = d_n * u_n * r * (one - r);
        UnitGradient { total: [d_h], a: [d_r, d_z, d_n], u: [d_r, d_z, d_n * r], previous: [d_h * z] }
    }
}
