//! The mathematics of one hidden unit: the one extension point for new cells.

use crate::Real;
use crate::cell::{Form, Name};
use crate::kernel::lanes::Lanes;

/// The mathematics of one hidden unit: everything that sets a cell apart from the others.
///
/// With a_t = W_ih x_t + b_ih and u_t = W_hh h_{t−1} + b_hh already computed, a unit maps (a, u, s_{t−1}) to s_t, where the
/// state s is h alone or h followed by the entries of c. All groups are small arrays: an LSTM has `Gates = [F; 4]` and
/// `State = [F; 2]`. The layer does the rest: products, batches, time, lengths, dropout, projection, normalization,
/// threads, streams.
///
/// A leaky unit, h_t = (1 − α) h_{t−1} + α tanh(a + u), complete:
///
/// ```
/// use rnn_core::cell::{Form, Gate, Gradient, Name};
/// use rnn_core::{Bias, Real, Stack, Unit, gradcheck, tanh};
///
/// #[derive(Clone, Copy)]
/// struct Leaky { alpha: f64 }
///
/// impl<F: Real> Unit<F> for Leaky {
///     type Gates = [F; 1];
///     type State = [F; 1];
///     type Saved = [F; 1];
///     type Own = [F; 0];
///     const FORM: Form = Form::new(&[Gate::new("h")]);
///
///     fn name(&self) -> Name {
///         Name::new("my-leaky").with("alpha", self.alpha)
///     }
///
///     fn forward(&self, _: [F; 0], [a]: [F; 1], [u]: [F; 1], [h]: [F; 1]) -> ([F; 1], [F; 1]) {
///         let (alpha, y) = (F::of(self.alpha), tanh(a + u));
///         ([(F::one() - alpha) * h + alpha * y], [y])
///     }
///
///     fn backward(&self, _: [F; 0], [y]: [F; 1], _: [F; 1], [d_h]: [F; 1]) -> Gradient<[F; 1], [F; 1], [F; 0]> {
///         let alpha = F::of(self.alpha);
///         let d = d_h * alpha * (F::one() - y * y);
///         Gradient { a: [d], u: [d], previous: [d_h * (F::one() - alpha)], own: [] }
///     }
/// }
///
/// let rnn = Stack::<f32>::zeros(Leaky { alpha: 0.5 }, 2, &[3], Bias::Double)?;
/// gradcheck::cell(Leaky { alpha: 0.5 }).check()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Unit<F: Real>: Copy + Send + Sync + 'static {
    /// One number for each gate, in the order of the rows of W_ih and W_hh.
    type Gates: Lanes<F>;
    /// h, or h and the entries of c.
    type State: Lanes<F>;
    /// What [`backward`](Self::backward) needs from [`forward`](Self::forward).
    type Saved: Lanes<F>;
    /// The unit's own parameters: `[F; 0]` for most units.
    type Own: Lanes<F>;

    /// The gates, the kind of state, the products, the own parameters. A [`Cell`](crate::Cell) of a unit whose form has another
    /// number of gates or parameters than [`Gates`](Self::Gates) and [`Own`](Self::Own), or reads a c that
    /// [`State`](Self::State) does not have, does not compile.
    const FORM: Form;

    /// How the loops over units are compiled.
    const LOOPS: Loops = Loops::Vectorized;

    /// The name of the unit and its settings, by which files and messages know it.
    fn name(&self) -> Name;

    /// s_t from the pre-activations `a` and `u` and the state s_{t−1}, and what `backward` needs.
    ///
    /// Where h_t is read from c_t ([`Form::reads_cell`]), `forward` computes c_t and leaves h_t to [`read`](Self::read).
    fn forward(
        &self,
        own: Self::Own,
        a: Self::Gates,
        u: Self::Gates,
        previous: Self::State,
    ) -> (Self::State, Self::Saved);

    /// The chain rule through [`forward`](Self::forward). `d` holds dL/ds_t, total: where h_t is read from c_t, dL/dc_t
    /// includes the path through h_t.
    fn backward(
        &self,
        own: Self::Own,
        saved: Self::Saved,
        previous: Self::State,
        d: Self::State,
    ) -> Gradient<Self::Gates, Self::State, Self::Own>;

    /// Sets h_t in `state` from c_t, and in `saved` what [`read_back`](Self::read_back) and [`backward`](Self::backward)
    /// need of that. Called if the form says [`reads_cell`](Form::reads_cell).
    #[inline(always)]
    fn read(&self, own: Self::Own, state: Self::State, saved: Self::Saved) -> (Self::State, Self::Saved) {
        let _ = own;
        (state, saved)
    }

    /// The chain rule from h_t to the c_t that it was read from: dL/dc_t through h_t alone. The first entry is not used.
    #[inline(always)]
    fn read_back(&self, own: Self::Own, saved: Self::Saved, d_h: F) -> Self::State {
        let _ = (own, saved, d_h);
        Self::State::splat(F::zero())
    }

    /// With [`Recurrence::Gated`](crate::cell::Recurrence::Gated): the gates but the last one, and m, which the product of
    /// the last one reads in place of h_{t−1}. `forward` finds the returned gates in `a`.
    #[inline(always)]
    fn gate(&self, a: Self::Gates, u: Self::Gates, h: F) -> (Self::Gates, F) {
        let _ = u;
        (a, h)
    }

    /// The chain rule through [`gate`](Self::gate), from dL/dm: what it adds to dL/da of each gate, and dL/dh_{t−1}.
    #[inline(always)]
    fn gate_back(&self, saved: Self::Saved, h: F, d_m: F) -> (Self::Gates, F) {
        let _ = (saved, h);
        (Self::Gates::splat(F::zero()), d_m)
    }

    /// The value, the slope and the gradient of every gate, for an [`Xray`](crate::Xray). `None` for a unit that does not
    /// tell.
    fn look(&self, seen: Seen<F, Self::State, Self::Saved, Self::Own>) -> Option<GateLook<Self::Gates>> {
        let _ = seen;
        None
    }
}

