//! The minimal gated unit.

use crate::Real;
use crate::cell::activation::pair;
use crate::cell::{
    Form, Gate, GateLook, Gradient, Loops, Name, Recurrence, Seen, Sigmoid, Squash, Tanh, Unit,
};

/// Minimal gated unit: a gated recurrent unit whose one gate both resets and updates; gate order f, n.
///
/// ```text
/// f = σ(a_f + u_f)    m = f ∘ h_{t−1}    n = φ(a_n + W_hn m + b_hn)
/// h_t = (1 − f) ∘ h_{t−1} + f ∘ n
///
/// dL/dn = dL/dh_t ∘ f    dL/dm = W_hnᵀ dL/da_n    dL/dW_hn = Σ_t dL/da_n mᵀ
/// dL/df = dL/dh_t ∘ (n − h_{t−1}) + dL/dm ∘ h_{t−1}
/// ```
///
/// W_hn is the last block of W_hh. f admits the new state, where z of a [`Gru`](struct@crate::Gru) keeps the old one: the
/// initializations [`ForgetBias`](crate::Init::ForgetBias) and [`Chrono`](crate::Init::Chrono) set −b_f here.
///
/// # Reference
/// Zhou, Wu, Zhang and Zhou 2016, *Minimal gated unit for recurrent neural networks*, arXiv:1603.09420.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinimalGated<S = Sigmoid, T = Tanh> {
    /// σ, of the gate f.
    pub gate: S,
    /// φ, of the candidate n.
    pub candidate: T,
}

/// The usual one, with the logistic function and tanh.
#[expect(non_upper_case_globals, reason = "it is named as the cell that it is, and read as a unit struct")]
pub const MinimalGated: MinimalGated = MinimalGated { gate: Sigmoid, candidate: Tanh };

impl<F: Real, S: Squash<F>, T: Squash<F>> Unit<F> for MinimalGated<S, T> {
    type Gates = [F; 2];
    type State = [F; 1];
    type Saved = [F; 2];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::admits("f"), Gate::new("n")]).recurrence(Recurrence::Gated);
    const LOOPS: Loops = S::KIND.loops_with(T::KIND);

    fn name(&self) -> Name {
        pair("minimal-gated", &self.gate, &self.candidate)
    }

    #[inline(always)]
    fn gate(&self, a: [F; 2], u: [F; 2], h: F) -> ([F; 2], F) {
        let f = self.gate.value(a[0] + u[0]);
        ([f, a[1]], f * h)
    }

    #[inline(always)]
    fn gate_back(&self, [f, _]: [F; 2], h: F, d_m: F) -> ([F; 2], F) {
        ([self.gate.back(d_m * h, f), F::zero()], d_m * f)
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], [f, a_n]: [F; 2], [_, u_n]: [F; 2], [h]: [F; 1]) -> ([F; 1], [F; 2]) {
        let n = self.candidate.value(a_n + u_n);
        ([(F::one() - f) * h + f * n], [f, n])
    }

    #[inline(always)]
    fn backward(
        &self,
        _: [F; 0],
        [f, n]: [F; 2],
        [h_prev]: [F; 1],
        [d_h]: [F; 1],
    ) -> Gradient<[F; 2], [F; 1], [F; 0]> {
        let a = [self.gate.back(d_h * (n - h_prev), f), self.candidate.back(d_h * f, n)];
        Gradient { a, u: a, previous: [d_h * (F::one() - f)], own: [] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 1], [F; 2], [F; 0]>) -> Option<GateLook<[F; 2]>> {
        let ([f, n], [h_prev], [d_h]) = (seen.saved, seen.previous, seen.d);
        Some(GateLook {
            value: [f, n],
            slope: [self.gate.slope(f), self.candidate.slope(n)],
            gradient: [d_h * (n - h_prev) + seen.d_m * seen.h_read, d_h * f],
        })
    }
}
