//! A step of a batch shared among threads: each takes some of the sequences.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Real;
use crate::cell::{Recurrent, Step, StepBack, Steps};
use crate::kernel::parallel::Rows;
use crate::kernel::reduce::all_finite;
use crate::kernel::{Matrix, Panels, Store, multiply};

/// The parameters through which a layer reads what is below it.
#[derive(Clone, Copy)]
pub(crate) struct Below<'a, F> {
    /// W_ihᵀ, (input, gates).
    pub(crate) w_ih_t: &'a Panels<F>,
    /// How W_ih x_t becomes a_t.
    pub(crate) b_ih: Store<'a, F>,
}

/// A step forward of some sequences: first a_t = W_ih x_t + b_ih, then the cell's part.
pub(crate) struct Forward<'a, F> {
    pub(crate) cell: &'a dyn Steps<F>,
    pub(crate) below: Below<'a, F>,
    pub(crate) theta: Recurrent<'a, F>,
    /// x_t, (batch, input).
    pub(crate) x: &'a [F],
    pub(crate) step: Step<'a, F>,
    /// Set if a number of the new state is not finite: looked at here, where it is still in the cache.
    pub(crate) overflow: &'a AtomicBool,
}

/// A step backward of some sequences.
pub(crate) struct Backward<'a, F> {
    pub(crate) cell: &'a dyn Steps<F>,
    pub(crate) theta: Recurrent<'a, F>,
    pub(crate) step: StepBack<'a, F>,
}

impl<F: Real> Rows for Forward<'_, F> {
    fn rows(&self) -> usize {
        self.step.batch
    }

    fn split(self, row: usize, _: usize) -> (Self, Self) {
        let Self { cell, below, theta, x, step, overflow } = self;
        let Step { batch, hidden, a, h_read, h_prev, c_prev, h, c, saved, u } = step;
        let ((a0, a1), (h_read0, h_read1)) = (cut_mut(a, batch, row), cut(h_read, batch, row));
        let (h_prev0, h_prev1) = cut(h_prev, batch, row);
        let ((c_prev0, c_prev1), (h0, h1)) = (cut(c_prev, batch, row), cut_mut(h, batch, row));
        let ((c0, c1), (saved0, saved1)) = (cut_mut(c, batch, row), cut_mut(saved, batch, row));
        let (u0, u1) = cut_mut(u, batch, row);
        let first = Step {
            batch: row,
            hidden,
            a: a0,
            h_read: h_read0,
            h_prev: h_prev0,
            c_prev: c_prev0,
            h: h0,
            c: c0,
            saved: saved0,
            u: u0,
        };
        let batch = batch - row;
        let rest = Step {
            batch,
            hidden,
            a: a1,
            h_read: h_read1,
            h_prev: h_prev1,
            c_prev: c_prev1,
            h: h1,
            c: c1,
            saved: saved1,
            u: u1,
        };
        let (x0, x1) = cut(x, row + batch, row);
        let rest = Self { cell, below, theta, x: x1, step: rest, overflow };
        (Self { cell, below, theta, x: x0, step: first, overflow }, rest)
    }

    fn run(self) {
        let Self { cell, below, theta, x, step, overflow } = self;
        let Step { batch, hidden, a, h_read, h_prev, c_prev, h, c, saved, u } = step;
        multiply(a, below.b_ih, Matrix::rows_of(x, batch, below.w_ih_t.rows()), below.w_ih_t);
        let step = Step { batch, hidden, a, h_read, h_prev, c_prev, h: &mut *h, c: &mut *c, saved, u };
        cell.step(&theta, step);
        if !(all_finite(h) && all_finite(c)) {
            overflow.store(true, Ordering::Relaxed);
        }
    }
}

impl<F: Real> Rows for Backward<'_, F> {
    fn rows(&self) -> usize {
        self.step.batch
    }

    fn split(self, row: usize, _: usize) -> (Self, Self) {
        let Self { cell, theta, step } = self;
        let StepBack { batch, hidden, saved, h_read, h_prev, c_prev, .. } = step;
        let StepBack { d_h, d_c, d_a, d_u, d_h_prev, d_c_prev, d_h_read, back, .. } = step;
        let ((saved0, saved1), (h_read0, h_read1)) = (cut(saved, batch, row), cut(h_read, batch, row));
        let ((h_prev0, h_prev1), (c_prev0, c_prev1)) = (cut(h_prev, batch, row), cut(c_prev, batch, row));
        let ((d_h0, d_h1), (d_c0, d_c1)) = (cut(d_h, batch, row), cut_mut(d_c, batch, row));
        let ((d_a0, d_a1), (d_u0, d_u1)) = (cut_mut(d_a, batch, row), cut_mut(d_u, batch, row));
        let (d_h_prev0, d_h_prev1) = cut_mut(d_h_prev, batch, row);
        let (d_c_prev0, d_c_prev1) = cut_mut(d_c_prev, batch, row);
        let (d_h_read0, d_h_read1) = cut_mut(d_h_read, batch, row);
        let (back0, back1) = cut_mut(back, batch, row);
        let first = StepBack {
            batch: row,
            hidden,
            saved: saved0,
            h_read: h_read0,
            h_prev: h_prev0,
            c_prev: c_prev0,
            d_h: d_h0,
            d_c: d_c0,
            d_a: d_a0,
            d_u: d_u0,
            d_h_prev: d_h_prev0,
            d_c_prev: d_c_prev0,
            d_h_read: d_h_read0,
            back: back0,
        };
        let rest = StepBack {
            batch: batch - row,
            hidden,
            saved: saved1,
            h_read: h_read1,
            h_prev: h_prev1,
            c_prev: c_prev1,
            d_h: d_h1,
            d_c: d_c1,
            d_a: d_a1,
            d_u: d_u1,
            d_h_prev: d_h_prev1,
            d_c_prev: d_c_prev1,
            d_h_read: d_h_read1,
            back: back1,
        };
        (Self { cell, theta, step: first }, Self { cell, theta, step: rest })
    }

    fn run(self) {
        self.cell.step_back(&self.theta, self.step);
    }
}

/// The first `row` of `batch` equal rows, and the others.
fn cut<F>(rows: &[F], batch: usize, row: usize) -> (&[F], &[F]) {
    rows.split_at(rows.len() / batch * row)
}

fn cut_mut<F>(rows: &mut [F], batch: usize, row: usize) -> (&mut [F], &mut [F]) {
    let at = rows.len() / batch * row;
    rows.split_at_mut(at)
}
