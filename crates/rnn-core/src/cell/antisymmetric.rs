//! The antisymmetric unit.

use crate::Real;
use crate::cell::{
    Activation, AnySquash, Form, Gate, GateLook, Gradient, Loops, Name, Recurrence, Seen, Tanh, Unit,
};

/// An antisymmetric unit: a stable discretized differential equation.
///
/// ```text
/// z_t = a_t + (W_hh − W_hhᵀ) h_{t−1} + b_hh − γ h_{t−1}        h_t = h_{t−1} + ε φ(z_t)
///
/// dL/dz_t = ε dL/dh_t ∘ φ′(z_t)    dL/dh_{t−1} = dL/dh_t − γ dL/dz_t + (W_hh − W_hhᵀ)ᵀ dL/dz_t
/// dL/dW_hh = G − Gᵀ with G = Σ_t dL/dz_t h_{t−1}ᵀ
/// ```
///
/// The eigenvalues of W_hh − W_hhᵀ are imaginary, so that the differential equation neither grows nor decays; the diffusion
/// γ makes up for what the steps of size ε add.
///
/// # Reference
/// Chang, Chen, Haber and Chi 2019, *AntisymmetricRNN: a dynamical system view on recurrent neural networks*, ICLR,
/// arXiv:1902.09689, equation 10.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Antisymmetric<A = Tanh> {
    /// ε, the step size.
    pub epsilon: f64,
    /// γ, the diffusion.
    pub gamma: f64,
    /// φ.
    pub activation: A,
}

impl<F: Real, A: Activation<F>> Unit<F> for Antisymmetric<A> {
    type Gates = [F; 1];
    type State = [F; 1];
    type Saved = [F; 1];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::new("n")]).recurrence(Recurrence::Antisymmetric);
    const LOOPS: Loops = A::KIND.loops(&[AnySquash::Tanh]);

    fn name(&self) -> Name {
        let name = Name::new("antisymmetric").with("epsilon", self.epsilon).with("gamma", self.gamma);
        name.with("activation", self.activation.name())
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], [a]: [F; 1], [u]: [F; 1], [h]: [F; 1]) -> ([F; 1], [F; 1]) {
        let (n, slope) = self.activation.eval(a + u - F::of(self.gamma) * h);
        ([h + F::of(self.epsilon) * n], [slope])
    }

    #[inline(always)]
    fn backward(
        &self,
        _: [F; 0],
        [slope]: [F; 1],
        _: [F; 1],
        [d_h]: [F; 1],
    ) -> Gradient<[F; 1], [F; 1], [F; 0]> {
        let d_z = F::of(self.epsilon) * d_h * slope;
        Gradient { a: [d_z], u: [d_z], previous: [d_h - F::of(self.gamma) * d_z], own: [] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 1], [F; 1], [F; 0]>) -> Option<GateLook<[F; 1]>> {
        let epsilon = F::of(self.epsilon);
        let value = [(seen.state[0] - seen.previous[0]) / epsilon];
        Some(GateLook { value, slope: seen.saved, gradient: [epsilon * seen.d[0]] })
    }
}
