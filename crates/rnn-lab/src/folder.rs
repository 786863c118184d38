//! The folder of results, which is the truth about what is done.
//!
//! ```text
//! jobs/E5/4f0c….json      the result of a job: the same bytes whoever computed it
//! jobs/E5/4f0c….seconds   how long that took: read for the sum, part of nothing else
//! jobs/E5/4f0c….failed    why the job has no result
//! jobs/E5/4f0c….claim     empty; locked by the process that runs the job
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::job::Job;
use crate::numbers::Numbers;

/// A folder of results.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

/// Why a job has no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The job in words.
    pub job: String,
    /// What happened, in words.
    pub reason: String,
}

/// What the folder knows of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its result is there.
    Done,
    /// It was tried and has no result.
    Failed,
    /// Neither.
    Open,
}

/// A job that this process has taken. It is free again once this is dropped, or the process ends.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
    _file: File,
}

impl Drop for Claim {
    fn drop(&mut self) {
        // The lock is still held, so nobody else removes this file.
        let _ = fs::remove_file(&self.path);
    }
}

/// A lock on the folder, until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lock(File);

/// What the file of a result holds.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    experiment: String,
    part: String,
    parameters: BTreeMap<String, f64>,
    seed: u64,
    numbers: Numbers,
}

impl Folder {
    /// The folder at `path`, which is made if it is not there.
    ///
    /// # Errors
    /// If it cannot be made, or is not a folder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        fs::create_dir_all(path.join("jobs")).map_err(|source| Error::Io { path: path.clone(), source })?;
        Ok(Self { path })
    }

    /// The place of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Joins those who work in this folder.
    ///
    /// # Errors
    /// [`Error::Busy`] while another process removes the results of an earlier run.
    pub fn join(&self) -> Result<Lock> {
        let lock = self.lock("jobs")?;
        self.granted(lock.0.try_lock_shared())?;
        Ok(lock)
    }

    /// Removes what is known of `jobs`, and joins those who work in this folder.
    ///
    /// # Errors
    /// [`Error::Busy`] while another process works in it; nothing is then removed. If a file cannot be removed.
    pub fn begin<'a>(&self, jobs: impl IntoIterator<Item = &'a Job>) -> Result<Lock> {
        let lock = self.lock("jobs")?;
        self.granted(lock.0.try_lock())?;
        jobs.into_iter().try_for_each(|job| self.forget(job))?;
        self.granted(lock.0.try_lock_shared())?;
        Ok(lock)
    }

    /// Waits until nobody else writes what the results say, for instance a page: the last one to write has seen all results.
    ///
    /// # Errors
    /// If the folder cannot be locked.
    pub fn conclude(&self) -> Result<Lock> {
        let lock = self.lock("")?;
        match lock.0.lock() {
            Err(error) if error.kind() != ErrorKind::Unsupported => {
                Err(Error::Io { path: self.path.clone(), source: error })
            }
            _ => Ok(lock),
        }
    }

    fn lock(&self, inside: &str) -> Result<Lock> {
        let path = self.path.join(inside);
        File::open(&path).map(Lock).map_err(|source| Error::Io { path, source })
    }

    /// Whether a lock was given. A file system without locks gives every lock.
    fn granted(&self, lock: std::result::Result<(), TryLockError>) -> Result<()> {
        let path = self.path.clone();
        match lock {
            Err(TryLockError::WouldBlock) => Err(Error::Busy { path }),
            Err(TryLockError::Error(source)) if source.kind() != ErrorKind::Unsupported => {
                Err(Error::Io { path, source })
            }
            _ => Ok(()),
        }
    }

    /// What is known of the job.
    pub fn state(&self, job: &Job) -> State {
        if self.file(job, "json").exists() {
            State::Done
        } else if self.file(job, "failed").exists() {
            State::Failed
        } else {
            State::Open
        }
    }

    /// Takes a job, so that no other process that works in this folder runs it. `None` if one does, or if the job is done by now.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn claim(&self, job: &Job) -> Result<Option<Claim>> {
        let path = self.file(job, "claim");
        let fault = |source| Error::Io { path: path.clone(), source };
        fs::create_dir_all(path.parent().unwrap_or(&self.path)).map_err(fault)?;
        loop {
            let file = File::create(&path).map_err(fault)?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(source)) if source.kind() != ErrorKind::Unsupported => {
                    return Err(fault(source));
                }
                _ => {}
            }
            // The last owner may have removed the file between its opening and its locking.
            if !same(&file, &path).map_err(fault)? {
                continue;
            }
            let claim = Claim { path, _file: file };
            return Ok((self.state(job) != State::Done).then_some(claim));
        }
    }

    /// Writes the result of a job, and how long it took. A note of an earlier failure is removed.
    ///
    /// # Errors
    /// If a file cannot be written; there is then no result, or the whole.
    pub fn store(&self, job: &Job, numbers: &Numbers, seconds: f64) -> Result<()> {
        let record = Record {
            experiment: job.experiment.to_owned(),
            part: job.part.to_owned(),
            parameters: job.parameters.iter().map(|&(name, value)| (name.to_owned(), value)).collect(),
            seed: job.seed,
            numbers: numbers.clone(),
        };
        let other = |error: serde_json::Error| Error::Other(error.to_string());
        let mut text = serde_json::to_string(&record).map_err(other)?;
        text.push('\n');
        let path = self.file(job, "json");
        let folder = path.parent().unwrap_or(&self.path);
        let fault = |source| Error::Io { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(fault)?;
        // Nothing depends on this file, so it need not be written with care.
        fs::write(self.file(job, "seconds"), format!("{seconds:.3}\n")).map_err(fault)?;
        write(path, text.as_bytes())?;
        self.remove(job, "failed")
    }

    /// Writes down why a job has no result.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn store_failure(&self, job: &Job, reason: &str) -> Result<()> {
        let failure = Failure { job: job.words(), reason: reason.to_owned() };
        let text = serde_json::to_string(&failure).map_err(|error| Error::Other(error.to_string()))?;
        write(self.file(job, "failed"), format!("{text}\n").as_bytes())
    }

    /// The result of a job that is done.
    ///
    /// # Errors
    /// [`Error::Foreign`] if the file is damaged or holds the result of another job, and if it cannot be read.
    pub fn load(&self, job: &Job) -> Result<Numbers> {
        let path = self.file(job, "json");
        let text = fs::read_to_string(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        let foreign = |fault: String| Error::Foreign { path: path.clone(), job: job.words(), fault };
        let record: Record = serde_json::from_str(&text).map_err(|error| foreign(error.to_string()))?;
        let parameters: BTreeMap<String, f64> =
            job.parameters.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
        let same = record.experiment == job.experiment
            && record.part == job.part
            && record.parameters == parameters
            && record.seed == job.seed;
        if !same {
            return Err(foreign(format!("it is of {} {}", record.experiment, record.part)));
        }
        Ok(record.numbers)
    }

    /// Why a job failed; `None` if it did not.
    pub fn failure(&self, job: &Job) -> Option<Failure> {
        let text = fs::read_to_string(self.file(job, "failed")).ok()?;
        let unreadable =
            |_| Failure { job: job.words(), reason: "the note of the reason cannot be read".to_owned() };
        Some(serde_json::from_str(&text).unwrap_or_else(unreadable))
    }

    /// How many seconds the job took, wherever it ran; 0 if that is not known.
    pub fn seconds(&self, job: &Job) -> f64 {
        let text = fs::read_to_string(self.file(job, "seconds")).unwrap_or_default();
        text.trim().parse().unwrap_or(0.0)
    }

    /// Removes what is known of a job.
    ///
    /// # Errors
    /// If a file cannot be removed.
    pub fn forget(&self, job: &Job) -> Result<()> {
        ["json", "seconds", "failed"].into_iter().try_for_each(|ending| self.remove(job, ending))
    }

    fn remove(&self, job: &Job, ending: &str) -> Result<()> {
        let path = self.file(job, ending);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != ErrorKind::NotFound => Err(Error::Io { path, source }),
            _ => Ok(()),
        }
    }

    fn file(&self, job: &Job, ending: &str) -> PathBuf {
        self.path.join("jobs").join(job.experiment).join(format!("{}.{ending}", job.key()))
    }
}

/// Writes a file as a whole or not at all.
fn write(path: PathBuf, bytes: &[u8]) -> Result<()> {
    rnn_file::write(&path, bytes).map_err(|source| Error::File { path, source })
}

/// Whether the open file is the one at the path.
#[cfg(unix)]
fn same(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let of = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match fs::metadata(path) {
        Ok(there) => Ok(of(there) == of(file.metadata()?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Elsewhere a file that is open cannot be removed.
#[cfg(not(unix))]
fn same(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}
