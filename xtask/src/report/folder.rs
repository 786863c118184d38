//! The folder of a report: replaced as a whole, or not at all.
//!
//! A report is written into a new folder beside its place, `.report.new` beside `report`. When it is complete, the two folders
//! are exchanged in one step, and the old one is removed. The folder is locked meanwhile against a second report. What a report
//! leaves behind when it is killed is removed by the next one.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::File;

/// Every file of a report, by its path in the folder.
const FILES: [&str; 20] = [
    "index.html",
    "metrics.json",
    "data/eigenvalues.csv",
    "data/evaluation.csv",
    "data/gradient_by_lag.csv",
    "data/gradient_flow.csv",
    "data/gradient_ratio.csv",
    "data/losses.csv",
    "data/sequences.csv",
    "figures/data_all.png",
    "figures/data_last.png",
    "figures/evaluation_all.png",
    "figures/evaluation_last.png",
    "figures/flow_gru.png",
    "figures/flow_lstm.png",
    "figures/flow_rnn_identity.png",
    "figures/flow_rnn_relu.png",
    "figures/flow_rnn_tanh.png",
    "figures/loss_all.png",
    "figures/loss_last.png",
];

/// The folders in the folder.
const FOLDERS: [&str; 2] = ["data", "figures"];

/// A place for one report, locked until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    out: PathBuf,
    /// Whether the folder was made for this report.
    made: bool,
    /// Whether the folder beside it was.
    writing: bool,
    /// The folder beside it.
    new: PathBuf,
    /// Where the old report is for a moment, if the system cannot exchange two folders in one step.
    aside: PathBuf,
    /// The open folders, whose locks end with the program, however it ends.
    locks: Vec<fs::File>,
}

impl Place {
    /// Takes the folder, which is made if it is not there, and makes the one beside it.
    ///
    /// # Errors
    /// If neither can be made, another report is being written there, or the folder holds anything that is not part of a report.
    pub(super) fn claim(out: &Path) -> Result<Self> {
        let shown = out.display();
        ensure!(!out.exists() || out.is_dir(), "--out {shown} is a file; name a folder");
        let aside = beside(&std::path::absolute(out)?, "old")?;
        if !out.exists() && aside.is_dir() {
            // The last report was killed between two renames.
            fs::rename(&aside, out).with_context(|| format!("{} cannot be moved back", aside.display()))?;
        }
        let made = !out.exists();
        fs::create_dir_all(out)
            .with_context(|| format!("the folder {shown} cannot be made; choose another with --out"))?;
        let out = out.canonicalize().with_context(|| format!("the folder {shown} cannot be found"))?;
        let inside = std::env::current_dir().is_ok_and(|here| here.starts_with(&out));
        ensure!(!inside, "--out {shown} is the folder that this command runs in; name a folder in it");
        let (new, aside) = (beside(&out, "new")?, beside(&out, "old")?);
        // Until the folder is locked, it may be another report’s.
        let mut place = Self { made: false, writing: false, new, aside, out, locks: Vec::new() };
        place.lock_out()?;
        place.made = made;
        place.check_contents()?;
        for left in [&place.new, &place.aside] {
            remove(left).with_context(|| {
                format!("{} is in the way: it cannot be removed as part of a report", left.display())
            })?;
        }
        fs::create_dir(&place.new).with_context(|| {
            format!(
                "the folder {} cannot be made, in which a report is written before it is moved to its place; choose another with --out",
                place.new.display()
            )
        })?;
        place.writing = true;
        place.locks.extend(lock(&place.new)?);
        Ok(place)
    }

    /// Writes all files and puts the new folder in the place of the old one.
    pub(super) fn publish(self, files: Vec<File>) -> Result<()> {
        for folder in FOLDERS {
            fs::create_dir_all(self.new.join(folder))
                .with_context(|| format!("{} cannot be written", self.new.display()))?;
        }
        for (name, bytes) in files {
            ensure!(FILES.contains(&name.as_str()), "{name} is missing in the list of a report’s files");
            let path = self.new.join(name);
            let write = || {
                let mut file = fs::File::create(&path)?;
                file.write_all(&bytes)?;
                file.sync_all()
            };
            write().with_context(|| format!("{} cannot be written", path.display()))?;
        }
        fs::set_permissions(&self.new, fs::metadata(&self.out)?.permissions())?;
        // Something may have come in while the report was computed.
        self.check_contents()?;
        exchange(&self.new, &self.out, &self.aside)
            .with_context(|| format!("the report cannot be moved to {}", self.out.display()))?;
        remove(&self.new)
            .with_context(|| format!("the old report in {} cannot be removed", self.new.display()))
    }

