//! Long short-term memory with a projection.

use crate::Real;
use crate::cell::blocks::{At, Part, Units, each_unit};
use crate::cell::{
    Cell, History, Look, Lstm, OwnParameter, OwnStart, Packed, Recurrent, Step, StepBack, Unit, Weights,
    Widths, look,
};
use crate::error::{Error, Result};
use crate::kernel::lanes::Lanes;
use crate::kernel::multiply::multiply_strided;
use crate::kernel::{Matrix, Store, multiply, product};

/// Long short-term memory whose output is projected to P = `size` numbers, fewer than there are units; gate order
/// i, f, g, o.
///
/// ```text
/// i, f, g, o, c_t, h̃_t = o ∘ tanh c_t      as in Lstm
/// h_t = W_hr h̃_t
///
/// dL/dh̃_t = W_hrᵀ dL/dh_t      dL/dW_hr = Σ_t dL/dh_t h̃_tᵀ
/// ```
///
/// and dL/dh̃_t goes on as dL/dh_t does in [`Lstm`](struct@crate::Lstm). With H units, W_hr is `weight_hr`, (P, H), W_hh is
/// (4H, P), h_t has P numbers and c_t has H. W_hr has no bias.
///
/// ```
/// use rnn_core::{Bias, Error, Parameters, ProjectedLstm, Stack};
///
/// let rnn = Stack::<f64, _>::zeros(ProjectedLstm { size: 3 }, 2, &[8, 8], Bias::Double)?;
/// assert_eq!(rnn.output(), 3);
/// assert_eq!(rnn.parameter("weight_hr_l1").unwrap().shape(), [3, 8]);
/// assert_eq!(rnn.parameter("weight_ih_l1").unwrap().shape(), [32, 3]);
///
/// let wide = Stack::<f64, _>::zeros(ProjectedLstm { size: 8 }, 2, &[8], Bias::Double);
/// assert_eq!(wide.unwrap_err(), Error::Projection { size: 8, hidden: 8 });
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
/// A layer of it is refused with [`Error::Projection`] unless 0 < P < H, as by PyTorch.
///
/// # Reference
/// Sak, Senior and Beaufays 2014, *Long short-term memory based recurrent neural network architectures for large vocabulary
/// speech recognition*, arXiv:1402.1128, without their peepholes. As `torch.nn.LSTM` with `proj_size`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProjectedLstm {
    /// P.
    pub size: usize,
}

/// What is kept of a unit: i, f, g, o, tanh c, h̃.
type Saved<F> = [F; 6];

impl<F: Real> Cell<F> for ProjectedLstm {
    fn widths(&self, hidden: usize) -> Widths {
        Widths {
            gates: 4 * hidden,
            hidden: self.size,
            cell: hidden,
            saved: Saved::<F>::N * hidden,
            split: false,
            back: self.size,
        }
    }

    fn check(&self, hidden: usize) -> Result<()> {
        let size = self.size;
        if (1..hidden).contains(&size) { Ok(()) } else { Err(Error::Projection { size, hidden }) }
    }

    fn gates(&self) -> &'static [&'static str] {
        &["i", "f", "g", "o"]
    }

    fn look(&self, look: Look<'_, F>) -> bool {
        look::kept_gates(look, &[look::sigmoid, look::sigmoid, look::tanh, look::sigmoid])
    }

    fn own_parameters(&self, hidden: usize) -> Vec<OwnParameter> {
        vec![OwnParameter { name: "weight_hr", shape: vec![self.size, hidden], start: OwnStart::Drawn }]
    }

    fn pack(&self, weights: Weights<'_, F>, packed: &mut Packed<F>) {
        packed.w_hh.pack(weights.w_hh.t());
        packed.own.pack(self.w_hr(weights.own).t());
    }

    fn pack_back(&self, weights: Weights<'_, F>, packed: &mut Packed<F>) {
        packed.w_hh.pack(weights.w_hh);
        packed.own.pack(self.w_hr(weights.own));
    }

    fn step(&self, theta: &Recurrent<'_, F>, mut step: Step<'_, F>) {
        let Step { batch, hidden, h_read, .. } = step;
        let h_read = Matrix::rows_of(h_read, batch, self.size);
        multiply(step.u, Store::Bias(theta.b_hh), h_read, &theta.packed.w_hh);
        each_unit(Forward { step: &mut step });
        multiply(step.h, Store::Set, unprojected(step.saved, batch, hidden), &theta.packed.own);
    }

    fn step_back(&self, theta: &Recurrent<'_, F>, mut step: StepBack<'_, F>) {
        let StepBack { batch, hidden, d_h, .. } = step;
        step.back.copy_from_slice(d_h);
        // dL/dh̃_t waits in the place of dL/da_i.
        let d_h = Matrix::rows_of(d_h, batch, self.size);
        multiply_strided(step.d_a, 4 * hidden, Store::Set, d_h, &theta.packed.own);
        each_unit(Backward { step: &mut step });
        let to = if step.d_h_read.is_empty() { step.d_h_prev } else { step.d_h_read };
        multiply(to, Store::Add, Matrix::rows_of(step.d_a, batch, 4 * hidden), &theta.packed.w_hh);
    }

    fn accumulate(&self, mut all: History<'_, F>) {
        all.recurrent();
        let History { rows, hidden, saved, back, d_own, scratch, .. } = all;
        let d_h_t = Matrix::rows_of(back, rows, self.size).t();
        product(d_own, Store::Set, d_h_t, unprojected(saved, rows, hidden), scratch);
    }
}

