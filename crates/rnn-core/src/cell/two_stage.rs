//! Cells that multiply twice in a step: gates from h_{t−1}, then a candidate from the gated h_{t−1}.
//!
//! ```text
//! g = gates(a_g, W_hg h_{t−1} + b_hg)                  all rows of W_hh but the last H
//! n, h_t = state(g, a_n, W_hn gated(g, h_{t−1}) + b_hn, h_{t−1})       the last H
//! ```
//!
//! A [`TwoStage`] is the scalar mathematics; [`cell_of_two_stages`] makes a [`Cell`](crate::Cell) of it.

use crate::Real;
use crate::cell::blocks::{At, Part, Units, each_unit};
use crate::cell::{History, Packed, Recurrent, Step, StepBack, Weights, Widths};
use crate::kernel::lanes::Lanes;
use crate::kernel::reduce::column_sums;
use crate::kernel::{Matrix, Store, multiply, product};

/// The mathematics of one unit of such a cell. With `u` comes what the products make of the state.
pub(super) trait TwoStage<F: Real> {
    /// The gates of the first stage, in the order of their rows.
    type Gates: Lanes<F>;

    /// The gates.
    fn gates(&self, a: Self::Gates, u: Self::Gates) -> Self::Gates;

    /// What W_hn reads.
    fn gated(&self, gates: Self::Gates, h: F) -> F;

    /// (h_t, n).
    fn state(&self, gates: Self::Gates, a: F, u: F, h: F) -> (F, F);

    /// dL/da_n, which is dL/du_n, from dL/dh_t.
    fn candidate_back(&self, gates: Self::Gates, n: F, d_h: F) -> F;

    /// The rest of the chain rule, from (gates, n), h_{t−1} and h_{t−1} as the products read it, and the derivatives of
    /// h_t and of what W_hn read.
    fn gates_back(&self, kept: (Self::Gates, F), h: [F; 2], d: [F; 2]) -> TwoStageGradient<Self::Gates, F>;
}

/// What the first stage passes on, of one unit.
pub(super) struct TwoStageGradient<Gates, F> {
    /// dL/da of the gates, which is dL/du.
    pub(super) gates: Gates,
    /// The part of dL/dh_{t−1} that goes through no product.
    pub(super) previous: F,
    /// The part of dL/dh_{t−1}, as the products read it, that goes through the second one.
    pub(super) read: F,
}

/// `Cell` for a `TwoStage`. No blanket implementation: every unit has one already.
macro_rules! cell_of_two_stages {
    ($cell:ty) => {
        impl<F: $crate::Real> $crate::Cell<F> for $cell {
            fn widths(&self, hidden: usize) -> $crate::cell::Widths {
                $crate::cell::two_stage::widths::<F, Self>(hidden)
            }

            fn pack(&self, weights: $crate::cell::Weights<'_, F>, packed: &mut $crate::cell::Packed<F>) {
                $crate::cell::two_stage::pack(weights, packed);
            }

            fn pack_back(&self, weights: $crate::cell::Weights<'_, F>, packed: &mut $crate::cell::Packed<F>) {
                $crate::cell::two_stage::pack_back(weights, packed);
            }

            fn step(&self, theta: &$crate::cell::Recurrent<'_, F>, step: $crate::cell::Step<'_, F>) {
                $crate::cell::two_stage::step(self, theta, step);
            }

            fn step_back(&self, theta: &$crate::cell::Recurrent<'_, F>, step: $crate::cell::StepBack<'_, F>) {
                $crate::cell::two_stage::step_back(self, theta, step);
            }

            fn accumulate(&self, all: $crate::cell::History<'_, F>) {
                $crate::cell::two_stage::accumulate(all);
            }
        }
    };
}
pub(super) use cell_of_two_stages;

pub(super) fn widths<F: Real, T: TwoStage<F>>(hidden: usize) -> Widths {
    let gates = (T::Gates::N + 1) * hidden;
    Widths { gates, hidden, cell: 0, saved: gates, split: false, back: hidden }
}

/// W_hh in two: the rows of the gates, and those of n.
fn halves<F: Real>(w_hh: Matrix<'_, F>) -> (Matrix<'_, F>, Matrix<'_, F>) {
    w_hh.cut(w_hh.rows - w_hh.cols)
}

pub(super) fn pack<F: Real>(weights: Weights<'_, F>, packed: &mut Packed<F>) {
    let (gates, candidate) = halves(weights.w_hh);
    packed.w_hh.pack(gates.t());
    packed.own.pack(candidate.t());
}

