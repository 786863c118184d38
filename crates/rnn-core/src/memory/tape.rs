//! What one layer writes down: every state on the way forward, every gradient on the way back.

mod dropped;
mod zones;

use dropped::Dropped;
use zones::Zones;

use crate::Real;
use crate::kernel::Panels;
use crate::memory::columns::{Span, columns, cut, cut_mut, fit};
use crate::network::layer::Widths;

/// What a forward pass leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// All that a backward pass needs.
    Everything,
    /// The states only.
    States,
}

columns! {
    /// What the steps forward compute beside the states, all (batch, width).
    Record,
    /// The rows of one step forward.
    RecordRows,
    /// The record of one step, for the step back.
    RecordView;
    /// a_t; a gated recurrence leaves gates in it.
    a: gates, Step;
    /// u_t.
    u: gates_u, Step;
    /// What the unit keeps for its chain rule.
    saved: saved, Steps;
    /// h̃_t, which the projection reads.
    raw: raw, Steps;
    /// m_t, which the last product of a gated recurrence reads.
    m: gated, Steps;
    /// x̂ of a_t, u_t and c_t, normalized but not yet scaled, and 1/σ of each: of a, of u, of the u of a gated recurrence's last
    /// gate, of c.
    hat_a: norm_a, Steps;
    hat_u: norm_u, Steps;
    hat_c: norm_c, Steps;
    inverses: inverses, Steps;
    /// The normalized and scaled c_t.
    read_c: norm_c, Step;
}

columns! {
    /// What the steps back compute beside the gradients of the states, all (batch, width).
    Adjoint,
    /// The rows of one step back.
    AdjointRows,
    /// The gradients of one step or of all.
    AdjointView;
    /// dL/da_t.
    d_a: gates, Steps;
    /// dL/du_t where it is not dL/da_t.
    d_u: split, Steps;
    /// The terms of the gradients of the unit's own parameters.
    d_own: own, Steps;
    /// dL/dh_t, which meets the projection's weight in its gradient.
    d_out: projected, Steps;
    /// dL/d of the normalized and scaled a_t, u_t and c_t; that of u where it is not that of a.
    d_norm_a: norm_a, Steps;
    d_norm_u: norm_u_split, Steps;
    d_norm_c: norm_c, Steps;
    /// dL/dh̃_t.
    d_raw: raw, Step;
    /// dL/dm_t.
    d_m: gated, Step;
}

/// The weights of a layer, packed for the products of a pass in one direction. Those that the layer lacks are empty.
#[derive(Clone, Debug)]
pub(crate) struct Packed<F> {
    pub(crate) w_ih: Panels<F>,
    /// W_hh; with a gated recurrence, all blocks of rows but the last one.
    pub(crate) w_hh: Panels<F>,
    /// W_hn, the last block of W_hh, of a gated recurrence.
    pub(crate) w_hn: Panels<F>,
    /// The projection.
    pub(crate) w_hr: Panels<F>,
}

impl<F: Real> Default for Packed<F> {
    fn default() -> Self {
        let [w_ih, w_hh, w_hn, w_hr] = std::array::from_fn(|_| Panels::new());
        Self { w_ih, w_hh, w_hn, w_hr }
    }
}

impl<F: Real> Packed<F> {
    /// How many numbers there is memory for.
    pub(crate) fn capacity(&self) -> usize {
        let Self { w_ih, w_hh, w_hn, w_hr } = self;
        [w_ih, w_hh, w_hn, w_hr].map(Panels::capacity).iter().sum()
    }
}

/// A number added to the states of one timestep, to see what that does to the loss: how gradients inside a run are checked.
#[derive(Clone, Debug)]
pub(crate) struct Nudge<F> {
    /// The timestep, from 0, in the order in which the layer reads.
    pub(crate) t: usize,
    /// Whether c is moved, and not h.
    pub(crate) cell: bool,
    /// What is added, (batch, width) row by row.
    pub(crate) by: Vec<F>,
}

