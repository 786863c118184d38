//! Files that are written under a temporary name, where there are none without a name.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::PathBuf;

use crate::target::{Target, temporary};

/// A new file and its path.
fn create(target: &Target) -> io::Result<(File, PathBuf)> {
    loop {
        let path = target.folder.join(temporary(&target.name, RandomState::new().hash_one(0)));
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return Ok((made?, path)),
        }
    }
}

/// Writes the bytes to a new file, which takes the place of the old one.
pub(crate) fn replace(target: &Target, bytes: &[u8]) -> io::Result<()> {
    let (mut file, path) = create(target)?;
    let mut write = || {
        file.write_all(bytes)?;
        if let Some(mode) = &target.mode {
            file.set_permissions(mode.clone())?;
        }
        file.sync_all()?;
        fs::rename(&path, target.path())
    };
    let written = write();
    if written.is_err() {
        // Nothing can be done about a second error.
        let _ = fs::remove_file(&path);
    }
    written
}

/// An error if no file can be made.
pub(crate) fn check(target: &Target) -> io::Result<()> {
    let (file, path) = create(target)?;
    drop(file);
    fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Linux with a usual file system never comes here, so the tests of the crate's interface do not either.
    #[test]
    fn a_file_is_replaced_under_any_name_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["short".to_owned(), "m".repeat(255)] {
            let path = folder.path().join(&name);
            for bytes in [b"old".as_slice(), b"new"] {
                let target = Target::of(&path).expect("a target");
                check(&target).expect("it can be written");
                replace(&target, bytes).expect("it is written");
                assert_eq!(fs::read(&path).expect("a file"), bytes);
            }
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }
}
