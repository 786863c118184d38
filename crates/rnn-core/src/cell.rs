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
//! | [`Lstm`] | i, f, g, o | h, c | i, f, g, o, tanh c |
//! | [`Gru`] | r, z, n | h | r, z, n, u_n |

mod activation;
mod elman;
mod gru;
mod lstm;
pub(crate) mod share;
pub(crate) mod single;
mod unit;

pub use activation::{Activation, Identity, Relu, Sigmoid, Tanh};
pub use elman::Elman;
pub use gru::Gru;
pub use lstm::Lstm;
pub use unit::{Unit, UnitGradient};

use single::Single;

use crate::Real;
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
}

/// The recurrent parameters of a layer, as a step reads them.
#[derive(Clone, Copy, Debug)]
pub struct Recurrent<'a, F> {
    /// W_hh, (gates, hidden), packed once for a sequence; only a step back may read it.
    pub w_hh: &'a Panels<F>,
    /// Its transpose, (hidden, gates), packed once for a sequence; only a step forward may read it.
    pub w_hh_t: &'a Panels<F>,
    /// b_hh, (gates); zeros where the layer has no such bias.
    pub b_hh: &'a [F],
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
}

/// All steps of a sequence at once, for the gradient of the recurrent parameters.
#[derive(Debug)]
pub struct History<'a, F> {
    /// How many steps of one sequence: time · batch.
    pub rows: usize,
    /// dL/du_t for every t, (rows, gates).
    pub d_u: &'a [F],
    /// h_{t−1} for every t, (rows, hidden).
    pub h_prev: &'a [F],
    /// Out: dL/dW_hh, (gates, hidden).
    pub d_w_hh: &'a mut [F],
    /// Out: dL/db_hh, (gates); empty where the layer has no such bias.
    pub d_b_hh: &'a mut [F],
    /// Room for products.
    pub scratch: &'a mut Scratch<F>,
}

/// One step of a recurrent network, for a whole batch, and its derivative.
///
/// See [`Unit`] for the short way to write one.
pub trait Cell<F: Real>: Clone + Send + Sync + 'static {
    /// The widths of this cell's arrays with `hidden` units.
    fn widths(&self, hidden: usize) -> Widths;

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

    /// dL/dW_hh = Σ_t (dL/du_t)ᵀ h_{t−1} as one product, and dL/db_hh = Σ_t dL/du_t.
    fn accumulate(&self, all: History<'_, F>) {
        let History { rows, d_u, h_prev, d_w_hh, d_b_hh, scratch } = all;
        let d_u_t = Matrix::rows_of(d_u, rows, d_u.len() / rows).t();
        product(d_w_hh, Store::Set, d_u_t, Matrix::rows_of(h_prev, rows, h_prev.len() / rows), scratch);
        column_sums(d_u, d_b_hh);
    }
}
