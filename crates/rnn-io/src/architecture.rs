//! What a file says of the network that it holds.

use rnn_core::{Bias, Cell, Options, Stack, Zoneout};
use serde::{Deserialize, Serialize};

use crate::archive::Archive;
use crate::element::Element;
use crate::error::Fault;
use crate::training::Training;

/// The version of the format that this release writes.
const VERSION: u64 = 1;

/// Everything that is said of a file, as JSON.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    version: u64,
    pub(crate) model: Architecture,
    /// Of a checkpoint: what a training is beside its model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) training: Option<Training>,
}

/// How a network is built, and what its parameters are called.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Architecture {
    pub(crate) cell: String,
    pub(crate) input: usize,
    /// Units of each layer.
    pub(crate) hidden: Vec<usize>,
    /// Outputs of the head, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<usize>,
    bias: BiasKind,
    bidirectional: bool,
    learned_initial: bool,
    dropout: f64,
    recurrent_dropout: f64,
    zoneout_hidden: f64,
    zoneout_cell: f64,
    /// What the names of the recurrent parameters begin with.
    pub(crate) prefix: String,
    /// What the names of the head's parameters begin with.
    pub(crate) head: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum BiasKind {
    None,
    Single,
    Double,
}

/// Only this is read of a file of whatever version.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

impl About {
    pub(crate) fn new(model: Architecture, training: Option<Training>) -> Self {
        Self { version: VERSION, model, training }
    }

    pub(crate) fn to_json(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(Fault::Architecture)
    }

    /// What the file says; `None` if it says nothing.
    pub(crate) fn of(archive: &Archive) -> Result<Option<Self>, Fault> {
        let Some(text) = archive.about() else { return Ok(None) };
        let Versioned { version: found } = serde_json::from_str(text).map_err(Fault::Architecture)?;
        if found != VERSION {
            return Err(Fault::Version { found, known: VERSION });
        }
        serde_json::from_str(text).map(Some).map_err(Fault::Architecture)
    }
}

impl Architecture {
    /// That of a stack with a head of so many outputs.
    pub(crate) fn new<F: Element>(
        rnn: &Stack<F>,
        output: Option<usize>,
        prefix: String,
        head: String,
    ) -> Self {
        let options = rnn.options();
        let directions = if options.bidirectional { 2 } else { 1 };
        let cell: Cell = rnn.layers()[0].cell.clone().into();
        Self {
            cell: cell.to_string(),
            input: rnn.input(),
            hidden: rnn.layers().iter().step_by(directions).map(|layer| layer.hidden).collect(),
            output,
            bias: match options.bias {
                Bias::None => BiasKind::None,
                Bias::Single => BiasKind::Single,
                Bias::Double => BiasKind::Double,
            },
            bidirectional: options.bidirectional,
            learned_initial: options.learned_initial,
            dropout: options.dropout,
            recurrent_dropout: options.recurrent_dropout,
            zoneout_hidden: options.zoneout.hidden,
            zoneout_cell: options.zoneout.cell,
            prefix,
            head,
        }
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            bias: match self.bias {
                BiasKind::None => Bias::None,
                BiasKind::Single => Bias::Single,
                BiasKind::Double => Bias::Double,
            },
            bidirectional: self.bidirectional,
            learned_initial: self.learned_initial,
            dropout: self.dropout,
            recurrent_dropout: self.recurrent_dropout,
            zoneout: Zoneout { hidden: self.zoneout_hidden, cell: self.zoneout_cell },
        }
    }

    /// An error unless a network of this architecture computes what one of `other` does. Biases may be one or two vectors,
    /// and what only training uses may differ.
    pub(crate) fn check_same(&self, expected: &Self) -> Result<(), Fault> {
        let differ = |what, found: String, expected: String| {
            if found == expected { Ok(()) } else { Err(Fault::OtherNetwork { what, expected, found }) }
        };
        differ("the cell", self.cell.clone(), expected.cell.clone())?;
        differ("the input size", self.input.to_string(), expected.input.to_string())?;
        differ("the list of hidden sizes", format!("{:?}", self.hidden), format!("{:?}", expected.hidden))?;
        let flag = |on| if on { "on" } else { "off" }.to_owned();
        differ("bidirectional", flag(self.bidirectional), flag(expected.bidirectional))?;
        differ("learned_initial", flag(self.learned_initial), flag(expected.learned_initial))?;
        let zoneout = |of: &Self| format!("{} and {}", of.zoneout_hidden, of.zoneout_cell);
        differ("zoneout", zoneout(self), zoneout(expected))?;
        let outputs = |of: &Self| of.output.map_or("none".to_owned(), |output| output.to_string());
        differ("the number of outputs", outputs(self), outputs(expected))
    }
}
