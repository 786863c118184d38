//! One recurrent layer: the loop over time, and back-propagation through it.
//!
//! # Forward
//!
//! ```text
//! a_t = W_ih x_t + b_ih
//! u_t = W_hh h_{t−1} + b_hh
//! h_t, c_t = cell(a_t, u_t, h_{t−1}, c_{t−1})              t = 1 .. T
//! ```
//!
//! a_t could be computed for all t at once. Step by step it never leaves the cache, and each thread computes its own.
//!
//! # Backward
//!
//! Let L depend on the outputs h_1 .. h_T through ∂L/∂h_t ("direct"), which the loss or the layer above gives. h_t also
//! acts through h_{t+1}, so the *total* derivative obeys
//!
//! ```text
//! dL/dh_t = ∂L/∂h_t + W_hhᵀ dL/du_{t+1} + (what the cell passes straight from h_{t+1} to h_t)      t = T .. 1
//! dL/da_t, dL/du_t = the cell's chain rule applied to dL/dh_t (and dL/dc_t)
//! ```
//!
//! The loop runs from T down and leaves every dL/dh_t in place: the gradient at each timestep costs no further pass.
//! The parameters appear at every step, so their gradients are sums over t, each one product over all rows:
//!
//! ```text
//! dL/dW_ih = Σ_t (dL/da_t)ᵀ x_t       dL/dW_hh = Σ_t (dL/du_t)ᵀ h_{t−1}       dL/db = Σ_t dL/da_t or dL/du_t
//! dL/dx_t = dL/da_t W_ih
//! ```
//!
//! # Reference
//! Werbos 1990, *Backpropagation through time: what it does and how to do it*, Proceedings of the IEEE 78(10).

mod parameters;

use std::sync::atomic::{AtomicBool, Ordering};

use crate::cell::share::{self, Below};
use crate::cell::{Cell, History, Recurrent, Step, StepBack, Weights, Widths};
use crate::error::{Result, check_size};
use crate::kernel::multiply::multiply_shared;
use crate::kernel::reduce::column_sums;
use crate::kernel::{Matrix, Scratch, Store, parallel, product};
use crate::memory::tape::{Keep, Tape};
use crate::network::extent::Extent;
use crate::network::options::{Options, Zoneout};
use crate::{Bias, Real};

/// The shape of one recurrent layer, and its mathematics. The parameters lie in the [`Stack`](crate::Stack).
#[derive(Clone, Debug)]
pub struct Layer<F: Real> {
    /// The cell.
    pub cell: Cell<F>,
    /// Features of the input.
    pub input: usize,
    /// Hidden units.
    pub hidden: usize,
    /// Which biases it has.
    pub bias: Bias,
    /// Whether h_0 and c_0 are parameters.
    pub learned_initial: bool,
    /// Dropout on the recurrence.
    pub recurrent_dropout: f64,
    /// Zoneout.
    pub zoneout: Zoneout,
    /// How many parameters the cell has of its own: a pass must not ask it, for it answers with a list in new memory.
    own: usize,
}

/// The input of a layer, time-major.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a, F> {
    /// (time · batch, input); 0 past a sequence's end.
    pub(crate) rows: &'a [F],
    pub(crate) extent: &'a Extent,
}

/// Where a layer puts its gradients.
pub(crate) struct Gradients<'a, F: 'static> {
    /// The last timestep, from 0, that a gradient comes from.
    pub(crate) from: usize,
    /// Of its parameters, if wanted.
    pub(crate) theta: Option<&'a mut [F]>,
    /// Of its input, if wanted: set or added to.
    pub(crate) x: Option<(&'a mut [F], Store<'static, F>)>,
}

impl<F: Real> Layer<F> {
    /// A layer of these sizes.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize), [`Error::InvalidOption`](crate::Error::InvalidOption) for what is no
    /// probability, and what [`Cell::check`] finds.
    pub fn new(cell: Cell<F>, input: usize, hidden: usize, options: impl Into<Options>) -> Result<Self> {
        check_size("the input size", input)?;
        check_size("the hidden size", hidden)?;
        cell.steps.check(hidden)?;
        let options = options.into();
        options.check()?;
        let Options { bias, learned_initial, recurrent_dropout, zoneout, .. } = options;
        let own =
            cell.steps.own_parameters(hidden).iter().map(|own| own.shape.iter().product::<usize>()).sum();
        Ok(Self { cell, input, hidden, bias, learned_initial, recurrent_dropout, zoneout, own })
    }

