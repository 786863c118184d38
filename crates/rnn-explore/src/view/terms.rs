//! The gradients of parameters as sums over timesteps.

use serde::Serialize;

/// The gradient of one parameter as a sum over timesteps, G = Σ_t G_t.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Terms {
    /// The name of the parameter, as `weight_hh_l0`.
    pub name: String,
    /// ‖G‖, the Frobenius norm.
    pub total: f64,
    /// ‖G_t‖.
    pub norm: Vec<f64>,
    /// ⟨G_t, G⟩ / ‖G‖: the part of ‖G‖ that comes from timestep t. The parts add up to ‖G‖.
    pub along: Vec<f64>,
}
