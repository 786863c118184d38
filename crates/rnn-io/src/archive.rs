//! A safetensors file: tensors with names, and a few words about them.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use atomic_write_file::AtomicWriteFile;
use safetensors::tensor::{Dtype, Metadata, TensorInfo, View};

use crate::element::{Element, reader};
use crate::error::Fault;

/// The longest header that is read: some 100,000 tensors.
const HEADER_LIMIT: u64 = 16 << 20;

/// The name of the entry that holds what this crate says of a file. There is one only: the order of several would not
/// be the same from run to run.
const ENTRY: &str = "rnn";

/// A file that was opened and whose header is sound: every tensor lies within the file and has its size.
pub(crate) struct Archive {
    file: File,
    /// Where the numbers begin.
    start: u64,
    tensors: BTreeMap<String, TensorInfo>,
    about: Option<String>,
}

impl Archive {
    /// Opens a file and reads its header. No more memory is taken than the file has bytes.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        if !std::fs::metadata(path)?.is_file() {
            return Err(Fault::NoFile);
        }
        let mut file = File::open(path)?;
        let found = file.metadata()?.len();
        if found < 8 {
            return Err(Fault::Length { expected: 8, found });
        }
        let mut length = [0; 8];
        file.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > HEADER_LIMIT {
            return Err(Fault::HeaderLength { limit: HEADER_LIMIT, found: length });
        }
        let start = 8 + length;
        if found < start {
            return Err(Fault::Length { expected: start, found });
        }
        let mut header = vec![0; length as usize];
        file.read_exact(&mut header)?;
        // Checks that the tensors lie side by side without a gap and have their size.
        let header: Metadata = serde_json::from_slice(&header).map_err(Fault::Header)?;
        let expected = start.saturating_add(header.data_len() as u64);
        if found != expected {
            return Err(Fault::Length { expected, found });
        }
        let tensors = header.tensors().into_iter().map(|(name, info)| (name, info.clone())).collect();
        let about = header.metadata().as_ref().and_then(|entries| entries.get(ENTRY)).cloned();
        Ok(Self { file, start, tensors, about })
    }

    /// What this crate wrote about the file.
    pub(crate) fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// The names of all tensors.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The shape of a tensor.
    pub(crate) fn shape(&self, name: &str) -> Result<&[usize], Fault> {
        Ok(&self.info(name)?.shape)
    }

    /// The type of a tensor.
    pub(crate) fn dtype(&self, name: &str) -> Result<Dtype, Fault> {
        Ok(self.info(name)?.dtype)
    }

    fn info(&self, name: &str) -> Result<&TensorInfo, Fault> {
        self.tensors.get(name).ok_or_else(|| Fault::Missing {
            tensor: name.to_owned(),
            found: self.names().map(str::to_owned).collect(),
        })
    }

    /// An error unless the tensor has this shape.
    pub(crate) fn expect_shape(&self, name: &str, expected: &[usize]) -> Result<(), Fault> {
        let found = self.shape(name)?;
        if found == expected {
            return Ok(());
        }
        Err(Fault::Shape {
            tensor: name.to_owned(),
            expected: format!("{expected:?}"),
            found: found.to_vec(),
        })
    }

    /// The numbers of a tensor of this shape, row by row. An error if one is NaN or infinite.
    pub(crate) fn read<F: Element>(&mut self, name: &str, shape: &[usize]) -> Result<Vec<F>, Fault> {
        self.read_where(name, shape, F::is_finite)
    }

    /// The same, with another idea of which numbers are right.
    pub(crate) fn read_where<F: Element>(
        &mut self,
        name: &str,
        shape: &[usize],
        right: impl Fn(F) -> bool,
    ) -> Result<Vec<F>, Fault> {
        self.expect_shape(name, shape)?;
        let TensorInfo { dtype, data_offsets: (first, end), .. } = *self.info(name)?;
        let Some((size, number)) = reader(dtype) else {
            return Err(Fault::Type { tensor: name.to_owned(), found: dtype.to_string() });
        };
        // The header was held against the length of the file: this is at most the file's size.
        let mut bytes = vec![0; end - first];
        self.file.seek(SeekFrom::Start(self.start + first as u64))?;
        self.file.read_exact(&mut bytes)?;
        let numbers = bytes.chunks_exact(size).enumerate().map(|(at, bytes)| {
            let number = number(bytes);
            let rounded = F::rounded(number);
            if right(rounded) {
                return Ok(rounded);
            }
            let (tensor, value) = (name.to_owned(), number.to_string());
            Err(Fault::NonFinite { tensor, index: index(at, shape), value, dtype: F::NAME })
        });
        numbers.collect()
    }
}

/// The index, by axis, of number `at` of an array.
fn index(mut at: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (axis, &size) in shape.iter().enumerate().rev() {
        (index[axis], at) = (at % size, at / size);
    }
    index
}

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

    fn data(&self) -> std::borrow::Cow<'_, [u8]> {
        (&self.bytes).into()
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// Writes tensors and what is to be said about them: the same bytes for the same contents, and the whole file or nothing.
pub(crate) fn write(path: &Path, tensors: &BTreeMap<String, Tensor>, about: String) -> Result<(), Fault> {
    let entries = HashMap::from([(ENTRY.to_owned(), about)]);
    let bytes = safetensors::serialize(tensors, Some(entries)).map_err(std::io::Error::other)?;
    write_bytes(path, &bytes)
}

/// Writes a file, whole or not at all: whoever reads meanwhile sees the one before.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let mut file = AtomicWriteFile::open(path)?;
    file.write_all(bytes)?;
    file.commit()?;
    Ok(())
}
