//! Writing safetensors files.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;

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
    Ok(rnn_file::write(path, &bytes)?)
}
