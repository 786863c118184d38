//! The folder that a command writes: replaced as a whole, or not at all.
//!
//! A report is written into a new folder beside its place, `.report.new` beside `report`. When it is complete, the two folders
//! are exchanged in one step, and the old one is removed. The folder is locked meanwhile against a second report. What a report
//! leaves behind when it is killed is removed by the next one. A site is written in the same way.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};

/// A file: its path below the folder, with `/`, and its bytes.
pub(crate) type File = (String, Vec<u8>);

/// What a command writes, and how a folder of an earlier run is told from any other folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// What it is called, as `report`.
    pub(crate) what: &'static str,
    /// The file that every complete folder has. It is written first and removed last.
    pub(crate) mark: &'static str,
    /// Whether this is such a file.
    pub(crate) is_mark: fn(&Path) -> bool,
    /// Every file that this folder may have, complete or not.
    pub(crate) files: fn(&Path) -> BTreeSet<String>,
}

/// A place for one report, or site, locked until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    kind: Kind,
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
    pub(crate) fn claim(kind: Kind, out: &Path) -> Result<Self> {
        let what = kind.what;
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
        let mut place = Self { kind, made: false, writing: false, new, aside, out, locks: Vec::new() };
        place.lock_out()?;
        place.made = made;
        place.check_contents()?;
        for left in [&place.new, &place.aside] {
            remove(kind, left).with_context(|| {
                format!("{} is in the way: it cannot be removed as part of a {what}", left.display())
            })?;
        }
        fs::create_dir(&place.new).with_context(|| {
            format!(
                "the folder {} cannot be made, in which a {what} is written before it is moved to its place; choose another with --out",
                place.new.display()
            )
        })?;
        place.writing = true;
        place.locks.extend(lock(kind, &place.new)?);
        Ok(place)
    }

    /// Writes all files and puts the new folder in the place of the old one.
    pub(crate) fn publish(self, mut files: Vec<File>) -> Result<()> {
        let Kind { what, mark, .. } = self.kind;
        files.sort_by_key(|(name, _)| name != mark);
        for (name, bytes) in files {
            let known = name == mark || (self.kind.files)(&self.new).contains(&name);
            ensure!(known, "{name} is missing in the list of a {what}’s files");
            let path = self.new.join(name);
            let write = || {
                fs::create_dir_all(path.parent().unwrap_or(&self.new))?;
                let mut file = fs::File::create(&path)?;
                file.write_all(&bytes)?;
                file.sync_all()
            };
            write().with_context(|| format!("{} cannot be written", path.display()))?;
        }
        fs::set_permissions(&self.new, fs::metadata(&self.out)?.permissions())?;
        // Something may have come in while the files were computed.
        self.check_contents()?;
        exchange(&self.new, &self.out, &self.aside)
            .with_context(|| format!("the {what} cannot be moved to {}", self.out.display()))?;
        remove(self.kind, &self.new)
            .with_context(|| format!("the old {what} in {} cannot be removed", self.new.display()))
    }

    /// Locks the folder that is at the place now: another report may have exchanged it a moment ago.
    fn lock_out(&mut self) -> Result<()> {
        loop {
            let Some(locked) = lock(self.kind, &self.out)? else { return Ok(()) };
            if same(&locked, &self.out)? {
                self.locks.push(locked);
                return Ok(());
            }
        }
    }

    /// An error unless the folder is empty or holds a report and nothing else.
    fn check_contents(&self) -> Result<()> {
        let (out, Kind { what, mark, .. }) = (self.out.display(), self.kind);
        let contents = contents(self.kind, &self.out).with_context(|| format!("{out} cannot be read"))?;
        let advice = format!(
            "a {what} replaces the whole folder, so move this elsewhere or choose another folder with --out"
        );
        if let Some(stranger) = contents.strangers.first() {
            bail!("--out {out} holds {stranger}, which is not part of a {what}: {advice}");
        }
        if let Some(file) = contents.files.first()
            && !(self.kind.is_mark)(&self.out.join(mark))
        {
            bail!("--out {out} holds {file}, but no {mark} of a {what} beside it: {advice}");
        }
        Ok(())
    }
}

impl Drop for Place {
    /// Removes what is not to stay after an error.
    fn drop(&mut self) {
        if self.writing {
            let _ = remove(self.kind, &self.new);
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

fn contents(kind: Kind, folder: &Path) -> io::Result<Contents> {
    let files = (kind.files)(folder);
    let inner = folders(&files);
    let mut found = Contents::default();
    let mut left = vec![String::new()];
    while let Some(below) = left.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() && inner.contains(&name) {
                left.push(name + "/");
            } else if kind.is_file() && files.contains(&name) {
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

/// The folders that these files are in, the outer ones first.
fn folders(files: &BTreeSet<String>) -> BTreeSet<String> {
    let above =
        |name: &String| name.match_indices('/').map(|(at, _)| name[..at].to_owned()).collect::<Vec<_>>();
    files.iter().flat_map(above).collect()
}

/// Removes a report with its folder, and nothing else; fine if there is none.
fn remove(kind: Kind, folder: &Path) -> io::Result<()> {
    let gone = |outcome: io::Result<()>| match outcome {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    };
    let files = (kind.files)(folder);
    for file in files.iter().filter(|&file| file != kind.mark) {
        gone(fs::remove_file(folder.join(file)))?;
    }
    for inner in folders(&files).iter().rev() {
        gone(fs::remove_dir(folder.join(inner)))?;
    }
    gone(fs::remove_file(folder.join(kind.mark)))?;
    gone(fs::remove_dir(folder))
}

/// A lock on a folder, or none where folders cannot be opened.
fn lock(kind: Kind, folder: &Path) -> Result<Option<fs::File>> {
    if cfg!(not(unix)) {
        return Ok(None);
    }
    let shown = folder.display();
    let file = fs::File::open(folder).with_context(|| format!("{shown} cannot be opened"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => {
            bail!(
                "another {} is being written to {shown}; wait for it, or choose another folder with --out",
                kind.what
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
