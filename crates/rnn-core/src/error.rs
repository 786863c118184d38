//! What can go wrong, with the sizes, names and places that a user needs to mend it.

mod place;

use std::fmt;

use thiserror::Error;

pub use place::Place;

use crate::init::InitError;
use crate::training::loss::TargetKind;

/// What a caller can get wrong, or what a computation ran into.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// A size that must be at least 1 is 0.
    #[error("{what} is 0; it must be at least 1")]
    ZeroSize {
        /// Which size.
        what: &'static str,
    },
    /// A projection of the hidden units to none, or to no fewer than there are.
    #[error(
        "a projection of {hidden} hidden units to {size}; it must be to at least 1 and to fewer than there are"
    )]
    Projection {
        /// How many numbers it projects to.
        size: usize,
        /// How many hidden units there are.
        hidden: usize,
    },
    /// There is no memory for the parameters of a layer or a head, alone or with those of the layers below.
    #[error("there is no memory for the parameters of a layer of {input} inputs and {units} units")]
    TooLarge {
        /// Features of the input.
        input: usize,
        /// How many hidden units, or outputs of a head.
        units: usize,
    },
    /// The states of a pass are more numbers than any memory holds.
    #[error("no memory holds the states of {batch} sequences of {time} timesteps")]
    TooLong {
        /// How many sequences there are.
        batch: usize,
        /// How many timesteps each has.
        time: usize,
    },
    /// A cell cannot be combined with an option.
    #[error("the cell {cell} cannot have {what}")]
    Unsuited {
        /// The name of the cell.
        cell: String,
        /// The option, and why.
        what: &'static str,
    },
    /// An array does not have the shape that the network or its partner needs.
    #[error("{what} has shape {found:?}, expected {expected:?}")]
    Shape {
        /// Which array.
        what: String,
        /// The shape that fits, in the order of the array's axes.
        expected: Vec<usize>,
        /// The shape that was given.
        found: Vec<usize>,
    },
    /// A sequence has no timestep, or more than there are.
    #[error("sequence {sequence} has length {length}; it must be at least 1 and at most {time}")]
    Length {
        /// Which sequence of the batch, from 0.
        sequence: usize,
        /// The length that was given.
        length: usize,
        /// How many timesteps the input has.
        time: usize,
    },
    /// Zoneout mixes states, and what the cells computed is not kept.
    #[error("a network with zoneout has no X-ray: what its cells computed is mixed with the state before")]
    NoXray,
    /// Truncated back-propagation cuts all sequences of a batch at the same timesteps.
    #[error(
        "truncated back-propagation needs sequences of one length; cut the batch by length, or do not truncate"
    )]
    Truncated,
    /// One step of a training cannot be the several steps that truncated back-propagation makes of long sequences.
    #[error(
        "truncated back-propagation makes several steps of {time} timesteps; `Trainer::train` takes them, or give one step at most {most} timesteps"
    )]
    SeveralSteps {
        /// How many timesteps the sequences have.
        time: usize,
        /// How many one step has at most.
        most: usize,
    },
    /// The final state of a backward direction needs the whole sequence.
    #[error(
        "a bidirectional model that reads the final states needs whole sequences; do not truncate back-propagation"
    )]
    TruncatedReadout,
    /// A batch does not have the sequences that the batch before left off with.
    #[error(
        "a batch of {found} sequences cannot continue the {carried} sequences of the batch before; stateful training needs the same sequences in every batch"
    )]
    Continued {
        /// How many sequences the carried state is of.
        carried: usize,
        /// How many sequences the batch has.
        found: usize,
    },
    /// A network that reads sequences from their end, too, cannot take one timestep at a time.
    #[error("a bidirectional network needs the whole sequence; it has no stream")]
    NoStream,
    /// A list does not have one entry for each layer.
    #[error("{what} has {found} entries for {expected} layers")]
    LayerCount {
        /// Which list.
        what: &'static str,
        /// How many layers there are.
        expected: usize,
        /// How many entries were given.
        found: usize,
    },
    /// No parameter has this name.
    #[error("no parameter is called {name:?}; there are {}", known.join(", "))]
    UnknownParameter {
        /// The name that was asked for.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// There is no layer, sequence or timestep of this number.
    #[error("there is no {what} {index}; they run from {first} to {last}")]
    OutOfRange {
        /// What was asked for.
        what: &'static str,
        /// Its number.
        index: usize,
        /// The first that there is.
        first: usize,
        /// The last that there is.
        last: usize,
    },
    /// A number is NaN or infinite.
    #[error("{value} in {place}")]
    NonFinite {
        /// Where it first appeared.
        place: Place,
        /// The value, as text.
        value: String,
    },
    /// An option lies outside its range.
    #[error("{option} = {value}: {must}")]
    InvalidOption {
        /// Which option.
        option: &'static str,
        /// The value that was given.
        value: f64,
        /// What it must be.
        must: &'static str,
    },
    /// An initialization does not suit the network, or did not succeed.
    #[error(transparent)]
    Init(#[from] InitError),
    /// A state lacks the cell state c that this cell needs, or has one that it cannot use.
    #[error("the state of layer {layer} has {} cell state c, and this cell needs {}",
        if *.needed { "no" } else { "a" }, if *.needed { "one" } else { "none" })]
    CellState {
        /// Which layer, from 0.
        layer: usize,
        /// Whether the cell has a state c.
        needed: bool,
    },
    /// A target that counts is one that the loss cannot have.
    #[error("y{index:?} = {value}: it must be {must}")]
    Target {
        /// Its index as (batch, time, output), or as (batch, time) of a class.
        index: Vec<usize>,
        /// The value that was given, as text.
        value: String,
        /// What it must be.
        must: String,
    },
    /// A loss of classes was given values, or the other way round.
    #[error("{}", match .needed {
        TargetKind::Classes => "this loss compares with classes, and the target has values; `Target::classes` takes integers",
        TargetKind::Values => "this loss compares with values, and the target has classes; `Target::values` takes floats",
    })]
    TargetKind {
        /// What the loss compares with.
        needed: TargetKind,
    },
    /// Lengths and mask leave no timestep for the loss to count.
    #[error("no timestep counts: lengths and mask leave nothing of {batch} sequences of {time} timesteps")]
    NothingCounted {
        /// How many sequences there are.
        batch: usize,
        /// How many timesteps each has at most.
        time: usize,
    },
    /// The state of an optimizer is not one that this optimizer can have.
    #[error("the state of {optimizer}: {fault}")]
    OptimizerState {
        /// The optimizer that was to be restored.
        optimizer: &'static str,
        /// What is wrong.
        fault: StateFault,
    },
    /// A backward pass without a forward pass before it, or after one that did not run or kept the states only.
    #[error("this workspace holds no record of a forward pass; call `forward` first, `infer` keeps none")]
    NothingRecorded,
    /// The gradients of a pass were asked for before its backward pass.
    #[error(
        "this workspace holds no gradients of its last forward pass; call `backward` or `loss_and_gradients` first"
    )]
    NotDifferentiated,
    /// A workspace, an optimizer or a gradient was made for a network with other parameters.
    #[error("{what} was made for other parameters: {expected} numbers here, {found} there")]
    OtherNetwork {
        /// Which part does not belong.
        what: &'static str,
        /// How many parameters this network has.
        expected: usize,
        /// How many the part was made for.
        found: usize,
    },
}

