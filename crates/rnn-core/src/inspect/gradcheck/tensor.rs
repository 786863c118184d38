//! What a loss depends on.

use std::fmt;

/// An array that the loss depends on, and that a gradient is computed of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tensor {
    /// A parameter, by its name.
    Parameter(String),
    /// The input.
    Input,
    /// h_0 or c_0.
    Initial {
        /// The layer, from 0.
        layer: usize,
        /// Whether it is the part that reads the sequence from its end.
        reverse: bool,
        /// h or c.
        part: Part,
    },
    /// h_t or c_t inside the run.
    Inner {
        /// The layer, from 0.
        layer: usize,
        /// Whether it is the part that reads the sequence from its end.
        reverse: bool,
        /// t, from 1, in the order in which the layer reads.
        timestep: usize,
        /// h or c.
        part: Part,
    },
}

/// A part of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// h.
    Hidden,
    /// c.
    Cell,
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = |f: &mut fmt::Formatter<'_>, part: &Part, timestep, layer, reverse: &bool| {
            let letter = if *part == Part::Hidden { "h" } else { "c" };
            let end = if *reverse { ", from the end" } else { "" };
            write!(f, "dL/d{letter}_{timestep} of layer {layer}{end}")
        };
        match self {
            Self::Parameter(name) => write!(f, "dL/d {name}"),
            Self::Input => write!(f, "dL/dx"),
            Self::Initial { layer, reverse, part } => state(f, part, 0, layer, reverse),
            Self::Inner { layer, reverse, timestep, part } => state(f, part, *timestep, layer, reverse),
        }
    }
}
