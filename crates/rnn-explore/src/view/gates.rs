//! Gates.

use serde::Serialize;

/// One gate over time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gate {
    /// `i`, `f`, `g`, `o` of an LSTM, `r`, `z`, `n` of a GRU; as the cell names them.
    pub name: &'static str,
    /// The mean over units.
    pub mean: Vec<f64>,
    /// The least value over units.
    pub least: Vec<f64>,
    /// The greatest value over units.
    pub most: Vec<f64>,
    /// The share of saturated units.
    pub saturated: Vec<f64>,
    /// Of the gate that decides what a step keeps of the old state: what that is.
    pub keeps: Option<Keeps>,
    /// Of the gate that decides what a step keeps of the old state, the product of that over t = 2 .. T, which is ∂c_T/∂c_1 or
    /// ∂h_T/∂h_1 along the path through that gate alone: the least, the median and the greatest over units.
    pub kept: Option<[f64; 3]>,
}

/// What a step keeps of the old state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Keeps {
    /// The factor of the old state, as in the equations: `f`, `z`, `1 − i`, `f / (f + i)`.
    pub what: String,
    /// Its mean over units and timesteps.
    pub mean: f64,
}
