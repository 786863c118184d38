//! Settings that are a choice among several.

use serde::{Deserialize, Serialize};

/// An enum with the short name of each variant in addresses and its title on the page.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $short:literal, $title:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $short)] $variant,)*
        }

        impl $name {
            /// All variants, in the order of the page.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in addresses and files. It is the same in every release.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $short,)* }
            }

            /// The title on the page.
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
        /// Long short-term memory whose gates also see the cell state.
        Peephole = "peephole", "Peephole LSTM";
        /// Long short-term memory whose forget gate is 1 minus the input gate.
        Coupled = "coupled", "Coupled LSTM";
        /// The minimal gated unit: one gate resets and updates.
        Minimal = "minimal", "Minimal gated unit";
        /// minGRU: a gate and a candidate that see the input only.
        MinGru = "mingru", "minGRU";
        /// minLSTM: gates that see the input only and add up to 1.
        MinLstm = "minlstm", "minLSTM";
        /// sLSTM: exponential gates and a normalizer.
        SLstm = "slstm", "sLSTM";
        /// The gated recurrent unit that resets before the product.
        ResetBefore = "reset-before", "Reset-before GRU";
        /// The leaky rate unit, with α = 1/2.
        Leaky = "leaky", "Leaky RNN";
        /// The independently recurrent unit: a weight for each unit in place of W_hh.
        IndRnn = "indrnn", "IndRNN";
        /// The diagonal linear unit, of the family of the LRU.
        Lru = "lru", "Diagonal linear unit";
        /// The residual unit: each step adds to the state.
        Residual = "residual", "Residual RNN";
        /// The antisymmetric unit, with ε = 0.1 and γ = 0.01.
        Antisymmetric = "antisymmetric", "Antisymmetric RNN";
    }
}

choices! {
    /// φ of a cell that has a free one.
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
    /// The initialization of the recurrent weights W_hh. All other parameters have their default initialization.
    InitKind {
        /// [`Init::Linear`](rnn_core::Init::Linear) for an Elman layer, as in the notebook, and
        /// [`Init::PyTorch`](rnn_core::Init::PyTorch) for all other cells.
        Default = "default", "default";
        /// N(0, gain² / hidden).
        Gaussian = "gaussian", "Gaussian";
        /// Orthogonal, times the gain.
        Orthogonal = "orthogonal", "orthogonal";
        /// The identity, times the gain.
        Identity = "identity", "identity";
        /// Gaussian, with the gain as its spectral radius.
        Critical = "critical", "critical";
        /// Pairs of units with the block [[0.9, 5], [0, 0.9]], times the gain. At a gain of 1 every eigenvalue is 0.9, yet the
        /// gradient grows before it vanishes. The last of an odd number of units has 0.9 on the diagonal.
        NonNormal = "nonnormal", "non-normal";
    }
}

choices! {
    /// The timesteps that the loss counts.
    LossOver {
        /// All of them.
        All = "all", "all timesteps";
        /// The last one.
        Last = "last", "the last timestep";
    }
}

choices! {
    /// The optimizer of the training.
    OptimizerKind {
        /// [`Adam`](rnn_core::Adam).
        Adam = "adam", "Adam";
        /// Plain [`Sgd`](rnn_core::Sgd).
        Sgd = "sgd", "SGD";
    }
}

choices! {
    /// The tasks of rnn-data.
    TaskKind {
        /// The task of the notebook: the mean of the inputs so far.
        CumulativeAverage = "average", "Cumulative average";
        /// The sum of two marked numbers.
        AddingProblem = "adding", "Adding";
        /// Ten symbols, repeated after T − 20 blanks.
        CopyMemory = "copy", "Copy memory";
        /// The order of the symbols X and Y at two positions.
        TemporalOrder = "order", "Temporal order";
        /// The input of T / 2 timesteps earlier.
        DelayedRecall = "recall", "Delayed recall";
        /// The sign of the last pulse on each of three inputs.
        FlipFlop = "flipflop", "Flip-flop";
        /// The next value of a sum of two sines.
        SineMixture = "sines", "Sine mixture";
    }
}
