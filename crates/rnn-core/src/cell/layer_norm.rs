//! Layer normalization inside the recurrence.

mod readout;
mod reread;
mod row;

pub use readout::Readout;

use readout::Unread;
use reread::{Read, ReadBack};
use row::{Back, ColumnProducts, Columns};

use crate::Real;
use crate::cell::{
    Cell, History, Look, OwnParameter, OwnStart, Recurrent, Step, StepBack, Widths, look, unit,
};
use crate::error::{Error, Result};
use crate::kernel::lanes::Lanes;
use crate::kernel::{Matrix, Store, multiply};

/// A [`Unit`](crate::Unit) whose pre-activations are normalized, and the state c where h is read from it.
///
/// ```text
/// LN(x; α, β) = α ∘ (x − μ) / σ + β      μ = mean(x), σ² = mean((x − μ)²) + ε
///
/// a_t = LN(W_ih x_t + b_ih; gain_ih, offset_ih)      u_t = LN(W_hh h_{t−1} + b_hh; gain_hh, offset_hh)
/// h_t, c_t = the unit's, from a_t, u_t, h_{t−1}, c_{t−1}
/// ```
///
/// and for a unit that reads h_t from c_t, as [`Lstm`](struct@crate::Lstm) does, h_t = o ∘ tanh LN(c_t; gain_c, offset_c),
/// while c_t itself goes on as it is. μ and σ are those of one sequence at one timestep, over all gates at once.
///
/// It has the parameters `gain_ih`, `offset_ih`, `gain_hh`, `offset_hh`, (gates · hidden), and `gain_c`, `offset_c`, as
/// many as there are numbers in c. Gains start at 1, offsets at 0. The layer's own biases are normalized with the products
/// that they are added to; the offsets do what biases do without normalization, so [`Bias::None`](crate::Bias::None) is the
/// usual choice.
///
/// ```
/// use rnn_core::{Bias, LayerNorm, Lstm, Stack};
///
/// let rnn = Stack::<f32, _>::zeros(LayerNorm::new(Lstm), 2, &[3], Bias::None)?;
/// let names: Vec<&str> = rnn.params().iter().map(|(name, _)| name).collect();
/// assert_eq!(names[2..], ["gain_ih_l0", "offset_ih_l0", "gain_hh_l0", "offset_hh_l0", "gain_c_l0", "offset_c_l0"]);
/// # Ok::<(), rnn_core::Error>(())
/// ```
///
/// A pre-activation so large that its square overflows makes the state NaN, which the pass then names.
///
/// # Backward
/// With x̂ = (x − μ) / σ and d = α ∘ dL/dLN: dL/dx = (d − mean(d) − x̂ mean(d ∘ x̂)) / σ. dL/dα is the sum of
/// dL/dLN ∘ x̂ over sequences and timesteps, dL/dβ that of dL/dLN.
///
/// # Reference
/// Ba, Kiros and Hinton 2016, *Layer normalization*, arXiv:1607.06450, with the variance of `torch.nn.LayerNorm`, over n
/// and not n − 1. Their LSTM is this one. Their GRU, in the code that one of the authors published
/// (github.com/ryankiros/layer-norm), normalizes the products of the candidate n apart from those of r and z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerNorm<U> {
    unit: Unread<U>,
    eps: f64,
}

impl<U> LayerNorm<U> {
    /// With ε = 10⁻⁵.
    pub const fn new(unit: U) -> Self {
        Self { unit: Unread(unit), eps: 1e-5 }
    }

    /// With another ε.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] if it is not positive and finite.
    pub fn with_eps(unit: U, eps: f64) -> Result<Self> {
        if eps > 0.0 && eps.is_finite() {
            Ok(Self { unit: Unread(unit), eps })
        } else {
            Err(Error::InvalidOption { option: "eps", value: eps, must: "it must be positive" })
        }
    }

    /// The unit.
    pub fn unit(&self) -> &U {
        &self.unit.0
    }

    /// ε.
    pub fn eps(&self) -> f64 {
        self.eps
    }
}

/// How long the parts of a row are.
#[derive(Clone, Copy)]
struct Sizes {
    gates: usize,
    /// Of c.
    cell: usize,
    /// Of c where it is normalized, else 0.
    read: usize,
    /// Of what the unit keeps.
    unit: usize,
    /// Of dL/du as the unit gives it, if that is not dL/da.
    split: usize,
}

/// What a step keeps: what the unit does, x̂ of a, u and c, 1/σ of each.
struct Kept<S> {
    unit: S,
    a: S,
    u: S,
    c: S,
    inverses: S,
}

