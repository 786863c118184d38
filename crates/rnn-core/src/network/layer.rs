//! One recurrent layer: the loop over time, and back-propagation through it.
//!
//! # Forward
//!
//! ```text
//! a_t = W_ih x_t + b_ih
//! u_t = W_hh h_{t−1} + b_hh
//! h_t, c_t = unit(a_t, u_t, h_{t−1}, c_{t−1})              t = 1 .. T
//! ```
//!
//! a_t could be computed for all t at once. Computed step by step, it never leaves the cache, and each thread computes its
//! own rows.
//!
//! # Backward
//!
//! Let L depend on the outputs h_1 .. h_T through ∂L/∂h_t ("direct"), which the loss or the level above gives. h_t also
//! acts through h_{t+1}, so the *total* derivative obeys
//!
//! ```text
//! dL/dh_t = ∂L/∂h_t + W_hhᵀ dL/du_{t+1} + (what the unit passes straight from h_{t+1} to h_t)      t = T .. 1
//! dL/da_t, dL/du_t = the unit's chain rule applied to dL/dh_t (and dL/dc_t)
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

mod accumulate;
mod norm;
mod parameters;
mod step;
mod step_back;
mod widths;

use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) use parameters::{Sizes, Split};
pub(crate) use step::{Forward, Inputs};
pub(crate) use step_back::{Backward, Given};
pub(crate) use widths::Widths;

use crate::cell::units::Size;
use crate::cell::{Cell, Form, InputProduct, Recurrence, StateKind};
use crate::error::{Error, Result, check_size};
use crate::kernel::multiply::multiply_shared;
use crate::kernel::{Matrix, Scratch, Store, parallel};
use crate::memory::tape::{Keep, Packed, Tape};
use crate::network::extent::Extent;
use crate::network::options::{Options, Zoneout};
use crate::{Bias, Real};