/// What is wrong with the state of an optimizer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StateFault {
    /// It is that of another kind of optimizer.
    #[error("it is that of {0}")]
    Kind(String),
    /// Something is missing.
    #[error("it has no {0}")]
    Missing(&'static str),
    /// Something is there that this optimizer does not have.
    #[error("it has {0:?}, which this optimizer does not have")]
    Unknown(String),
    /// A buffer is there before the first step or missing after it, or two are for different parameters.
    #[error("after {steps} steps {buffer} has blocks of {found:?} numbers, expected {expected:?}")]
    BufferSizes {
        /// The buffer.
        buffer: &'static str,
        /// How many steps were taken.
        steps: u64,
        /// How many numbers each block of the others has.
        expected: Vec<usize>,
        /// How many numbers each block of it has.
        found: Vec<usize>,
    },
    /// A buffer holds a number that it cannot have.
    #[error("{buffer}[{block}][{index}] = {value}")]
    BufferValue {
        /// The buffer.
        buffer: &'static str,
        /// The block of parameters, from 0.
        block: usize,
        /// The place within the block.
        index: usize,
        /// The value, as text.
        value: String,
    },
}

/// A result with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// An error unless `found` is `expected`; `what` is only made for the message.
pub(crate) fn check_shape(what: impl fmt::Display, expected: &[usize], found: &[usize]) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Shape { what: what.to_string(), expected: expected.to_vec(), found: found.to_vec() })
}

/// An error if `size` is 0.
pub(crate) fn check_size(what: &'static str, size: usize) -> Result<()> {
    if size == 0 { Err(Error::ZeroSize { what }) } else { Ok(()) }
}

/// An error unless `valid`.
pub(crate) fn check_option(option: &'static str, value: f64, valid: bool, must: &'static str) -> Result<()> {
    if valid { Ok(()) } else { Err(Error::InvalidOption { option, value, must }) }
}

/// An error unless the value is finite and at least 0.
pub(crate) fn check_not_negative(option: &'static str, value: f64) -> Result<()> {
    check_option(option, value, value.is_finite() && value >= 0.0, "it must be finite and at least 0")
}
