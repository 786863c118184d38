//! Long short-term memory with peepholes.

use crate::cell::blocks::{At, Units, each_unit};
use crate::cell::{
    Cell, History, Look, Lstm, OwnParameter, OwnStart, Recurrent, Step, StepBack, Unit, UnitGradient, Widths,
    look,
};
use crate::kernel::lanes::Lanes;
use crate::kernel::reduce::column_sums;
use crate::kernel::{Matrix, Store, multiply};
use crate::{Real, sigmoid, tanh};

/// Long short-term memory whose gates see the cell state; gate order i, f, g, o.
///
/// ```text
/// i = σ(a_i + u_i + w_ci ∘ c_{t−1})    f = σ(a_f + u_f + w_cf ∘ c_{t−1})    g = tanh(a_g + u_g)
/// c_t = f ∘ c_{t−1} + i ∘ g
/// o = σ(a_o + u_o + w_co ∘ c_t)
/// h_t = o ∘ tanh c_t
///
/// dL/dc_t     = (through later steps) + dL/dh_t ∘ o ∘ (1 − tanh² c_t) + dL/da_o ∘ w_co
/// dL/dc_{t−1} = dL/dc_t ∘ f + dL/da_i ∘ w_ci + dL/da_f ∘ w_cf
/// dL/dw_ci = Σ_t dL/da_i ∘ c_{t−1}    dL/dw_cf = Σ_t dL/da_f ∘ c_{t−1}    dL/dw_co = Σ_t dL/da_o ∘ c_t
/// ```
///
/// with a = W_ih x_t + b_ih and u = W_hh h_{t−1} + b_hh, and the rest of the gradients as in
/// [`Lstm`](struct@crate::Lstm). A unit sees its own cell state only: w_ci, w_cf and w_co are `weight_ci`, `weight_cf` and `weight_co`, (H) each.
///
/// These are the full gradients. The original algorithm truncates them: what leaves a unit through its gates is cut off, and
/// only the path from c_t to c_{t−1} carries errors back in time.
///
/// # Reference
/// Gers and Schmidhuber 2000, *Recurrent nets that time and count*, IJCNN; Gers, Schraudolph and Schmidhuber 2002,
/// *Learning precise timing with LSTM recurrent networks*, JMLR 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeepholeLstm;

/// What is kept of a unit: i, f, g, o, tanh c, c.
type Saved<F> = [F; 6];
/// w_ci, w_cf and w_co of a unit, or their gradients.
type Peepholes<F> = [F; 3];

impl PeepholeLstm {
    /// c_t and what is kept.
    #[inline(always)]
    fn forward<F: Real>(a: [F; 4], u: [F; 4], c_prev: F, [w_ci, w_cf, w_co]: Peepholes<F>) -> Saved<F> {
        let i = sigmoid(a[0] + u[0] + w_ci * c_prev);
        let f = sigmoid(a[1] + u[1] + w_cf * c_prev);
        let g = tanh(a[2] + u[2]);
        let c = f * c_prev + i * g;
        let o = sigmoid(a[3] + u[3] + w_co * c);
        [i, f, g, o, tanh(c), c]
    }

    /// The gradients of c_t, of a, of c_{t−1} and of the peepholes: those of an LSTM whose c_t also acts through o, and
    /// what i and f add.
    #[inline(always)]
    fn backward<F: Real>(
        [i, f, g, o, tanh_c, c]: Saved<F>,
        c_prev: F,
        [d_h, d_c]: [F; 2],
        [w_ci, w_cf, w_co]: Peepholes<F>,
    ) -> (F, [F; 4], F, Peepholes<F>) {
        let d_o = d_h * tanh_c * o * (F::one() - o);
        let UnitGradient { total: [_, d_c], a: d_a, previous: [_, d_c_prev], .. } =
            Lstm.backward([i, f, g, o, tanh_c], [F::zero(), c_prev], [d_h, d_c + d_o * w_co]);
        let d_c_prev = d_c_prev + d_a[0] * w_ci + d_a[1] * w_cf;
        (d_c, d_a, d_c_prev, [d_a[0] * c_prev, d_a[1] * c_prev, d_o * c])
    }
}

impl<F: Real> Cell<F> for PeepholeLstm {
    fn widths(&self, hidden: usize) -> Widths {
        Widths {
            gates: 4 * hidden,
            hidden,
            cell: hidden,
            saved: Saved::<F>::N * hidden,
            split: false,
            back: Peepholes::<F>::N * hidden,
        }
    }

