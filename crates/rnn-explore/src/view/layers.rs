//! Norms by timestep.

use serde::Serialize;

/// One layer, timestep by timestep.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerNorms {
    /// ‖h_t‖.
    pub hidden: Vec<f64>,
    /// ‖c_t‖ of a cell with a cell state.
    pub cell: Option<Vec<f64>>,
    /// ‖dL/dh_t‖, total: through all later timesteps and layers.
    pub gradient: Vec<f64>,
    /// ‖dL/dc_t‖ of a cell with a cell state, total: through h_t and all later timesteps.
    pub cell_gradient: Option<Vec<f64>>,
    /// The share of saturated units, 0 to 1: those whose slope is below [`SATURATED`](rnn_core::SATURATED); of an LSTM or a
    /// GRU, the mean over its gates.
    pub saturated: Vec<f64>,
    /// The mean of the slopes, over all gates and units.
    pub slope: Vec<f64>,
    /// ‖dL_T/dh_1‖ / ‖dL_T/dh_T‖: what is left of the gradient of the loss at the last timestep; NaN after an overflow, or if
    /// there is no such gradient.
    pub ratio: f64,
    /// The (T−1)th root of that, the geometric mean of ‖dL_T/dh_{t−1}‖ / ‖dL_T/dh_t‖: what a step back multiplies the gradient
    /// by, on average.
    pub rate: Option<f64>,
    /// The factors whose product is `rate`; only for an RNN, and if none of them is 0.
    pub factors: Option<Factors>,
    /// What the spectral radius alone predicts; only for an RNN.
    pub predicted: Option<Prediction>,
}

/// Geometric means over all steps back of the gradient of the loss at the last timestep. Their product is
/// [`LayerNorms::rate`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Factors {
    /// Of the slopes of the activation.
    pub slopes: f64,
    /// Of W_hh.
    pub weights: f64,
    /// Of what the layers above add on the way; 1 in the topmost layer.
    pub others: f64,
}

/// ‖dL_T/dh_T‖ ρ^(T−t).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// ρ, the spectral radius of W_hh.
    pub radius: f64,
    /// The prediction of ‖dL_T/dh_t‖; NaN after an overflow.
    pub gradient: Vec<f64>,
}
