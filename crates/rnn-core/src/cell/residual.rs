//! The residual unit.

use crate::Real;
use crate::cell::{Activation, AnySquash, Form, Gate, GateLook, Gradient, Loops, Name, Seen, Tanh, Unit};

/// A residual unit: each step adds to the state.
///
/// ```text
/// h_t = h_{t−1} + φ(a_t + u_t)
///
/// dL/dz_t = dL/dh_t ∘ φ′(z_t)    dL/dh_{t−1} = dL/dh_t + W_hhᵀ dL/dz_t
/// ```
///
/// # Reference
/// He, Zhang, Ren and Sun 2016, *Identity mappings in deep residual networks*, arXiv:1603.05027, with shared weights in
/// every step; a forward Euler step of h′ = φ(W_hh h + W_ih x + b).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Residual<A = Tanh>(
    /// φ.
    pub A,
);

impl<F: Real, A: Activation<F>> Unit<F> for Residual<A> {
    type Gates = [F; 1];
    type State = [F; 1];
    type Saved = [F; 1];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::new("n")]);
    const LOOPS: Loops = A::KIND.loops(&[AnySquash::Tanh]);

    fn name(&self) -> Name {
        Name::new("residual").with("activation", self.0.name())
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], [a]: [F; 1], [u]: [F; 1], [h]: [F; 1]) -> ([F; 1], [F; 1]) {
        let (n, slope) = self.0.eval(a + u);
        ([h + n], [slope])
    }

    #[inline(always)]
    fn backward(
        &self,
        _: [F; 0],
        [slope]: [F; 1],
        _: [F; 1],
        [d_h]: [F; 1],
    ) -> Gradient<[F; 1], [F; 1], [F; 0]> {
        let a = [d_h * slope];
        Gradient { a, u: a, previous: [d_h], own: [] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 1], [F; 1], [F; 0]>) -> Option<GateLook<[F; 1]>> {
        Some(GateLook { value: [seen.state[0] - seen.previous[0]], slope: seen.saved, gradient: seen.d })
    }
}
