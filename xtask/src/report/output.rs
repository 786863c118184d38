//! The files of the report, all of them or none.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use atomic_write_file::AtomicWriteFile;

use super::File;

/// An error, before any work is done, if the folder cannot be made or written to.
pub(super) fn check_writable(out: &Path) -> Result<()> {
    if out.exists() && !out.is_dir() {
        bail!("--out {} is a file; name a folder", out.display());
    }
    for folder in ["figures", "data"] {
        let folder = out.join(folder);
        fs::create_dir_all(&folder).with_context(|| {
            format!("the folder {} cannot be made; choose another with --out", folder.display())
        })?;
        let probe = AtomicWriteFile::open(folder.join(".probe")).and_then(AtomicWriteFile::discard);
        probe.with_context(|| {
            format!("the folder {} cannot be written to; choose another with --out", folder.display())
        })?;
    }
    Ok(())
}

/// Writes every file beside its place, and moves all of them there only when all are complete.
pub(super) fn write_all(out: &Path, files: Vec<File>) -> Result<()> {
    let mut written = Vec::with_capacity(files.len());
    for (name, bytes) in files {
        let path = out.join(&name);
        let write = || -> std::io::Result<AtomicWriteFile> {
            let mut file = AtomicWriteFile::open(&path)?;
            file.write_all(&bytes)?;
            Ok(file)
        };
        let file = write().with_context(|| format!("{} cannot be written", path.display()))?;
        written.push((path, file));
    }
    for (path, file) in written {
        file.commit().with_context(|| format!("{} cannot be put in place", path.display()))?;
    }
    Ok(())
}
