//! The error type.

use thiserror::Error;

/// Why there is no view.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller interrupted the training. The steps taken are kept: the next call with these settings continues from there.
    #[error("interrupted after {steps} of {wanted} training steps")]
    Interrupted {
        /// Training steps taken so far.
        steps: usize,
        /// Training steps that the settings ask for.
        wanted: usize,
    },
    /// A setting is outside its limits.
    #[error(transparent)]
    Query(#[from] crate::QueryError),
    /// The task cannot be constructed.
    #[error(transparent)]
    Task(#[from] rnn_data::Error),
    /// A spectrum cannot be computed.
    #[error(transparent)]
    Analysis(#[from] rnn_analysis::Error),
    /// The network cannot be run.
    #[error(transparent)]
    Network(#[from] rnn_core::Error),
}