/// The shape of one recurrent layer, and its mathematics. The parameters lie in the [`Stack`](crate::Stack).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Layer<F: Real> {
    /// The cell.
    pub cell: Cell<F>,
    /// Features of the input.
    pub input: usize,
    /// Hidden units.
    pub hidden: usize,
    /// Which biases the layer has.
    pub bias: Bias,
    /// Whether h_0 and c_0 are parameters.
    pub learned_initial: bool,
    /// Dropout on the recurrence.
    pub recurrent_dropout: f64,
    /// Zoneout.
    pub zoneout: Zoneout,
    /// The size of the projection, if there is one.
    pub projection: Option<usize>,
    /// The ε of layer normalization, if there is any.
    pub layer_norm: Option<f64>,
    pub(crate) form: Form,
    pub(crate) widths: Widths,
    sizes: Sizes,
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
    /// [`Error::ZeroSize`], [`Error::TooLarge`], [`Error::Projection`], [`Error::InvalidOption`], [`Error::Unsuited`].
    pub(crate) fn new(cell: Cell<F>, input: usize, hidden: usize, options: Options) -> Result<Self> {
        check_size("the input size", input)?;
        check_size("the hidden size", hidden)?;
        options.check()?;
        let form = cell.units.form();
        if let Some(size) = options.projection
            && !(1..hidden).contains(&size)
        {
            return Err(Error::Projection { size, hidden });
        }
        let unsuited = |what: &'static str| Err(Error::Unsuited { cell: cell.to_string(), what });
        if form.input == InputProduct::Identity && input != hidden {
            let (what, expected, found) =
                ("the input size of a cell without W_ih".to_owned(), vec![hidden], vec![input]);
            return Err(Error::Shape { what, expected, found });
        }
        match form.recurrence {
            Recurrence::Antisymmetric if options.projection.is_some() => {
                return unsuited("a projection: W_hh − W_hhᵀ needs as many numbers in h as units");
            }
            Recurrence::Gated if options.projection.is_some() => {
                return unsuited("a projection: its gate acts on as many numbers of h as there are units");
            }
            _ if options.projection.is_some() && form.uses_h && form.state == StateKind::Cell => {
                return unsuited("a projection: h is a function of c, and its form does not say `ignores_h`");
            }
            _ => {}
        }
        if !form.recurrent() && options.recurrent_dropout > 0.0 {
            return unsuited("dropout on the recurrence: the cell has no W_hh");
        }
        let widths = Widths::new(&form, cell.units.counts(), input, hidden, &options)?;
        let Options { bias, learned_initial, recurrent_dropout, zoneout, projection, layer_norm, .. } =
            options;
        let sizes = Sizes::new(&form, &widths, bias, learned_initial);
        Ok(Self {
            cell,
            input,
            hidden,
            bias,
            learned_initial,
            recurrent_dropout,
            zoneout,
            projection,
            layer_norm,
            form,
            widths,
            sizes,
        })
    }

    /// The width of h_t: the number of hidden units or the size of the projection.
    pub fn output(&self) -> usize {
        self.widths.output
    }

    /// How many numbers the state c has for each sequence; 0 for a cell without c.
    pub fn cell_width(&self) -> usize {
        self.widths.cell
    }

    /// How many numbers the state has on which everything later depends: h, c, or both, as the cell says. The size of a step
    /// Jacobian.
    pub fn state_width(&self) -> usize {
        self.widths.state_width()
    }

    /// How many gates the cell has: W_ih and W_hh have so many blocks of [`hidden`](Self::hidden) rows.
    pub fn gates(&self) -> usize {
        self.widths.gates / self.hidden
    }

    /// Whether the cell uses W_ih x_t + b_ih and W_hh h_{t−1} + b_hh apart, as a GRU does, so that b_ih + b_hh does not say all
    /// of the two.
    pub fn splits_biases(&self) -> bool {
        self.form.split || self.widths.norm_a > 0
    }

    /// Replaces the cell by its fine one, if it has one: the states and parameters stay as they are.
    pub(crate) fn refine(&mut self) {
        if let Some(cell) = self.cell.fine() {
            self.widths.saved = cell.units.counts().saved * self.hidden;
            self.cell = cell;
        }
    }

    pub(crate) fn size(&self, batch: usize) -> Size {
        Size { batch, hidden: self.hidden, carried: self.widths.carried > 0 }
    }

    /// Whether the unit gets h_{t−1} from the buffer of h.
    fn reads_h(&self) -> bool {
        self.widths.carried == 0 && self.projection.is_none()
    }

    /// Packs the transposed weights for steps forward.
    pub(crate) fn pack(&self, theta: &[F], effective: &mut Vec<F>, packed: &mut Packed<F>) {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "`Matrix::t` is of one lifetime, not of any"
        )]
        self.pack_with(theta, effective, packed, |weight| weight.t());
    }

    /// Packs the weights for steps back.
    pub(crate) fn pack_back(&self, theta: &[F], effective: &mut Vec<F>, packed: &mut Packed<F>) {
        self.pack_with(theta, effective, packed, |weight| weight);
    }

    fn pack_with(
        &self,
        theta: &[F],
        effective: &mut Vec<F>,
        packed: &mut Packed<F>,
        turn: for<'m> fn(Matrix<'m, F>) -> Matrix<'m, F>,
    ) {
        let (p, Widths { gates, output, .. }) = (self.split(theta), self.widths);
        if !p.w_ih.is_empty() {
            packed.w_ih.pack(turn(Matrix::rows_of(p.w_ih, gates, self.input)));
        }
        match self.form.recurrence {
            Recurrence::None => {}
            Recurrence::Full => packed.w_hh.pack(turn(Matrix::rows_of(p.w_hh, gates, output))),
            Recurrence::Antisymmetric => {
                antisymmetric(p.w_hh, self.hidden, effective);
                packed.w_hh.pack(turn(Matrix::rows_of(effective, gates, output)));
            }
            Recurrence::Gated => {
                let (first, last) = Matrix::rows_of(p.w_hh, gates, output).cut(gates - self.hidden);
                packed.w_hh.pack(turn(first));
                packed.w_hn.pack(turn(last));
            }
        }
        if let Some(size) = self.projection {
            packed.w_hr.pack(turn(Matrix::rows_of(p.w_hr, size, self.hidden)));
        }
    }

    /// Runs over `x` from the initial state in block 0 of the tape. Whether every state is finite.
    pub(crate) fn forward(&self, theta: &[F], x: Input<'_, F>, keep: Keep, tape: &mut Tape<F>) -> bool {
        let Input { rows: x, extent } = x;
        let (batch, time) = (extent.batch, extent.time);
        let Widths { gates, output, cell, .. } = self.widths;
        self.pack(theta, &mut tape.effective, &mut tape.packed);
        let tasks = parallel::tasks(batch, parallel::work(&[batch, self.input + output, gates]), time);
        let overflow = &AtomicBool::new(false);
        let nudge = tape.nudge.take();
        let step = Forward {
            layer: self,
            packed: &tape.packed,
            p: self.split(theta),
            no_bias: &tape.no_bias,
            overflow,
        };
        parallel::enter(tasks, || {
            for t in 0..time {
                let rows = extent.active(t);
                let (h_prev, h) = pair(&mut tape.h, batch * output, t);
                let (c_prev, c) = pair(&mut tape.c, batch * cell, t);
                let kept = if keep == Keep::Everything { t } else { 0 };
                let inputs = Inputs {
                    rows,
                    x: &block(x, batch * self.input, t)[..rows * self.input],
                    h_read: tape.dropped.read(h_prev, t, rows * output),
                    h_prev: &h_prev[..rows * output],
                    c_prev: &c_prev[..rows * cell],
                    h: &mut h[..rows * output],
                    c: &mut c[..rows * cell],
                    record: tape.record.rows(&self.widths, batch, kept, rows),
                };
                parallel::run(tasks, step.on(inputs));
                if let Some(nudge) = nudge.as_ref().filter(|nudge| nudge.t == t) {
                    let record = tape.record.rows(&self.widths, batch, kept, rows);
                    step.nudge(nudge, rows, h, c, record);
                }
                tape.zones.mix(t, (h_prev, h), (c_prev, c));
                if extent.lengths().is_some() {
                    extent.clear(t, h);
                    extent.clear(t, c);
                    tape.record.clear_rest(&self.widths, batch, kept, rows);
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
        let Widths { gates, output, cell, .. } = self.widths;
        self.pack_back(theta, &mut tape.effective, &mut tape.packed_back);
        let step = Backward { layer: self, packed: &tape.packed_back, p: self.split(theta) };
        let tasks = parallel::tasks(batch, parallel::work(&[batch, output, gates]), time);
        parallel::enter(tasks, || {
            for t in gradients.from + 1..time {
                tape.adjoint.clear_rest(&self.widths, batch, t, 0);
            }
            for t in (0..=gradients.from).rev() {
                let rows = extent.active(t);
                let (d_h_prev, d_h) = pair(&mut tape.d_h, batch * output, t);
                let (d_c_prev, d_c) = pair(&mut tape.d_c, batch * cell, t);
                let (d_h, d_c) = tape.zones.mix_back(t, (d_h_prev, d_h), (d_c_prev, d_c));
                let h_prev = block(&tape.h, batch * output, t);
                tape.adjoint.clear_rest(&self.widths, batch, t, rows);
                let (h_read, d_h_read) = tape.dropped.read_back(h_prev, t, rows * output);
                let given = Given {
                    rows,
                    record: tape.record.view(&self.widths, batch, t, rows),
                    h_read,
                    h_prev: &h_prev[..rows * output],
                    c_prev: &block(&tape.c, batch * cell, t)[..rows * cell],
                    d_h: &d_h[..rows * output],
                    d_c: &mut d_c[..rows * cell],
                    d_h_prev: &mut d_h_prev[..rows * output],
                    d_c_prev: &mut d_c_prev[..rows * cell],
                    d_h_read,
                    adjoint: tape.adjoint.rows(&self.widths, batch, t, rows),
                };
                parallel::run(tasks, step.on(given));
                tape.dropped.add_back(&mut d_h_prev[..rows * output]);
            }
        });

        let rows = time * batch;
        parallel::enter(tasks, || {
            if let Some(d_theta) = gradients.theta {
                let sums = self.sums(x, tape, batch, 0..rows);
                sums.accumulate(self, self.split_mut(d_theta), scratch);
                self.accumulate_initial(tape, batch, d_theta);
            }
            if let Some((d_x, store)) = gradients.x {
                let d_a = Matrix::rows_of(&tape.adjoint.d_a, rows, gates);
                if self.form.input == InputProduct::Full {
                    multiply_shared(d_x, store, d_a, &tape.packed_back.w_ih);
                } else {
                    each_gate(d_x, store, &tape.adjoint.d_a, gates, self.hidden);
                }
            }
        });
    }
}

/// W − Wᵀ of each square block of rows.
fn antisymmetric<F: Real>(w: &[F], n: usize, effective: &mut Vec<F>) {
    effective.resize(w.len(), F::zero());
    for (to, w) in effective.chunks_exact_mut(n * n).zip(w.chunks_exact(n * n)) {
        for i in 0..n {
            for j in 0..n {
                to[i * n + j] = w[i * n + j] - w[j * n + i];
            }
        }
    }
}

/// dL/dx where a_t is x_t for every gate: the sum of dL/da_t over the gates.
fn each_gate<F: Real>(d_x: &mut [F], store: Store<'_, F>, d_a: &[F], gates: usize, hidden: usize) {
    for (d_x, d_a) in d_x.chunks_exact_mut(hidden).zip(d_a.chunks_exact(gates)) {
        if store == Store::Set {
            d_x.fill(F::zero());
        }
        for d_a in d_a.chunks_exact(hidden) {
            d_x.iter_mut().zip(d_a).for_each(|(to, &d)| *to += d);
        }
    }
}

/// Block `t` of a buffer of equal blocks.
fn block<F>(buffer: &[F], size: usize, t: usize) -> &[F] {
    &buffer[t * size..][..size]
}

/// Blocks `t` and `t + 1`.
fn pair<F>(buffer: &mut [F], size: usize, t: usize) -> (&mut [F], &mut [F]) {
    buffer[t * size..][..2 * size].split_at_mut(size)
}
