//! The gated recurrent unit that resets before the product.

use crate::Real;
use crate::cell::activation::pair;
use crate::cell::{
    Form, Gate, GateLook, Gradient, Loops, Name, Recurrence, Seen, Sigmoid, Squash, Tanh, Unit,
};

/// Gated recurrent unit that resets before the product; gate order r, z, n.
///
/// ```text
/// r = σ(a_r + u_r)    z = σ(a_z + u_z)    m = r ∘ h_{t−1}    n = φ(a_n + W_hn m + b_hn)
/// h_t = (1 − z) ∘ n + z ∘ h_{t−1}
///
/// dL/dn = dL/dh_t ∘ (1 − z)    dL/dz = dL/dh_t ∘ (h_{t−1} − n)
/// dL/dm = W_hnᵀ dL/da_n    dL/dr = dL/dm ∘ h_{t−1}    dL/dW_hn = Σ_t dL/da_n mᵀ
/// ```
///
/// The parameters have the names and shapes of those of [`Gru`](struct@crate::Gru), W_hn is the last block of W_hh, and they
/// mean something else. Two products follow each other in each step where `Gru` has one.
///
/// z keeps the old state, as in PyTorch. It does in Keras too, whose gate order is z, r, n and which has one bias, and in
/// the paper below. Chung et al. 2014, arXiv:1412.3555, write 1 − z for this z.
///
/// # Reference
/// Cho et al. 2014, *Learning phrase representations using RNN encoder–decoder*, arXiv:1406.1078v3, section 2.3, with
/// biases. As `keras.layers.GRU` with `reset_after=False`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GruResetBefore<S = Sigmoid, T = Tanh> {
    /// σ, of the gates r and z.
    pub gate: S,
    /// φ, of the candidate n.
    pub candidate: T,
}

/// The usual one, with the logistic function and tanh.
#[expect(non_upper_case_globals, reason = "it is named as the cell that it is, and read as a unit struct")]
pub const GruResetBefore: GruResetBefore = GruResetBefore { gate: Sigmoid, candidate: Tanh };

impl<F: Real, S: Squash<F>, T: Squash<F>> Unit<F> for GruResetBefore<S, T> {
    type Gates = [F; 3];
    type State = [F; 1];
    type Saved = [F; 3];
    type Own = [F; 0];
    const FORM: Form =
        Form::new(&[Gate::new("r"), Gate::keeps("z"), Gate::new("n")]).recurrence(Recurrence::Gated);
    const LOOPS: Loops = S::KIND.loops_with(T::KIND);

    fn name(&self) -> Name {
        pair("gru-reset-before", &self.gate, &self.candidate)
    }

    #[inline(always)]
    fn gate(&self, a: [F; 3], u: [F; 3], h: F) -> ([F; 3], F) {
        let r = self.gate.value(a[0] + u[0]);
        ([r, self.gate.value(a[1] + u[1]), a[2]], r * h)
    }

    #[inline(always)]
    fn gate_back(&self, [r, _, _]: [F; 3], h: F, d_m: F) -> ([F; 3], F) {
        ([self.gate.back(d_m * h, r), F::zero(), F::zero()], d_m * r)
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], [r, z, a_n]: [F; 3], [_, _, u_n]: [F; 3], [h]: [F; 1]) -> ([F; 1], [F; 3]) {
        let n = self.candidate.value(a_n + u_n);
        ([(F::one() - z) * n + z * h], [r, z, n])
    }

    #[inline(always)]
    fn backward(
        &self,
        _: [F; 0],
        [_, z, n]: [F; 3],
        [h_prev]: [F; 1],
        [d_h]: [F; 1],
    ) -> Gradient<[F; 3], [F; 1], [F; 0]> {
        let d_n = self.candidate.back(d_h * (F::one() - z), n);
        let d_z = self.gate.back(d_h * (h_prev - n), z);
        let a = [F::zero(), d_z, d_n];
        Gradient { a, u: a, previous: [d_h * z], own: [] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 1], [F; 3], [F; 0]>) -> Option<GateLook<[F; 3]>> {
        let ([r, z, n], [h_prev], [d_h]) = (seen.saved, seen.previous, seen.d);
        Some(GateLook {
            value: [r, z, n],
            slope: [self.gate.slope(r), self.gate.slope(z), self.candidate.slope(n)],
            gradient: [seen.d_m * seen.h_read, d_h * (h_prev - n), d_h * (F::one() - z)],
        })
    }
}
