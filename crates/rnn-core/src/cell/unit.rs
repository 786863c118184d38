//! Cells that are scalar mathematics for each hidden unit.

use pulp::NullaryFnOnce;

use crate::Real;
use crate::cell::single::Single;
use crate::cell::{Cell, Recurrent, Step, StepBack, Widths};
use crate::kernel::lanes::{LANES, Lanes, add, load, store};
use crate::kernel::{Matrix, Store, multiply, simd};

/// The mathematics of one hidden unit: everything that sets an ordinary cell apart from the others.
///
/// With a = W_ih x_t + b_ih and u = W_hh h_{t−1} + b_hh, both already computed, a unit maps
/// (a, u, s_{t−1}) to s_t, where the state s is h alone or h and c. All groups are small arrays: an LSTM has
/// `Gates = [F; 4]`, `State = [F; 2]`. Every unit is a [`Cell`].
///
/// A leaky unit, h_t = (1 − α) h_{t−1} + α tanh(a + u), from the first line to the last:
///
/// ```
/// use rnn_core::{Bias, PerUnit, Real, Stack, Unit, UnitGradient, tanh};
///
/// #[derive(Clone)]
/// struct Leaky<F> { alpha: F }
///
/// impl<F> PerUnit for Leaky<F> {}
///
/// impl<F: Real> Unit<F> for Leaky<F> {
///     type Gates = [F; 1];
///     type State = [F; 1];
///     type Saved = [F; 1];
///     const SPLIT: bool = false;
///
///     fn forward(&self, [a]: [F; 1], [u]: [F; 1], [h]: [F; 1]) -> ([F; 1], [F; 1]) {
///         let y = tanh(a + u);
///         ([(F::one() - self.alpha) * h + self.alpha * y], [y])
///     }
///
///     fn backward(&self, [y]: [F; 1], _: [F; 1], [d_h]: [F; 1]) -> UnitGradient<[F; 1], [F; 1]> {
///         let d = d_h * self.alpha * (F::one() - y * y);
///         UnitGradient { total: [d_h], a: [d], u: [d], previous: [d_h * (F::one() - self.alpha)] }
///     }
/// }
///
/// let rnn = Stack::<f64, _>::zeros(Leaky { alpha: 0.5 }, 2, &[3], Bias::Double)?;
/// # Ok::<(), rnn_core::Error>(())
/// ```
pub trait Unit<F: Real>: PerUnit + Clone + Send + Sync + 'static {
    /// One number for each gate, in the order of the rows of W_ih and W_hh.
    type Gates: Lanes<F>;
    /// h, or h and the entries of c.
    type State: Lanes<F>;
    /// What [`backward`](Self::backward) needs from [`forward`](Self::forward).
    type Saved: Lanes<F>;
    /// Whether ∂L/∂u differs from ∂L/∂a. Say `false` when only the sum a + u matters.
    const SPLIT: bool;

    /// The names of the gates, in the order of [`Gates`](Self::Gates), for what looks for a gate by its name: see
    /// [`Cell::gates`].
    fn gates(&self) -> &'static [&'static str] {
        &[]
    }

    /// s_t from the pre-activations `a` and `u` and the state s_{t−1}.
    fn forward(&self, a: Self::Gates, u: Self::Gates, previous: Self::State) -> (Self::State, Self::Saved);

    /// The chain rule through [`forward`](Self::forward).
    ///
    /// `d` holds dL/dh_t, and for a cell with a state c the part of dL/dc_t that comes through later steps.
    fn backward(
        &self,
        saved: Self::Saved,
        previous: Self::State,
        d: Self::State,
    ) -> UnitGradient<Self::Gates, Self::State>;
}

/// Says that a type is a [`Unit`], whatever the float type. Nothing else: without it, the compiler could not tell that
/// a cell of another kind is none, and no such cell could be generic.
pub trait PerUnit {}

/// What a step backward gives for one unit.
#[derive(Clone, Copy, Debug)]
pub struct UnitGradient<Gates, State> {
    /// dL/dh_t, and dL/dc_t with the part that comes through h_t.
    pub total: State,
    /// dL/da.
    pub a: Gates,
    /// dL/du; read only if [`Unit::SPLIT`].
    pub u: Gates,
    /// The part of dL/ds_{t−1} that does not go through u.
    pub previous: State,
}

