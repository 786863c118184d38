//! The file that a path stands for.

use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use crate::Error;

/// Where the new file goes.
pub(crate) struct Target {
    pub(crate) folder: PathBuf,
    /// The name of the file in its folder.
    pub(crate) name: OsString,
    /// The mode of the file that is there.
    pub(crate) mode: Option<Permissions>,
}

impl Target {
    /// The file at the end of all symbolic links, which must be a regular file that may be written to, or not exist.
    pub(crate) fn of(path: &Path) -> Result<Self, Error> {
        let found = match fs::metadata(path) {
            Ok(found) if !found.is_file() => return Err(Error::NotRegular),
            Ok(found) => Some(found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let path = resolve(path)?;
        if found.is_some() {
            // A rename would replace a file that the user may not write to.
            drop(OpenOptions::new().append(true).open(&path)?);
        }
        let Some(name) = path.file_name() else {
            return Err(io::Error::from(io::ErrorKind::NotFound).into());
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        Ok(Self {
            folder: folder.to_owned(),
            name: name.to_owned(),
            mode: found.map(|found| found.permissions()),
        })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }
}

/// A name in the folder of the target that no other target's temporary file has, and of a length that every file system
/// allows.
pub(crate) fn temporary(name: &OsStr, distinct: u64) -> OsString {
    let mut hash = DefaultHasher::new();
    (name, distinct).hash(&mut hash);
    format!(".rnn-{:016x}.tmp", hash.finish()).into()
}

/// The path at the end of all symbolic links, the last of which may point to a file that does not exist.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}