    /// The widths of this layer's arrays.
    pub fn widths(&self) -> Widths {
        self.cell.steps.widths(self.hidden)
    }

    /// Runs over `x` from the initial state in block 0 of the tape. Whether every state is finite.
    pub(crate) fn forward(&self, theta: &[F], x: Input<'_, F>, keep: Keep, tape: &mut Tape<F>) -> bool {
        let Input { rows: x, extent } = x;
        let (batch, time) = (extent.batch, extent.time);
        let Widths { gates, hidden, cell, saved, .. } = tape.widths;
        let p = self.split(theta);
        tape.w_ih_t.pack(Matrix::rows_of(p.w_ih, gates, self.input).t());
        let w_hh = Matrix::rows_of(p.w_hh, gates, hidden);
        self.cell.steps.pack(Weights { w_hh, own: p.own }, &mut tape.packed);
        let b_ih = if p.b_ih.is_empty() { Store::Set } else { Store::Bias(p.b_ih) };
        let below = Below { w_ih_t: &tape.w_ih_t, b_ih };
        let b_hh = if p.b_hh.is_empty() { &tape.no_bias } else { p.b_hh };
        let theta = Recurrent { packed: &tape.packed, b_hh, own: p.own };
        let tasks = parallel::tasks(batch, batch * (self.input + hidden) * gates, time);
        let overflow = &AtomicBool::new(false);
        parallel::enter(tasks, || {
            for t in 0..time {
                let rows = extent.active(t);
                let (h_prev, h) = pair(&mut tape.h, batch * hidden, t);
                let (c_prev, c) = pair(&mut tape.c, batch * cell, t);
                let kept = if keep == Keep::Everything { t } else { 0 };
                let kept = block_mut(&mut tape.saved, batch * saved, kept);
                let h_read = tape.dropped.read(h_prev, t, rows * hidden);
                let step = Step {
                    batch: rows,
                    hidden: self.hidden,
                    a: &mut tape.a[..rows * gates],
                    h_read,
                    h_prev: &h_prev[..rows * hidden],
                    c_prev: &c_prev[..rows * cell],
                    h: &mut h[..rows * hidden],
                    c: &mut c[..rows * cell],
                    saved: &mut kept[..rows * saved],
                    u: &mut tape.u[..rows * gates],
                };
                let x = &block(x, batch * self.input, t)[..rows * self.input];
                parallel::run(
                    tasks,
                    share::Forward { cell: &*self.cell.steps, theta, below, x, step, overflow },
                );
                tape.zones.mix(t, (h_prev, h), (c_prev, c));
                if extent.lengths().is_some() {
                    extent.clear(t, h);
                    extent.clear(t, c);
                    kept[rows * saved..].fill(F::zero());
                }
            }
        });
        !overflow.load(Ordering::Relaxed)
    }

