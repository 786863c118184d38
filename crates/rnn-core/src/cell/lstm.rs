//! Long short-term memory.

use crate::cell::{PerUnit, Unit, UnitGradient};
use crate::{Real, sigmoid, tanh};

/// Long short-term memory with a forget gate, PyTorch's gate order i, f, g, o.
///
/// ```text
/// i = σ(a_i + u_i)    f = σ(a_f + u_f)    g = tanh(a_g + u_g)    o = σ(a_o + u_o)
/// c_t = f ∘ c_{t−1} + i ∘ g
/// h_t = o ∘ tanh c_t
///
/// dL/dc_t     = (through later steps) + dL/dh_t ∘ o ∘ (1 − tanh² c_t)
/// dL/dc_{t−1} = dL/dc_t ∘ f
/// dL/di = dL/dc_t ∘ g    dL/df = dL/dc_t ∘ c_{t−1}    dL/dg = dL/dc_t ∘ i    dL/do = dL/dh_t ∘ tanh c_t
/// ```
///
/// with a = W_ih x_t + b_ih and u = W_hh h_{t−1} + b_hh.
///
/// # Reference
/// Hochreiter and Schmidhuber 1997, *Long short-term memory*, Neural Computation 9(8); the forget gate of Gers,
/// Schmidhuber and Cummins 2000, *Learning to forget*, Neural Computation 12(10). As `torch.nn.LSTM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lstm;

impl PerUnit for Lstm {}

impl<F: Real> Unit<F> for Lstm {
    type Gates = [F; 4];
    type State = [F; 2];
    type Saved = [F; 5];
    const SPLIT: bool = false;

    fn gates(&self) -> &'static [&'static str] {
        &["i", "f", "g", "o"]
    }

    #[inline(always)]
    fn forward(&self, a: [F; 4], u: [F; 4], [_, c]: [F; 2]) -> ([F; 2], [F; 5]) {
        let i = sigmoid(a[0] + u[0]);
        let f = sigmoid(a[1] + u[1]);
        let g = tanh(a[2] + u[2]);
        let o = sigmoid(a[3] + u[3]);
        let c = f * c + i * g;
        let tanh_c = tanh(c);
        ([o * tanh_c, c], [i, f, g, o, tanh_c])
    }

    #[inline(always)]
    fn backward(
        &self,
        saved: [F; 5],
        [_, c_prev]: [F; 2],
        [d_h, d_c]: [F; 2],
    ) -> UnitGradient<[F; 4], [F; 2]> {
        let [i, f, g, o, tanh_c] = saved;
        let one = F::one();
        let d_c = d_c + d_h * o * (one - tanh_c * tanh_c);
        let d_z = [
            d_c * g * i * (one - i),
            d_c * c_prev * f * (one - f),
            d_c * i * (one - g * g),
            d_h * tanh_c * o * (one - o),
        ];
        UnitGradient { total: [d_h, d_c], a: d_z, u: d_z, previous: [F::zero(), d_c * f] }
    }
}
