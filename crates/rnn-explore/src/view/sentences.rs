//! Captions.

use serde::Serialize;

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
    /// About the sequence that is shown.
    pub sequence: String,
    /// About each step back.
    pub steps: String,
    /// About the gradient by path; empty for a cell without such a path.
    pub highway: String,
    /// About states and gradients unit by unit.
    pub units: String,
    /// About the band of sequences; empty without one.
    pub band: String,
    /// About the singular values of the way back.
    pub fan: String,
    /// About clipping.
    pub clipping: String,
    /// About truncated back-propagation; empty without it.
    pub truncation: String,
    /// About the gate that is held; empty without one.
    pub clamp: String,
    /// About the plane of the state; empty without one.
    pub plane: String,
    /// About training; empty without training.
    pub training: String,
}
