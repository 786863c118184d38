//! Cells that a user of the crate could bring, and what the check must know of each cell.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rnn_core::cell::{Readout, Squash};
use rnn_core::{
    Activation, Elman, Gru, GruResetBefore, LayerNorm, Lstm, MinimalGated, PeepholeLstm, PerUnit,
    ProjectedLstm, Unit, UnitGradient, sigmoid, tanh,
};

/// How h_t follows from c_t, all else in the step being as it was.
pub(crate) trait Reread {
    /// Changes the row of h after an entry of the row of c moved. `own` are the cell's own parameters.
    fn reread(&self, own: &[f64], moved: Moved<'_>, h: &mut [f64]) {
        let _ = (own, moved, h);
    }

    /// Changes the row of h after the row of c moved from `before` to `after`, one entry after the other.
    fn reread_row(&self, own: &[f64], saved: &[f64], hidden: usize, c: [&[f64]; 2], h: &mut [f64]) {
        let [before, after] = c;
        for (j, (&before, &after)) in before.iter().zip(after).enumerate() {
            self.reread(own, Moved { saved, hidden, j, before, after }, h);
        }
    }
}

/// A number of c_t that moved.
#[derive(Clone, Copy)]
pub(crate) struct Moved<'a> {
    /// The row that the cell kept, from which c_t was computed as it was before.
    pub(crate) saved: &'a [f64],
    /// How many hidden units.
    pub(crate) hidden: usize,
    /// Which entry of the row of c.
    pub(crate) j: usize,
    pub(crate) before: f64,
    pub(crate) after: f64,
}

impl<A> Reread for Elman<A> {}
impl<S, T> Reread for Gru<S, T> {}
impl Reread for GruResetBefore {}
impl Reread for MinimalGated {}
impl Reread for Leaky {}

impl<S, T: Squash<f64>> Reread for Lstm<S, T> {
    /// h = o φ(c), so h′ = h φ(c′) / φ(c): without a look into what the cell keeps.
    fn reread(&self, _: &[f64], Moved { j, before, after, .. }: Moved<'_>, h: &mut [f64]) {
        h[j] = h[j] / self.candidate.value(before) * self.candidate.value(after);
    }
}

impl Reread for ProjectedLstm {
    /// h = W_hr (o ∘ tanh c), so one number of c moves all of h.
    fn reread(&self, w_hr: &[f64], moved: Moved<'_>, h: &mut [f64]) {
        let Moved { saved, hidden, j, before, after } = moved;
        let by = saved[3 * hidden + j] * (after.tanh() - before.tanh());
        h.iter_mut().zip(w_hr.chunks_exact(hidden)).for_each(|(h, row)| *h += row[j] * by);
    }
}

impl Reread for PeepholeLstm {
    /// h = σ(z + w_co c) tanh c.
    fn reread(&self, peepholes: &[f64], moved: Moved<'_>, h: &mut [f64]) {
        let Moved { saved, hidden, j, before, after } = moved;
        let (o, w_co) = (saved[3 * hidden + j], peepholes[2 * hidden + j]);
        let z = (o / (1.0 - o)).ln() + w_co * (after - before);
        h[j] = after.tanh() / (1.0 + (-z).exp());
    }
}

impl<U: Readout<f64> + Reread> Reread for LayerNorm<U> {
    /// What the unit reads is normalized: a move of one entry of c moves every h.
    fn reread_row(&self, own: &[f64], saved: &[f64], hidden: usize, c: [&[f64]; 2], h: &mut [f64]) {
        let n = c[0].len();
        let (gain, offset) = own[own.len() - 2 * n..].split_at(n);
        let [before, after] = c.map(|c| -> Vec<f64> {
            let mean = c.iter().sum::<f64>() / n as f64;
            let variance = c.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / n as f64;
            let hat = c.iter().map(|c| (c - mean) / (variance + self.eps()).sqrt());
            hat.zip(gain.iter().zip(offset)).map(|(hat, (gain, offset))| gain * hat + offset).collect()
        });
        self.unit().reread_row(&[], saved, hidden, [&before, &after], h);
    }
}

/// φ(z) = sin z: not monotone, and its slope is no function of its value.
pub(crate) fn sine() -> Elman<impl Activation<f64>> {
    Elman(|z: f64| (z.sin(), z.cos()))
}

/// max(z, 0), which also notes the smallest |z| that it met.
pub(crate) fn relu_with_witness() -> (Elman<impl Activation<f64>>, Nearest) {
    let nearest = Nearest::new();
    let note = nearest.clone();
    let relu = move |z: f64| {
        note.note(z.abs());
        if z > 0.0 { (z, 1.0) } else { (0.0, 0.0) }
    };
    (Elman(relu), nearest)
}

/// The smallest of some distances.
#[derive(Clone)]
pub(crate) struct Nearest(Arc<AtomicU64>);

impl Nearest {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(f64::INFINITY.to_bits())))
    }

    fn note(&self, distance: f64) {
        // The bits of numbers that are not negative are in the order of the numbers.
        self.0.fetch_min(distance.to_bits(), Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

/// An activation of straight pieces with corners at ±`corner`, which notes how near to one it came.
#[derive(Clone)]
pub(crate) struct Watched<S> {
    squash: S,
    corner: f64,
    pub(crate) nearest: Nearest,
}

impl<S> Watched<S> {
    pub(crate) fn new(squash: S, corner: f64) -> Self {
        Self { squash, corner, nearest: Nearest::new() }
    }
}

impl<S: Squash<f64>> Squash<f64> for Watched<S> {
    fn value(&self, z: f64) -> f64 {
        self.nearest.note((z.abs() - self.corner).abs());
        self.squash.value(z)
    }

    fn slope(&self, y: f64) -> f64 {
        self.squash.slope(y)
    }
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

impl Readout<f64> for Leaky {}

impl Readout<f64> for TwoCells {
    const READS_CELL: bool = true;

    fn read(&self, [_, c, d]: [f64; 3], [h, _, _]: [f64; 3], saved: &mut [f64; 3]) -> [f64; 3] {
        saved[2] = c;
        [saved[1] * c + 0.2 * d + 0.1 * h, c, d]
    }

    fn read_back(&self, [_, s, _]: [f64; 3], [d_h, _, _]: [f64; 3]) -> [f64; 3] {
        [d_h, d_h * s, 0.2 * d_h]
    }

    fn backward_unread(
        &self,
        saved: [f64; 3],
        previous: [f64; 3],
        [d_h, d_c, d_d]: [f64; 3],
    ) -> UnitGradient<[f64; 2], [f64; 3]> {
        // All of `backward` is linear in d, and this takes back what it adds for the reading.
        self.backward(saved, previous, [d_h, d_c - d_h * saved[1], d_d - 0.2 * d_h])
    }
}

impl Reread for TwoCells {
    /// The row of c holds c of every unit, then d of every unit.
    fn reread(&self, _: &[f64], moved: Moved<'_>, h: &mut [f64]) {
        let Moved { saved, hidden, j, before, after } = moved;
        let slope = if j < hidden { saved[hidden + j] } else { 0.2 };
        h[j % hidden] += slope * (after - before);
    }
}
