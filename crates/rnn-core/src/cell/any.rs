//! Any built-in cell, known only at run time: what a file holds.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Real;
use crate::cell::single::Single;
use crate::cell::{
    Cell, Elman, Gru, History, Identity, Lstm, OwnParameter, Packed, Recurrent, Relu, Sigmoid, Step,
    StepBack, Tanh, Weights, Widths,
};

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
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
}

/// No built-in cell has this name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no cell is called {name:?}; there are {}", AnyCell::ALL.iter().map(AnyCell::name).collect::<Vec<_>>().join(", "))]
pub struct ParseCellError {
    /// The name that was asked for.
    pub name: String,
}

impl FromStr for AnyCell {
    type Err = ParseCellError;

    fn from_str(name: &str) -> Result<Self, ParseCellError> {
        let known = Self::ALL.iter().find(|cell| cell.name() == name);
        known.copied().ok_or_else(|| ParseCellError { name: name.to_owned() })
    }
}

impl fmt::Display for AnyCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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

    fn single(&self) -> Option<&dyn Single<F>> {
        delegate!(self, cell => cell.single())
    }

    fn accumulate(&self, all: History<'_, F>) {
        delegate!(self, cell => cell.accumulate(all));
    }
}
