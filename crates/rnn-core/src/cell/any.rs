//! Any built-in cell, known only at run time: what a file holds.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Real;
use crate::cell::single::Single;
use crate::cell::{
    Cell, Elman, Gru, GruResetBefore, History, Identity, LayerNorm, Look, Lstm, MinimalGated, OwnParameter,
    Packed, PeepholeLstm, ProjectedLstm, Recurrent, Relu, Sigmoid, Step, StepBack, Tanh, Weights, Widths,
};
use crate::error::Result;

/// One line for each cell: its variant, its type, its name, and what it is made of.
macro_rules! cells {
    ($($(#[$doc:meta])* $variant:ident($cell:ty) = $name:literal, $value:expr;)*) => {
        /// A built-in cell, whichever it is.
        ///
        /// A network of cells that are known when the program is compiled is of the type of its cell,
        /// `Stack<F, Lstm>`; one that was read from a file is a `Stack<F, AnyCell>`. It asks which cell it is once for
        /// each step of a batch, and gives the same bits.
        ///
        /// ```
        /// use rnn_core::{AnyCell, Bias, Lstm, Stack};
        ///
        /// let cell: AnyCell = "lstm".parse()?;
        /// assert_eq!((cell, cell.name()), (AnyCell::from(Lstm), "lstm"));
        /// let rnn = Stack::<f32, _>::zeros(cell, 2, &[3], Bias::Double)?;
        /// assert_eq!(rnn.layers()[0].cell.to_string(), "lstm");
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum AnyCell {
            $($(#[$doc])* $variant($cell),)*
        }

        impl AnyCell {
            /// Every cell, in the order of the table of [`cell`](crate::cell).
            pub const ALL: &[Self] = &[$(Self::$variant($value)),*];

            /// Its name: the same in every release.
            pub fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }
        }

        $(impl From<$cell> for AnyCell {
            fn from(cell: $cell) -> Self {
                Self::$variant(cell)
            }
        })*

        /// `$call` with `$inner` the cell that `$any` is.
        macro_rules! delegate {
            ($any:expr, $inner:ident => $call:expr) => {
                match $any { $(AnyCell::$variant($inner) => $call,)* }
            };
        }
    };
}

cells! {
    /// `rnn-tanh`
    ElmanTanh(Elman<Tanh>) = "rnn-tanh", Elman(Tanh);
    /// `rnn-relu`
    ElmanRelu(Elman<Relu>) = "rnn-relu", Elman(Relu);
    /// `rnn-sigmoid`
    ElmanSigmoid(Elman<Sigmoid>) = "rnn-sigmoid", Elman(Sigmoid);
    /// `rnn-identity`
    ElmanIdentity(Elman<Identity>) = "rnn-identity", Elman(Identity);
    /// `lstm`
    Lstm(Lstm) = "lstm", Lstm;
    /// `gru`
    Gru(Gru) = "gru", Gru;
    /// `lstm-projected:4`, with the size of the projection.
    ProjectedLstm(ProjectedLstm) = "lstm-projected", ProjectedLstm { size: 1 };
    /// `lstm-peephole`
    PeepholeLstm(PeepholeLstm) = "lstm-peephole", PeepholeLstm;
    /// `gru-reset-before`
    GruResetBefore(GruResetBefore) = "gru-reset-before", GruResetBefore;
    /// `minimal-gated`
    MinimalGated(MinimalGated) = "minimal-gated", MinimalGated;
    /// `rnn-tanh-layer-norm`
    LayerNormElman(LayerNorm<Elman<Tanh>>) = "rnn-tanh-layer-norm", LayerNorm::new(Elman(Tanh));
    /// `lstm-layer-norm`
    LayerNormLstm(LayerNorm<Lstm>) = "lstm-layer-norm", LayerNorm::new(Lstm);
    /// `gru-layer-norm`
    LayerNormGru(LayerNorm<Gru>) = "gru-layer-norm", LayerNorm::new(Gru);
}

/// No built-in cell has this name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no cell is called {name:?}; there are {}", AnyCell::ALL.iter().map(AnyCell::name).collect::<Vec<_>>().join(", "))]
pub struct ParseCellError {
    /// The name that was asked for.
    pub name: String,
}

impl AnyCell {
    /// The number that its name does not say: the size of a projection, an ε that is not the usual one.
    fn number(&self) -> Option<f64> {
        let unusual = |eps: f64| (eps != LayerNorm::new(Lstm).eps()).then_some(eps);
        match self {
            Self::ProjectedLstm(cell) => Some(cell.size as f64),
            Self::LayerNormElman(cell) => unusual(cell.eps()),
            Self::LayerNormLstm(cell) => unusual(cell.eps()),
            Self::LayerNormGru(cell) => unusual(cell.eps()),
            _ => None,
        }
    }

    /// The same cell with another such number; `None` if it has none, or cannot have this one.
    fn with_number(self, number: f64) -> Option<Self> {
        Some(match self {
            Self::ProjectedLstm(_) if number >= 1.0 && number.fract() == 0.0 => {
                Self::ProjectedLstm(ProjectedLstm { size: number as usize })
            }
            Self::LayerNormElman(cell) => LayerNorm::with_eps(*cell.unit(), number).ok()?.into(),
            Self::LayerNormLstm(cell) => LayerNorm::with_eps(*cell.unit(), number).ok()?.into(),
            Self::LayerNormGru(cell) => LayerNorm::with_eps(*cell.unit(), number).ok()?.into(),
            _ => return None,
        })
    }
}

/// The name, and after a colon the number that a cell has beside it: `lstm`, `lstm-projected:4`.
impl FromStr for AnyCell {
    type Err = ParseCellError;

    fn from_str(text: &str) -> std::result::Result<Self, ParseCellError> {
        let unknown = || ParseCellError { name: text.to_owned() };
        let (name, number) = text.split_once(':').map_or((text, None), |(name, number)| (name, Some(number)));
        let cell = Self::ALL.iter().copied().find(|cell| cell.name() == name).ok_or_else(unknown)?;
        match number {
            None => Ok(cell),
            Some(number) => {
                let number = number.parse().ok().filter(|number: &f64| number.is_finite());
                number.and_then(|number| cell.with_number(number)).ok_or_else(unknown)
            }
        }
    }
}

impl fmt::Display for AnyCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            None => f.write_str(self.name()),
            Some(number) => write!(f, "{}:{number}", self.name()),
        }
    }
}