    /// Locks the folder that is at the place now: another report may have exchanged it a moment ago.
    fn lock_out(&mut self) -> Result<()> {
        loop {
            let Some(locked) = lock(&self.out)? else { return Ok(()) };
            if same(&locked, &self.out)? {
                self.locks.push(locked);
                return Ok(());
            }
        }
    }

    /// An error unless the folder is empty or holds a report and nothing else.
    fn check_contents(&self) -> Result<()> {
        let out = self.out.display();
        let contents = contents(&self.out).with_context(|| format!("{out} cannot be read"))?;
        let advice =
            "a report replaces the whole folder, so move this elsewhere or choose another folder with --out";
        if let Some(stranger) = contents.strangers.first() {
            bail!("--out {out} holds {stranger}, which is not part of a report: {advice}");
        }
        if let Some(file) = contents.files.first()
            && !is_metrics(&self.out.join("metrics.json"))
        {
            bail!("--out {out} holds {file}, but no metrics.json of a report beside it: {advice}");
        }
        Ok(())
    }
}

impl Drop for Place {
    /// Removes what is not to stay after an error.
    fn drop(&mut self) {
        if self.writing {
            let _ = remove(&self.new);
        }
        if self.made {
            // Only if it is empty.
            let _ = fs::remove_dir(&self.out);
        }
    }
}

/// `.report.new` beside `report`.
fn beside(folder: &Path, ending: &str) -> Result<PathBuf> {
    let name = folder.file_name().ok_or_else(|| {
        anyhow!("there is no room for a folder beside --out {}; choose another", folder.display())
    })?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{ending}"));
    Ok(folder.with_file_name(hidden))
}

/// What is in a folder: files of a report, and everything else.
#[derive(Debug, Default)]
struct Contents {
    files: Vec<String>,
    strangers: Vec<String>,
}

fn contents(folder: &Path) -> io::Result<Contents> {
    let mut found = Contents::default();
    let mut folders = vec![String::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() && FOLDERS.contains(&name.as_str()) {
                folders.push(name + "/");
            } else if kind.is_file() && FILES.contains(&name.as_str()) {
                found.files.push(name);
            } else {
                found.strangers.push(name);
            }
        }
    }
    found.files.sort();
    found.strangers.sort();
    Ok(found)
}

/// Whether this is the summary of a report.
fn is_metrics(file: &Path) -> bool {
    let json = fs::read(file).ok().and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    json.is_some_and(|json| json["schema"].is_u64() && json["gradient_flow"].is_array())
}

/// Removes a report with its folder, and nothing else; fine if there is none.
fn remove(folder: &Path) -> io::Result<()> {
    let gone = |outcome: io::Result<()>| match outcome {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    };
    for file in FILES {
        gone(fs::remove_file(folder.join(file)))?;
    }
    for inner in FOLDERS {
        gone(fs::remove_dir(folder.join(inner)))?;
    }
    gone(fs::remove_dir(folder))
}

/// A lock on a folder, or none where folders cannot be opened.
fn lock(folder: &Path) -> Result<Option<fs::File>> {
    if cfg!(not(unix)) {
        return Ok(None);
    }
    let shown = folder.display();
    let file = fs::File::open(folder).with_context(|| format!("{shown} cannot be opened"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => {
            bail!(
                "another report is being written to {shown}; wait for it, or choose another folder with --out"
            )
        }
        Err(fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{shown} cannot be locked; choose another folder with --out"))
        }
    }
}

/// Whether the open folder is still at its path.
fn same(open: &fs::File, path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let id = |of: fs::Metadata| (of.dev(), of.ino());
        Ok(id(open.metadata()?) == id(fs::metadata(path)?))
    }
    #[cfg(not(unix))]
    {
        let _ = (open, path);
        Ok(true)
    }
}

/// Exchanges two folders in one step, or in three where the system or the file system has no such step.
fn exchange(new: &Path, out: &Path, aside: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, new, CWD, out, RenameFlags::EXCHANGE) {
            Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => {}
            outcome => return Ok(outcome?),
        }
    }
    exchange_in_three(new, out, aside)
}

fn exchange_in_three(new: &Path, out: &Path, aside: &Path) -> io::Result<()> {
    fs::rename(out, aside)?;
    if let Err(error) = fs::rename(new, out) {
        fs::rename(aside, out)?;
        return Err(error);
    }
    fs::rename(aside, new)
}

#[cfg(test)]
mod tests;
