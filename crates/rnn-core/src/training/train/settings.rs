//! The settings of a training.

use crate::training::schedule::Schedule;
use crate::training::train::Tbptt;

/// The settings of a training, beside model, data and optimizer.
///
/// ```
/// use rnn_core::{Mse, Training};
///
/// let training = Training::new(Mse).clip(1.0).stateful(true);
/// assert_eq!((training.clip, training.schedule), (Some(1.0), None));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Training<L> {
    /// The loss.
    pub loss: L,
    /// The global norm to which larger gradients are scaled down; by default they are left as they are.
    pub clip: Option<f64>,
    /// The bound ± which every number of a gradient is clipped to, before the norm is taken; none by default.
    pub clip_value: Option<f64>,
    /// The learning rate of each step; the optimizer's own by default.
    pub schedule: Option<Schedule>,
    /// Truncated back-propagation through time; by default gradients go back to the first timestep.
    pub truncated: Option<Tbptt>,
    /// Whether each batch continues the sequences of the batch before: sequence b starts from the state in which the
    /// earlier sequence b ended.
    pub stateful: bool,
    /// The seed of the masks of dropout and zoneout; 0 by default.
    pub noise: u64,
}

impl<L> Training<L> {
    /// With this loss, and the defaults of all other settings.
    pub fn new(loss: L) -> Self {
        Self {
            loss,
            clip: None,
            clip_value: None,
            schedule: None,
            truncated: None,
            stateful: false,
            noise: 0,
        }
    }

    /// Sets [`clip`](Self#structfield.clip).
    #[must_use]
    pub fn clip(self, max_norm: f64) -> Self {
        Self { clip: Some(max_norm), ..self }
    }

    /// Sets [`clip_value`](Self#structfield.clip_value).
    #[must_use]
    pub fn clip_value(self, limit: f64) -> Self {
        Self { clip_value: Some(limit), ..self }
    }

    /// Sets [`schedule`](Self#structfield.schedule).
    #[must_use]
    pub fn schedule(self, schedule: Schedule) -> Self {
        Self { schedule: Some(schedule), ..self }
    }

    /// Sets [`truncated`](Self#structfield.truncated).
    #[must_use]
    pub fn truncated(self, truncated: Tbptt) -> Self {
        Self { truncated: Some(truncated), ..self }
    }

    /// Sets [`stateful`](Self#structfield.stateful).
    #[must_use]
    pub fn stateful(self, stateful: bool) -> Self {
        Self { stateful, ..self }
    }

    /// Sets [`noise`](Self#structfield.noise).
    #[must_use]
    pub fn noise(self, seed: u64) -> Self {
        Self { noise: seed, ..self }
    }
}
