//! What an initialization may lack.

use thiserror::Error;

use crate::init::Init;

/// Why an initialization cannot be used on a network, or did not succeed.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum InitError {
    /// The cell has no gate for the rule to act on.
    #[error("{place} has no {wanted}; its gates are [{}]", gates.join(", "))]
    NoGate {
        /// Which layer, or the head.
        place: String,
        /// What the rule needs.
        wanted: &'static str,
        /// The gates that there are.
        gates: Vec<&'static str>,
    },
    /// The layer was built without biases, and the rule sets one.
    #[error("layer {layer} has no bias to set")]
    NoBias {
        /// Which layer, from 0.
        layer: usize,
    },
    /// The rule sets biases where weights were asked for.
    #[error("{init:?} sets biases; it cannot set weights")]
    NotForWeights {
        /// The rule.
        init: Init,
    },
    /// A spectral radius was asked of a matrix that has none.
    #[error("a block of {name} is {rows} by {columns}; only a square matrix has a spectral radius")]
    NotSquare {
        /// The parameter.
        name: String,
        /// Rows of a gate's block.
        rows: usize,
        /// Columns.
        columns: usize,
    },
    /// The matrix that was drawn cannot be scaled to a given spectral radius.
    #[error("a block drawn for {name} has spectral radius {found}; no factor makes it {wanted}")]
    NoRadius {
        /// The parameter.
        name: String,
        /// The spectral radius that was asked for.
        wanted: f64,
        /// The one that the matrix has: 0 if all its eigenvalues are, NaN if they could not be computed.
        found: f64,
    },
}
