//! Cells that a user of the crate could bring.

use rnn_core::cell::{Form, Gate, Gradient, Name};
use rnn_core::{Activation, Elman, Unit, sigmoid, tanh};

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
#[derive(Clone, Copy)]
pub(crate) struct Leaky {
    pub(crate) alpha: f64,
}

impl Unit<f64> for Leaky {
    type Gates = [f64; 1];
    type State = [f64; 1];
    type Saved = [f64; 1];
    type Own = [f64; 0];
    const FORM: Form = Form::new(&[Gate::new("h")]);

    fn name(&self) -> Name {
        Name::new("my-leaky").with("alpha", self.alpha)
    }

    fn forward(&self, _: [f64; 0], [a]: [f64; 1], [u]: [f64; 1], [h]: [f64; 1]) -> ([f64; 1], [f64; 1]) {
        let y = tanh(a + u);
        ([(1.0 - self.alpha) * h + self.alpha * y], [y])
    }

    fn backward(
        &self,
        _: [f64; 0],
        [y]: [f64; 1],
        _: [f64; 1],
        [d_h]: [f64; 1],
    ) -> Gradient<[f64; 1], [f64; 1], [f64; 0]> {
        let d = d_h * self.alpha * (1.0 - y * y);
        Gradient { a: [d], u: [d], previous: [d_h * (1.0 - self.alpha)], own: [] }
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
#[derive(Clone, Copy)]
pub(crate) struct TwoCells;

impl Unit<f64> for TwoCells {
    type Gates = [f64; 2];
    type State = [f64; 3];
    /// y, s, c_t, 0.1 h_{t−1}.
    type Saved = [f64; 4];
    type Own = [f64; 0];
    const FORM: Form = Form::new(&[Gate::new("y"), Gate::new("s")]).split().reads_cell();

    fn name(&self) -> Name {
        Name::new("two-cells")
    }

    fn forward(&self, _: [f64; 0], a: [f64; 2], u: [f64; 2], [h, c, d]: [f64; 3]) -> ([f64; 3], [f64; 4]) {
        let (y, s) = (tanh(a[0] + 0.5 * u[0]), sigmoid(a[1] + u[1]));
        let c_t = 0.7 * c + y;
        ([0.0, c_t, 0.4 * d + 0.3 * c], [y, s, c_t, 0.1 * h])
    }

    fn read(&self, _: [f64; 0], [_, c, d]: [f64; 3], [y, s, c_t, rest]: [f64; 4]) -> ([f64; 3], [f64; 4]) {
        ([s * c + 0.2 * d + rest, c, d], [y, s, c_t, rest])
    }

    fn read_back(&self, _: [f64; 0], [_, s, ..]: [f64; 4], d_h: f64) -> [f64; 3] {
        [0.0, d_h * s, 0.2 * d_h]
    }

    fn backward(
        &self,
        _: [f64; 0],
        [y, s, c_t, _]: [f64; 4],
        _: [f64; 3],
        [d_h, d_c, d_d]: [f64; 3],
    ) -> Gradient<[f64; 2], [f64; 3], [f64; 0]> {
        let (d_y, d_s) = (d_c * (1.0 - y * y), d_h * c_t * s * (1.0 - s));
        let previous = [0.1 * d_h, 0.7 * d_c + 0.3 * d_d, 0.4 * d_d];
        Gradient { a: [d_y, d_s], u: [0.5 * d_y, d_s], previous, own: [] }
    }
}

/// h_t = σ(a₁ + u₁) c_t + h_{t−1} / 10 with c_t = 0.7 c_{t−1} + tanh(a₀ + u₀): h follows from one number c, which a layer may
/// normalize, and acts on the next h by itself.
#[derive(Clone, Copy)]
pub(crate) struct Lingering;

impl Unit<f64> for Lingering {
    type Gates = [f64; 2];
    type State = [f64; 2];
    /// y, s, c_t as it was read, 0.1 h_{t−1}.
    type Saved = [f64; 4];
    type Own = [f64; 0];
    const FORM: Form = Form::new(&[Gate::new("y"), Gate::new("s")]).reads_cell();

    fn name(&self) -> Name {
        Name::new("lingering")
    }

    fn forward(&self, _: [f64; 0], a: [f64; 2], u: [f64; 2], [h, c]: [f64; 2]) -> ([f64; 2], [f64; 4]) {
        let (y, s) = (tanh(a[0] + u[0]), sigmoid(a[1] + u[1]));
        ([0.0, 0.7 * c + y], [y, s, 0.0, 0.1 * h])
    }

    fn read(&self, _: [f64; 0], [_, c]: [f64; 2], [y, s, _, rest]: [f64; 4]) -> ([f64; 2], [f64; 4]) {
        ([s * c + rest, c], [y, s, c, rest])
    }

    fn read_back(&self, _: [f64; 0], [_, s, ..]: [f64; 4], d_h: f64) -> [f64; 2] {
        [0.0, d_h * s]
    }

    fn backward(
        &self,
        _: [f64; 0],
        [y, s, c, _]: [f64; 4],
        _: [f64; 2],
        [d_h, d_c]: [f64; 2],
    ) -> Gradient<[f64; 2], [f64; 2], [f64; 0]> {
        let d = [d_c * (1.0 - y * y), d_h * c * s * (1.0 - s)];
        Gradient { a: d, u: d, previous: [0.1 * d_h, 0.7 * d_c], own: [] }
    }
}
