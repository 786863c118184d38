//! What can go wrong.

use thiserror::Error;

/// Why there is no view.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller said not to go on. What was trained so far is kept: asking again goes on from there.
    #[error("interrupted after {steps} of {wanted} training steps")]
    Interrupted {
        /// How many steps were taken.
        steps: usize,
        /// How many the settings ask for.
        wanted: usize,
    },
    /// A setting is outside its limits.
    #[error(transparent)]
    Query(#[from] crate::QueryError),
    /// The task cannot be made.
    #[error(transparent)]
    Task(#[from] rnn_data::Error),
    /// A spectrum cannot be computed.
    #[error(transparent)]
    Analysis(#[from] rnn_analysis::Error),
    /// The network cannot be run.
    #[error(transparent)]
    Network(#[from] rnn_core::Error),
}
