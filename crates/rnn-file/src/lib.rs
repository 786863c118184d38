//! Replaces files as a whole or not at all.
//!
//! [`write()`] is for results that took long to compute: whoever reads the path meanwhile, or after a crash, finds the old file or
//! the new one, whole. [`check`] says before the work whether the file could be written.

#![forbid(unsafe_code)]

mod named;
mod target;
#[cfg(target_os = "linux")]
mod unnamed;

use std::io;
use std::path::Path;

use thiserror::Error;

use target::Target;

/// Why a file cannot be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The path names a folder, a pipe, a device or a socket.
    #[error("this is not a regular file")]
    NotRegular,
    /// The operating system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::NotRegular => Self::new(io::ErrorKind::InvalidInput, error),
            Error::Io(error) => error,
        }
    }
}

/// Replaces the file at `path` by one with these bytes, or makes it if there is none.
///
/// A symbolic link stays a link, and the file that it points to is replaced or made. An existing file keeps its mode. The
/// bytes are on the disk when the function returns.
///
/// # Errors
/// [`Error::NotRegular`] and [`Error::Io`]. What was at the path is then unchanged.
pub fn write(path: impl AsRef<Path>, bytes: &[u8]) -> Result<(), Error> {
    let target = Target::of(path.as_ref())?;
    #[cfg(target_os = "linux")]
    if let Some(file) = unnamed::File::new(&target)? {
        return Ok(file.replace(bytes)?);
    }
    Ok(named::replace(&target, bytes)?)
}

/// An error if [`write()`] could not write to this path now. Nothing is changed.
///
/// # Errors
/// As [`write()`].
pub fn check(path: impl AsRef<Path>) -> Result<(), Error> {
    let target = Target::of(path.as_ref())?;
    #[cfg(target_os = "linux")]
    if unnamed::File::new(&target)?.is_some() {
        return Ok(());
    }
    Ok(named::check(&target)?)
}

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
