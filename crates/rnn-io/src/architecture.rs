//! The description of a network that a file holds.

mod builtin;
mod legacy;

use rnn_core::cell::Name;
use rnn_core::{Bias, Options, Readout, Stack};
use serde::{Deserialize, Serialize};

use crate::archive::Archive;
use crate::element::Element;
use crate::error::Fault;
use crate::training::Training;

pub(crate) use builtin::is_builtin;

/// The version of the format that this release writes. Version 1 named projections and layer normalization as cells.
const VERSION: u64 = 2;

/// Everything that a file says about itself, as JSON.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct About {
    version: u64,
    pub(crate) model: Architecture,
    /// What a checkpoint holds beside its model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) training: Option<Training>,
}

/// The structure of a network, and the prefixes of its parameters' names.
#[expect(clippy::struct_excessive_bools, reason = "each is one entry of the file")]
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Architecture {
    pub(crate) cell: String,
    pub(crate) input: usize,
    /// The hidden units of each level.
    pub(crate) hidden: Vec<usize>,
    /// The outputs of the head, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<usize>,
    /// Whether the head has a bias.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub(crate) head_bias: bool,
    /// Whether the head reads the final states, and not every timestep.
    #[serde(default, skip_serializing_if = "is_no")]
    final_states: bool,
    bias: BiasKind,
    bidirectional: bool,
    learned_initial: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    projection: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    layer_norm: Option<f64>,
    dropout: f64,
    recurrent_dropout: f64,
    zoneout_hidden: f64,
    zoneout_cell: f64,
    /// What the names of the recurrent parameters begin with.
    pub(crate) prefix: String,
    /// What the names of the head's parameters begin with.
    pub(crate) head: String,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_yes(flag: &bool) -> bool {
    *flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_no(flag: &bool) -> bool {
    !*flag
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum BiasKind {
    None,
    Single,
    Double,
}

/// The part of a description that is the same in every version.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
    /// What a file with the state of a network has in place of a model.
    state: Option<StateLayers>,
}

/// The description of a file that holds the state of a network.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AboutState {
    version: u64,
    pub(crate) state: StateLayers,
}

/// The layers of a state.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateLayers {
    pub(crate) batch: usize,
    /// For each layer, the number of columns of h, and that of c for a cell that has a c.
    pub(crate) layers: Vec<(usize, Option<usize>)>,
}

impl About {
    pub(crate) fn new(model: Architecture, training: Option<Training>) -> Self {
        Self { version: VERSION, model, training }
    }

    pub(crate) fn to_json(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(Fault::Architecture)
    }

    /// The description of a file, or `None` if the file has none.
    pub(crate) fn of(archive: &Archive) -> Result<Option<Self>, Fault> {
        let Some(text) = archive.about() else { return Ok(None) };
        if checked_version(text)?.state.is_some() {
            return Err(Fault::Kind { expected: "a network", found: "the state of a network" });
        }
        let mut about: Self = serde_json::from_str(text).map_err(Fault::Architecture)?;
        if about.version == 1 {
            about.model.translate();
        }
        Ok(Some(about))
    }
}

impl AboutState {
    pub(crate) fn new(state: StateLayers) -> Self {
        Self { version: VERSION, state }
    }

    pub(crate) fn to_json(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(Fault::Architecture)
    }

    /// The description of a file with a state.
    pub(crate) fn of(archive: &Archive) -> Result<Self, Fault> {
        const EXPECTED: &str = "the state of a network";
        let kind = |found| Fault::Kind { expected: EXPECTED, found };
        let text = archive.about().ok_or_else(|| kind("tensors that nothing describes"))?;
        if checked_version(text)?.state.is_none() {
            return Err(kind("a network"));
        }
        serde_json::from_str(text).map_err(Fault::Architecture)
    }
}

/// The name of a cell from its text in a file. Names within names are parsed recursively, so a long text is an error.
pub(crate) fn cell_name(text: &str) -> Result<Name, Fault> {
    const LONGEST: usize = 512;
    if text.len() > LONGEST {
        let what = format!("names of cells of {} bytes, more than {LONGEST}", text.len());
        return Err(Fault::Unsupported { format: "the file format", what });
    }
    Ok(text.parse()?)
}

