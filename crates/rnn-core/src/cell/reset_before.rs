//! The gated recurrent unit that resets before the product.

use crate::cell::look;
use crate::cell::two_stage::{TwoStage, TwoStageGradient, cell_of_two_stages};
use crate::{Real, sigmoid, tanh};

/// Gated recurrent unit that resets before the product; gate order r, z, n.
///
/// ```text
/// r = σ(a_r + u_r)    z = σ(a_z + u_z)    n = tanh(a_n + W_hn (r ∘ h_{t−1}) + b_hn)
/// h_t = (1 − z) ∘ n + z ∘ h_{t−1}
///
/// dL/dn = dL/dh_t ∘ (1 − z)    dL/dz = dL/dh_t ∘ (h_{t−1} − n)
/// dL/d(r ∘ h_{t−1}) = W_hnᵀ dL/da_n    dL/dr = dL/d(r ∘ h_{t−1}) ∘ h_{t−1}
/// dL/dW_hn = Σ_t dL/da_n (r ∘ h_{t−1})ᵀ
/// ```
///
/// with a = W_ih x_t + b_ih, and u = W_hh h_{t−1} + b_hh in the rows of r and z. The parameters have the names and shapes of
/// [`Gru`](struct@crate::Gru), W_hn the last H rows of W_hh, and mean something else. Two products follow each other in
/// each step where that has one.
///
/// z keeps the old state, as in PyTorch. It does in Keras too, whose gate order is z, r, n and which has one bias, and in
/// the paper below. Chung et al. 2014, arXiv:1412.3555, write 1 − z for this z.
///
/// # Reference
/// Cho et al. 2014, *Learning phrase representations using RNN encoder–decoder*, arXiv:1406.1078v3, section 2.3, with
/// biases. As `keras.layers.GRU` with `reset_after=False`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GruResetBefore;

impl<F: Real> TwoStage<F> for GruResetBefore {
    type Gates = [F; 2];

    #[inline(always)]
    fn gates(&self, a: [F; 2], u: [F; 2]) -> [F; 2] {
        [sigmoid(a[0] + u[0]), sigmoid(a[1] + u[1])]
    }

    #[inline(always)]
    fn gated(&self, [r, _]: [F; 2], h: F) -> F {
        r * h
    }

    #[inline(always)]
    fn state(&self, [_, z]: [F; 2], a: F, u: F, h: F) -> (F, F) {
        let n = tanh(a + u);
        ((F::one() - z) * n + z * h, n)
    }

    #[inline(always)]
    fn candidate_back(&self, [_, z]: [F; 2], n: F, d_h: F) -> F {
        d_h * (F::one() - z) * (F::one() - n * n)
    }

    #[inline(always)]
    fn gates_back(
        &self,
        ([r, z], n): ([F; 2], F),
        [h_prev, h_read]: [F; 2],
        [d_h, d_gated]: [F; 2],
    ) -> TwoStageGradient<[F; 2], F> {
        let one = F::one();
        let d_z = d_h * (h_prev - n) * z * (one - z);
        let d_r = d_gated * h_read * r * (one - r);
        TwoStageGradient { gates: [d_r, d_z], previous: d_h * z, read: d_gated * r }
    }
}

cell_of_two_stages!(GruResetBefore, ["r", "z", "n"], [look::sigmoid, look::sigmoid, look::tanh]);
