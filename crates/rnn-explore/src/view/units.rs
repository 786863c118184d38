//! States and gradients unit by unit.

use serde::Serialize;

/// The layer that is shown, unit by unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Units {
    /// h_t: for each unit, its value at every timestep.
    pub hidden: Vec<Vec<f64>>,
    /// dL/dh_t, as `hidden`.
    pub gradient: Vec<Vec<f64>>,
}
