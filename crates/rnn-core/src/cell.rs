//! What a recurrent cell is.
//!
//! A layer computes a_t = W_ih x_t + b_ih, the same for every cell, and owns the loop over time
//! ([`Layer`](crate::Layer)). A [`Cell`] does the rest: one step of a whole batch forward, the same step backward, and
//! the gradient of its recurrent parameters over all steps at once.
//!
//! Most cells are scalar mathematics for each hidden unit once u_t = W_hh h_{t−1} + b_hh is known. They implement
//! [`Unit`], one small file of equations, and are cells by that. A cell with a product or a sum of its own inside the
//! recurrence (a projection, a layer norm, a reset gate before the product) implements [`Cell`] itself.
//!
//! | cell | gates, in PyTorch's order | state | kept for backward |
//! |---|---|---|---|
//! | [`Elman`] | one | h | φ′ |
//! | [`Lstm`](struct@crate::Lstm) | i, f, g, o | h, c | i, f, g, o, tanh c |
//! | [`Gru`](struct@crate::Gru) | r, z, n | h | r, z, n, u_n |
//! | [`ProjectedLstm`] | i, f, g, o | h (P), c | i, f, g, o, tanh c, o ∘ tanh c |
//! | [`PeepholeLstm`] | i, f, g, o | h, c | i, f, g, o, tanh c, c |
//! | [`GruResetBefore`] | r, z, n | h | r, z, n |
//! | [`MinimalGated`] | f, n | h | f, n |
//! | [`LayerNorm`] | the unit's | the unit's | what the unit keeps, the normalized a, u and c, 1/σ of each |
//!
//! The activations of [`Elman`] are any [`Activation`], those of [`Lstm`](struct@crate::Lstm) and
//! [`Gru`](struct@crate::Gru) any [`Squash`].

mod activation;
mod any;
mod blocks;
mod elman;
mod gru;
mod look;
mod lstm;
mod name;
pub(crate) mod share;
pub(crate) mod single;
mod unit;

pub use activation::{Activation, HardSigmoid, HardTanh, Identity, Relu, Sigmoid, Softsign, Squash, Tanh};
pub use any::Cell;
pub use elman::Elman;
pub use gru::Gru;
pub use look::{GateLook, Look};
pub use lstm::Lstm;
pub use name::{Name, NameError};
pub use unit::{Unit, UnitGradient};

use single::Single;

use crate::Real;
use crate::error::Result;
use crate::kernel::reduce::column_sums;
use crate::kernel::{Matrix, Panels, Scratch, Store, product};

/// How many columns each of a cell's arrays has, for one sequence of the batch and one timestep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    /// Of the pre-activations a_t and u_t: the rows of W_ih and W_hh.
    pub gates: usize,
    /// Of the hidden state h, which is the layer's output.
    pub hidden: usize,
    /// Of the cell state c; 0 for a cell without one.
    pub cell: usize,
    /// Of what a forward step keeps for the backward one.
    pub saved: usize,
    /// Whether ∂L/∂u_t differs from ∂L/∂a_t. It does not where the cell only uses the sum a_t + u_t.
    pub split: bool,
    /// Of what a step back keeps for the gradient of the cell's own parameters; 0 for a cell without any.
    pub back: usize,
}

/// A parameter that a cell has beside W_ih, W_hh and the biases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnParameter {
    /// Its name without the layer's number: `weight_hr`.
    pub name: &'static str,
    /// Its shape.
    pub shape: Vec<usize>,
    /// How it starts.
    pub start: OwnStart,
}

/// How a cell's own parameter is initialized by every [`Init`](crate::Init) that draws the recurrent weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnStart {
    /// As W_hh.
    Drawn,
    /// Zeros: an offset.
    Zeros,
    /// Ones: a gain.
    Ones,
}

/// Recurrent weights as they lie.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a, F> {
    /// W_hh, (gates, hidden).
    pub w_hh: Matrix<'a, F>,
    /// The cell's own parameters, one after the other.
    pub own: &'a [F],
}

/// Recurrent weights packed for products, once for a sequence.
#[derive(Clone, Debug)]
pub struct Packed<F> {
    /// For the product with h: W_hhᵀ, (hidden, gates), on the way forward; W_hh, (gates, hidden), on the way back.
    pub w_hh: Panels<F>,
    /// For a product of the cell's own.
    pub own: Panels<F>,
}