/// The gains and offsets.
struct Own<S> {
    ih: (S, S),
    hh: (S, S),
    c: (S, S),
}

impl Sizes {
    fn new<F: Real, U: Readout<F>>(hidden: usize) -> Self {
        let (gates, cell) = (U::Gates::N * hidden, (U::State::N - 1) * hidden);
        Self {
            gates,
            cell,
            read: if U::READS_CELL { cell } else { 0 },
            unit: U::Saved::N * hidden,
            split: if U::SPLIT { gates } else { 0 },
        }
    }

    fn saved(self) -> usize {
        self.unit + 2 * self.gates + self.read + 3
    }

    /// Of what a step back keeps: dL/d of what is normalized, scaled and shifted: a, u and c.
    fn back(self) -> usize {
        self.gates + self.split + self.read
    }

    fn kept<F>(self, row: &[F]) -> Kept<&[F]> {
        let (unit, rest) = row.split_at(self.unit);
        let (a, rest) = rest.split_at(self.gates);
        let (u, rest) = rest.split_at(self.gates);
        let (c, inverses) = rest.split_at(self.read);
        Kept { unit, a, u, c, inverses }
    }

    fn kept_mut<F>(self, row: &mut [F]) -> Kept<&mut [F]> {
        let (unit, rest) = row.split_at_mut(self.unit);
        let (a, rest) = rest.split_at_mut(self.gates);
        let (u, rest) = rest.split_at_mut(self.gates);
        let (c, inverses) = rest.split_at_mut(self.read);
        Kept { unit, a, u, c, inverses }
    }

    fn own<F>(self, own: &[F]) -> Own<&[F]> {
        let (ih, rest) = own.split_at(2 * self.gates);
        let (hh, c) = rest.split_at(2 * self.gates);
        Own { ih: ih.split_at(self.gates), hh: hh.split_at(self.gates), c: c.split_at(self.read) }
    }

    fn own_mut<F>(self, own: &mut [F]) -> Own<&mut [F]> {
        let (ih, rest) = own.split_at_mut(2 * self.gates);
        let (hh, c) = rest.split_at_mut(2 * self.gates);
        Own { ih: ih.split_at_mut(self.gates), hh: hh.split_at_mut(self.gates), c: c.split_at_mut(self.read) }
    }
}

impl<F: Real, U: Readout<F>> Cell<F> for LayerNorm<U> {
    fn widths(&self, hidden: usize) -> Widths {
        let sizes = Sizes::new::<F, U>(hidden);
        let Sizes { gates, cell, .. } = sizes;
        Widths { gates, hidden, cell, saved: sizes.saved(), split: true, back: sizes.back() }
    }