fn checked_version(text: &str) -> Result<Versioned, Fault> {
    let versioned: Versioned = serde_json::from_str(text).map_err(Fault::Architecture)?;
    match versioned.version {
        1..=VERSION => Ok(versioned),
        found => Err(Fault::Version { found, known: VERSION }),
    }
}

impl Architecture {
    /// The description of a stack with a head of `output` outputs, which may have a bias and reads `readout`.
    pub(crate) fn new<F: Element>(
        rnn: &Stack<F>,
        head: Option<(usize, bool)>,
        readout: Readout,
        prefix: String,
        head_prefix: String,
    ) -> Result<Self, Fault> {
        let options = rnn.options();
        let directions = if options.bidirectional { 2 } else { 1 };
        let (first, others) = rnn.layers().split_first().expect("a stack has a layer");
        if let Some(other) = others.iter().find(|layer| layer.cell != first.cell) {
            let what = format!("a stack of different cells, {} and {}", first.cell, other.cell);
            return Err(Fault::Unsupported { format: "the file format", what });
        }
        let text = first.cell.to_string();
        let readable = cell_name(&text).is_ok_and(|name| name.to_string() == text);
        if !first.cell.name().is_known() || !readable {
            return Err(Fault::Unnamed { name: text });
        }
        is_builtin(&first.cell)?;
        Ok(Self {
            cell: text,
            input: rnn.input(),
            hidden: rnn.layers().iter().step_by(directions).map(|layer| layer.hidden).collect(),
            output: head.map(|(output, _)| output),
            head_bias: head.is_none_or(|(_, bias)| bias),
            final_states: readout == Readout::FinalStates,
            bias: match options.bias {
                Bias::None => BiasKind::None,
                Bias::Single => BiasKind::Single,
                Bias::Double => BiasKind::Double,
            },
            bidirectional: options.bidirectional,
            learned_initial: options.learned_initial,
            projection: options.projection,
            layer_norm: options.layer_norm,
            dropout: options.dropout,
            recurrent_dropout: options.recurrent_dropout,
            zoneout_hidden: options.zoneout.hidden,
            zoneout_cell: options.zoneout.cell,
            prefix,
            head: head_prefix,
        })
    }

    pub(crate) fn readout(&self) -> Readout {
        if self.final_states { Readout::FinalStates } else { Readout::EveryTimestep }
    }

    pub(crate) fn options(&self) -> Options {
        let bias = match self.bias {
            BiasKind::None => Bias::None,
            BiasKind::Single => Bias::Single,
            BiasKind::Double => Bias::Double,
        };
        let mut options = Options::from(bias)
            .bidirectional(self.bidirectional)
            .learned_initial(self.learned_initial)
            .dropout(self.dropout)
            .recurrent_dropout(self.recurrent_dropout)
            .zoneout(self.zoneout_hidden, self.zoneout_cell);
        (options.projection, options.layer_norm) = (self.projection, self.layer_norm);
        options
    }

    /// An error unless a network of this architecture computes what one of `expected` does. Biases may be one vector or
    /// two, and options that act in training only may differ.
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
        let size = |size: Option<usize>| size.map_or("none".to_owned(), |size| size.to_string());
        differ("the size of the projection", size(self.projection), size(expected.projection))?;
        let eps = |of: &Self| of.layer_norm.map_or("off".to_owned(), |eps| eps.to_string());
        differ("the ε of layer normalization", eps(self), eps(expected))?;
        let zoneout = |of: &Self| format!("{} and {}", of.zoneout_hidden, of.zoneout_cell);
        differ("zoneout", zoneout(self), zoneout(expected))?;
        differ("the number of outputs", size(self.output), size(expected.output))?;
        differ("a head on the final states", flag(self.final_states), flag(expected.final_states))?;
        differ("the bias of the head", flag(self.head_bias), flag(expected.head_bias))
    }
}
