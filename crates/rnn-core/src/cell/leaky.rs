//! The leaky rate unit.

use crate::Real;
use crate::cell::{Activation, AnySquash, Form, Gate, GateLook, Gradient, Loops, Name, Seen, Tanh, Unit};

/// A leaky rate unit: a discretized continuous-time network. The state is c; α = 1 is an [`Elman`](crate::Elman) cell, to the
/// bit.
///
/// ```text
/// c_t = (1 − α) c_{t−1} + α (a_t + u_t)        h_t = φ(c_t)
///
/// dL/dc_t = (through later steps) + dL/dh_t ∘ φ′(c_t)        dL/da_t = α dL/dc_t        dL/dc_{t−1} = (1 − α) dL/dc_t
/// ```
///
/// α is the time step over the time constant, τ dc/dt = −c + W_hh φ(c) + W_ih x + b. With φ = relu and W_hh without a
/// diagonal, this is a piecewise-linear recurrent network.
///
/// # Reference
/// Song, Yang and Wang 2016, *Training excitatory-inhibitory recurrent neural networks for cognitive tasks*, PLOS
/// Computational Biology 12(2), equations 1 to 6; Durstewitz 2017, *A state space approach for piecewise-linear recurrent
/// neural networks*, PLOS Computational Biology 13(6).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leaky<A = Tanh> {
    /// α: above 0 and at most 1.
    pub alpha: f64,
    /// φ.
    pub activation: A,
}

impl<F: Real, A: Activation<F>> Unit<F> for Leaky<A> {
    type Gates = [F; 1];
    type State = [F; 2];
    type Saved = [F; 1];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::new("c")]).state_is_cell().ignores_h();
    const LOOPS: Loops = A::KIND.loops(&[AnySquash::Tanh, AnySquash::Relu]);

    fn name(&self) -> Name {
        Name::new("leaky").with("alpha", self.alpha).with("activation", self.activation.name())
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], [a]: [F; 1], [u]: [F; 1], [_, c]: [F; 2]) -> ([F; 2], [F; 1]) {
        let alpha = F::of(self.alpha);
        ([F::zero(), (F::one() - alpha) * c + alpha * (a + u)], [F::zero()])
    }

    #[inline(always)]
    fn read(&self, _: [F; 0], [_, c]: [F; 2], _: [F; 1]) -> ([F; 2], [F; 1]) {
        let (h, slope) = self.activation.eval(c);
        ([h, c], [slope])
    }

    #[inline(always)]
    fn read_back(&self, _: [F; 0], [slope]: [F; 1], d_h: F) -> [F; 2] {
        [F::zero(), d_h * slope]
    }

    #[inline(always)]
    fn backward(
        &self,
        _: [F; 0],
        _: [F; 1],
        _: [F; 2],
        [_, d_c]: [F; 2],
    ) -> Gradient<[F; 1], [F; 2], [F; 0]> {
        let alpha = F::of(self.alpha);
        let a = [alpha * d_c];
        Gradient { a, u: a, previous: [F::zero(), (F::one() - alpha) * d_c], own: [] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 2], [F; 1], [F; 0]>) -> Option<GateLook<[F; 1]>> {
        Some(GateLook { value: [seen.state[1]], slope: [F::of(self.alpha)], gradient: [seen.d[1]] })
    }
}
