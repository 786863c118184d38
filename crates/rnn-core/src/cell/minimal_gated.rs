//! The minimal gated unit.

use crate::cell::two_stage::{TwoStage, TwoStageGradient, cell_of_two_stages};
use crate::{Real, sigmoid, tanh};

/// Minimal gated unit: a gated recurrent unit whose one gate both resets and updates; gate order f, n.
///
/// ```text
/// f = σ(a_f + u_f)    n = tanh(a_n + W_hn (f ∘ h_{t−1}) + b_hn)
/// h_t = (1 − f) ∘ h_{t−1} + f ∘ n
///
/// dL/dn = dL/dh_t ∘ f    dL/d(f ∘ h_{t−1}) = W_hnᵀ dL/da_n
/// dL/df = dL/dh_t ∘ (n − h_{t−1}) + dL/d(f ∘ h_{t−1}) ∘ h_{t−1}
/// dL/dW_hn = Σ_t dL/da_n (f ∘ h_{t−1})ᵀ
/// ```
///
/// with a = W_ih x_t + b_ih, and u = W_hh h_{t−1} + b_hh in the rows of f. W_hn is the last H rows of W_hh, which is
/// (2H, H). f takes the new state, where z of a [`Gru`](struct@crate::Gru) keeps the old one.
///
/// # Reference
/// Zhou, Wu, Zhang and Zhou 2016, *Minimal gated unit for recurrent neural networks*, arXiv:1603.09420.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinimalGated;

impl<F: Real> TwoStage<F> for MinimalGated {
    type Gates = [F; 1];

    #[inline(always)]
    fn gates(&self, [a]: [F; 1], [u]: [F; 1]) -> [F; 1] {
        [sigmoid(a + u)]
    }

    #[inline(always)]
    fn gated(&self, [f]: [F; 1], h: F) -> F {
        f * h
    }

    #[inline(always)]
    fn state(&self, [f]: [F; 1], a: F, u: F, h: F) -> (F, F) {
        let n = tanh(a + u);
        ((F::one() - f) * h + f * n, n)
    }

    #[inline(always)]
    fn candidate_back(&self, [f]: [F; 1], n: F, d_h: F) -> F {
        d_h * f * (F::one() - n * n)
    }

    #[inline(always)]
    fn gates_back(
        &self,
        ([f], n): ([F; 1], F),
        [h_prev, h_read]: [F; 2],
        [d_h, d_gated]: [F; 2],
    ) -> TwoStageGradient<[F; 1], F> {
        let one = F::one();
        let d_f = (d_h * (n - h_prev) + d_gated * h_read) * f * (one - f);
        TwoStageGradient { gates: [d_f], previous: d_h * (one - f), read: d_gated * f }
    }
}

cell_of_two_stages!(MinimalGated);