impl ProjectedLstm {
    /// W_hr, (P, H), from the cell's own parameters.
    fn w_hr<F>(self, own: &[F]) -> Matrix<'_, F> {
        Matrix::rows_of(own, self.size, own.len() / self.size)
    }
}

/// h̃, (rows, hidden), from what was kept.
fn unprojected<F: Real>(saved: &[F], rows: usize, hidden: usize) -> Matrix<'_, F> {
    let kept = Saved::<F>::N;
    Matrix::rows_of(saved, rows, kept * hidden).part((0, (kept - 1) * hidden), (rows, hidden))
}

/// All but the products of a step forward.
struct Forward<'s, 'a, F> {
    step: &'s mut Step<'a, F>,
}

impl<F: Real> Units for Forward<'_, '_, F> {
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        (self.step.batch, self.step.hidden)
    }

    #[inline(always)]
    fn units(&mut self, at: At, width: usize) {
        let Self { step } = self;
        let a = at.load::<F, [F; 4]>(width, step.a);
        let u = at.load::<F, [F; 4]>(width, step.u);
        let c_prev = at.load::<F, [F; 1]>(width, step.c_prev);
        let (mut c, mut saved) = (<[F; 1]>::zeros(), Saved::zeros());
        for lane in 0..width {
            let previous = [F::zero(), c_prev[0][lane]];
            let ([h, c_t], [i, f, g, o, tanh_c]) =
                Lstm.forward(Lanes::get(&a, lane), Lanes::get(&u, lane), previous);
            [c_t].set(&mut c, lane);
            [i, f, g, o, tanh_c, h].set(&mut saved, lane);
        }
        at.store::<F, [F; 1]>(width, &c, step.c);
        at.store::<F, Saved<F>>(width, &saved, step.saved);
    }
}

/// All but the products of a step back.
struct Backward<'s, 'a, F> {
    step: &'s mut StepBack<'a, F>,
}

impl<F: Real> Units for Backward<'_, '_, F> {
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        (self.step.batch, self.step.hidden)
    }

    #[inline(always)]
    fn units(&mut self, at: At, width: usize) {
        let Self { step } = self;
        let saved = at.load::<F, Saved<F>>(width, step.saved);
        let c_prev = at.load::<F, [F; 1]>(width, step.c_prev);
        let d_h = at.load_part::<F, [F; 1]>(width, step.d_a, Part { first: 0, of: 4 });
        let mut d_c = at.load::<F, [F; 1]>(width, step.d_c);
        let (mut d_a, mut d_c_prev) = (<[F; 4]>::zeros(), <[F; 1]>::zeros());
        for lane in 0..width {
            let [i, f, g, o, tanh_c, _] = Lanes::get(&saved, lane);
            let previous = [F::zero(), c_prev[0][lane]];
            let d = Lstm.backward([i, f, g, o, tanh_c], previous, [d_h[0][lane], d_c[0][lane]]);
            d.a.set(&mut d_a, lane);
            [d.total[1]].set(&mut d_c, lane);
            [d.previous[1]].set(&mut d_c_prev, lane);
        }
        at.store::<F, [F; 4]>(width, &d_a, step.d_a);
        at.store::<F, [F; 1]>(width, &d_c, step.d_c);
        at.add::<F, [F; 1]>(width, &d_c_prev, step.d_c_prev);
    }
}
