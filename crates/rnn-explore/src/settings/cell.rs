//! The cells of the explorer in rnn-core.

use rnn_core::Cell;
use rnn_core::cell::{Form, GateRole, Recurrence};

use super::{CellKind, Nonlinearity};

/// A cell of rnn-core; `{phi}` stands for its activation, if it has a free one, and `{Phi}` for the type of that.
struct Entry {
    /// Its name in rnn-core.
    name: &'static str,
    /// The type of its unit.
    unit: &'static str,
    /// The expression that makes one.
    expression: &'static str,
}

impl CellKind {
    fn entry(self) -> Entry {
        let (name, unit, expression) = match self {
            Self::Rnn => ("rnn-{phi}", "Elman", "Elman::{phi}()"),
            Self::Lstm => ("lstm", "Lstm", "Lstm"),
            Self::Gru => ("gru", "Gru", "Gru"),
            Self::Peephole => ("lstm-peephole", "PeepholeLstm", "PeepholeLstm"),
            Self::Coupled => ("lstm-coupled", "CoupledLstm", "CoupledLstm"),
            Self::Minimal => ("minimal-gated", "MinimalGated", "MinimalGated"),
            Self::MinGru => ("min-gru", "MinGru", "MinGru"),
            Self::MinLstm => ("min-lstm", "MinLstm", "MinLstm"),
            Self::SLstm => ("slstm", "SLstm", "SLstm"),
            Self::ResetBefore => ("gru-reset-before", "GruResetBefore", "GruResetBefore"),
            Self::Leaky => {
                ("leaky(alpha=0.5, activation={phi})", "Leaky", "Leaky { alpha: 0.5, activation: {Phi} }")
            }
            Self::IndRnn => ("indrnn(activation={phi})", "IndRnn", "IndRnn({Phi})"),
            Self::Lru => ("linear-unit", "LinearUnit", "LinearUnit"),
            Self::Residual => ("residual(activation={phi})", "Residual", "Residual({Phi})"),
            Self::Antisymmetric => (
                "antisymmetric(epsilon=0.1, gamma=0.01, activation={phi})",
                "Antisymmetric",
                "Antisymmetric { epsilon: 0.1, gamma: 0.01, activation: {Phi} }",
            ),
        };
        Entry { name, unit, expression }
    }

    /// The cell of rnn-core with this activation, if it has a free one.
    #[expect(clippy::missing_panics_doc, reason = "a test finds every cell by its name")]
    pub fn cell(self, phi: Nonlinearity) -> Cell<f64> {
        self.entry().name.replace("{phi}", phi.name()).parse().expect("rnn-core has a cell of this name")
    }

    /// The type of the unit in rnn-core, that of its activation if it is named, and the expression that makes the cell.
    pub(crate) fn program(self, phi: Nonlinearity) -> (&'static str, Option<&'static str>, String) {
        let Entry { unit, expression, .. } = self.entry();
        let phi_type = phi.type_name();
        let named = expression.contains("{Phi}").then_some(phi_type);
        (unit, named, expression.replace("{phi}", phi.name()).replace("{Phi}", phi_type))
    }

    /// The constant facts of the unit.
    pub(crate) fn form(self) -> Form {
        self.cell(Nonlinearity::Tanh).form()
    }

    /// Whether φ is free: then [`Settings::nonlinearity`](crate::Settings::nonlinearity) has an effect.
    pub fn has_nonlinearity(self) -> bool {
        self.entry().name.contains("{phi}")
    }

    /// Whether a gate keeps the state, or lets in the new one: then [`Settings::forget_bias`](crate::Settings::forget_bias)
    /// has an effect.
    pub fn has_forget_bias(self) -> bool {
        self.form().gates.iter().any(|gate| gate.role != GateRole::Other)
    }

    /// Whether there is a W_hh: then [`Settings::init`](crate::Settings::init) has an effect.
    pub fn has_recurrent_weights(self) -> bool {
        !matches!(self.form().recurrence, Recurrence::None)
    }

    /// What the elementwise path from a state to the next one leads through.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Rnn => "nothing",
            Self::Lstm | Self::SLstm => "the forget gate",
            Self::Peephole => "the forget gate and the peepholes",
            Self::Gru | Self::ResetBefore => "the update gate",
            Self::Coupled => "1 − i",
            Self::Minimal => "1 − f",
            Self::MinGru => "1 − z",
            Self::MinLstm => "f / (f + i)",
            Self::Leaky => "the leak",
            Self::IndRnn => "the weight and the slope of each unit",
            Self::Lru => "λ",
            Self::Residual => "the skip connection",
            Self::Antisymmetric => "the skip connection and the diffusion",
        }
    }

    /// Whether no hidden unit can leave ±1.
    pub(crate) fn is_bounded(self, phi: Nonlinearity) -> bool {
        match self {
            Self::MinGru | Self::MinLstm | Self::Lru | Self::Residual | Self::Antisymmetric => false,
            other => !other.has_nonlinearity() || matches!(phi, Nonlinearity::Tanh | Nonlinearity::Sigmoid),
        }
    }
}

impl Nonlinearity {
    /// The type in `rnn_core::cell`.
    fn type_name(self) -> &'static str {
        match self {
            Self::Identity => "Identity",
            Self::Tanh => "Tanh",
            Self::Relu => "Relu",
            Self::Sigmoid => "Sigmoid",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Would catch: a built-in cell that the explorer lacks, or one that it shows under two names.
    #[test]
    fn every_built_in_cell_is_there_once() {
        let bases = |cells: &mut dyn Iterator<Item = Cell<f64>>| {
            let mut bases: Vec<String> = cells.map(|cell| cell.name().base().to_owned()).collect();
            bases.sort();
            bases.dedup_by(|a, b| a.starts_with("rnn-") && b.starts_with("rnn-"));
            bases
        };
        let built_in = bases(&mut Cell::<f64>::all().into_iter());
        let shown = bases(&mut CellKind::ALL.iter().map(|kind| kind.cell(Nonlinearity::Identity)));
        assert_eq!(built_in, shown);
    }
}
