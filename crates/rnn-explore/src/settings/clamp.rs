//! A gate that is held open or shut.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::CellKind;

/// A gate that is held at 1 or at 0, as `f1` or `i0`.
///
/// The weights of the gate are set to 0 and its bias to ±1000 after training and after the scales are applied. The gate then is 1 or
/// 0 to the last bit, and its slope is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Clamp {
    /// The name of the gate, as the cell has it.
    pub gate: char,
    /// Whether the gate is held at 1.
    pub open: bool,
}

impl Clamp {
    /// The bias that holds the gate.
    pub(crate) fn bias(self) -> f64 {
        if self.open { 1000.0 } else { -1000.0 }
    }

    /// Which gate of the cell it is, and how many gates the cell has.
    pub(crate) fn place(self, cell: CellKind) -> Option<(usize, usize)> {
        let gates = cell.form().gates;
        let at = gates.iter().position(|gate| gate.name.chars().eq([self.gate]))?;
        Some((at, gates.len()))
    }

    /// The name of the gate in words.
    pub(crate) fn title(self) -> &'static str {
        match self.gate {
            'i' => "input gate",
            'f' => "forget gate",
            'o' => "output gate",
            'r' => "reset gate",
            _ => "update gate",
        }
    }
}

impl CellKind {
    /// The gates of the cell that can be held: those that are a sigmoid of their own pre-activation and of nothing else.
    pub fn clampable(self) -> &'static str {
        match self {
            Self::Lstm | Self::Peephole => "ifo",
            Self::Coupled => "io",
            Self::Gru | Self::ResetBefore => "rz",
            Self::Minimal => "f",
            Self::MinGru => "z",
            // The gates of a minLSTM are divided by their sum, and those of an sLSTM are exponential; the others have none.
            Self::MinLstm
            | Self::SLstm
            | Self::Rnn
            | Self::Leaky
            | Self::IndRnn
            | Self::Lru
            | Self::Residual
            | Self::Antisymmetric => "",
        }
    }
}

impl fmt::Display for Clamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.gate, u8::from(self.open))
    }
}

impl From<Clamp> for String {
    fn from(clamp: Clamp) -> Self {
        clamp.to_string()
    }
}

impl FromStr for Clamp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let gate = text.chars().next().filter(|gate| "iforz".contains(*gate));
        match (gate, text.get(1..)) {
            (Some(gate), Some("0")) => Ok(Self { gate, open: false }),
            (Some(gate), Some("1")) => Ok(Self { gate, open: true }),
            _ => Err(format!("“{text}” is no gate with 0 or 1, such as f1")),
        }
    }
}

impl TryFrom<String> for Clamp {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