/// How the loops over units are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loops {
    /// For `f32` and `f64`, once for each instruction set, so that the compiler makes vector instructions of the unit's
    /// mathematics.
    Vectorized,
    /// Once, one unit at a time: for a unit with activations that are chosen at run time, which would gain nothing.
    Plain,
    /// As `Vectorized`, but with rnn-core: for the cells that a name stands for. A program that uses one does not compile
    /// it anew.
    #[doc(hidden)]
    BuiltIn,
}

/// What [`Unit::backward`] returns.
#[derive(Clone, Copy, Debug)]
pub struct Gradient<Gates, State, Own> {
    /// dL/da.
    pub a: Gates,
    /// dL/du; read only if the form says [`split`](Form::split).
    pub u: Gates,
    /// The part of dL/ds_{t−1} that does not go through u.
    pub previous: State,
    /// The term of this step in the gradients of the unit's own parameters.
    pub own: Own,
}

/// Everything that is known of one unit at one step, after a pass forward and back.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Seen<F, State, Saved, Own> {
    /// The unit's own parameters.
    pub own: Own,
    /// What [`Unit::forward`] kept.
    pub saved: Saved,
    /// s_{t−1}.
    pub previous: State,
    /// s_t.
    pub state: State,
    /// dL/ds_t, total.
    pub d: State,
    /// With a gated recurrence, h_{t−1} as the gate read it and dL/dm_t; zeros otherwise.
    pub h_read: F,
    /// dL/dm_t.
    pub d_m: F,
}

/// The gates of one unit at one step.
#[derive(Clone, Copy, Debug)]
pub struct GateLook<Gates> {
    /// The value of each gate.
    pub value: Gates,
    /// The derivative of each value with respect to the gate's pre-activation.
    pub slope: Gates,
    /// dL/d(value), through everything that follows.
    pub gradient: Gates,
}
