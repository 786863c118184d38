//! What a checkpoint describes beside its model.

use std::collections::BTreeMap;

use rnn_core::{Cosine, Curve, EarlyStopping, OneCycle, Schedule};
use rnn_data::PortableRng;
use serde::{Deserialize, Serialize};

use crate::architecture::StateLayers;
use crate::error::Fault;

/// What the names of the optimizer's tensors begin with.
pub(crate) const OPTIMIZER: &str = "optimizer.";

/// What the names of the tensors of a carried state begin with.
pub(crate) const STATE: &str = "state.";

/// Whether a tensor of a checkpoint is not one of the model's.
pub(crate) fn is_own(name: &str) -> bool {
    name.starts_with(OPTIMIZER) || name.starts_with(STATE)
}

/// The progress of training, except for tensors.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Training {
    pub(crate) step: u64,
    pub(crate) noise_seed: Option<u64>,
    pub(crate) optimizer: Option<Optimizer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<StateLayers>,
    pub(crate) schedule: Option<Rates>,
    pub(crate) early_stopping: Option<Stopping>,
    pub(crate) generators: BTreeMap<String, PortableRng>,
    pub(crate) notes: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Optimizer {
    pub(crate) kind: String,
    pub(crate) settings: BTreeMap<String, f64>,
    pub(crate) steps: u64,
    /// The number of entries of each block of each buffer.
    pub(crate) buffers: BTreeMap<String, Vec<usize>>,
}

/// A schedule.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(crate) enum Rates {
    Constant { lr: f64 },
    StepDecay { lr: f64, every: u64, gamma: f64 },
    Cosine { lr: f64, min: f64, warm_up: u64, total: u64 },
    OneCycle { max_lr: f64, total: u64, rise: f64, div: f64, final_div: f64 },
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stopping {
    patience: u64,
    min_delta: f64,
    best: Option<(u64, f64)>,
    waited: u64,
}

impl Rates {
    pub(crate) fn of(schedule: &Schedule) -> Result<Self, Fault> {
        Ok(match schedule.curve() {
            Curve::Constant(lr) => Self::Constant { lr },
            Curve::StepDecay { lr, every, gamma } => Self::StepDecay { lr, every, gamma },
            Curve::Cosine(Cosine { lr, min, warm_up, total }) => Self::Cosine { lr, min, warm_up, total },
            Curve::OneCycle(OneCycle { max_lr, total, rise, div, final_div }) => {
                Self::OneCycle { max_lr, total, rise, div, final_div }
            }
            other => {
                let what = format!("the schedule {other:?}");
                return Err(Fault::Unsupported { format: "a checkpoint", what });
            }
        })
    }

    pub(crate) fn schedule(&self) -> Result<Schedule, Fault> {
        let curve = match *self {
            Self::Constant { lr } => Curve::Constant(lr),
            Self::StepDecay { lr, every, gamma } => Curve::StepDecay { lr, every, gamma },
            Self::Cosine { lr, min, warm_up, total } => Curve::Cosine(Cosine { lr, min, warm_up, total }),
            Self::OneCycle { max_lr, total, rise, div, final_div } => {
                Curve::OneCycle(OneCycle { max_lr, total, rise, div, final_div })
            }
        };
        Ok(Schedule::new(curve)?)
    }
}

impl Stopping {
    /// An error if a number is not finite, which JSON cannot hold, or the settings are impossible.
    pub(crate) fn of(stopping: &EarlyStopping) -> Result<Self, Fault> {
        let EarlyStopping { patience, min_delta, best, waited } = *stopping;
        EarlyStopping::new(patience, min_delta)?;
        if let Some((_, loss)) = best {
            check_finite("the best validation loss", loss)?;
        }
        Ok(Self { patience, min_delta, best, waited })
    }

    pub(crate) fn stopping(&self) -> Result<EarlyStopping, Fault> {
        let Self { patience, min_delta, best, waited } = *self;
        Ok(EarlyStopping { best, waited, ..EarlyStopping::new(patience, min_delta)? })
    }
}

/// An error for a number that JSON cannot hold.
pub(crate) fn check_finite(what: &str, value: f64) -> Result<(), Fault> {
    if value.is_finite() {
        return Ok(());
    }
    Err(Fault::Unsupported { format: "a checkpoint", what: format!("{what} = {value}") })
}
