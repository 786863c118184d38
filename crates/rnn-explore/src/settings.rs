//! What the page's controls say.

mod choice;
pub mod limits;
pub(crate) mod preset;
mod query;

use serde::{Deserialize, Serialize};

pub use choice::{CellKind, InitKind, LossOver, Nonlinearity, TaskKind};
pub use query::{Query, QueryError};

use crate::task::least_time;

/// Everything that a view depends on: the position of every control.
///
/// [`Settings::default`] is the notebook's 1.D: an Elman network with tanh, 16 units, 10 timesteps, both sliders at 1.
/// [`Query`] is the short form in the address of the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The recurrent cell.
    pub cell: CellKind,
    /// φ of the Elman cell; the gated cells have their own.
    pub nonlinearity: Nonlinearity,
    /// What the recurrent weights, W_ih and W_hh of every layer, are multiplied by after training.
    pub weight_scale: f64,
    /// What the recurrent biases are multiplied by after training.
    pub bias_scale: f64,
    /// Hidden units of every layer.
    pub hidden: usize,
    /// Timesteps T.
    pub time: usize,
    /// Layers.
    pub layers: usize,
    /// How W_hh starts.
    pub init: InitKind,
    /// The number that goes with `init`: the standard deviation of a Gaussian times √hidden, every singular value, the
    /// diagonal, or the spectral radius. `InitKind::Default` has none.
    pub gain: f64,
    /// The bias of the LSTM's forget gate; `None` leaves it as drawn.
    pub forget_bias: Option<f64>,
    /// Which timesteps the loss counts.
    pub loss: LossOver,
    /// Where sequences come from.
    pub task: TaskKind,
    /// The seed of the sequence, the parameters and the training batches.
    pub seed: u64,
    /// How many steps of training the network has behind it, at scales of 1.
    pub trained: usize,
    /// The layer that is looked into, from 1, the lowest; 0 is the topmost.
    pub layer: usize,
    /// The timestep whose Jacobian is looked into, from 1; 0 is the last.
    pub timestep: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cell: CellKind::Rnn,
            nonlinearity: Nonlinearity::Tanh,
            weight_scale: 1.0,
            bias_scale: 1.0,
            hidden: 16,
            time: 10,
            layers: 1,
            init: InitKind::Default,
            gain: 1.0,
            forget_bias: None,
            loss: LossOver::Last,
            task: TaskKind::CumulativeAverage,
            seed: 0,
            trained: 0,
            layer: 0,
            timestep: 0,
        }
    }
}

impl Settings {
    /// The index of the layer that is looked into, from 0.
    pub fn shown_layer(&self) -> usize {
        if self.layer == 0 { self.layers - 1 } else { self.layer - 1 }
    }

    /// The timestep whose Jacobian is looked into, from 1.
    pub fn shown_timestep(&self) -> usize {
        if self.timestep == 0 { self.time } else { self.timestep }
    }

    /// Settings that fit each other, and a sentence about each that had to be changed: a task may need more timesteps
    /// than there are, and there may be fewer layers or timesteps than the one that is looked into.
    #[must_use]
    pub fn fitted(mut self) -> (Self, Vec<String>) {
        let mut notices = Vec::new();
        let least = least_time(self.task);
        if self.time < least {
            notices.push(format!(
                "The {} task needs at least {least} timesteps; there are {least} now instead of {}.",
                self.task.title().to_lowercase(),
                self.time
            ));
            self.time = least;
        }
        if self.layer > self.layers {
            notices.push(format!("There is no layer {}; the topmost is shown.", self.layer));
            self.layer = 0;
        }
        if self.timestep > self.time {
            notices.push(format!("There is no timestep {}; the last is marked.", self.timestep));
            self.timestep = 0;
        }
        (self, notices)
    }
}
