//! The gradient by path: along the elementwise path from state to state, and along all others.

use serde::Serialize;

/// What arrives at each state s_t along the elementwise path from s_{t+1}, and along all other paths, in the layer that is
/// shown. s is c for a cell that has it, and h for the others.
///
/// The elementwise path is what leads from s_t to s_{t+1} while all recurrent products are held fixed: the forget gate of an
/// LSTM, the update gate of a GRU, a leak or a skip.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Highway {
    /// The state: `h` or `c`.
    pub state: &'static str,
    /// What the elementwise path leads through, as "the forget gate".
    pub path: &'static str,
    /// ‖dL/ds_t‖, total.
    pub gradient: Vec<f64>,
    /// The norm of the part of dL/ds_t that arrives along the elementwise path from s_{t+1}; `None` at the last timestep.
    pub through: Vec<Option<f64>>,
    /// The norm of all the rest: through recurrent products, the layers above, and the loss at t. `None` at the last timestep.
    pub rest: Vec<Option<f64>>,
    /// For each unit and t, ∂s_T/∂s_t along the elementwise path alone: the product over timesteps t + 1 .. T, which is
    /// that of the forget gate in an LSTM.
    pub kept: Vec<Vec<f64>>,
}
