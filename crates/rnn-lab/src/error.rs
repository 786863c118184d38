//! The error type.

use std::path::PathBuf;

use thiserror::Error;

/// Errors of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A job did not give a number that its experiment reads.
    #[error("the result has no number named {name}")]
    NoNumber {
        /// The name.
        name: String,
    },
    /// A job gave NaN or an infinity.
    #[error("number {index} of {name} is {value}")]
    NonFinite {
        /// The name of the list.
        name: String,
        /// The place in the list, from 0.
        index: usize,
        /// The number.
        value: f64,
    },
    /// An experiment reads results of jobs that it does not have.
    #[error("{experiment} has no result of {part}")]
    NoResult {
        /// The experiment's name.
        experiment: &'static str,
        /// The part of it.
        part: String,
    },
    /// A file of results does not hold what its name says.
    #[error("{} is not the result of {job}: {fault}; remove the file, and the job runs again", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The job in words.
        job: String,
        /// What is wrong with it.
        fault: String,
    },
    /// The folder is in use.
    #[error("another run is at work in {}; wait until it ends, or share its work with --resume", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// Something cannot be made, read, locked or removed.
    #[error("{} cannot be made, read, locked or removed", path.display())]
    Io {
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{} cannot be written", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rnn_file::Error,
    },
    /// No experiment has this name.
    #[error("there is no experiment {name}; the experiments are {known}")]
    Unknown {
        /// The name.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// A batch cannot be cut into shards, or a shard has no gradient.
    #[error("the shards of a batch cannot be trained on: {why}")]
    Unsharded {
        /// Why.
        why: String,
    },
    /// A network could not be made, run or trained.
    #[error(transparent)]
    Network(#[from] rnn_core::Error),
    /// A network could not be initialized.
    #[error(transparent)]
    Init(#[from] rnn_core::InitError),
    /// An analysis failed.
    #[error(transparent)]
    Analysis(#[from] rnn_analysis::Error),
    /// A task could not be made.
    #[error(transparent)]
    Data(#[from] rnn_data::Error),
    /// A figure could not be drawn.
    #[error(transparent)]
    Figure(#[from] rnn_plot::Error),
    /// Anything else that an experiment finds wrong.
    #[error("{0}")]
    Other(String),
}

/// A result with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;
