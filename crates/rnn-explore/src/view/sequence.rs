//! The sequence that is shown: what the network reads, should say and says.

use serde::Serialize;

/// The sequence that is shown, timestep by timestep.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sequence {
    /// x_t: for each feature, its value at every timestep.
    pub inputs: Vec<Vec<f64>>,
    /// y_t: for each output, its value at every timestep; empty for a task with classes.
    pub targets: Vec<Vec<f64>>,
    /// ŷ_t, as `targets`.
    pub predictions: Vec<Vec<f64>>,
    /// Whether the loss counts timestep t.
    pub counted: Vec<bool>,
    /// ‖dL/dx_t‖.
    pub input_gradient: Vec<f64>,
    /// The feature whose values can be changed, if there is one: then the task defines its targets by its inputs.
    pub editable: Option<usize>,
    /// The classes of a task that has them.
    pub classes: Option<Classes>,
}

/// The classes of a sequence. At a timestep that the loss does not count there may be no target.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Classes {
    /// The right class; `None` where there is none.
    pub target: Vec<Option<usize>>,
    /// The class that the network gives the highest probability; `None` after an overflow.
    pub predicted: Vec<Option<usize>>,
    /// The probability that the network gives the right class; `None` where there is none.
    pub probability: Vec<Option<f64>>,
}