/// The recurrent parameters of a layer, as a step reads them.
#[derive(Clone, Copy, Debug)]
pub struct Recurrent<'a, F> {
    /// What [`Cell::pack`] made for a step forward, or [`Cell::pack_back`] for a step back.
    pub packed: &'a Packed<F>,
    /// b_hh, (gates); zeros where the layer has no such bias.
    pub b_hh: &'a [F],
    /// The cell's own parameters, one after the other.
    pub own: &'a [F],
}

/// One step forward of `batch` sequences. Every array is (batch, width), row by row.
#[derive(Debug)]
pub struct Step<'a, F> {
    /// How many sequences.
    pub batch: usize,
    /// How many hidden units.
    pub hidden: usize,
    /// W_ih x_t + b_ih; may be written over.
    pub a: &'a mut [F],
    /// What W_hh is multiplied with: h_{t−1}, or with dropout on the recurrence, h_{t−1} under its mask.
    pub h_read: &'a [F],
    /// h_{t−1}.
    pub h_prev: &'a [F],
    /// c_{t−1}.
    pub c_prev: &'a [F],
    /// Out: h_t.
    pub h: &'a mut [F],
    /// Out: c_t.
    pub c: &'a mut [F],
    /// Out: what [`Cell::step_back`] needs.
    pub saved: &'a mut [F],
    /// Room for u_t = W_hh h_{t−1} + b_hh, (batch, gates).
    pub u: &'a mut [F],
}

/// One step backward of `batch` sequences. Every array is (batch, width), row by row.
#[derive(Debug)]
pub struct StepBack<'a, F> {
    /// How many sequences.
    pub batch: usize,
    /// How many hidden units.
    pub hidden: usize,
    /// What [`Cell::step`] kept.
    pub saved: &'a [F],
    /// What W_hh was multiplied with, as in [`Step`].
    pub h_read: &'a [F],
    /// h_{t−1}.
    pub h_prev: &'a [F],
    /// c_{t−1}.
    pub c_prev: &'a [F],
    /// dL/dh_t, total: through the output at t and through every later step and layer.
    pub d_h: &'a [F],
    /// In: dL/dc_t through the later steps. Out: dL/dc_t, total, which is that and the part through h_t.
    pub d_c: &'a mut [F],
    /// Out: dL/da_t.
    pub d_a: &'a mut [F],
    /// Out: dL/du_t, where [`Widths::split`] says that it differs from dL/da_t; else empty.
    pub d_u: &'a mut [F],
    /// To be added to: dL/dh_{t−1}.
    pub d_h_prev: &'a mut [F],
    /// To be added to: dL/dc_{t−1}.
    pub d_c_prev: &'a mut [F],
    /// To be added to: dL/dh_read, where that is not h_{t−1}; else empty. [`d_read`](Self::d_read) is the one that counts.
    pub d_h_read: &'a mut [F],
    /// Out: what [`Cell::accumulate`] needs for the gradient of the cell's own parameters.
    pub back: &'a mut [F],
}

impl<F> StepBack<'_, F> {
    /// Where the gradient of what W_hh was multiplied with is added.
    #[inline]
    pub fn d_read(&mut self) -> &mut [F] {
        if self.d_h_read.is_empty() { self.d_h_prev } else { self.d_h_read }
    }
}

/// All steps of a sequence at once, for the gradient of the recurrent parameters.
#[derive(Debug)]
pub struct History<'a, F> {
    /// How many steps of one sequence: time · batch.
    pub rows: usize,
    /// How many hidden units.
    pub hidden: usize,
    /// dL/du_t for every t, (rows, gates).
    pub d_u: &'a [F],
    /// What W_hh was multiplied with for every t, (rows, hidden).
    pub h_read: &'a [F],
    /// c_{t−1} for every t, (rows, cell).
    pub c_prev: &'a [F],
    /// What the steps forward kept, (rows, saved).
    pub saved: &'a [F],
    /// What the steps back kept, (rows, back).
    pub back: &'a [F],
    /// Out: dL/dW_hh, (gates, hidden).
    pub d_w_hh: &'a mut [F],
    /// Out: dL/db_hh, (gates); empty where the layer has no such bias.
    pub d_b_hh: &'a mut [F],
    /// Out: the gradient of the cell's own parameters, one after the other.
    pub d_own: &'a mut [F],
    /// Room for products.
    pub scratch: &'a mut Scratch<F>,
}

