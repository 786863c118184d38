//! Each step back, split into its factors.

use serde::Serialize;

/// Each step back of the gradient of the loss at the last timestep alone, as natural logarithms, in the layer that is shown.
///
/// Entry k is the step from timestep k + 2 to timestep k + 1. A step of which a factor is 0 or not defined is `None` in every
/// part.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Steps {
    /// The state that the gradient is that of: `h` or `c`.
    pub state: &'static str,
    /// The factors of the step. Their logarithms add up to `total`.
    pub parts: Vec<StepPart>,
    /// ln ‖dL_T/ds_{t−1}‖ / ‖dL_T/ds_t‖.
    pub total: Vec<Option<f64>>,
}

/// One factor of each step back.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StepPart {
    /// `slopes`, `W_hh`, `loss and layers above`, `elementwise path` or `all other paths`.
    pub name: &'static str,
    /// The logarithm of the factor of each step.
    pub values: Vec<Option<f64>>,
}
