//! Long short-term memory with coupled input and forget gates.

use crate::Real;
use crate::cell::activation::pair;
use crate::cell::{Form, Gate, GateLook, Gradient, Loops, Name, Seen, Sigmoid, Squash, Tanh, Unit};

/// Long short-term memory whose forget gate is 1 − i; gate order i, g, o.
///
/// ```text
/// i = σ(a_i + u_i)    g = φ(a_g + u_g)    o = σ(a_o + u_o)
/// c_t = (1 − i) ∘ c_{t−1} + i ∘ g    h_t = o ∘ φ(c_t)
///
/// dL/di = dL/dc_t ∘ (g − c_{t−1})    dL/dc_{t−1} = dL/dc_t ∘ (1 − i)
/// ```
///
/// The rest of the gradients is as in [`Lstm`](struct@crate::Lstm).
///
/// # Reference
/// Greff, Srivastava, Koutník, Steunebrink and Schmidhuber 2017, *LSTM: a search space odyssey*, IEEE Transactions on
/// Neural Networks and Learning Systems 28(10), as CIFG. The `input_forget` of ONNX' `LSTM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoupledLstm<S = Sigmoid, T = Tanh> {
    /// σ, of the gates i and o.
    pub gate: S,
    /// φ, of the candidate g and on the way from c to h.
    pub candidate: T,
}

/// The usual one, with the logistic function and tanh.
#[expect(non_upper_case_globals, reason = "it is named as the cell that it is, and read as a unit struct")]
pub const CoupledLstm: CoupledLstm = CoupledLstm { gate: Sigmoid, candidate: Tanh };

impl<F: Real, S: Squash<F>, T: Squash<F>> Unit<F> for CoupledLstm<S, T> {
    type Gates = [F; 3];
    type State = [F; 2];
    type Saved = [F; 4];
    type Own = [F; 0];
    const FORM: Form =
        Form::new(&[Gate::admits("i"), Gate::new("g"), Gate::new("o")]).reads_cell().ignores_h();
    const LOOPS: Loops = S::KIND.loops_with(T::KIND);

    fn name(&self) -> Name {
        pair("lstm-coupled", &self.gate, &self.candidate)
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], a: [F; 3], u: [F; 3], [_, c]: [F; 2]) -> ([F; 2], [F; 4]) {
        let i = self.gate.value(a[0] + u[0]);
        let g = self.candidate.value(a[1] + u[1]);
        let o = self.gate.value(a[2] + u[2]);
        ([F::zero(), (F::one() - i) * c + i * g], [i, g, o, F::zero()])
    }

    #[inline(always)]
    fn read(&self, _: [F; 0], [_, c]: [F; 2], [i, g, o, _]: [F; 4]) -> ([F; 2], [F; 4]) {
        let phi_c = self.candidate.value(c);
        ([o * phi_c, c], [i, g, o, phi_c])
    }

    #[inline(always)]
    fn read_back(&self, _: [F; 0], [_, _, o, phi_c]: [F; 4], d_h: F) -> [F; 2] {
        [F::zero(), self.candidate.back(d_h * o, phi_c)]
    }

    #[inline(always)]
    fn backward(
        &self,
        _: [F; 0],
        [i, g, o, phi_c]: [F; 4],
        [_, c_prev]: [F; 2],
        [d_h, d_c]: [F; 2],
    ) -> Gradient<[F; 3], [F; 2], [F; 0]> {
        let a = [
            self.gate.back(d_c * (g - c_prev), i),
            self.candidate.back(d_c * i, g),
            self.gate.back(d_h * phi_c, o),
        ];
        Gradient { a, u: a, previous: [F::zero(), d_c * (F::one() - i)], own: [] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 2], [F; 4], [F; 0]>) -> Option<GateLook<[F; 3]>> {
        let ([i, g, o, phi_c], [_, c_prev], [d_h, d_c]) = (seen.saved, seen.previous, seen.d);
        Some(GateLook {
            value: [i, g, o],
            slope: [self.gate.slope(i), self.candidate.slope(g), self.gate.slope(o)],
            gradient: [d_c * (g - c_prev), d_c * i, d_h * phi_c],
        })
    }
}
