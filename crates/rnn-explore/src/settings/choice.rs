//! The choices that are one of several.

use serde::{Deserialize, Serialize};

/// One enum, its short name in addresses, and its title on the page.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $short:literal, $title:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $short)] $variant,)*
        }

        impl $name {
            /// Every one, in the order of the page.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in addresses and files: the same in every release.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $short,)* }
            }

            /// Its name for people.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

choices! {
    /// The recurrent cells.
    CellKind {
        /// The Elman cell.
        Rnn = "rnn", "RNN";
        /// Long short-term memory.
        Lstm = "lstm", "LSTM";
        /// The gated recurrent unit.
        Gru = "gru", "GRU";
    }
}

choices! {
    /// φ of the Elman cell.
    Nonlinearity {
        /// φ(z) = z.
        Identity = "identity", "identity";
        /// φ(z) = tanh z.
        Tanh = "tanh", "tanh";
        /// φ(z) = max(z, 0).
        Relu = "relu", "relu";
        /// φ(z) = 1 / (1 + e⁻ᶻ).
        Sigmoid = "sigmoid", "sigmoid";
    }
}

choices! {
    /// How the recurrent weights W_hh start. All else starts as by default.
    InitKind {
        /// The Elman layer as the notebook's, from two linear layers ([`Init::Linear`](rnn_core::Init::Linear)); the gated
        /// cells as PyTorch's.
        Default = "default", "default";
        /// N(0, gain² / hidden).
        Gaussian = "gaussian", "Gaussian";
        /// Orthogonal, times the gain.
        Orthogonal = "orthogonal", "orthogonal";
        /// The identity, times the gain.
        Identity = "identity", "identity";
        /// Gaussian, with the gain as its spectral radius.
        Critical = "critical", "critical";
        /// Pairs of units with the block [[0.9, 5], [0, 0.9]], times the gain: every eigenvalue is 0.9, and yet the
        /// gradient grows before it vanishes. An odd unit has 0.9 alone.
        NonNormal = "nonnormal", "non-normal";
    }
}

choices! {
    /// Which timesteps the loss counts.
    LossOver {
        /// All of them.
        All = "all", "all timesteps";
        /// The last one.
        Last = "last", "the last timestep";
    }
}

choices! {
    /// The tasks of rnn-data.
    TaskKind {
        /// The notebook's: the mean of the inputs so far.
        CumulativeAverage = "average", "Cumulative average";
        /// The sum of two marked numbers.
        AddingProblem = "adding", "Adding";
        /// Ten symbols, repeated after T − 20 blanks.
        CopyMemory = "copy", "Copy memory";
        /// Which of X and Y came at two places.
        TemporalOrder = "order", "Temporal order";
        /// The input of half the sequence before.
        DelayedRecall = "recall", "Delayed recall";
        /// The last pulse on each of three inputs.
        FlipFlop = "flipflop", "Flip-flop";
        /// The next value of a sum of two sines.
        SineMixture = "sines", "Sine mixture";
    }
}
