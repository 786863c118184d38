//! Gates.

use serde::Serialize;

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
