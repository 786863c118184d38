//! The sizes of a network and of what it reads.

use std::fmt;

use rnn_core::{Cell, Elman, Gru, Lstm, Real};

/// The cells that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Elman with tanh.
    Rnn,
    Lstm,
    Gru,
}

impl Kind {
    pub(crate) fn cell<F: Real>(self) -> Cell<F> {
        match self {
            Self::Rnn => Elman::tanh().into(),
            Self::Lstm => Lstm.into(),
            Self::Gru => Gru.into(),
        }
    }

    /// Rows of W_ih for each hidden unit.
    pub(crate) fn gates(self) -> usize {
        match self {
            Self::Rnn => 1,
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rnn => "RNN",
            Self::Lstm => "LSTM",
            Self::Gru => "GRU",
        }
    }
}

/// A network and the shape of its batches. Biases are PyTorch's two, weights drawn as PyTorch does by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) cell: Kind,
    /// Features of x.
    pub(crate) input: usize,
    /// Units of each layer.
    pub(crate) hidden: usize,
    pub(crate) layers: usize,
    /// Whether a linear map to one prediction is on top.
    pub(crate) head: bool,
    pub(crate) batch: usize,
    pub(crate) time: usize,
}

impl Network {
    /// Units of every layer.
    pub(crate) fn stack(&self) -> Vec<usize> {
        vec![self.hidden; self.layers]
    }

    /// Features of a layer's input.
    pub(crate) fn below(&self, layer: usize) -> usize {
        if layer == 0 { self.input } else { self.hidden }
    }
}

/// "LSTM 64→256, 2 layers, head".
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}→{}", self.cell.name(), self.input, self.hidden)?;
        if self.layers > 1 {
            write!(f, ", {} layers", self.layers)?;
        }
        if self.head {
            write!(f, ", head")?;
        }
        Ok(())
    }
}