impl<F: Real, U: Unit<F> + PerUnit> Cell<F> for U {
    fn widths(&self, hidden: usize) -> Widths {
        Widths {
            gates: U::Gates::N * hidden,
            hidden,
            cell: (U::State::N - 1) * hidden,
            saved: U::Saved::N * hidden,
            split: U::SPLIT,
            back: 0,
        }
    }

    fn gates(&self) -> &'static [&'static str] {
        Unit::gates(self)
    }

    fn single(&self) -> Option<&dyn Single<F>> {
        Some(self)
    }

    fn step(&self, theta: &Recurrent<'_, F>, step: Step<'_, F>) {
        let h_read = Matrix::rows_of(step.h_read, step.batch, step.hidden);
        multiply(step.u, Store::Bias(theta.b_hh), h_read, &theta.packed.w_hh);
        each_unit(Forward { unit: self, step });
    }

    fn step_back(&self, theta: &Recurrent<'_, F>, mut step: StepBack<'_, F>) {
        each_unit(Backward { unit: self, step: &mut step });
        let w_hh = &theta.packed.w_hh;
        let to = if step.d_h_read.is_empty() { step.d_h_prev } else { step.d_h_read };
        let d_u: &[F] = if U::SPLIT { step.d_u } else { step.d_a };
        multiply(to, Store::Add, Matrix::rows_of(d_u, step.batch, w_hh.rows()), w_hh);
    }
}

/// A step, forward or backward, some units at a time.
trait Units {
    /// (batch, hidden)
    fn size(&self) -> (usize, usize);

    /// Units `j .. j + width` of one sequence. Vectorized where `width` is a constant.
    fn units(&mut self, row: usize, j: usize, width: usize);
}

/// Every unit of every sequence, each once.
fn each_unit(mut step: impl Units) {
    let (_, hidden) = step.size();
    simd::dispatch(WholeBlocks(&mut step));
    if !hidden.is_multiple_of(LANES) {
        simd::dispatch(Rest(&mut step));
    }
}

struct WholeBlocks<'a, T>(&'a mut T);

impl<T: Units> NullaryFnOnce for WholeBlocks<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (batch, hidden) = self.0.size();
        for row in 0..batch {
            for j in (0..hidden - hidden % LANES).step_by(LANES) {
                self.0.units(row, j, LANES);
            }
        }
    }
}

/// The units that fill no block, in powers of two. A function of its own, so that the other stays small.
struct Rest<'a, T>(&'a mut T);

impl<T: Units> NullaryFnOnce for Rest<'_, T> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        const { assert!(LANES == 16) };
        let (batch, hidden) = self.0.size();
        for row in 0..batch {
            let mut j = hidden - hidden % LANES;
            if hidden & 8 != 0 {
                self.0.units(row, j, 8);
                j += 8;
            }
            if hidden & 4 != 0 {
                self.0.units(row, j, 4);
                j += 4;
            }
            if hidden & 2 != 0 {
                self.0.units(row, j, 2);
                j += 2;
            }
            if hidden & 1 != 0 {
                self.0.units(row, j, 1);
            }
        }
    }
}

struct Forward<'u, 's, F, U> {
    unit: &'u U,
    step: Step<'s, F>,
}

