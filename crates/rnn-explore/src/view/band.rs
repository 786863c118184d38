//! Many sequences instead of one.

use serde::Serialize;

/// Norms of the layer that is shown over several sequences, each with its own loss: the shown sequence and others of the same
/// task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Band {
    /// How many sequences there are.
    pub sequences: usize,
    /// ‖h_t‖.
    pub hidden: Range,
    /// ‖dL/dh_t‖, where L is the loss of the sequence itself.
    pub gradient: Range,
}

/// A number of each sequence, at every timestep. NaN after an overflow.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Range {
    /// The least.
    pub least: Vec<f64>,
    /// The median: the mean of the two in the middle.
    pub median: Vec<f64>,
    /// The greatest.
    pub most: Vec<f64>,
}