    fn gates(&self) -> &'static [&'static str] {
        &["i", "f", "g", "o"]
    }

    fn look(&self, look: Look<'_, F>) -> bool {
        look::kept_gates(look, &[look::sigmoid, look::sigmoid, look::tanh, look::sigmoid])
    }

    fn own_parameters(&self, hidden: usize) -> Vec<OwnParameter> {
        let names = ["weight_ci", "weight_cf", "weight_co"];
        names.map(|name| OwnParameter { name, shape: vec![hidden], start: OwnStart::Drawn }).into()
    }

    fn step(&self, theta: &Recurrent<'_, F>, step: Step<'_, F>) {
        let h_read = Matrix::rows_of(step.h_read, step.batch, step.hidden);
        multiply(step.u, Store::Bias(theta.b_hh), h_read, &theta.packed.w_hh);
        each_unit(Forward { peepholes: theta.own, step });
    }

    fn step_back(&self, theta: &Recurrent<'_, F>, mut step: StepBack<'_, F>) {
        each_unit(Backward { peepholes: theta.own, step: &mut step });
        let to = if step.d_h_read.is_empty() { step.d_h_prev } else { step.d_h_read };
        multiply(to, Store::Add, Matrix::rows_of(step.d_a, step.batch, 4 * step.hidden), &theta.packed.w_hh);
    }

    fn accumulate(&self, mut all: History<'_, F>) {
        all.recurrent();
        column_sums(all.back, all.d_own);
    }
}

/// A step forward, after its product.
struct Forward<'a, F> {
    peepholes: &'a [F],
    step: Step<'a, F>,
}

impl<F: Real> Units for Forward<'_, F> {
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        (self.step.batch, self.step.hidden)
    }

    #[inline(always)]
    fn units(&mut self, at: At, width: usize) {
        let Self { peepholes, step } = self;
        let peepholes = at.shared().load::<F, Peepholes<F>>(width, peepholes);
        let a = at.load::<F, [F; 4]>(width, step.a);
        let u = at.load::<F, [F; 4]>(width, step.u);
        let c_prev = at.load::<F, [F; 1]>(width, step.c_prev);
        let (mut h, mut c, mut saved) = (<[F; 1]>::zeros(), <[F; 1]>::zeros(), Saved::zeros());
        for lane in 0..width {
            let peepholes = Lanes::get(&peepholes, lane);
            let kept =
                PeepholeLstm::forward(Lanes::get(&a, lane), Lanes::get(&u, lane), c_prev[0][lane], peepholes);
            let [.., o, tanh_c, c_t] = kept;
            [o * tanh_c].set(&mut h, lane);
            [c_t].set(&mut c, lane);
            kept.set(&mut saved, lane);
        }
        at.store::<F, [F; 1]>(width, &h, step.h);
        at.store::<F, [F; 1]>(width, &c, step.c);
        at.store::<F, Saved<F>>(width, &saved, step.saved);
    }
}

/// A step back, before its product.
struct Backward<'s, 'a, 'p, F> {
    peepholes: &'p [F],
    step: &'s mut StepBack<'a, F>,
}

impl<F: Real> Units for Backward<'_, '_, '_, F> {
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        (self.step.batch, self.step.hidden)
    }

    #[inline(always)]
    fn units(&mut self, at: At, width: usize) {
        let Self { peepholes, step } = self;
        let peepholes = at.shared().load::<F, Peepholes<F>>(width, peepholes);
        let saved = at.load::<F, Saved<F>>(width, step.saved);
        let c_prev = at.load::<F, [F; 1]>(width, step.c_prev);
        let d_h = at.load::<F, [F; 1]>(width, step.d_h);
        let mut d_c = at.load::<F, [F; 1]>(width, step.d_c);
        let (mut d_a, mut d_c_prev) = (<[F; 4]>::zeros(), <[F; 1]>::zeros());
        let mut d_peepholes = Peepholes::zeros();
        for lane in 0..width {
            let (d_c_t, d_gates, d_previous, d_own) = PeepholeLstm::backward(
                Lanes::get(&saved, lane),
                c_prev[0][lane],
                [d_h[0][lane], d_c[0][lane]],
                Lanes::get(&peepholes, lane),
            );
            [d_c_t].set(&mut d_c, lane);
            d_gates.set(&mut d_a, lane);
            [d_previous].set(&mut d_c_prev, lane);
            d_own.set(&mut d_peepholes, lane);
        }
        at.store::<F, [F; 4]>(width, &d_a, step.d_a);
        at.store::<F, [F; 1]>(width, &d_c, step.d_c);
        at.add::<F, [F; 1]>(width, &d_c_prev, step.d_c_prev);
        at.store::<F, Peepholes<F>>(width, &d_peepholes, step.back);
    }
}