impl<F: Real, U: Unit<F>> Units for Forward<'_, '_, F, U> {
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        (self.step.batch, self.step.hidden)
    }

    #[inline(always)]
    fn units(&mut self, row: usize, j: usize, width: usize) {
        let Self { unit, step } = self;
        let at = At { hidden: step.hidden, row, j };
        let a = load::<F, U::Gates>(width, |n| &step.a[at.gate::<F, U>(n)..]);
        let u = load::<F, U::Gates>(width, |n| &step.u[at.gate::<F, U>(n)..]);
        let previous = load::<F, U::State>(width, |n| at.state::<F, U>(n, step.h_prev, step.c_prev));
        let (mut next, mut saved) = (U::State::zeros(), U::Saved::zeros());
        for lane in 0..width {
            let (s, k) = unit.forward(
                U::Gates::get(&a, lane),
                U::Gates::get(&u, lane),
                U::State::get(&previous, lane),
            );
            s.set(&mut next, lane);
            k.set(&mut saved, lane);
        }
        store::<F, U::State>(&next, 0, width, &mut step.h[at.h()..]);
        for n in 1..U::State::N {
            store::<F, U::State>(&next, n, width, &mut step.c[at.c::<F, U>(n)..]);
        }
        for n in 0..U::Saved::N {
            store::<F, U::Saved>(&saved, n, width, &mut step.saved[at.saved::<F, U>(n)..]);
        }
    }
}

struct Backward<'u, 's, 'b, F, U> {
    unit: &'u U,
    step: &'b mut StepBack<'s, F>,
}

impl<F: Real, U: Unit<F>> Units for Backward<'_, '_, '_, F, U> {
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        (self.step.batch, self.step.hidden)
    }

    #[inline(always)]
    fn units(&mut self, row: usize, j: usize, width: usize) {
        let Self { unit, step } = self;
        let at = At { hidden: step.hidden, row, j };
        let saved = load::<F, U::Saved>(width, |n| &step.saved[at.saved::<F, U>(n)..]);
        let previous = load::<F, U::State>(width, |n| at.state::<F, U>(n, step.h_prev, step.c_prev));
        let d = load::<F, U::State>(width, |n| at.state::<F, U>(n, step.d_h, step.d_c));
        let (mut d_a, mut d_u) = (U::Gates::zeros(), U::Gates::zeros());
        let (mut total, mut d_previous) = (U::State::zeros(), U::State::zeros());
        for lane in 0..width {
            let gradient = unit.backward(
                U::Saved::get(&saved, lane),
                U::State::get(&previous, lane),
                U::State::get(&d, lane),
            );
            gradient.a.set(&mut d_a, lane);
            gradient.u.set(&mut d_u, lane);
            gradient.total.set(&mut total, lane);
            gradient.previous.set(&mut d_previous, lane);
        }
        for n in 0..U::Gates::N {
            store::<F, U::Gates>(&d_a, n, width, &mut step.d_a[at.gate::<F, U>(n)..]);
            if U::SPLIT {
                store::<F, U::Gates>(&d_u, n, width, &mut step.d_u[at.gate::<F, U>(n)..]);
            }
        }
        add::<F, U::State>(&d_previous, 0, width, &mut step.d_h_prev[at.h()..]);
        for n in 1..U::State::N {
            store::<F, U::State>(&total, n, width, &mut step.d_c[at.c::<F, U>(n)..]);
            add::<F, U::State>(&d_previous, n, width, &mut step.d_c_prev[at.c::<F, U>(n)..]);
        }
    }
}

/// Where the numbers of unit `j` of sequence `row` begin in each buffer.
#[derive(Clone, Copy)]
struct At {
    hidden: usize,
    row: usize,
    j: usize,
}

impl At {
    #[inline(always)]
    fn h(self) -> usize {
        self.row * self.hidden + self.j
    }

    /// Entry `n` ≥ 1 of the state: those after h lie in the buffer of c.
    #[inline(always)]
    fn c<F: Real, U: Unit<F>>(self, n: usize) -> usize {
        (self.row * (U::State::N - 1) + n - 1) * self.hidden + self.j
    }

    #[inline(always)]
    fn state<'r, F: Real, U: Unit<F>>(self, n: usize, h: &'r [F], c: &'r [F]) -> &'r [F] {
        if n == 0 { &h[self.h()..] } else { &c[self.c::<F, U>(n)..] }
    }

    #[inline(always)]
    fn gate<F: Real, U: Unit<F>>(self, n: usize) -> usize {
        (self.row * U::Gates::N + n) * self.hidden + self.j
    }

    #[inline(always)]
    fn saved<F: Real, U: Unit<F>>(self, n: usize) -> usize {
        (self.row * U::Saved::N + n) * self.hidden + self.j
    }
}