impl<F: Real> Cell<F> for AnyCell {
    fn widths(&self, hidden: usize) -> Widths {
        delegate!(self, cell => Cell::<F>::widths(cell, hidden))
    }

    fn own_parameters(&self, hidden: usize) -> Vec<OwnParameter> {
        delegate!(self, cell => Cell::<F>::own_parameters(cell, hidden))
    }

    fn pack(&self, weights: Weights<'_, F>, packed: &mut Packed<F>) {
        delegate!(self, cell => cell.pack(weights, packed));
    }

    fn pack_back(&self, weights: Weights<'_, F>, packed: &mut Packed<F>) {
        delegate!(self, cell => cell.pack_back(weights, packed));
    }

    fn step(&self, theta: &Recurrent<'_, F>, step: Step<'_, F>) {
        delegate!(self, cell => Cell::step(cell, theta, step));
    }

    fn step_back(&self, theta: &Recurrent<'_, F>, step: StepBack<'_, F>) {
        delegate!(self, cell => cell.step_back(theta, step));
    }

    fn gates(&self) -> &'static [&'static str] {
        delegate!(self, cell => Cell::<F>::gates(cell))
    }

    fn check(&self, hidden: usize) -> Result<()> {
        delegate!(self, cell => Cell::<F>::check(cell, hidden))
    }

    fn look(&self, look: Look<'_, F>) -> bool {
        delegate!(self, cell => Cell::look(cell, look))
    }

    fn single(&self) -> Option<&dyn Single<F>> {
        delegate!(self, cell => cell.single())
    }

    fn accumulate(&self, all: History<'_, F>) {
        delegate!(self, cell => cell.accumulate(all));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_has_a_text_of_its_own() {
        let some = [
            AnyCell::from(ProjectedLstm { size: 7 }),
            LayerNorm::with_eps(Lstm, 1e-3).expect("positive").into(),
        ];
        for cell in AnyCell::ALL.iter().copied().chain(some) {
            assert_eq!(cell.to_string().parse(), Ok(cell));
        }
        let mut names: Vec<_> = AnyCell::ALL.iter().map(AnyCell::name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), AnyCell::ALL.len());
    }

    #[test]
    fn other_texts_are_no_cells() {
        for text in
            ["", "LSTM", "lstm:1", "lstm-projected:", "lstm-projected:1.5", "lstm-layer-norm:-1", "gru:nan"]
        {
            let error = text.parse::<AnyCell>().expect_err(text);
            assert!(error.to_string().contains("minimal-gated"), "{error}");
        }
    }
}
