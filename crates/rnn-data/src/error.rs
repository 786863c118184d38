//! What can go wrong.

use thiserror::Error;

/// What a caller can get wrong.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// A size that must be at least 1 is 0.
    #[error("{what} is 0; it must be at least 1")]
    ZeroSize {
        /// Which size.
        what: &'static str,
    },

    /// A size is greater than the task can have.
    #[error("{what} is {size}; it must be at most {most}")]
    TooLarge {
        /// Which size.
        what: &'static str,
        /// The size.
        size: usize,
        /// The greatest that is possible.
        most: usize,
    },

    /// A sequence has no room for what the task puts into it.
    #[error("{time} timesteps are too few for {what}; there must be at least {least}")]
    TooShort {
        /// What has no room.
        what: &'static str,
        /// The fewest timesteps that are possible.
        least: usize,
        /// The timesteps of a sequence.
        time: usize,
    },

    /// A number is NaN, or outside of its range.
    #[error("{what} is {value}; it must be {range}")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// The number.
        value: f64,
        /// Where it must lie.
        range: &'static str,
    },
}

/// A result with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// An error if `size` is 0.
pub(crate) fn check_size(what: &'static str, size: usize) -> Result<()> {
    if size == 0 { Err(Error::ZeroSize { what }) } else { Ok(()) }
}

/// An error if `what` needs more than `time` timesteps.
pub(crate) fn check_time(what: &'static str, least: usize, time: usize) -> Result<()> {
    if time < least { Err(Error::TooShort { what, least, time }) } else { Ok(()) }
}