    fn gates(&self) -> &'static [&'static str] {
        self.unit().gates()
    }

    fn look(&self, look: Look<'_, F>) -> bool {
        look::each_unit(self.unit(), look)
    }

    fn own_parameters(&self, hidden: usize) -> Vec<OwnParameter> {
        let Sizes { gates, read, .. } = Sizes::new::<F, U>(hidden);
        [
            ("gain_ih", OwnStart::Ones, gates),
            ("offset_ih", OwnStart::Zeros, gates),
            ("gain_hh", OwnStart::Ones, gates),
            ("offset_hh", OwnStart::Zeros, gates),
            ("gain_c", OwnStart::Ones, read),
            ("offset_c", OwnStart::Zeros, read),
        ]
        .into_iter()
        .filter(|&(_, _, width)| width > 0)
        .map(|(name, start, width)| OwnParameter { name, shape: vec![width], start })
        .collect()
    }

    fn step(&self, theta: &Recurrent<'_, F>, step: Step<'_, F>) {
        let Step { batch, hidden, a, h_read, h_prev, c_prev, h, c, saved, u } = step;
        multiply(u, Store::Bias(theta.b_hh), Matrix::rows_of(h_read, batch, hidden), &theta.packed.w_hh);
        let (sizes, eps) = (Sizes::new::<F, U>(hidden), F::of(self.eps));
        let (gates, cell, own) = (sizes.gates, sizes.cell, sizes.own(theta.own));
        for row in 0..batch {
            let kept = sizes.kept_mut(part_mut(saved, sizes.saved(), row));
            let (a, u) = (part_mut(a, gates, row), part_mut(u, gates, row));
            let (h, c) = (part_mut(h, hidden, row), part_mut(c, cell, row));
            let (h_prev, c_prev) = (part(h_prev, hidden, row), part(c_prev, cell, row));
            kept.inverses[0] = row::normalize(a, eps, kept.a);
            row::scale(kept.a, own.ih, a);
            kept.inverses[1] = row::normalize(u, eps, kept.u);
            row::scale(kept.u, own.hh, u);
            let (h_read, saved) = (part(h_read, hidden, row), &mut *kept.unit);
            let one = Step { batch: 1, hidden, a, h_read, h_prev, c_prev, h: &mut *h, c: &mut *c, saved, u };
            unit::forward(&self.unit, one);
            kept.inverses[2] = F::one();
            if U::READS_CELL {
                kept.inverses[2] = row::normalize(c, eps, kept.c);
                let (unit, saved) = (self.unit(), kept.unit);
                Read { unit, hat: kept.c, own: own.c, h_prev, c_prev, h, saved }.run();
            }
        }
    }

    fn step_back(&self, theta: &Recurrent<'_, F>, step: StepBack<'_, F>) {
        let (batch, hidden) = (step.batch, step.hidden);
        let sizes = Sizes::new::<F, U>(hidden);
        let (gates, cell, own) = (sizes.gates, sizes.cell, sizes.own(theta.own));
        for row in 0..batch {
            let kept = sizes.kept(part(step.saved, sizes.saved(), row));
            let (d_gates, d_read) = part_mut(step.back, sizes.back(), row).split_at_mut(gates + sizes.split);
            let (d_a, d_u) = d_gates.split_at_mut(gates);
            let (d_h, d_c) = (part(step.d_h, hidden, row), part_mut(step.d_c, cell, row));
            if U::READS_CELL {
                ReadBack { unit: self.unit(), saved: kept.unit, d_h, d_c: &mut *d_read }.run();
                let back = Back { d_y: d_read, gain: own.c.0, hat: kept.c, inverse: kept.inverses[2] };
                back.run(d_c, true);
            }
            let mut one = StepBack {
                batch: 1,
                hidden,
                saved: kept.unit,
                h_read: part(step.h_read, hidden, row),
                h_prev: part(step.h_prev, hidden, row),
                c_prev: part(step.c_prev, cell, row),
                d_h,
                d_c,
                d_a: &mut *d_a,
                d_u: &mut *d_u,
                d_h_prev: part_mut(step.d_h_prev, hidden, row),
                d_c_prev: part_mut(step.d_c_prev, cell, row),
                d_h_read: &mut [],
                back: &mut [],
            };
            unit::backward(&self.unit, &mut one);
            let back = Back { d_y: d_a, gain: own.ih.0, hat: kept.a, inverse: kept.inverses[0] };
            back.run(part_mut(step.d_a, gates, row), false);
            let d_y = if U::SPLIT { &*d_u } else { d_a };
            let back = Back { d_y, gain: own.hh.0, hat: kept.u, inverse: kept.inverses[1] };
            back.run(part_mut(step.d_u, gates, row), false);
        }
        let w_hh = &theta.packed.w_hh;
        let d_u = Matrix::rows_of(&*step.d_u, batch, gates);
        let to = if step.d_h_read.is_empty() { step.d_h_prev } else { step.d_h_read };
        multiply(to, Store::Add, d_u, w_hh);
    }

    fn accumulate(&self, mut all: History<'_, F>) {
        all.recurrent();
        let History { hidden, saved, back, d_own, .. } = all;
        let sizes = Sizes::new::<F, U>(hidden);
        let Sizes { gates, read, unit, split, .. } = sizes;
        let Own { ih, hh, c } = sizes.own_mut(d_own);
        // Where dL/d of each lies in a row of `back`, and x̂ in one of `saved`.
        for ((gain, offset), d, hat) in
            [(ih, 0, unit), (hh, split, unit + gates), (c, gates + split, unit + 2 * gates)]
        {
            if !gain.is_empty() {
                let x = Columns { rows: back, width: sizes.back(), first: d };
                let y = Columns { rows: saved, width: sizes.saved(), first: hat };
                ColumnProducts { x, y, sums: gain, plain: offset }.run();
            }
        }
        debug_assert_eq!(sizes.back(), gates + split + read);
    }
}

/// One row of a buffer.
fn part<F>(rows: &[F], width: usize, row: usize) -> &[F] {
    &rows[row * width..][..width]
}

fn part_mut<F>(rows: &mut [F], width: usize, row: usize) -> &mut [F] {
    &mut rows[row * width..][..width]
}
