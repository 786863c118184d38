//! Cells that a user of the crate could bring.

use rnn_core::gradcheck::MovedCell;
use rnn_core::{Activation, Elman, PerUnit, Unit, UnitGradient, sigmoid, tanh};

/// φ(z) = z / (1 + |z|): smooth enough for differences (φ″ jumps at 0, φ′ does not).
pub(crate) fn softsign() -> Elman<impl Activation<f64>> {
    Elman(|z: f64| {
        let d = 1.0 + z.abs();
        (z / d, 1.0 / (d * d))
    })
}

/// φ(z) = sin z: not monotone, and its slope is no function of its value.
pub(crate) fn sine() -> Elman<impl Activation<f64>> {
    Elman(|z: f64| (z.sin(), z.cos()))
}

/// h_t = (1 − α) h_{t−1} + α tanh(a + u): part of the state goes round u.
#[derive(Clone)]
pub(crate) struct Leaky {
    pub(crate) alpha: f64,
}

impl PerUnit for Leaky {}

impl Unit<f64> for Leaky {
    type Gates = [f64; 1];
    type State = [f64; 1];
    type Saved = [f64; 1];
    const SPLIT: bool = false;

    fn forward(&self, [a]: [f64; 1], [u]: [f64; 1], [h]: [f64; 1]) -> ([f64; 1], [f64; 1]) {
        let y = tanh(a + u);
        ([(1.0 - self.alpha) * h + self.alpha * y], [y])
    }

    fn backward(&self, [y]: [f64; 1], _: [f64; 1], [d_h]: [f64; 1]) -> UnitGradient<[f64; 1], [f64; 1]> {
        let d = d_h * self.alpha * (1.0 - y * y);
        UnitGradient { total: [d_h], a: [d], u: [d], previous: [d_h * (1.0 - self.alpha)] }
    }
}

/// A unit that uses everything a [`Unit`] can have: two gates, a and u that act apart, a state of three numbers, and
/// every one of them acting on the next step other than through u.
///
/// ```text
/// y = tanh(a₀ + u₀ / 2)    s = σ(a₁ + u₁)
/// c_t = 0.7 c_{t−1} + y    d_t = 0.4 d_{t−1} + 0.3 c_{t−1}
/// h_t = s c_t + 0.2 d_t + 0.1 h_{t−1}
/// ```
#[derive(Clone)]
pub(crate) struct TwoCells;

impl PerUnit for TwoCells {}

impl Unit<f64> for TwoCells {
    type Gates = [f64; 2];
    type State = [f64; 3];
    type Saved = [f64; 3];
    const SPLIT: bool = true;

    fn forward(&self, a: [f64; 2], u: [f64; 2], [h, c, d]: [f64; 3]) -> ([f64; 3], [f64; 3]) {
        let (y, s) = (tanh(a[0] + 0.5 * u[0]), sigmoid(a[1] + u[1]));
        let (c_t, d_t) = (0.7 * c + y, 0.4 * d + 0.3 * c);
        ([s * c_t + 0.2 * d_t + 0.1 * h, c_t, d_t], [y, s, c_t])
    }

    fn backward(
        &self,
        [y, s, c_t]: [f64; 3],
        _: [f64; 3],
        [d_h, d_c, d_d]: [f64; 3],
    ) -> UnitGradient<[f64; 2], [f64; 3]> {
        let (d_c, d_d) = (d_c + d_h * s, d_d + 0.2 * d_h);
        let (d_y, d_s) = (d_c * (1.0 - y * y), d_h * c_t * s * (1.0 - s));
        UnitGradient {
            total: [d_h, d_c, d_d],
            a: [d_y, d_s],
            u: [0.5 * d_y, d_s],
            previous: [0.1 * d_h, 0.7 * d_c + 0.3 * d_d, 0.4 * d_d],
        }
    }
}

/// How h of a [`TwoCells`] follows from its state: a row of c holds c of every unit, then d of every unit.
pub(crate) fn two_cells(moved: &MovedCell<'_>, h: &mut [f64]) {
    let hidden = moved.hidden;
    for (j, (before, after)) in moved.before.iter().zip(moved.after).enumerate() {
        let slope = if j < hidden { moved.saved[hidden + j] } else { 0.2 };
        h[j % hidden] += slope * (after - before);
    }
}
