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

use std::sync::atomic::{AtomicBool, Ordering};

use crate::cell::share::{self, Below};
use crate::cell::{Cell, History, Recurrent, Step, StepBack, Widths};
use crate::error::{Result, check_size};
use crate::kernel::multiply::multiply_shared;
use crate::kernel::reduce::column_sums;
use crate::kernel::{Matrix, Scratch, Store, parallel, product};
use crate::tape::{Keep, Tape};
use crate::{Bias, Real};

/// The shape of one recurrent layer, and its mathematics. The parameters lie in the [`Stack`](crate::Stack).
#[derive(Clone, Debug)]
pub struct Layer<C> {
    /// The cell.
    pub cell: C,
    /// Features of the input.
    pub input: usize,
    /// Hidden units.
    pub hidden: usize,
    /// Which biases it has.
    pub bias: Bias,
}

/// The input of a layer, time-major.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a, F> {
    /// (time · batch, input).
    pub(crate) rows: &'a [F],
    pub(crate) batch: usize,
    pub(crate) time: usize,
}

/// A layer's parameters, or their gradients: slices of one block, in PyTorch's order. A bias it lacks is empty.
pub(crate) struct Split<S> {
    pub(crate) w_ih: S,
    pub(crate) w_hh: S,
    pub(crate) b_ih: S,
    pub(crate) b_hh: S,
}

impl<C> Layer<C> {
    /// A layer of these sizes.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize).
    pub fn new(cell: C, input: usize, hidden: usize, bias: Bias) -> Result<Self> {
        check_size("the input size", input)?;
        check_size("the hidden size", hidden)?;
        Ok(Self { cell, input, hidden, bias })
    }

    /// The widths of this layer's arrays.
    pub fn widths<F: Real>(&self) -> Widths
    where
        C: Cell<F>,
    {
        self.cell.widths(self.hidden)
    }

    /// Names and shapes of the parameters of this layer as number `index` of a stack.
    pub(crate) fn parameters<F: Real>(&self, index: usize) -> impl Iterator<Item = (String, Vec<usize>)>
    where
        C: Cell<F>,
    {
        let Widths { gates, hidden, .. } = self.widths();
        let biases: &[&str] = match self.bias {
            Bias::None => &[],
            Bias::Single => &["bias"],
            Bias::Double => &["bias_ih", "bias_hh"],
        };
        [("weight_ih", vec![gates, self.input]), ("weight_hh", vec![gates, hidden])]
            .into_iter()
            .chain(biases.iter().map(move |&name| (name, vec![gates])))
            .map(move |(name, shape)| (format!("{name}_l{index}"), shape))
    }

    /// How many parameters there are.
    pub fn parameter_count<F: Real>(&self) -> usize
    where
        C: Cell<F>,
    {
        self.lengths().iter().sum()
    }

    /// Lengths of W_ih, W_hh, b_ih and b_hh.
    fn lengths<F: Real>(&self) -> [usize; 4]
    where
        C: Cell<F>,
    {
        let Widths { gates, hidden, .. } = self.widths();
        let (b_ih, b_hh) = match self.bias {
            Bias::None => (0, 0),
            Bias::Single => (gates, 0),
            Bias::Double => (gates, gates),
        };
        [gates * self.input, gates * hidden, b_ih, b_hh]
    }

