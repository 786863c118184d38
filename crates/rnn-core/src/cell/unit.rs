//! Cells that are scalar mathematics for each hidden unit.

use crate::Real;
use crate::cell::blocks::{At, Units, each_unit};
use crate::cell::single::Single;
use crate::cell::{GateLook, Look, Name, Recurrent, Step, StepBack, Steps, Widths, look};
use crate::kernel::lanes::{Lanes, add, load, store};
use crate::kernel::{Matrix, Store, multiply};

/// The mathematics of one hidden unit: everything that sets an ordinary cell apart from the others.
///
/// With a = W_ih x_t + b_ih and u = W_hh h_{t−1} + b_hh, both already computed, a unit maps
/// (a, u, s_{t−1}) to s_t, where the state s is h alone or h and c. All groups are small arrays: an LSTM has
/// `Gates = [F; 4]`, `State = [F; 2]`. Every unit is a [`Cell`].
///
/// A leaky unit, h_t = (1 − α) h_{t−1} + α tanh(a + u), from the first line to the last:
///
/// ```
/// use rnn_core::cell::Name;
/// use rnn_core::{Bias, Real, Stack, Unit, UnitGradient, tanh};
///
/// #[derive(Clone, Copy)]
/// struct Leaky<F> { alpha: F }
///
/// impl<F: Real> Unit<F> for Leaky<F> {
///     type Gates = [F; 1];
///     type State = [F; 1];
///     type Saved = [F; 1];
///     const SPLIT: bool = false;
///
///     fn name(&self) -> Name {
///         Name::new("leaky").with("alpha", self.alpha)
///     }
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
/// let rnn = Stack::<f64>::zeros(Leaky { alpha: 0.5 }, 2, &[3], Bias::Double)?;
/// # Ok::<(), rnn_core::Error>(())
/// ```
pub trait Unit<F: Real>: Copy + Send + Sync + 'static {
    /// One number for each gate, in the order of the rows of W_ih and W_hh.
    type Gates: Lanes<F>;
    /// h, or h and the entries of c.
    type State: Lanes<F>;
    /// What [`backward`](Self::backward) needs from [`forward`](Self::forward).
    type Saved: Lanes<F>;
    /// Whether ∂L/∂u differs from ∂L/∂a. Say `false` when only the sum a + u matters.
    const SPLIT: bool;

    /// The name of the unit and its settings, by which files and messages know it.
    fn name(&self) -> Name;

    /// The names of the gates, in the order of [`Gates`](Self::Gates), for what looks for a gate by its name: see
    /// [`Unit::gates`].
    fn gates(&self) -> &'static [&'static str] {
        &[]
    }

    /// The value, the slope and the gradient of every gate, for an [`Xray`](crate::Xray): from what `forward` kept, the states
    /// s_{t−1} and s_t, and dL/ds_t, total. `None` for a unit that does not tell.
    fn look(
        &self,
        saved: Self::Saved,
        previous: Self::State,
        state: Self::State,
        d: Self::State,
    ) -> Option<GateLook<Self::Gates>> {
        let _ = (saved, previous, state, d);
        None
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

impl<F: Real, U: Unit<F> + Copy> Steps<F> for U {
    fn name(&self) -> Name {
        Unit::name(self)
    }

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

    fn look(&self, look: Look<'_, F>) -> bool {
        look::each_unit(self, look)
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
    fn units(&mut self, at: At, width: usize) {
        let Self { unit, step } = self;
        let a = at.load::<F, U::Gates>(width, step.a);
        let u = at.load::<F, U::Gates>(width, step.u);
        let previous = load_state::<F, U::State>(at, width, step.h_prev, step.c_prev);
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
        store::<F, U::State>(&next, 0, width, &mut step.h[at.entry(0, 1)..]);
        for n in 1..U::State::N {
            store::<F, U::State>(&next, n, width, &mut step.c[in_c::<F, U::State>(at, n)..]);
        }
        at.store::<F, U::Saved>(width, &saved, step.saved);
    }
}

/// A step forward of which u is known.
pub(super) fn forward<F: Real, U: Unit<F>>(unit: &U, step: Step<'_, F>) {
    each_unit(Forward { unit, step });
}

/// A step back but for the product with W_hh.
pub(super) fn backward<F: Real, U: Unit<F>>(unit: &U, step: &mut StepBack<'_, F>) {
    each_unit(Backward { unit, step });
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
    fn units(&mut self, at: At, width: usize) {
        let Self { unit, step } = self;
        let saved = at.load::<F, U::Saved>(width, step.saved);
        let previous = load_state::<F, U::State>(at, width, step.h_prev, step.c_prev);
        let d = load_state::<F, U::State>(at, width, step.d_h, step.d_c);
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
        at.store::<F, U::Gates>(width, &d_a, step.d_a);
        if U::SPLIT {
            at.store::<F, U::Gates>(width, &d_u, step.d_u);
        }
        add::<F, U::State>(&d_previous, 0, width, &mut step.d_h_prev[at.entry(0, 1)..]);
        for n in 1..U::State::N {
            let c = in_c::<F, U::State>(at, n);
            store::<F, U::State>(&total, n, width, &mut step.d_c[c..]);
            add::<F, U::State>(&d_previous, n, width, &mut step.d_c_prev[c..]);
        }
    }
}

/// A state, of which h lies in one buffer and the other entries in that of c.
#[inline(always)]
fn load_state<F: Real, S: Lanes<F>>(at: At, width: usize, h: &[F], c: &[F]) -> S::Block {
    load::<F, S>(width, |n| if n == 0 { &h[at.entry(0, 1)..] } else { &c[in_c::<F, S>(at, n)..] })
}

/// Where entry `n` ≥ 1 of a state begins in the buffer of c.
#[inline(always)]
fn in_c<F: Real, S: Lanes<F>>(at: At, n: usize) -> usize {
    at.entry(n - 1, S::N - 1)
}
