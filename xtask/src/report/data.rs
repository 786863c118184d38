//! 1.C: sequences of the task, to be looked at.

use anyhow::Result;
use ndarray::{Array3, s};
use rnn_core::{Batch, Timesteps};
use rnn_data::{CumulativeAverage, Task, TorchRng};

use super::Settings;

/// Timesteps of a sequence, here and in training.
pub(super) const TIME: usize = 10;

/// How many sequences are shown.
pub(super) const SHOWN: usize = 4;

/// Which timesteps a model is trained on, and the name of that in files.
pub(super) const TARGETS: [(Timesteps, &str); 2] = [(Timesteps::All, "all"), (Timesteps::Last, "last")];

/// The name in files of what a loss counts.
pub(super) fn target_name(over: Timesteps) -> &'static str {
    TARGETS.iter().find(|(known, _)| *known == over).map_or("", |(_, name)| name)
}

/// Sequences with their targets.
#[derive(Clone, Debug)]
pub(super) struct Sequences(Batch<f32>);

/// The first batch of four after seeding.
pub(super) fn draw(settings: &Settings) -> Result<Sequences> {
    let task = CumulativeAverage::new(TIME)?;
    Ok(Sequences(task.sample(SHOWN, &mut TorchRng::new(settings.seed))?))
}

impl Sequences {
    pub(super) fn new(batch: Batch<f32>) -> Self {
        Self(batch)
    }

    pub(super) fn batch(&self) -> &Batch<f32> {
        &self.0
    }

    /// The targets, (sequence, timestep, 1).
    pub(super) fn targets(&self) -> &Array3<f32> {
        self.0.y.values().expect("the targets of this task are values")
    }

    /// Inputs of sequence `k`.
    pub(super) fn x(&self, k: usize) -> Vec<f64> {
        self.0.x.slice(s![k, .., 0]).iter().map(|&x| f64::from(x)).collect()
    }

    /// Targets of sequence `k`.
    pub(super) fn y(&self, k: usize) -> Vec<f64> {
        self.targets().slice(s![k, .., 0]).iter().map(|&y| f64::from(y)).collect()
    }
}

/// 1, 2, .. T: timesteps as the axis of a figure.
pub(super) fn timesteps() -> Vec<f64> {
    (1..=TIME).map(|t| t as f64).collect()
}