    pub(crate) fn split<'p, F: Real>(&self, theta: &'p [F]) -> Split<&'p [F]>
    where
        C: Cell<F>,
    {
        let [w_ih, w_hh, b_ih, b_hh] = self.lengths();
        assert_eq!(theta.len(), w_ih + w_hh + b_ih + b_hh, "parameters of this layer");
        let (w_ih, rest) = theta.split_at(w_ih);
        let (w_hh, rest) = rest.split_at(w_hh);
        let (b_ih, b_hh) = rest.split_at(b_ih);
        Split { w_ih, w_hh, b_ih, b_hh }
    }

    fn split_mut<'p, F: Real>(&self, d_theta: &'p mut [F]) -> Split<&'p mut [F]>
    where
        C: Cell<F>,
    {
        let [w_ih, w_hh, b_ih, b_hh] = self.lengths();
        assert_eq!(d_theta.len(), w_ih + w_hh + b_ih + b_hh, "gradients of this layer");
        let (w_ih, rest) = d_theta.split_at_mut(w_ih);
        let (w_hh, rest) = rest.split_at_mut(w_hh);
        let (b_ih, b_hh) = rest.split_at_mut(b_ih);
        Split { w_ih, w_hh, b_ih, b_hh }
    }

    /// Runs over `x` from the initial state in block 0 of the tape. Whether every state is finite.
    pub(crate) fn forward<F: Real>(
        &self,
        theta: &[F],
        x: Input<'_, F>,
        keep: Keep,
        tape: &mut Tape<F>,
    ) -> bool
    where
        C: Cell<F>,
    {
        let Input { rows: x, batch, time } = x;
        let Widths { gates, hidden, cell, saved, .. } = tape.widths;
        let p = self.split(theta);
        tape.w_ih_t.pack(Matrix::rows_of(p.w_ih, gates, self.input).t());
        tape.w_hh_t.pack(Matrix::rows_of(p.w_hh, gates, hidden).t());
        let b_ih = if p.b_ih.is_empty() { Store::Set } else { Store::Bias(p.b_ih) };
        let below = Below { w_ih_t: &tape.w_ih_t, b_ih };
        let b_hh = if p.b_hh.is_empty() { &tape.no_bias } else { p.b_hh };
        let theta = Recurrent { w_hh: &tape.w_hh, w_hh_t: &tape.w_hh_t, b_hh };
        let tasks = parallel::tasks(batch, batch * (self.input + hidden) * gates, time);
        let overflow = &AtomicBool::new(false);
        parallel::enter(tasks, || {
            for t in 0..time {
                let (h_prev, h) = pair(&mut tape.h, batch * hidden, t);
                let (c_prev, c) = pair(&mut tape.c, batch * cell, t);
                let step = Step {
                    batch,
                    hidden: self.hidden,
                    a: &mut tape.a,
                    h_prev,
                    c_prev,
                    h,
                    c,
                    saved: block_mut(
                        &mut tape.saved,
                        batch * saved,
                        if keep == Keep::Everything { t } else { 0 },
                    ),
                    u: &mut tape.u,
                };
                let x = block(x, batch * self.input, t);
                parallel::run(tasks, share::Forward { cell: &self.cell, theta, below, x, step, overflow });
            }
        });
        !overflow.load(Ordering::Relaxed)
    }

    /// The way back over the same `x`. On entry the tape's `d_h` and `d_c` hold the direct derivatives of the loss with
    /// respect to each state, on return the total ones. Writes `d_theta`, and dL/dx if asked for.
    pub(crate) fn backward<F: Real>(
        &self,
        theta: &[F],
        x: Input<'_, F>,
        tape: &mut Tape<F>,
        d_theta: &mut [F],
        d_x: Option<&mut [F]>,
        scratch: &mut Scratch<F>,
    ) where
        C: Cell<F>,
    {
        let Input { rows: x, batch, time } = x;
        let Widths { gates, hidden, cell, saved, split } = tape.widths;
        let p = self.split(theta);
        let w_ih = Matrix::rows_of(p.w_ih, gates, self.input);
        tape.w_hh.pack(Matrix::rows_of(p.w_hh, gates, hidden));
        let b_hh = if p.b_hh.is_empty() { &tape.no_bias } else { p.b_hh };

        let theta = Recurrent { w_hh: &tape.w_hh, w_hh_t: &tape.w_hh_t, b_hh };
        let tasks = parallel::tasks(batch, batch * hidden * gates, time);
        parallel::enter(tasks, || {
            for t in (0..time).rev() {
                let (d_h_prev, d_h) = pair(&mut tape.d_h, batch * hidden, t);
                let (d_c_prev, d_c) = pair(&mut tape.d_c, batch * cell, t);
                let step = StepBack {
                    batch,
                    hidden: self.hidden,
                    saved: block(&tape.saved, batch * saved, t),
                    h_prev: block(&tape.h, batch * hidden, t),
                    c_prev: block(&tape.c, batch * cell, t),
                    d_h,
                    d_c,
                    d_a: block_mut(&mut tape.d_a, batch * gates, t),
                    d_u: block_mut(&mut tape.d_u, if split { batch * gates } else { 0 }, t),
                    d_h_prev,
                    d_c_prev,
                };
                parallel::run(tasks, share::Backward { cell: &self.cell, theta, step });
            }

            let rows = time * batch;
            let d = self.split_mut(d_theta);
            let d_a = Matrix::rows_of(&tape.d_a, rows, gates);
            product(d.w_ih, Store::Set, d_a.t(), Matrix::rows_of(x, rows, self.input), scratch);
            column_sums(&tape.d_a, d.b_ih);
            let h_prev = &tape.h[..rows * hidden];
            let d_u = if split { &tape.d_u } else { &tape.d_a };
            self.cell.accumulate(History { rows, d_u, h_prev, d_w_hh: d.w_hh, d_b_hh: d.b_hh, scratch });
            if let Some(d_x) = d_x {
                tape.w_ih.pack(w_ih);
                multiply_shared(d_x, Store::Set, d_a, &tape.w_ih);
            }
        });
    }
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
