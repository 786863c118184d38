//! Files that have no name until they are complete, so that a process that is killed leaves nothing.
//!
//! `open` with `O_TMPFILE` makes the file and `linkat` gives it a name, but only one that is free. To take the place of an old
//! file it gets a temporary name first, which `rename` changes. That name follows from the target's, and whoever uses it holds a
//! lock on the file, which ends with the process: a file under this name that is not locked was left by a process that was
//! killed, and the next write for the same target removes it.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::fs::{
    AtFlags, CWD, FlockOperation, Mode, OFlags, flock, fstat, fsync, linkat, openat, renameat, statat,
    unlinkat,
};
use rustix::io::Errno;

use crate::target::{Target, temporary};

/// Where Linux has a path for each open file, by which `linkat` finds a file without a name.
const OPEN_FILES: &str = "/proc/self/fd";

/// A file without a name.
pub(crate) struct File<'t> {
    target: &'t Target,
    folder: OwnedFd,
    file: fs::File,
}

impl<'t> File<'t> {
    /// An empty file in the folder of the target, or `None` if its file system has no such files.
    pub(crate) fn new(target: &'t Target) -> io::Result<Option<Self>> {
        if !Path::new(OPEN_FILES).exists() {
            return Ok(None);
        }
        let folder = openat(CWD, &target.folder, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        match openat(&folder, ".", flags, Mode::from_raw_mode(0o666)) {
            Ok(file) => Ok(Some(Self { target, folder, file: file.into() })),
            // Old kernels say EISDIR.
            Err(Errno::OPNOTSUPP | Errno::ISDIR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the bytes and puts the file into its place.
    pub(crate) fn replace(mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        if let Some(mode) = &self.target.mode {
            self.file.set_permissions(fs::Permissions::from_mode(mode.mode() & 0o777))?;
        }
        self.file.sync_all()?;
        self.put_in_place()?;
        // Btrfs does not write a file to the disk that has no name.
        self.file.sync_all()?;
        Ok(fsync(&self.folder)?)
    }

    /// Gives the complete file the name of the target.
    fn put_in_place(&self) -> io::Result<()> {
        /// Each is a millisecond after the one before. Another process needs the temporary name for two system calls.
        const TRIES: usize = 10_000;
        let Self { target, folder, file } = self;
        let source = format!("{OPEN_FILES}/{}", file.as_raw_fd());
        let link = |name: &OsStr| linkat(CWD, source.as_str(), folder, name, AtFlags::SYMLINK_FOLLOW);
        match link(&target.name) {
            Err(Errno::EXIST) => {}
            done => return Ok(done?),
        }
        let temporary = temporary(&target.name, 0);
        flock(file, FlockOperation::LockExclusive)?;
        for _ in 0..TRIES {
            match link(&temporary) {
                Ok(()) => {
                    let renamed = renameat(folder, &temporary, folder, &target.name);
                    if renamed.is_err() {
                        // Nothing can be done about a second error.
                        let _ = unlinkat(folder, &temporary, AtFlags::empty());
                    }
                    flock(file, FlockOperation::Unlock)?;
                    return Ok(renamed?);
                }
                Err(Errno::EXIST) if remove_if_left(folder, &temporary)? => {}
                Err(Errno::EXIST) => thread::sleep(Duration::from_millis(1)),
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::Error::other("other processes write to the same file all the time"))
    }
}

/// Whether the name is free now. A file that another process is about to rename stays.
fn remove_if_left(folder: &OwnedFd, name: &OsStr) -> io::Result<bool> {
    let file = match openat(folder, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(true),
        file => file?,
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => return Ok(false),
        locked => locked?,
    }
    // Before the lock was there, the name may have come to another file.
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(named) if named.st_ino == fstat(&file)?.st_ino => unlinkat(folder, name, AtFlags::empty())?,
        Ok(_) => return Ok(false),
        Err(Errno::NOENT) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Would catch: files that stay for ever, and one that is taken away from a process that is about to rename it.
    #[test]
    fn what_a_killed_process_left_is_removed_and_what_another_one_uses_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        fs::write(&path, "old").expect("it is written");
        let left = folder.path().join(temporary(OsStr::new("file"), 0));
        fs::write(&left, "left").expect("it is written");
        crate::write(&path, b"new").expect("it is written");
        assert!(!left.exists());
        assert_eq!(fs::read(&path).expect("a file"), b"new");

        let used = fs::File::create(&left).expect("a file");
        used.lock().expect("nobody else has it");
        thread::scope(|scope| {
            let writer = scope.spawn(|| crate::write(&path, b"newer"));
            thread::sleep(Duration::from_millis(50));
            assert!(left.exists() && !writer.is_finished());
            fs::rename(&left, folder.path().join("other")).expect("the other process renames it");
            writer.join().expect("no panic").expect("it is written");
        });
        assert_eq!(fs::read(&path).expect("a file"), b"newer");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }
}
