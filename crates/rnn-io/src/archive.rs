//! Safetensors files: named tensors and a description of what they are.

mod foreign;
mod write;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use crate::element::{Element, reader};
use crate::error::Fault;

pub(crate) use write::{Tensor, write};

/// The longest header that is read: enough for some 100,000 tensors.
const HEADER_LIMIT: u64 = 16 << 20;

/// The name of the metadata entry that holds this crate's description of a file. There is only one entry, because the
/// order of several would differ from run to run.
const ENTRY: &str = "rnn";

/// An open file whose header is valid: every tensor lies within the file and has its size.
pub(crate) struct Archive {
    file: File,
    /// Where the numbers begin.
    start: u64,
    tensors: BTreeMap<String, TensorInfo>,
    /// The gains g of the tensors w = g v / ‖v‖ that weight normalization stores as g and v. `tensors` has v under the
    /// name of w.
    gains: BTreeMap<String, TensorInfo>,
    about: Option<String>,
}

impl Archive {
    /// Opens a file and reads its header. Takes no more memory than the file has bytes.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        if !std::fs::metadata(path)?.is_file() {
            return Err(Fault::NoFile);
        }
        let mut file = File::open(path)?;
        let found = file.metadata()?.len();
        if found < 8 {
            return Err(Fault::Length { expected: 8, found });
        }
        let mut first = [0; 8];
        file.read_exact(&mut first)?;
        let length = u64::from_le_bytes(first);
        if length > HEADER_LIMIT {
            let fault = Fault::HeaderLength { limit: HEADER_LIMIT, found: length };
            return Err(foreign::recognize(first).unwrap_or(fault));
        }
        let start = 8 + length;
        if found < start {
            return Err(Fault::Length { expected: start, found });
        }
        let mut header = vec![0; length as usize];
        file.read_exact(&mut header)?;
        // This checks that the tensors lie side by side without gaps and have their sizes.
        let header: Metadata = serde_json::from_slice(&header).map_err(Fault::Header)?;
        let expected = start.saturating_add(header.data_len() as u64);
        if found != expected {
            return Err(Fault::Length { expected, found });
        }
        let tensors = header.tensors().into_iter().map(|(name, info)| (name, info.clone())).collect();
        let about = header.metadata().as_ref().and_then(|entries| entries.get(ENTRY)).cloned();
        Ok(Self { file, start, tensors, gains: BTreeMap::new(), about })
    }

    /// Removes every tensor whose name begins with one of `prefixes` and with none of `kept`, as if the file did not have
    /// it.
    pub(crate) fn ignore(&mut self, prefixes: &[String], kept: &[&str]) {
        self.tensors.retain(|name, _| {
            kept.iter().any(|prefix| name.starts_with(prefix))
                || !prefixes.iter().any(|prefix| name.starts_with(prefix))
        });
    }

    /// Puts the tensor w = g v / ‖v‖, with the norm of each row, in the place of the tensors g and v, unless their shapes
    /// are not (rows, 1) and (rows, columns).
    pub(crate) fn compose(&mut self, w: &str, g: &str, v: &str) {
        let fits = match (self.shape(g), self.shape(v)) {
            (Ok(&[gains, 1]), Ok(&[rows, _])) => gains == rows,
            _ => false,
        };
        if fits && let (Some(gain), Some(direction)) = (self.tensors.remove(g), self.tensors.remove(v)) {
            self.tensors.insert(w.to_owned(), direction);
            self.gains.insert(w.to_owned(), gain);
        }
    }

    /// This crate's description of the file.
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

    /// The numbers of a tensor of this shape, row by row. NaN and infinity are errors.
    pub(crate) fn read<F: Element>(&mut self, name: &str, shape: &[usize]) -> Result<Vec<F>, Fault> {
        self.read_where(name, shape, F::is_finite)
    }

    /// The numbers of a tensor of this shape, row by row. A number for which `valid` is false is an error.
    pub(crate) fn read_where<F: Element>(
        &mut self,
        name: &str,
        shape: &[usize],
        valid: impl Fn(F) -> bool,
    ) -> Result<Vec<F>, Fault> {
        self.expect_shape(name, shape)?;
        let info = self.info(name)?.clone();
        let rounded = |at, number| finite(name, shape, &valid, at, number);
        let Some(gain) = self.gains.get(name).cloned() else {
            return self.numbers(name, &info, rounded);
        };
        let (v, g) = (self.numbers(name, &info, |_, x| Ok(x))?, self.numbers(name, &gain, |_, x| Ok(x))?);
        normalized(v, &g).into_iter().enumerate().map(|(at, x)| rounded(at, x)).collect()
    }

    /// The numbers of a tensor, each of which `convert` gets with its position.
    fn numbers<T>(
        &mut self,
        name: &str,
        info: &TensorInfo,
        convert: impl Fn(usize, f64) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let TensorInfo { dtype, data_offsets: (first, end), .. } = *info;
        let Some((size, number)) = reader(dtype) else {
            return Err(Fault::Type { tensor: name.to_owned(), found: dtype.to_string() });
        };
        // The header agrees with the length of the file, so this is no more than the file has.
        let mut bytes = vec![0; end - first];
        self.file.seek(SeekFrom::Start(self.start + first as u64))?;
        self.file.read_exact(&mut bytes)?;
        bytes.chunks_exact(size).enumerate().map(|(at, bytes)| convert(at, number(bytes))).collect()
    }
}

/// The number in the type `F`, or an error that names its place.
fn finite<F: Element>(
    name: &str,
    shape: &[usize],
    valid: &impl Fn(F) -> bool,
    at: usize,
    number: f64,
) -> Result<F, Fault> {
    let rounded = F::rounded(number);
    if valid(rounded) {
        return Ok(rounded);
    }
    let (tensor, value) = (name.to_owned(), number.to_string());
    Err(Fault::NonFinite { tensor, index: index(at, shape), value, dtype: F::NAME })
}

/// The rows g v / ‖v‖.
fn normalized(mut v: Vec<f64>, g: &[f64]) -> Vec<f64> {
    let columns = (v.len() / g.len().max(1)).max(1);
    for (row, g) in v.chunks_exact_mut(columns).zip(g) {
        let norm = row.iter().map(|&v| v * v).sum::<f64>().sqrt();
        for v in row {
            *v = g * *v / norm;
        }
    }
    v
}

/// The index, by axis, of number `at` of an array.
fn index(mut at: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (axis, &size) in shape.iter().enumerate().rev() {
        (index[axis], at) = (at % size, at / size);
    }
    index
}
