//! A cell that moves one state on its way through a run, to see what that does to the loss.
//!
//! dL/dh_t is the derivative of L with respect to h_t *inside* the run: everything before stays, everything after
//! follows. No argument of the network can do that, but a cell can: this one forwards to another and then adds to the
//! h_t or c_t of one step.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rnn_core::cell::{History, OwnParameter, Packed, Recurrent, Step, StepBack, Weights, Widths};
use rnn_core::{Cell, Result};

use crate::cells::Reread;

/// `inner`, with a nudge at one step.
#[derive(Clone)]
pub(crate) struct Nudged<C> {
    inner: C,
    shared: Arc<Shared>,
}

/// All layers clone the cell; they share this.
struct Shared {
    /// How many steps were taken. A stack runs layer by layer, and each layer timestep by timestep, so step t of layer
    /// k is call number k · time + t.
    calls: AtomicUsize,
    nudge: Mutex<Option<Nudge>>,
}

#[derive(Clone)]
pub(crate) struct Nudge {
    /// At which call of `step`.
    pub(crate) call: usize,
    pub(crate) state: Which,
    /// What is added, (batch, width) row by row.
    pub(crate) by: Vec<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    Hidden,
    Cell,
}

impl<C> Nudged<C> {
    pub(crate) fn new(inner: C) -> Self {
        Self { inner, shared: Arc::new(Shared { calls: AtomicUsize::new(0), nudge: Mutex::new(None) }) }
    }

    /// Before every run.
    pub(crate) fn reset(&self, nudge: Option<Nudge>) {
        self.shared.calls.store(0, Ordering::Relaxed);
        *self.shared.nudge.lock().expect("no test panics while it holds the lock") = nudge;
    }
}

impl<C: Cell<f64> + Reread> Cell<f64> for Nudged<C> {
    fn widths(&self, hidden: usize) -> Widths {
        self.inner.widths(hidden)
    }

    fn check(&self, hidden: usize) -> Result<()> {
        self.inner.check(hidden)
    }

    fn own_parameters(&self, hidden: usize) -> Vec<OwnParameter> {
        self.inner.own_parameters(hidden)
    }

    fn pack(&self, weights: Weights<'_, f64>, packed: &mut Packed<f64>) {
        self.inner.pack(weights, packed);
    }

    fn pack_back(&self, weights: Weights<'_, f64>, packed: &mut Packed<f64>) {
        self.inner.pack_back(weights, packed);
    }

    fn step(&self, theta: &Recurrent<'_, f64>, step: Step<'_, f64>) {
        let Step { batch, hidden, a, h_read, h_prev, c_prev, h, c, saved, u } = step;
        let own =
            Step { batch, hidden, a, h_read, h_prev, c_prev, h: &mut *h, c: &mut *c, saved: &mut *saved, u };
        self.inner.step(theta, own);

        let call = self.shared.calls.fetch_add(1, Ordering::Relaxed);
        let nudge = self.shared.nudge.lock().expect("no test panics while it holds the lock");
        let Some(Nudge { state, by, .. }) = nudge.as_ref().filter(|nudge| nudge.call == call) else {
            return;
        };
        match state {
            Which::Hidden => h.iter_mut().zip(by).for_each(|(h, by)| *h += by),
            Which::Cell => {
                // c_t acts on what follows directly and through h_t, so h_t has to be read from it again.
                let [cells, outputs, kept] = [c.len(), h.len(), saved.len()].map(|len| len / batch);
                for row in 0..batch {
                    let saved = &saved[row * kept..][..kept];
                    let h = &mut h[row * outputs..][..outputs];
                    let c = &mut c[row * cells..][..cells];
                    let after: Vec<f64> = c.iter().zip(&by[row * cells..]).map(|(c, by)| c + by).collect();
                    self.inner.reread_row(theta.own, saved, hidden, [c, &after], h);
                    c.copy_from_slice(&after);
                }
            }
        }
    }

    fn step_back(&self, theta: &Recurrent<'_, f64>, step: StepBack<'_, f64>) {
        self.inner.step_back(theta, step);
    }

    fn accumulate(&self, all: History<'_, f64>) {
        self.inner.accumulate(all);
    }
}
