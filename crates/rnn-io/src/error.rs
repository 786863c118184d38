//! What can go wrong with a file.

use std::fmt;
use std::path::{Path, PathBuf};

use rnn_core::cell::NameError;
use thiserror::Error;

/// What went wrong, and with which file.
///
/// The text names the file and says everything that the fault says, so the error has no
/// [`source`](std::error::Error::source) that repeats it. [`fault`](Self::fault) is the fault itself, to match on.
#[derive(Debug, Error)]
#[error("{}: {fault}", path.display())]
pub struct Error {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// A result whose error is this crate's [`struct@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// What is wrong with a file, or why a model cannot be written to one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The path names a folder, a pipe or a device.
    #[error("this is not a regular file")]
    NoFile,
    /// The file does not have the length that its header states: it was cut short, or bytes were appended.
    #[error("the file has {found} bytes, expected {expected}")]
    Length {
        /// The length that the header states, or the shortest possible length if the header cannot be read.
        expected: u64,
        /// The length of the file.
        found: u64,
    },
    /// The header is too long to be read.
    #[error("the header has {found} bytes, more than the {limit} allowed: this is not a safetensors file")]
    HeaderLength {
        /// The longest header that is read.
        limit: u64,
        /// The length that the file states.
        found: u64,
    },
    /// The file has another format.
    #[error("this is {found} and not a safetensors file; {advice}")]
    Foreign {
        /// What the first bytes say.
        found: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// The header is not JSON, or its tensors overlap, leave gaps or do not have their sizes.
    #[error("the header is not that of a safetensors file: {0}")]
    Header(serde_json::Error),
    /// The file does not describe the network that its tensors belong to.
    #[error(
        "the file does not describe its network; `load_state_dict` loads a file that PyTorch wrote, given the cell"
    )]
    NoArchitecture,
    /// The description of the network cannot be read.
    #[error("the description of the network cannot be read: {0}")]
    Architecture(serde_json::Error),
    /// The file was written by a later release.
    #[error("the file has version {found} of the format; this release reads versions 1 to {known}")]
    Version {
        /// The file's version.
        found: u64,
        /// The latest version that this release reads.
        known: u64,
    },
    /// The file holds something else than what was asked for.
    #[error("the file holds {found}, expected {expected}")]
    Kind {
        /// What was asked for.
        expected: &'static str,
        /// What the file holds.
        found: &'static str,
    },
    /// The name of the cell is not valid, or a setting in it is wrong.
    #[error("{0}")]
    Cell(NameError),
    /// No cell with this name is known.
    #[error(
        "{name} is not a built-in cell; if it is a cell of your own, give its constructor to `Loader::cell`"
    )]
    UnknownCell {
        /// The name and its settings.
        name: String,
    },
    /// The name of the cell cannot be written to a file and read back.
    #[error(
        "the cell {name} cannot be saved: its name and those of its activations (`Unit::name`, \
         `Activation::name`, `Squash::name`) must be words of ASCII letters, digits and `-_.+`"
    )]
    Unnamed {
        /// The name and its settings.
        name: String,
    },
    /// The cell has the name of a built-in cell and computes something else, so the name would stand for another function.
    #[error(
        "the cell {name} does not compute what the built-in cell of this name does; `Unit::name`, \
         `Activation::name` or `Squash::name` must return another one"
    )]
    NotBuiltin {
        /// The name and its settings.
        name: String,
    },
    /// The file is for another network than the one that it is loaded into.
    #[error("{what} is {found} in the file and {expected} in the network")]
    OtherNetwork {
        /// The property in which they differ.
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
        /// The names of the tensors in the file.
        found: Vec<String>,
    },
    /// The file has tensors that the network does not use.
    #[error("the network has no place for {}", list(tensors))]
    Unexpected {
        /// Their names.
        tensors: Vec<String>,
    },
    /// The state dict has tensors that neither the recurrent layers nor the head use. The model without them may
    /// compute another function than the one that was saved.
    #[error(
        "nothing that is loaded uses {}; if the model is meant to be loaded without them, name them in \
         `LoadOptions::ignore`",
        list(tensors)
    )]
    Unused {
        /// Their names.
        tensors: Vec<String>,
    },
    /// A tensor's numbers are not floating-point numbers of 16, 32 or 64 bits.
    #[error("tensor {tensor} has type {found}, expected F64, F32, F16 or BF16")]
    Type {
        /// Its name.
        tensor: String,
        /// Its type, as safetensors names it.
        found: String,
    },
    /// A tensor of a checkpoint does not have the type that was asked for. Rounding it would change the training.
    #[error(
        "tensor {tensor} has type {found}, expected {expected}: a checkpoint is not converted, so that training \
         goes on with the same bits"
    )]
    Precision {
        /// Its name.
        tensor: String,
        /// The type that was asked for.
        expected: String,
        /// The file's type.
        found: String,
    },
    /// A tensor has the wrong shape.
    #[error("tensor {tensor} has shape {found:?}, expected {expected}")]
    Shape {
        /// Its name.
        tensor: String,
        /// The right shape, in words where only a part of it is known.
        expected: String,
        /// The file's shape.
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
        /// The float type that was asked for.
        dtype: &'static str,
    },
    /// There are no recurrent parameters, or none under the given prefix.
    #[error("no tensor is called {prefix}weight_ih_l0 or {prefix}weight_ih; there are {}", list(found))]
    NoRecurrent {
        /// The prefix.
        prefix: String,
        /// The names of the tensors in the file.
        found: Vec<String>,
    },
    /// More than one part of the file fits.
    #[error("{what} may be any of {}; {advice}", list(found))]
    Ambiguous {
        /// What was looked for.
        what: &'static str,
        /// What fits.
        found: Vec<String>,
        /// How to choose.
        advice: &'static str,
    },
    /// Two biases cannot become one, because the cell does not add them.
    #[error(
        "{tensor} is not 0 and {cell} cells do not add it to the other bias, so the two cannot become one: use \
         `Bias::Double`"
    )]
    Fold {
        /// The tensor that is not 0.
        tensor: String,
        /// The cell.
        cell: String,
    },
    /// Something that the format does not support.
    #[error("{format} does not support {what}")]
    Unsupported {
        /// The format.
        format: &'static str,
        /// What it does not support.
        what: String,
    },
    /// No network can be built as the file describes it: a size is 0, say, or a probability is 2.
    #[error(transparent)]
    Network(#[from] rnn_core::Error),
}

impl From<rnn_file::Error> for Fault {
    fn from(error: rnn_file::Error) -> Self {
        match error {
            rnn_file::Error::NotRegular => Self::NoFile,
            other => Self::Io(other.into()),
        }
    }
}

impl From<NameError> for Fault {
    fn from(error: NameError) -> Self {
        match error {
            NameError::Unknown { name, .. } => Self::UnknownCell { name },
            other => Self::Cell(other),
        }
    }
}

impl Fault {
    /// The error of this fault and its file.
    pub(crate) fn at(self, path: &Path) -> Error {
        Error { path: path.to_owned(), fault: self }
    }
}

/// The names, or the first dozen of them and how many more there are.
fn list(names: &[String]) -> impl fmt::Display {
    const SHOWN: usize = 12;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "none".to_owned(),
        n if n > SHOWN => format!("{shown} and {} more", n - SHOWN),
        _ => shown,
    }
}
