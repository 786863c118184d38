//! What one layer writes down: every state on the way forward, every gradient on the way back.

mod dropped;
mod zones;

use dropped::Dropped;
use zones::Zones;

use crate::Real;
use crate::cell::{Packed, Widths};
use crate::kernel::Panels;

/// What a forward pass leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// All that a backward pass needs.
    Everything,
    /// The states only.
    States,
}

/// The record of one layer's run. All buffers are time-major: row `t · batch + b` belongs to sequence `b`.
///
/// The states have one block of `batch` rows more than there are timesteps: block 0 is the initial state, block t the
/// state after timestep t. So the first `time · batch` rows of `h` are all h_{t−1}, and those from `batch` on are the
/// layer's output, which is the next layer's input as it lies.
#[derive(Clone, Debug)]
pub(crate) struct Tape<F> {
    pub(crate) widths: Widths,
    /// W_ih, (gates, input), and its transpose, packed for this sequence.
    pub(crate) w_ih: Panels<F>,
    pub(crate) w_ih_t: Panels<F>,
    /// The recurrent weights, packed for the steps forward of this sequence and for those back.
    pub(crate) packed: Packed<F>,
    pub(crate) packed_back: Packed<F>,
    /// Zeros in the place of a bias that the layer lacks, (gates).
    pub(crate) no_bias: Vec<F>,
    /// a = W_ih x_t + b_ih and u = W_hh h_{t−1} + b_hh of the step at hand, (batch, gates).
    pub(crate) a: Vec<F>,
    pub(crate) u: Vec<F>,
    /// h_0 .. h_T, ((time + 1) · batch, hidden).
    pub(crate) h: Vec<F>,
    /// c_0 .. c_T, ((time + 1) · batch, cell).
    pub(crate) c: Vec<F>,
    /// What each step back needs, (time · batch, saved).
    pub(crate) saved: Vec<F>,
    /// dL/dh_0 .. dL/dh_T, as `h`.
    pub(crate) d_h: Vec<F>,
    /// dL/dc_0 .. dL/dc_T, as `c`.
    pub(crate) d_c: Vec<F>,
    /// dL/da_t, (time · batch, gates).
    pub(crate) d_a: Vec<F>,
    /// dL/du_t, as `d_a`; empty where it equals dL/da_t.
    pub(crate) d_u: Vec<F>,
    /// What steps back keep for the cell's own parameters, (time · batch, back).
    pub(crate) back: Vec<F>,
    /// Whether the initial state was given, and not learned or zero.
    pub(crate) given: bool,
    /// Dropout on the recurrence.
    pub(crate) dropped: Dropped<F>,
    /// Zoneout.
    pub(crate) zones: Zones<F>,
    /// The input from each sequence's end, and its gradient, for a layer that reads so.
    pub(crate) x: Vec<F>,
    pub(crate) d_x: Vec<F>,
}

impl<F: Real> Tape<F> {
    pub(crate) fn new(widths: Widths) -> Self {
        Self {
            widths,
            w_ih: Panels::new(),
            w_ih_t: Panels::new(),
            packed: Packed::new(),
            packed_back: Packed::new(),
            no_bias: vec![F::zero(); widths.gates],
            a: Vec::new(),
            u: Vec::new(),
            h: Vec::new(),
            c: Vec::new(),
            saved: Vec::new(),
            d_h: Vec::new(),
            d_c: Vec::new(),
            d_a: Vec::new(),
            d_u: Vec::new(),
            back: Vec::new(),
            given: false,
            dropped: Dropped::default(),
            zones: Zones::default(),
            x: Vec::new(),
            d_x: Vec::new(),
        }
    }

    /// Makes every buffer fit; allocates only when one grows beyond what it ever held.
    pub(crate) fn resize(&mut self, batch: usize, time: usize, keep: Keep) {
        let Widths { gates, hidden, cell, saved, split, back } = self.widths;
        let (steps, states) = (time * batch, (time + 1) * batch);
        // Without a record, each step writes over what the last one left.
        let saved = match keep {
            Keep::Everything => steps * saved,
            Keep::States => self.saved.len().max(batch * saved),
        };
        for (buffer, size) in [
            (&mut self.a, batch * gates),
            (&mut self.u, batch * gates),
            (&mut self.h, states * hidden),
            (&mut self.c, states * cell),
            (&mut self.saved, saved),
            (&mut self.d_h, states * hidden),
            (&mut self.d_c, states * cell),
            (&mut self.d_a, steps * gates),
            (&mut self.d_u, if split { steps * gates } else { 0 }),
            (&mut self.back, steps * back),
        ] {
            fit(buffer, size);
        }
    }

    /// How many numbers there is memory for.
    pub(crate) fn capacity(&self) -> usize {
        let Self { w_ih, w_ih_t, packed, packed_back, no_bias, a, u, h, c, saved, .. } = self;
        let Self { d_h, d_c, d_a, d_u, back, dropped, zones, x, d_x, .. } = self;
        let buffers = [no_bias, a, u, h, c, saved, d_h, d_c, d_a, d_u, back, x, d_x];
        [w_ih, w_ih_t].map(Panels::capacity).iter().sum::<usize>()
            + packed.capacity()
            + packed_back.capacity()
            + buffers.map(Vec::capacity).iter().sum::<usize>()
            + dropped.capacity()
            + zones.capacity()
    }
}

/// Makes a buffer this long: memory for exactly as much, if it must grow.
pub(crate) fn fit<F: Real>(buffer: &mut Vec<F>, size: usize) {
    buffer.reserve_exact(size.saturating_sub(buffer.len()));
    buffer.resize(size, F::zero());
}
