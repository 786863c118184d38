//! Writing files so that a reader sees the old file or the new one and nothing between.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use atomic_write_file::AtomicWriteFile;
use safetensors::tensor::{Dtype, View};

use super::ENTRY;
use crate::element::Element;
use crate::error::Fault;

/// A tensor to be written.
pub(crate) struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    pub(crate) fn new<F: Element>(shape: &[usize], numbers: impl IntoIterator<Item = F>) -> Self {
        let mut bytes = Vec::new();
        numbers.into_iter().for_each(|x| x.write(&mut bytes));
        Self { dtype: F::DTYPE, shape: shape.to_vec(), bytes }
    }
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        (&self.bytes).into()
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// Writes tensors and their description. The same contents give the same bytes.
pub(crate) fn write(path: &Path, tensors: &BTreeMap<String, Tensor>, about: String) -> Result<(), Fault> {
    let entries = HashMap::from([(ENTRY.to_owned(), about)]);
    let bytes = safetensors::serialize(tensors, Some(entries)).map_err(io::Error::other)?;
    write_bytes(path, &bytes)
}

/// Writes a file atomically: whoever reads the path meanwhile, or after a crash, finds the old file or the whole new one.
///
/// A symbolic link stays a link and the file that it points to is replaced; an existing file keeps its mode. On Linux, if
/// the file system can, the new file has no name until it is complete, so a process that is killed leaves no incomplete file
/// behind.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let target = resolve(path)?;
    match fs::symlink_metadata(&target) {
        Ok(metadata) if !metadata.is_file() => return Err(Fault::NoFile),
        // Renaming would replace a file that the user may not write to.
        Ok(_) => drop(OpenOptions::new().append(true).open(&target)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    match short_name(&target) {
        None => write_new(&target, bytes)?,
        Some(short) => {
            let written = write_new(&short, bytes)
                .and_then(|()| copy_mode(&target, &short))
                .and_then(|()| fs::rename(&short, &target));
            if let Err(error) = written {
                // Nothing is left to report if the file was never made.
                let _ = fs::remove_file(&short);
                return Err(error.into());
            }
        }
    }
    Ok(())
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = AtomicWriteFile::open(path)?;
    file.write_all(bytes)?;
    file.commit()
}

fn copy_mode(from: &Path, to: &Path) -> io::Result<()> {
    match fs::metadata(from) {
        Ok(metadata) => fs::set_permissions(to, metadata.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The path after all symbolic links, the last of which may point to a file that does not exist yet.
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

/// Another name in the same folder, for a name to which `atomic-write-file` cannot add the 8 bytes of its temporary names.
fn short_name(path: &Path) -> Option<PathBuf> {
    const LONGEST: usize = 255 - 8;
    let long = path.file_name().map_or(0, OsStr::len) > LONGEST;
    long.then(|| path.with_file_name(format!(".rnn-{}", std::process::id())))
}