    /// The way back over the same `x`. On entry the tape's `d_h` and `d_c` hold the direct derivatives of the loss with
    /// respect to each state, on return the total ones.
    pub(crate) fn backward(
        &self,
        theta: &[F],
        x: Input<'_, F>,
        tape: &mut Tape<F>,
        gradients: Gradients<'_, F>,
        scratch: &mut Scratch<F>,
    ) {
        let Input { rows: x, extent } = x;
        let (batch, time) = (extent.batch, extent.time);
        let Widths { gates, hidden, cell, saved, split, back } = tape.widths;
        let p = self.split(theta);
        let w_hh = Matrix::rows_of(p.w_hh, gates, hidden);
        self.cell.steps.pack_back(Weights { w_hh, own: p.own }, &mut tape.packed_back);
        let b_hh = if p.b_hh.is_empty() { &tape.no_bias } else { p.b_hh };

        let theta = Recurrent { packed: &tape.packed_back, b_hh, own: p.own };
        let tasks = parallel::tasks(batch, batch * hidden * gates, time);
        let gates_u = if split { gates } else { 0 };
        parallel::enter(tasks, || {
            for t in gradients.from + 1..time {
                active_part(&mut tape.d_a, (batch, 0, gates), t);
                active_part(&mut tape.d_u, (batch, 0, gates_u), t);
                active_part(&mut tape.back, (batch, 0, back), t);
            }
            for t in (0..=gradients.from).rev() {
                let rows = extent.active(t);
                let (d_h_prev, d_h) = pair(&mut tape.d_h, batch * hidden, t);
                let (d_c_prev, d_c) = pair(&mut tape.d_c, batch * cell, t);
                let (d_h, d_c) = tape.zones.mix_back(t, (d_h_prev, d_h), (d_c_prev, d_c));
                let h_prev = block(&tape.h, batch * hidden, t);
                let d_a = active_part(&mut tape.d_a, (batch, rows, gates), t);
                let d_u = active_part(&mut tape.d_u, (batch, rows, gates_u), t);
                let kept = active_part(&mut tape.back, (batch, rows, back), t);
                let (h_read, d_h_read) = tape.dropped.read_back(h_prev, t, rows * hidden);
                let step = StepBack {
                    batch: rows,
                    hidden: self.hidden,
                    saved: &block(&tape.saved, batch * saved, t)[..rows * saved],
                    h_read,
                    h_prev: &h_prev[..rows * hidden],
                    c_prev: &block(&tape.c, batch * cell, t)[..rows * cell],
                    d_h: &d_h[..rows * hidden],
                    d_c: &mut d_c[..rows * cell],
                    d_a,
                    d_u,
                    d_h_prev: &mut d_h_prev[..rows * hidden],
                    d_c_prev: &mut d_c_prev[..rows * cell],
                    d_h_read,
                    back: kept,
                };
                parallel::run(tasks, share::Backward { cell: &*self.cell.steps, theta, step });
                tape.dropped.add_back(&mut d_h_prev[..rows * hidden]);
            }
        });

        parallel::enter(tasks, || {
            let rows = time * batch;
            if let Some(theta) = gradients.theta {
                self.accumulate(x, rows, tape, theta, scratch);
            }
            if let Some((d_x, store)) = gradients.x {
                tape.w_ih.pack(Matrix::rows_of(p.w_ih, gates, self.input));
                multiply_shared(d_x, store, Matrix::rows_of(&tape.d_a, rows, gates), &tape.w_ih);
            }
        });
    }

    /// The gradients of the parameters: the sums over all timesteps.
    fn accumulate(&self, x: &[F], rows: usize, tape: &Tape<F>, d_theta: &mut [F], scratch: &mut Scratch<F>) {
        let Widths { gates, hidden, cell, split, .. } = tape.widths;
        let d = self.split_mut(d_theta);
        let d_a = Matrix::rows_of(&tape.d_a, rows, gates);
        product(d.w_ih, Store::Set, d_a.t(), Matrix::rows_of(x, rows, self.input), scratch);
        column_sums(&tape.d_a, d.b_ih);
        self.cell.steps.accumulate(History {
            rows,
            hidden: self.hidden,
            d_u: if split { &tape.d_u } else { &tape.d_a },
            h_read: tape.dropped.all_read().unwrap_or(&tape.h[..rows * hidden]),
            c_prev: &tape.c[..rows * cell],
            saved: &tape.saved,
            back: &tape.back,
            d_w_hh: d.w_hh,
            d_b_hh: d.b_hh,
            d_own: d.own,
            scratch,
        });
        let batch = tape.h.len() / hidden - rows;
        for (d_0, states, width) in [(d.h_0, &tape.d_h, hidden), (d.c_0, &tape.d_c, cell)] {
            let learned = if tape.given { 0 } else { batch };
            column_sums(&states[..learned * width], d_0);
        }
    }
}

/// The rows of timestep `t` that a step works on; the others become 0.
fn active_part<F: Real>(buffer: &mut [F], (batch, rows, width): (usize, usize, usize), t: usize) -> &mut [F] {
    let (active, rest) = block_mut(buffer, batch * width, t).split_at_mut(rows * width);
    rest.fill(F::zero());
    active
}

/// Block `t` of a buffer of equal blocks.
fn block<F>(buffer: &[F], size: usize, t: usize) -> &[F] {
    &buffer[t * size..][..size]
}

fn block_mut<F>(buffer: &mut [F], size: usize, t: usize) -> &mut [F] {
    &mut buffer[t * size..][..size]
}

/// Blocks `t` and `t + 1`.
fn pair<F>(buffer: &mut [F], size: usize, t: usize) -> (&mut [F], &mut [F]) {
    buffer[t * size..][..2 * size].split_at_mut(size)
}