pub(super) fn pack_back<F: Real>(weights: Weights<'_, F>, packed: &mut Packed<F>) {
    let (gates, candidate) = halves(weights.w_hh);
    packed.w_hh.pack(gates);
    packed.own.pack(candidate);
}

pub(super) fn step<F: Real, T: TwoStage<F>>(cell: &T, theta: &Recurrent<'_, F>, mut step: Step<'_, F>) {
    let Step { batch, hidden, h_read, .. } = step;
    let gates = T::Gates::N * hidden;
    let (b_gates, b_n) = theta.b_hh.split_at(gates);
    let (u, u_n) = std::mem::take(&mut step.u).split_at_mut(batch * gates);
    multiply(u, Store::Bias(b_gates), Matrix::rows_of(h_read, batch, hidden), &theta.packed.w_hh);
    each_unit(Gates { cell, step: &mut step, u });
    let gated = Matrix::rows_of(u, batch, gates).part((0, 0), (batch, hidden));
    multiply(u_n, Store::Bias(b_n), gated, &theta.packed.own);
    each_unit(Candidate { cell, step: &mut step, u: u_n });
}

pub(super) fn step_back<F: Real, T: TwoStage<F>>(
    cell: &T,
    theta: &Recurrent<'_, F>,
    mut step: StepBack<'_, F>,
) {
    let StepBack { batch, hidden, .. } = step;
    each_unit(CandidateBack { cell, step: &mut step });
    let (_, d_n) = halves_of_rows(step.d_a, batch, hidden);
    multiply(step.back, Store::Set, d_n, &theta.packed.own);
    each_unit(GatesBack { cell, step: &mut step });
    let (d_gates, _) = halves_of_rows(step.d_a, batch, hidden);
    let to = if step.d_h_read.is_empty() { step.d_h_prev } else { step.d_h_read };
    multiply(to, Store::Add, d_gates, &theta.packed.w_hh);
}

/// dL/da in two: the columns of the gates, and those of n.
fn halves_of_rows<F: Real>(d_a: &[F], rows: usize, hidden: usize) -> (Matrix<'_, F>, Matrix<'_, F>) {
    let all = Matrix::rows_of(d_a, rows, d_a.len() / rows);
    let gates = all.cols - hidden;
    (all.part((0, 0), (rows, gates)), all.part((0, gates), (rows, hidden)))
}

pub(super) fn accumulate<F: Real>(all: History<'_, F>) {
    let History { rows, hidden, d_u, h_read, back, d_w_hh, d_b_hh, scratch, .. } = all;
    let (d_gates, d_n) = halves_of_rows(d_u, rows, hidden);
    let (d_w_gates, d_w_n) = d_w_hh.split_at_mut(d_gates.cols * hidden);
    product(d_w_gates, Store::Set, d_gates.t(), Matrix::rows_of(h_read, rows, hidden), scratch);
    product(d_w_n, Store::Set, d_n.t(), Matrix::rows_of(back, rows, hidden), scratch);
    column_sums(d_u, d_b_hh);
}

/// Where the gates are in a row with the candidate, and where that is.
fn parts<F: Real, T: TwoStage<F>>() -> (Part, Part) {
    let of = T::Gates::N + 1;
    (Part { first: 0, of }, Part { first: of - 1, of })
}

/// The gates, after the first product; what the second one reads is left in the place of u of the first gate.
struct Gates<'s, 'a, F, T> {
    cell: &'s T,
    step: &'s mut Step<'a, F>,
    u: &'s mut [F],
}

impl<F: Real, T: TwoStage<F>> Units for Gates<'_, '_, F, T> {
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        (self.step.batch, self.step.hidden)
    }

    #[inline(always)]
    fn units(&mut self, at: At, width: usize) {
        let Self { cell, step, u: room } = self;
        let (in_gates, _) = parts::<F, T>();
        let a = at.load_part::<F, T::Gates>(width, step.a, in_gates);
        let u = at.load::<F, T::Gates>(width, room);
        let h = at.load::<F, [F; 1]>(width, step.h_read);
        let (mut gates, mut gated) = (T::Gates::zeros(), <[F; 1]>::zeros());
        for lane in 0..width {
            let g = cell.gates(T::Gates::get(&a, lane), T::Gates::get(&u, lane));
            g.set(&mut gates, lane);
            [cell.gated(g, h[0][lane])].set(&mut gated, lane);
        }
        at.store_part::<F, T::Gates>(width, &gates, step.saved, in_gates);
        at.store_part::<F, [F; 1]>(width, &gated, room, Part { first: 0, of: T::Gates::N });
    }
}

