//! The content of the page: numbers and sentences.

use serde::Serialize;

use crate::settings::Settings;

/// Everything that the page shows for some [`Settings`].
///
/// Timesteps are t = 1 .. T from the left. A number that is NaN or infinite, as after an overflow, is `null` in JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// The settings that were used.
    pub settings: Settings,
    /// The query of these settings, as in the address of the page.
    pub query: String,
    /// A paragraph about the network, its loss and the gradient.
    pub summary: String,
    /// The loss on the sequence that is shown, with scaled weights.
    pub loss: f64,
    /// The expected loss of the best prediction that ignores the input.
    pub baseline: f64,
    /// The training so far.
    pub training: Training,
    /// Norms by timestep, the lowest layer first.
    pub layers: Vec<LayerNorms>,
    /// The index of the layer that all other fields are about, from 0.
    pub layer: usize,
    /// The weight scale at which the spectral radius of W_hh is 1; `None` for LSTM and GRU, and if W_hh has no eigenvalue
    /// other than 0.
    pub critical_scale: Option<f64>,
    /// The gradient that the loss of each timestep alone sends to each state.
    pub reach: Reach,
    /// The gradients of the weights, timestep by timestep.
    pub terms: Vec<Terms>,
    /// Eigenvalues and singular values.
    pub spectrum: Spectrum,
    /// The gates of an LSTM or a GRU; empty for an RNN.
    pub gates: Vec<Gate>,
    /// Where the run first overflowed, if it did.
    pub overflow: Option<String>,
    /// A sentence under each chart.
    pub sentences: Sentences,
    /// A Rust program that computes the same norms.
    pub snippet: String,
}

/// The training of a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Training {
    /// The loss of each batch, before its step.
    pub losses: Vec<f64>,
    /// The number that overflowed and ended the training early, if there is one.
    pub overflow: Option<String>,
}

/// One layer, timestep by timestep.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerNorms {
    /// ‖h_t‖.
    pub hidden: Vec<f64>,
    /// ‖c_t‖ of an LSTM.
    pub cell: Option<Vec<f64>>,
    /// ‖dL/dh_t‖, total: through all later timesteps and layers.
    pub gradient: Vec<f64>,
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

/// ‖dL_t/dh_k‖.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reach {
    /// Row t, from 0, holds the entries of k = 0 .. t.
    pub norms: Vec<Vec<f64>>,
    /// The sum of ‖dL_t/dh_{t−l}‖ over t, for l = 0 .. T − 1.
    pub by_lag: Vec<f64>,
}

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

/// Eigenvalues and singular values.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Spectrum {
    /// W_hh of the scaled network, or each gate's block of it.
    pub weights: Vec<Matrix>,
    /// ∂s_t/∂s_{t−1}, with s = h, or h and c: of the selected timestep, and of others in a small network.
    pub jacobians: Vec<Jacobian>,
}

/// One matrix.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Matrix {
    /// `W_hh`, or `W_hf` for a gate's block.
    pub name: String,
    /// Eigenvalues as (real, imaginary), the largest magnitude first.
    pub eigenvalues: Vec<[f64; 2]>,
    /// Singular values, the largest first.
    pub singular_values: Vec<f64>,
}

/// The Jacobian of one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Jacobian {
    /// t, from 1.
    pub timestep: usize,
    /// Eigenvalues as (real, imaginary), the largest magnitude first.
    pub eigenvalues: Vec<[f64; 2]>,
    /// Singular values, the largest first.
    pub singular_values: Vec<f64>,
}

/// One gate over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gate {
    /// `i`, `f`, `g`, `o`, or `r`, `z`, `n`.
    pub name: &'static str,
    /// The mean over units.
    pub mean: Vec<f64>,
    /// The least value over units.
    pub least: Vec<f64>,
    /// The greatest value over units.
    pub most: Vec<f64>,
    /// The share of saturated units.
    pub saturated: Vec<f64>,
    /// Of the forget gate of an LSTM and the update gate of a GRU, the product over t = 2 .. T, which is ∂c_T/∂c_1 or
    /// ∂h_T/∂h_1 along the path through that gate alone: the least, the median and the greatest over units.
    pub kept: Option<[f64; 3]>,
}

/// The captions of the charts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Sentences {
    /// About ‖h_t‖.
    pub hidden: String,
    /// About ‖dL/dh_t‖.
    pub gradient: String,
    /// About ‖dL_t/dh_k‖.
    pub reach: String,
    /// About the weight gradient.
    pub terms: String,
    /// About eigenvalues.
    pub spectrum: String,
    /// About singular values.
    pub singular: String,
    /// About the gates; empty for an RNN.
    pub gates: String,
    /// About training; empty without training.
    pub training: String,
}

/// The magnitude of the first eigenvalue, which is the largest.
pub(crate) fn radius(eigenvalues: &[[f64; 2]]) -> f64 {
    eigenvalues.first().map_or(0.0, |&[re, im]| re.hypot(im))
}
