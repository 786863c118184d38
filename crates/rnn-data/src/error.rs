//! What can go wrong.

use thiserror::Error;

/// What a caller can get wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// A size that must be at least 1 is 0.
    #[error("{what} is 0; it must be at least 1")]
    ZeroSize {
        /// Which size.
        what: &'static str,
    },
}

/// A result with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// An error if `size` is 0.
pub(crate) fn check_size(what: &'static str, size: usize) -> Result<()> {
    if size == 0 { Err(Error::ZeroSize { what }) } else { Ok(()) }
}