impl<F: Real> History<'_, F> {
    /// dL/dW_hh = Σ_t (dL/du_t)ᵀ h_{t−1} and dL/db_hh = Σ_t dL/du_t, for a cell that multiplies h_{t−1} with all of W_hh.
    pub fn recurrent(&mut self) {
        let Self { rows, d_u, h_read, .. } = *self;
        let d_u_t = Matrix::rows_of(d_u, rows, d_u.len() / rows).t();
        let h_read = Matrix::rows_of(h_read, rows, h_read.len() / rows);
        product(self.d_w_hh, Store::Set, d_u_t, h_read, self.scratch);
        column_sums(d_u, self.d_b_hh);
    }
}

/// One step of a recurrent network, for a whole batch, and its derivative.
///
/// See [`Unit`] for the short way to write one.
pub trait Steps<F: Real>: Send + Sync {
    /// The name of the cell and its settings.
    fn name(&self) -> Name;

    /// The widths of this cell's arrays with `hidden` units.
    fn widths(&self, hidden: usize) -> Widths;

    /// Whether this cell can have `hidden` units; called when a layer is made.
    ///
    /// # Errors
    /// Whatever about the cell itself, or about it and the hidden size, is wrong.
    fn check(&self, hidden: usize) -> Result<()> {
        let _ = hidden;
        Ok(())
    }

    /// The parameters that this cell has beside W_ih, W_hh and the biases, in the order in which they lie.
    fn own_parameters(&self, hidden: usize) -> Vec<OwnParameter> {
        let _ = hidden;
        Vec::new()
    }

    /// Packs the weights for the steps forward of a sequence.
    fn pack(&self, weights: Weights<'_, F>, packed: &mut Packed<F>) {
        packed.w_hh.pack(weights.w_hh.t());
    }

    /// Packs the weights for the steps back through a sequence.
    fn pack_back(&self, weights: Weights<'_, F>, packed: &mut Packed<F>) {
        packed.w_hh.pack(weights.w_hh);
    }

    /// Computes h_t (and c_t) from a_t and h_{t−1} (and c_{t−1}), and keeps what [`step_back`](Self::step_back) needs.
    fn step(&self, theta: &Recurrent<'_, F>, step: Step<'_, F>);

    /// The chain rule through one step.
    fn step_back(&self, theta: &Recurrent<'_, F>, step: StepBack<'_, F>);

    /// The names of the gates, in the order of their blocks of rows in W_ih and W_hh; empty if the cell gives none.
    ///
    /// [`Init`](crate::Init) finds gates by them: `f` keeps the old state, `i` lets in the new one, and `z` is an update
    /// gate that does both, z of the old one and 1 − z of the new one.
    fn gates(&self) -> &'static [&'static str] {
        &[]
    }

    /// This cell, if it can take steps of a single sequence from weights that are gathered for that.
    #[doc(hidden)]
    fn single(&self) -> Option<&dyn Single<F>> {
        None
    }

    /// Tells the value, the slope and the gradient of every gate to an [`Xray`](crate::Xray). `false`, and nothing, for a cell
    /// that does not.
    fn look(&self, look: Look<'_, F>) -> bool {
        let _ = look;
        false
    }

    /// dL/dW_hh = Σ_t (dL/du_t)ᵀ h_{t−1} as one product, dL/db_hh = Σ_t dL/du_t, and the gradient of the cell's own
    /// parameters. The rows of `back` and `d_u` of timesteps after a sequence's end are 0.
    fn accumulate(&self, mut all: History<'_, F>) {
        all.recurrent();
    }
}

impl<F: Real> Packed<F> {
    pub(crate) fn new() -> Self {
        Self { w_hh: Panels::new(), own: Panels::new() }
    }

    /// How many numbers there is memory for.
    pub(crate) fn capacity(&self) -> usize {
        self.w_hh.capacity() + self.own.capacity()
    }
}
