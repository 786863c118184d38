//! Training.

use serde::Serialize;

/// The training of a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Training {
    /// The loss of each batch, before its step; with truncated back-propagation the mean over its windows, each before its
    /// own step.
    pub losses: Vec<f64>,
    /// The number that overflowed and ended the training early, if there is one.
    pub overflow: Option<String>,
}
