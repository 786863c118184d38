//! The gated recurrent unit.

use crate::Real;
use crate::cell::activation::pair;
use crate::cell::{Form, Gate, GateLook, Gradient, Loops, Name, Seen, Sigmoid, Squash, Tanh, Unit};

/// Gated recurrent unit in PyTorch's form, which resets after the product; gate order r, z, n.
///
/// ```text
/// r = σ(a_r + u_r)    z = σ(a_z + u_z)    n = φ(a_n + r ∘ u_n)
/// h_t = (1 − z) ∘ n + z ∘ h_{t−1}
///
/// dL/dn = dL/dh_t ∘ (1 − z)    dL/dz = dL/dh_t ∘ (h_{t−1} − n)    dL/dr = dL/da_n ∘ u_n
/// dL/du_n = dL/da_n ∘ r
/// ```
///
/// with a = W_ih x_t + b_ih and u = W_hh h_{t−1} + b_hh; u_n is what r scales, so dL/du differs from dL/da in n. The
/// constant of the same name has σ the logistic function and φ = tanh; any others are a literal,
/// `Gru { gate: Sigmoid, candidate: Relu }`.
///
/// # Reference
/// Cho et al. 2014, *Learning phrase representations using RNN encoder–decoder*, arXiv:1406.1078, resets before the
/// product, W_hn (r ∘ h_{t−1}). Resetting after it lets W_hh h_{t−1} be one product; this is the form of cuDNN and of
/// `torch.nn.GRU`, and with other activations that of `keras.layers.GRU`, whose `activation` is φ and whose
/// `recurrent_activation` is σ. Ravanelli, Brakel, Omologo and Bengio 2018, *Light gated recurrent units for speech
/// recognition*, arXiv:1803.10225, have φ = relu, in a unit without r.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gru<S = Sigmoid, T = Tanh> {
    /// σ, of the gates r and z.
    pub gate: S,
    /// φ, of the candidate n.
    pub candidate: T,
}

/// The usual one, with the logistic function and tanh.
#[expect(non_upper_case_globals, reason = "it is named as the cell that it is, and read as a unit struct")]
pub const Gru: Gru = Gru { gate: Sigmoid, candidate: Tanh };

impl<F: Real, S: Squash<F>, T: Squash<F>> Unit<F> for Gru<S, T> {
    type Gates = [F; 3];
    type State = [F; 1];
    type Saved = [F; 4];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::new("r"), Gate::keeps("z"), Gate::new("n")]).split();
    const LOOPS: Loops = S::KIND.loops_with(T::KIND);

    fn name(&self) -> Name {
        pair("gru", &self.gate, &self.candidate)
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], a: [F; 3], u: [F; 3], [h]: [F; 1]) -> ([F; 1], [F; 4]) {
        let r = self.gate.value(a[0] + u[0]);
        let z = self.gate.value(a[1] + u[1]);
        let n = self.candidate.value(a[2] + r * u[2]);
        ([(F::one() - z) * n + z * h], [r, z, n, u[2]])
    }

    #[inline(always)]
    fn backward(
        &self,
        _: [F; 0],
        [r, z, n, u_n]: [F; 4],
        [h_prev]: [F; 1],
        [d_h]: [F; 1],
    ) -> Gradient<[F; 3], [F; 1], [F; 0]> {
        let d_n = self.candidate.back(d_h * (F::one() - z), n);
        let d_z = self.gate.back(d_h * (h_prev - n), z);
        let d_r = self.gate.back(d_n * u_n, r);
        Gradient { a: [d_r, d_z, d_n], u: [d_r, d_z, d_n * r], previous: [d_h * z], own: [] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 1], [F; 4], [F; 0]>) -> Option<GateLook<[F; 3]>> {
        let ([r, z, n, u_n], [h_prev], [d_h]) = (seen.saved, seen.previous, seen.d);
        let slope = [self.gate.slope(r), self.gate.slope(z), self.candidate.slope(n)];
        let d_n = d_h * (F::one() - z);
        Some(GateLook { value: [r, z, n], slope, gradient: [d_n * slope[2] * u_n, d_h * (h_prev - n), d_n] })
    }
}
