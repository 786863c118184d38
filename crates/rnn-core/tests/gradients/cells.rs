//! Cells that a user of the crate could bring, and what the check must know of each cell.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rnn_core::{Activation, Elman, Gru, Lstm, PerUnit, Unit, UnitGradient, sigmoid, tanh};

/// How h_t follows from c_t, all else in the step being as it was.
pub(crate) trait Reread {
    /// h_t of the unit that entry `j` of the row of c belongs to, after that entry moved from `before` to `after`.
    /// `saved` is the row that the cell kept.
    fn reread(&self, saved: &[f64], hidden: usize, j: usize, h: f64, before: f64, after: f64) -> f64 {
        let _ = (saved, hidden, j, before, after);
        h
    }
}

impl<A> Reread for Elman<A> {}
impl Reread for Gru {}
impl Reread for Leaky {}

impl Reread for Lstm {
    /// h = o tanh c, so h′ = h tanh c′ / tanh c: without a look into what the cell keeps.
    fn reread(&self, _: &[f64], _: usize, _: usize, h: f64, before: f64, after: f64) -> f64 {
        h / before.tanh() * after.tanh()
    }
}

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

/// max(z, 0), which also notes the smallest |z| that it met.
pub(crate) fn relu_with_witness() -> (Elman<impl Activation<f64>>, Arc<AtomicU64>) {
    let nearest = Arc::new(AtomicU64::new(f64::INFINITY.to_bits()));
    let note = Arc::clone(&nearest);
    let relu = move |z: f64| {
        // The bits of numbers that are not negative are in the order of the numbers.
        note.fetch_min(z.abs().to_bits(), Ordering::Relaxed);
        if z > 0.0 { (z, 1.0) } else { (0.0, 0.0) }
    };
    (Elman(relu), nearest)
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

impl Reread for TwoCells {
    /// The row of c holds c of every unit, then d of every unit.
    fn reread(&self, saved: &[f64], hidden: usize, j: usize, h: f64, before: f64, after: f64) -> f64 {
        let slope = if j < hidden { saved[hidden + j] } else { 0.2 };
        h + slope * (after - before)
    }
}