/// n and h_t, after the second product.
struct Candidate<'s, 'a, F, T> {
    cell: &'s T,
    step: &'s mut Step<'a, F>,
    u: &'s [F],
}

impl<F: Real, T: TwoStage<F>> Units for Candidate<'_, '_, F, T> {
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        (self.step.batch, self.step.hidden)
    }

    #[inline(always)]
    fn units(&mut self, at: At, width: usize) {
        let Self { cell, step, u } = self;
        let (in_gates, in_n) = parts::<F, T>();
        let gates = at.load_part::<F, T::Gates>(width, step.saved, in_gates);
        let a = at.load_part::<F, [F; 1]>(width, step.a, in_n);
        let u = at.load::<F, [F; 1]>(width, u);
        let h_prev = at.load::<F, [F; 1]>(width, step.h_prev);
        let (mut h, mut n) = (<[F; 1]>::zeros(), <[F; 1]>::zeros());
        for lane in 0..width {
            let (h_t, n_t) = cell.state(T::Gates::get(&gates, lane), a[0][lane], u[0][lane], h_prev[0][lane]);
            [h_t].set(&mut h, lane);
            [n_t].set(&mut n, lane);
        }
        at.store::<F, [F; 1]>(width, &h, step.h);
        at.store_part::<F, [F; 1]>(width, &n, step.saved, in_n);
    }
}

/// dL/da_n, before the product with W_hn.
struct CandidateBack<'s, 'a, F, T> {
    cell: &'s T,
    step: &'s mut StepBack<'a, F>,
}

impl<F: Real, T: TwoStage<F>> Units for CandidateBack<'_, '_, F, T> {
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        (self.step.batch, self.step.hidden)
    }

    #[inline(always)]
    fn units(&mut self, at: At, width: usize) {
        let Self { cell, step } = self;
        let (in_gates, in_n) = parts::<F, T>();
        let gates = at.load_part::<F, T::Gates>(width, step.saved, in_gates);
        let n = at.load_part::<F, [F; 1]>(width, step.saved, in_n);
        let d_h = at.load::<F, [F; 1]>(width, step.d_h);
        let mut d_n = <[F; 1]>::zeros();
        for lane in 0..width {
            [cell.candidate_back(T::Gates::get(&gates, lane), n[0][lane], d_h[0][lane])].set(&mut d_n, lane);
        }
        at.store_part::<F, [F; 1]>(width, &d_n, step.d_a, in_n);
    }
}

/// dL/da of the gates, after the product with W_hn, which left its outcome in `back`: there, what W_hn read takes its place.
struct GatesBack<'s, 'a, F, T> {
    cell: &'s T,
    step: &'s mut StepBack<'a, F>,
}

impl<F: Real, T: TwoStage<F>> Units for GatesBack<'_, '_, F, T> {
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        (self.step.batch, self.step.hidden)
    }

    #[inline(always)]
    fn units(&mut self, at: At, width: usize) {
        let Self { cell, step } = self;
        let (in_gates, in_n) = parts::<F, T>();
        let gates = at.load_part::<F, T::Gates>(width, step.saved, in_gates);
        let n = at.load_part::<F, [F; 1]>(width, step.saved, in_n);
        let h_prev = at.load::<F, [F; 1]>(width, step.h_prev);
        let h_read = at.load::<F, [F; 1]>(width, step.h_read);
        let d_h = at.load::<F, [F; 1]>(width, step.d_h);
        let d_gated = at.load::<F, [F; 1]>(width, step.back);
        let mut d_gates = T::Gates::zeros();
        let [mut gated, mut d_previous, mut d_read] = [<[F; 1]>::zeros(); 3];
        for lane in 0..width {
            let g = T::Gates::get(&gates, lane);
            let d = cell.gates_back(
                (g, n[0][lane]),
                [h_prev[0][lane], h_read[0][lane]],
                [d_h[0][lane], d_gated[0][lane]],
            );
            d.gates.set(&mut d_gates, lane);
            [d.previous].set(&mut d_previous, lane);
            [d.read].set(&mut d_read, lane);
            [cell.gated(g, h_read[0][lane])].set(&mut gated, lane);
        }
        at.store_part::<F, T::Gates>(width, &d_gates, step.d_a, in_gates);
        at.store::<F, [F; 1]>(width, &gated, step.back);
        at.add::<F, [F; 1]>(width, &d_previous, step.d_h_prev);
        at.add::<F, [F; 1]>(width, &d_read, step.d_read());
    }
}
