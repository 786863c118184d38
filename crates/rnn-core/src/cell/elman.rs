//! The Elman cell.

use crate::Real;
use crate::cell::{
    Activation, AnySquash, Form, Gate, GateLook, Gradient, Identity, Loops, Name, Relu, Seen, Sigmoid, Tanh,
    Unit,
};

/// The simple recurrent cell, with any activation φ.
///
/// ```text
/// z_t = W_ih x_t + b_ih + W_hh h_{t−1} + b_hh
/// h_t = φ(z_t)
///
/// dL/dz_t = dL/dh_t ∘ φ′(z_t)
/// ```
///
/// # Reference
/// Elman 1990, *Finding structure in time*, Cognitive Science 14(2). As `torch.nn.RNN`, which has tanh and relu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elman<A>(
    /// φ.
    pub A,
);

impl Elman<Identity> {
    /// A linear network, φ(z) = z.
    pub fn identity() -> Self {
        Self(Identity)
    }
}

impl Elman<Tanh> {
    /// φ(z) = tanh z, PyTorch's default.
    pub fn tanh() -> Self {
        Self(Tanh)
    }
}

impl Elman<Relu> {
    /// φ(z) = max(z, 0).
    pub fn relu() -> Self {
        Self(Relu)
    }
}

impl Elman<Sigmoid> {
    /// φ(z) = 1 / (1 + e⁻ᶻ).
    pub fn sigmoid() -> Self {
        Self(Sigmoid)
    }
}

/// The name of the cell with any activation, which is a setting.
pub(super) const BASE: &str = "rnn";

impl<F: Real, A: Activation<F>> Unit<F> for Elman<A> {
    type Gates = [F; 1];
    type State = [F; 1];
    type Saved = [F; 1];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::new("h")]).ignores_h();
    const LOOPS: Loops =
        A::KIND.loops(&[AnySquash::Tanh, AnySquash::Relu, AnySquash::Sigmoid, AnySquash::Identity]);

    fn name(&self) -> Name {
        let activation = self.0.name();
        // The names of PyTorch's two, and of two more, are one word.
        match activation.as_str() {
            "tanh" | "relu" | "sigmoid" | "identity" => Name::new(format!("rnn-{activation}")),
            _ => Name::new(BASE).with("activation", activation),
        }
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], [a]: [F; 1], [u]: [F; 1], _: [F; 1]) -> ([F; 1], [F; 1]) {
        let (h, slope) = self.0.eval(a + u);
        ([h], [slope])
    }

    #[inline(always)]
    fn backward(
        &self,
        _: [F; 0],
        [slope]: [F; 1],
        _: [F; 1],
        [d_h]: [F; 1],
    ) -> Gradient<[F; 1], [F; 1], [F; 0]> {
        let d_z = d_h * slope;
        Gradient { a: [d_z], u: [d_z], previous: [F::zero()], own: [] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 1], [F; 1], [F; 0]>) -> Option<GateLook<[F; 1]>> {
        Some(GateLook { value: seen.state, slope: seen.saved, gradient: seen.d })
    }
}
