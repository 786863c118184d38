//! Long short-term memory.

use crate::Real;
use crate::cell::activation::pair;
use crate::cell::{Form, Gate, GateLook, Gradient, Loops, Name, Seen, Sigmoid, Squash, Tanh, Unit};

/// Long short-term memory with a forget gate, PyTorch's gate order i, f, g, o.
///
/// ```text
/// i = σ(a_i + u_i)    f = σ(a_f + u_f)    g = φ(a_g + u_g)    o = σ(a_o + u_o)
/// c_t = f ∘ c_{t−1} + i ∘ g
/// h_t = o ∘ φ(c_t)
///
/// dL/dc_t     = (through later steps) + dL/dh_t ∘ o ∘ φ′(c_t)
/// dL/dc_{t−1} = dL/dc_t ∘ f
/// dL/di = dL/dc_t ∘ g    dL/df = dL/dc_t ∘ c_{t−1}    dL/dg = dL/dc_t ∘ i    dL/do = dL/dh_t ∘ φ(c_t)
/// ```
///
/// with a = W_ih x_t + b_ih and u = W_hh h_{t−1} + b_hh. The constant of the same name has σ the logistic function and
/// φ = tanh; any others are a literal:
///
/// ```
/// use rnn_core::cell::{HardSigmoid, Tanh};
/// use rnn_core::{Bias, Lstm, Stack};
///
/// let usual = Stack::<f32>::zeros(Lstm, 2, &[3], Bias::Double)?;
/// let hard = Stack::<f32>::zeros(Lstm { gate: HardSigmoid, candidate: Tanh }, 2, &[3], Bias::Double)?;
/// # Ok::<(), rnn_core::Error>(())
/// ```
///
/// # Reference
/// Hochreiter and Schmidhuber 1997, *Long short-term memory*, Neural Computation 9(8); the forget gate of Gers,
/// Schmidhuber and Cummins 2000, *Learning to forget*, Neural Computation 12(10). As `torch.nn.LSTM`; with other
/// activations as `keras.layers.LSTM`, whose `activation` is φ, in both places, and whose `recurrent_activation` is σ.
/// Greff, Srivastava, Koutník, Steunebrink and Schmidhuber 2017, *LSTM: a search space odyssey*, IEEE Transactions on
/// Neural Networks and Learning Systems 28(10), leave φ out of one place at a time; that of the output, h_t = o ∘ c_t,
/// costs most, because c is not bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lstm<S = Sigmoid, T = Tanh> {
    /// σ, of the gates i, f and o.
    pub gate: S,
    /// φ, of the candidate g and on the way from c to h.
    pub candidate: T,
}

/// The usual one, with the logistic function and tanh.
#[expect(non_upper_case_globals, reason = "it is named as the cell that it is, and read as a unit struct")]
pub const Lstm: Lstm = Lstm { gate: Sigmoid, candidate: Tanh };

impl<F: Real, S: Squash<F>, T: Squash<F>> Unit<F> for Lstm<S, T> {
    type Gates = [F; 4];
    type State = [F; 2];
    type Saved = [F; 5];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::admits("i"), Gate::keeps("f"), Gate::new("g"), Gate::new("o")])
        .reads_cell()
        .ignores_h();
    const LOOPS: Loops = S::KIND.loops_with(T::KIND);

    fn name(&self) -> Name {
        pair("lstm", &self.gate, &self.candidate)
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], a: [F; 4], u: [F; 4], [_, c]: [F; 2]) -> ([F; 2], [F; 5]) {
        let i = self.gate.value(a[0] + u[0]);
        let f = self.gate.value(a[1] + u[1]);
        let g = self.candidate.value(a[2] + u[2]);
        let o = self.gate.value(a[3] + u[3]);
        ([F::zero(), f * c + i * g], [i, f, g, o, F::zero()])
    }

    #[inline(always)]
    fn read(&self, _: [F; 0], [_, c]: [F; 2], [i, f, g, o, _]: [F; 5]) -> ([F; 2], [F; 5]) {
        let phi_c = self.candidate.value(c);
        ([o * phi_c, c], [i, f, g, o, phi_c])
    }

    #[inline(always)]
    fn read_back(&self, _: [F; 0], [_, _, _, o, phi_c]: [F; 5], d_h: F) -> [F; 2] {
        [F::zero(), self.candidate.back(d_h * o, phi_c)]
    }

    #[inline(always)]
    fn backward(
        &self,
        _: [F; 0],
        [i, f, g, o, phi_c]: [F; 5],
        [_, c_prev]: [F; 2],
        [d_h, d_c]: [F; 2],
    ) -> Gradient<[F; 4], [F; 2], [F; 0]> {
        let d_z = [
            self.gate.back(d_c * g, i),
            self.gate.back(d_c * c_prev, f),
            self.candidate.back(d_c * i, g),
            self.gate.back(d_h * phi_c, o),
        ];
        Gradient { a: d_z, u: d_z, previous: [F::zero(), d_c * f], own: [] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 2], [F; 5], [F; 0]>) -> Option<GateLook<[F; 4]>> {
        let ([i, f, g, o, phi_c], [_, c_prev], [d_h, d_c]) = (seen.saved, seen.previous, seen.d);
        Some(GateLook {
            value: [i, f, g, o],
            slope: [self.gate.slope(i), self.gate.slope(f), self.candidate.slope(g), self.gate.slope(o)],
            gradient: [d_c * g, d_c * c_prev, d_c * i, d_h * phi_c],
        })
    }
}
