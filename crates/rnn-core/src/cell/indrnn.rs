//! The independently recurrent unit.

use crate::Real;
use crate::cell::{
    Activation, AnySquash, Form, Gate, GateLook, Gradient, Loops, Name, OwnParameter, OwnStart, Recurrence,
    Relu, Seen, Unit,
};

/// An independently recurrent unit: each unit sees its own past only, through one weight w, `weight_h`.
///
/// ```text
/// z_t = a_t + w ∘ h_{t−1}        h_t = φ(z_t)
///
/// dL/dz_t = dL/dh_t ∘ φ′(z_t)    dL/dh_{t−1} = w ∘ dL/dz_t    dL/dw = Σ_t dL/dz_t ∘ h_{t−1}
/// ```
///
/// # Reference
/// Li, Li, Cook, Zhu and Gao 2018, *Independently recurrent neural network (IndRNN): building a longer and deeper RNN*,
/// CVPR, arXiv:1803.04831. w starts uniform on [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndRnn<A = Relu>(
    /// φ.
    pub A,
);

impl<F: Real, A: Activation<F>> Unit<F> for IndRnn<A> {
    type Gates = [F; 1];
    type State = [F; 1];
    type Saved = [F; 1];
    type Own = [F; 1];
    const FORM: Form = Form::new(&[Gate::new("h")])
        .recurrence(Recurrence::None)
        .own(&[OwnParameter { name: "weight_h", start: OwnStart::Uniform(0.0, 1.0) }]);
    const LOOPS: Loops = A::KIND.loops(&[AnySquash::Relu]);

    fn name(&self) -> Name {
        Name::new("indrnn").with("activation", self.0.name())
    }

    #[inline(always)]
    fn forward(&self, [w]: [F; 1], [a]: [F; 1], _: [F; 1], [h]: [F; 1]) -> ([F; 1], [F; 1]) {
        let (h, slope) = self.0.eval(a + w * h);
        ([h], [slope])
    }

    #[inline(always)]
    fn backward(
        &self,
        [w]: [F; 1],
        [slope]: [F; 1],
        [h_prev]: [F; 1],
        [d_h]: [F; 1],
    ) -> Gradient<[F; 1], [F; 1], [F; 1]> {
        let d_z = d_h * slope;
        Gradient { a: [d_z], u: [d_z], previous: [w * d_z], own: [d_z * h_prev] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 1], [F; 1], [F; 1]>) -> Option<GateLook<[F; 1]>> {
        Some(GateLook { value: seen.state, slope: seen.saved, gradient: seen.d })
    }
}
