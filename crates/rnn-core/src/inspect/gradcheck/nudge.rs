//! A cell that moves one state on its way through a run, to see what that does to the loss.
//!
//! dL/dh_t is the derivative of L with respect to h_t *inside* the run: everything before stays, everything after
//! follows. No argument of the network can do that, but a cell can: this one forwards to another and then adds to the
//! h_t or c_t of one step.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use crate::cell::{History, Name, OwnParameter, Packed, Recurrent, Step, StepBack, Steps, Weights, Widths};
use crate::inspect::gradcheck::Part;
use crate::{Cell, Result};

/// A state c that was moved within a step, for one sequence; all else in the step is as it was.
#[derive(Clone, Copy, Debug)]
pub struct MovedCell<'a> {
    /// How many hidden units.
    pub hidden: usize,
    /// The cell's own parameters, one after the other.
    pub own: &'a [f64],
    /// What the step kept, (saved).
    pub saved: &'a [f64],
    /// c_t as the cell computed it, (cell).
    pub before: &'a [f64],
    /// c_t now.
    pub after: &'a [f64],
}

/// Changes h_t of one sequence as the cell would have computed it from the new c_t.
pub(super) type Reread = Arc<dyn Fn(&MovedCell<'_>, &mut [f64]) + Send + Sync>;

/// `inner`, with a nudge at one step. It forwards every method of [`Steps`] but those that a [`Stream`](crate::Stream) takes.
#[derive(Clone)]
pub(super) struct Nudged {
    inner: Cell<f64>,
    reread: Option<Reread>,
    /// All layers clone the cell; they share this.
    nudge: Arc<Mutex<Option<Nudge>>>,
}

/// What is added to the states of one timestep of one layer.
#[derive(Clone, Debug)]
pub(super) struct Nudge {
    /// Where h_t of that step lies in memory: its place among layers and timesteps, in a way that does not depend on how
    /// a step is shared among threads.
    pub(super) h: Range<usize>,
    pub(super) part: Part,
    /// What is added, (batch, width) row by row.
    pub(super) by: Vec<f64>,
}

/// The addresses of these numbers.
pub(super) fn addresses(numbers: &[f64]) -> Range<usize> {
    let Range { start, end } = numbers.as_ptr_range();
    start.addr()..end.addr()
}

impl Nudged {
    pub(super) fn new(inner: Cell<f64>, reread: Option<Reread>) -> Self {
        Self { inner, reread, nudge: Arc::default() }
    }

    /// Whether c can be moved.
    pub(super) fn can_reread(&self) -> bool {
        self.reread.is_some()
    }

    /// Before every run.
    pub(super) fn set(&self, nudge: Option<Nudge>) {
        *self.nudge.lock().unwrap_or_else(PoisonError::into_inner) = nudge;
    }
}

impl fmt::Debug for Nudged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Nudged").field(&self.inner).finish()
    }
}

impl Steps<f64> for Nudged {
    fn name(&self) -> Name {
        self.inner.steps.name()
    }

    fn widths(&self, hidden: usize) -> Widths {
        self.inner.steps.widths(hidden)
    }

    fn check(&self, hidden: usize) -> Result<()> {
        self.inner.steps.check(hidden)
    }

    fn gates(&self) -> &'static [&'static str] {
        self.inner.steps.gates()
    }

    fn own_parameters(&self, hidden: usize) -> Vec<OwnParameter> {
        self.inner.steps.own_parameters(hidden)
    }

    fn pack(&self, weights: Weights<'_, f64>, packed: &mut Packed<f64>) {
        self.inner.steps.pack(weights, packed);
    }

    fn pack_back(&self, weights: Weights<'_, f64>, packed: &mut Packed<f64>) {
        self.inner.steps.pack_back(weights, packed);
    }

    fn step(&self, theta: &Recurrent<'_, f64>, step: Step<'_, f64>) {
        let Step { batch, hidden, a, h_read, h_prev, c_prev, h, c, saved, u } = step;
        let own =
            Step { batch, hidden, a, h_read, h_prev, c_prev, h: &mut *h, c: &mut *c, saved: &mut *saved, u };
        self.inner.steps.step(theta, own);

        let nudge = self.nudge.lock().unwrap_or_else(PoisonError::into_inner);
        let at = addresses(h).start;
        let Some(Nudge { h: place, part, by }) = nudge.as_ref().filter(|nudge| nudge.h.contains(&at)) else {
            return;
        };
        let width = h.len() / batch;
        let first = (at - place.start) / (size_of::<f64>() * width);
        match (part, &self.reread) {
            (Part::Hidden, _) => h.iter_mut().zip(&by[first * width..]).for_each(|(h, by)| *h += by),
            (Part::Cell, None) => unreachable!("c of this cell is not moved"),
            (Part::Cell, Some(reread)) => {
                // c_t acts on what follows directly and through h_t, so h_t has to be read from it again.
                let (cells, kept) = (c.len() / batch, saved.len() / batch);
                for row in 0..batch {
                    let (h, c) = (&mut h[row * width..][..width], &mut c[row * cells..][..cells]);
                    let before = c.to_vec();
                    c.iter_mut().zip(&by[(first + row) * cells..]).for_each(|(c, by)| *c += by);
                    let saved = &saved[row * kept..][..kept];
                    reread(&MovedCell { hidden, own: theta.own, saved, before: &before, after: c }, h);
                }
            }
        }
    }

    fn step_back(&self, theta: &Recurrent<'_, f64>, step: StepBack<'_, f64>) {
        self.inner.steps.step_back(theta, step);
    }

    fn accumulate(&self, all: History<'_, f64>) {
        self.inner.steps.accumulate(all);
    }
}
