//! The Elman cell.

use crate::Real;
use crate::cell::{Activation, GateLook, Identity, Name, Relu, Sigmoid, Steps, Tanh, Unit, UnitGradient};

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

impl<F: Real, A: Activation<F>> Unit<F> for Elman<A> {
    type Gates = [F; 1];
    type State = [F; 1];
    type Saved = [F; 1];
    const SPLIT: bool = false;

    fn name(&self) -> Name {
        Name::new(format!("rnn-{}", self.0.name()))
    }

    fn gates(&self) -> &'static [&'static str] {
        &["h"]
    }

    fn look(&self, [slope]: [F; 1], _: [F; 1], [h]: [F; 1], [d_h]: [F; 1]) -> Option<GateLook<[F; 1]>> {
        Some(GateLook { value: [h], slope: [slope], gradient: [d_h] })
    }

    #[inline(always)]
    fn forward(&self, [a]: [F; 1], [u]: [F; 1], _: [F; 1]) -> ([F; 1], [F; 1]) {
        let (h, slope) = self.0.eval(a + u);
        ([h], [slope])
    }

    #[inline(always)]
    fn backward(&self, [slope]: [F; 1], _: [F; 1], [d_h]: [F; 1]) -> UnitGradient<[F; 1], [F; 1]> {
        let d_z = d_h * slope;
        UnitGradient { total: [d_h], a: [d_z], u: [d_z], previous: [F::zero()] }
    }
}
