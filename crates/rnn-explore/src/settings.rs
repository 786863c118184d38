//! The settings of the explorer.

mod cell;
mod choice;
mod clamp;
mod edit;
pub mod limits;
pub(crate) mod preset;
mod query;

use serde::{Deserialize, Serialize};

pub use choice::{CellKind, InitKind, LossOver, Nonlinearity, OptimizerKind, TaskKind};
pub use clamp::Clamp;
pub use edit::Edit;
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
    /// The activation φ of a cell with a free one, as the Elman cell; LSTM, GRU and their kin have fixed activations.
    pub nonlinearity: Nonlinearity,
    /// The factor of the recurrent weights, W_ih and W_hh of every layer, applied after training.
    pub weight_scale: f64,
    /// The factor of the recurrent biases, applied after training.
    pub bias_scale: f64,
    /// Hidden units in each layer.
    pub hidden: usize,
    /// The number of timesteps T.
    pub time: usize,
    /// The number of layers.
    pub layers: usize,
    /// The initialization of W_hh.
    pub init: InitKind,
    /// The parameter of `init`: the standard deviation of a Gaussian times √hidden, the singular values, the diagonal, or the
    /// spectral radius. `InitKind::Default` does not use it.
    pub gain: f64,
    /// The bias of the gate that keeps the state, as the LSTM's forget gate; `None` leaves it as drawn. Where the state is
    /// multiplied by 1 minus a gate, that gate gets minus this bias.
    pub forget_bias: Option<f64>,
    /// Which timesteps the loss counts.
    pub loss: LossOver,
    /// The task that sequences are drawn from.
    pub task: TaskKind,
    /// The seed of the sequence, the parameters and the training batches.
    pub seed: u64,
    /// The number of training steps; training runs at scales of 1.
    pub trained: usize,
    /// The layer that is shown in detail, counted from 1 at the bottom; 0 stands for the topmost.
    pub layer: usize,
    /// The timestep whose step Jacobian is shown, from 1; 0 stands for the last.
    pub timestep: usize,
    /// The sequences that are looked at: 1, or [`limits::BAND`], the shown one and others beside it.
    pub batch: usize,
    /// The norm that gradients are clipped to in training; `None` leaves them as they are.
    pub clip: Option<f64>,
    /// The timesteps of a window of truncated back-propagation, in training and in what the view compares; 0 stands for the
    /// whole sequence.
    pub truncation: usize,
    /// A gate that is held at 0 or 1, after training.
    pub clamp: Option<Clamp>,
    /// The optimizer of the training.
    pub optimizer: OptimizerKind,
    /// Its learning rate.
    pub rate: f64,
    /// Changed inputs of the sequence that is shown, in the order of their timesteps, at most one each. Targets follow.
    pub edits: Vec<Edit>,
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
            batch: 1,
            clip: Some(1.0),
            truncation: 0,
            clamp: None,
            optimizer: OptimizerKind::Adam,
            rate: 0.005,
            edits: Vec::new(),
        }
    }
}

impl Settings {
    /// The index of the layer that is shown in detail, from 0.
    pub fn shown_layer(&self) -> usize {
        if self.layer == 0 { self.layers - 1 } else { self.layer - 1 }
    }

    /// The timestep whose step Jacobian is shown, from 1.
    pub fn shown_timestep(&self) -> usize {
        if self.timestep == 0 { self.time } else { self.timestep }
    }

    /// Makes settings consistent with each other, and returns a sentence about each that had to be changed: a task may need
    /// more timesteps, the layer or the timestep that is shown may not exist, and the inputs of a task may not be editable.
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
        if let Some(clamp) = self.clamp
            && !self.cell.clampable().contains(clamp.gate)
        {
            let (cell, gate) = (self.cell.title(), clamp.gate);
            notices.push(format!("The cell {cell} has no gate {gate} that can be held; none is."));
            self.clamp = None;
        }
        notices.extend(self.fit_edits());
        (self, notices)
    }
}