/// The record of one layer's run. All buffers are time-major: row `t · batch + b` belongs to sequence `b`.
///
/// The states have one block of `batch` rows more than there are timesteps: block 0 is the initial state, block t the
/// state after timestep t. So the first `time · batch` rows of `h` are all h_{t−1}, and those from `batch` on are the
/// layer's output, which is the next layer's input as it lies.
#[derive(Clone, Debug)]
pub(crate) struct Tape<F> {
    pub(crate) widths: Widths,
    /// The transposed weights, packed for the steps forward of this sequence.
    pub(crate) packed: Packed<F>,
    /// The weights, packed for the steps back.
    pub(crate) packed_back: Packed<F>,
    /// Zeros in the place of a bias that the layer lacks, (gates).
    pub(crate) no_bias: Vec<F>,
    /// W_hh − W_hhᵀ of an antisymmetric recurrence.
    pub(crate) effective: Vec<F>,
    pub(crate) record: Record<F>,
    pub(crate) adjoint: Adjoint<F>,
    /// h_0 .. h_T, ((time + 1) · batch, output).
    pub(crate) h: Vec<F>,
    /// c_0 .. c_T, ((time + 1) · batch, cell).
    pub(crate) c: Vec<F>,
    /// dL/dh_0 .. dL/dh_T, as `h`.
    pub(crate) d_h: Vec<F>,
    /// dL/dc_0 .. dL/dc_T, as `c`.
    pub(crate) d_c: Vec<F>,
    /// Whether the initial state was given, and not learned or zero.
    pub(crate) given: bool,
    /// Dropout on the recurrence.
    pub(crate) dropped: Dropped<F>,
    /// Zoneout.
    pub(crate) zones: Zones<F>,
    /// The input from each sequence's end, and its gradient, for a layer that reads from there.
    pub(crate) x: Vec<F>,
    pub(crate) d_x: Vec<F>,
    pub(crate) nudge: Option<Nudge<F>>,
}

impl<F: Real> Tape<F> {
    pub(crate) fn new(widths: Widths) -> Self {
        Self {
            widths,
            packed: Packed::default(),
            packed_back: Packed::default(),
            no_bias: vec![F::zero(); widths.gates],
            effective: Vec::new(),
            record: Record::default(),
            adjoint: Adjoint::default(),
            h: Vec::new(),
            c: Vec::new(),
            d_h: Vec::new(),
            d_c: Vec::new(),
            given: false,
            dropped: Dropped::default(),
            zones: Zones::default(),
            x: Vec::new(),
            d_x: Vec::new(),
            nudge: None,
        }
    }

    /// Makes the buffers of a forward pass fit. Without a record, each step writes over what the last one left.
    pub(crate) fn resize(&mut self, batch: usize, time: usize, keep: Keep) {
        let Widths { output, cell, .. } = self.widths;
        let blocks = if keep == Keep::Everything { time } else { time.min(1) };
        self.record.resize(&self.widths, batch, blocks);
        fit(&mut self.h, (time + 1) * batch * output);
        fit(&mut self.c, (time + 1) * batch * cell);
    }

    /// Makes the buffers of a backward pass fit.
    pub(crate) fn resize_back(&mut self, batch: usize, time: usize) {
        let Widths { output, cell, .. } = self.widths;
        self.adjoint.resize(&self.widths, batch, time);
        fit(&mut self.d_h, (time + 1) * batch * output);
        fit(&mut self.d_c, (time + 1) * batch * cell);
    }

    /// How many numbers there is memory for.
    pub(crate) fn capacity(&self) -> usize {
        let Self { packed, packed_back, no_bias, effective, record, adjoint, h, c, d_h, d_c, .. } = self;
        let Self { dropped, zones, x, d_x, .. } = self;
        packed.capacity()
            + packed_back.capacity()
            + record.capacity()
            + adjoint.capacity()
            + [no_bias, effective, h, c, d_h, d_c, x, d_x].map(Vec::capacity).iter().sum::<usize>()
            + dropped.capacity()
            + zones.capacity()
    }
}
