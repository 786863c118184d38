//! Writing a file so that a reader sees the old one or the new one and nothing between.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use atomic_write_file::AtomicWriteFile;

use crate::error::Error;

/// As many symbolic links in a row as Linux follows.
const LINKS: usize = 40;
/// Bytes of the longest name to which `atomic-write-file` can add the 8 bytes of its temporary names.
const LONGEST_NAME: usize = 255 - 8;

/// Replaces the file at `path`, or the one that a link there points to, by `bytes`, as a whole or not at all. An existing file
/// keeps its mode.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    let target = resolve(path).map_err(failed)?;
    match fs::symlink_metadata(&target) {
        Ok(found) if !found.is_file() => return Err(Error::NotAFile { path: path.to_owned() }),
        // Renaming would replace a file that the user may not write to.
        Ok(_) => drop(OpenOptions::new().append(true).open(&target).map_err(failed)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    replace(&target, bytes).map_err(failed)
}

fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    if target.file_name().map_or(0, OsStr::len) <= LONGEST_NAME {
        return write_new(target, bytes);
    }
    let short = target.with_file_name(format!(".rnn-plot-{}", std::process::id()));
    let renamed = write_new(&short, bytes)
        .and_then(|()| copy_mode(target, &short))
        .and_then(|()| fs::rename(&short, target));
    renamed.inspect_err(|_| {
        // The error to report is the first one.
        let _ = fs::remove_file(&short);
    })
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = AtomicWriteFile::open(path)?;
    file.write_all(bytes)?;
    file.commit()
}

fn copy_mode(from: &Path, to: &Path) -> io::Result<()> {
    match fs::metadata(from) {
        Ok(found) => fs::set_permissions(to, found.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The path after all symbolic links, the last of which may point to a file that does not exist yet.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..=LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}
