//! What can go wrong with a file.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What went wrong, and with which file.
#[derive(Debug, Error)]
#[error("{}: {fault}", path.display())]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub fault: Fault,
}

/// A result with this crate's [`enum@Fault`] and its file.
pub type Result<T> = std::result::Result<T, Error>;

/// What is wrong with a file, or why a model cannot go into one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file cannot be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It is no file with a length: a folder, a pipe, a device.
    #[error("this is no regular file")]
    NoFile,
    /// The file does not have the length that its first bytes promise: it was cut short, or more was written behind it.
    #[error("the file has {found} bytes, expected {expected}")]
    Length {
        /// How many bytes there must be; at least, if the header cannot be read.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// The header is longer than any honest one.
    #[error("the header has {found} bytes, more than the {limit} allowed")]
    HeaderLength {
        /// The longest header that is read.
        limit: u64,
        /// What the file says.
        found: u64,
    },
    /// The header is not one of safetensors: no JSON, or tensors that overlap, leave gaps or do not have their size.
    #[error("the header is not one of safetensors: {0}")]
    Header(#[source] serde_json::Error),
    /// The file says nothing of the network that it is for.
    #[error(
        "it does not say which network it holds; a state dict of PyTorch needs to be told (`load_state_dict`)"
    )]
    NoArchitecture,
    /// What the file says of its network cannot be read.
    #[error("what it says of its network cannot be read: {0}")]
    Architecture(#[source] serde_json::Error),
    /// The file is of a later release.
    #[error("it has version {found} of the format; this release reads versions 1 to {known}")]
    Version {
        /// The file's.
        found: u64,
        /// The latest that is known.
        known: u64,
    },
    /// The file holds another kind of thing.
    #[error("it holds {found}, expected {expected}")]
    Kind {
        /// What was asked for.
        expected: &'static str,
        /// What there is.
        found: &'static str,
    },
    /// No cell has the file's name.
    #[error("{0}")]
    Cell(#[from] rnn_core::ParseCellError),
    /// The file is for another network than the one given.
    #[error("{what} is {found} in the file and {expected} in the network")]
    OtherNetwork {
        /// In what they differ.
        what: &'static str,
        /// The network's.
        expected: String,
        /// The file's.
        found: String,
    },
    /// A tensor is missing.
    #[error("there is no tensor {tensor}; there are {}", list(found))]
    Missing {
        /// Its name.
        tensor: String,
        /// The names that there are.
        found: Vec<String>,
    },
    /// There are tensors that the network has no place for.
    #[error("the network has no place for {}", list(tensors))]
    Unexpected {
        /// Their names.
        tensors: Vec<String>,
    },
    /// A tensor's numbers are not floating-point numbers of 16, 32 or 64 bits.
    #[error("tensor {tensor} has type {found}, expected F64, F32, F16 or BF16")]
    Type {
        /// Its name.
        tensor: String,
        /// Its type, as safetensors calls it.
        found: String,
    },
    /// A tensor of a checkpoint does not have the type that was asked for, and rounding it would change the training.
    #[error(
        "tensor {tensor} has type {found}, expected {expected}: a checkpoint goes on with the same bits or not at all"
    )]
    Precision {
        /// Its name.
        tensor: String,
        /// The type that was asked for.
        expected: String,
        /// The file's.
        found: String,
    },
    /// A tensor has another shape.
    #[error("tensor {tensor} has shape {found:?}, expected {expected}")]
    Shape {
        /// Its name.
        tensor: String,
        /// The shape that fits, in words where only a part of it is known.
        expected: String,
        /// The file's.
        found: Vec<usize>,
    },
    /// A number is NaN or infinite, or becomes infinite when it is rounded.
    #[error("{value} in tensor {tensor}, at {index:?}, is not finite in {dtype}")]
    NonFinite {
        /// The tensor's name.
        tensor: String,
        /// The index.
        index: Vec<usize>,
        /// The number, as text.
        value: String,
        /// The float type that it was to become.
        dtype: &'static str,
    },
    /// There are no recurrent parameters, or not where they were looked for.
    #[error("no tensor is called {prefix}weight_ih_l0; there are {}", list(found))]
    NoRecurrent {
        /// What the name was to begin with.
        prefix: String,
        /// The names that there are.
        found: Vec<String>,
    },
    /// More than one part of the file fits.
    #[error("{what} may be any of {}: say which", list(found))]
    Ambiguous {
        /// What was looked for.
        what: &'static str,
        /// What fits.
        found: Vec<String>,
    },
    /// Two biases cannot become one: the cell uses them apart.
    #[error("{tensor} is not 0, and {cell} cells use it apart from the other bias: it needs `Bias::Double`")]
    Fold {
        /// The tensor that does not vanish.
        tensor: String,
        /// The cell.
        cell: String,
    },
    /// Something that the format has no way to say.
    #[error("{format} cannot hold {what}")]
    Unsupported {
        /// The format.
        format: &'static str,
        /// What it cannot hold.
        what: String,
    },
    /// The network itself is impossible: a size of 0, a probability of 2.
    #[error("{0}")]
    Network(#[from] rnn_core::Error),
}

impl Fault {
    /// With its file.
    pub(crate) fn at(self, path: &Path) -> Error {
        Error { path: path.to_owned(), fault: self }
    }
}

/// Some names; not all, if there are many.
fn list(names: &[String]) -> impl fmt::Display {
    const SHOWN: usize = 12;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "none".to_owned(),
        n if n > SHOWN => format!("{shown} and {} more", n - SHOWN),
        _ => shown,
    }
}
