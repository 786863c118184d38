//! What a stack of layers can have beside its cells and sizes.

use crate::Bias;
use crate::error::{Error, Result};

/// How a [`Stack`](crate::Stack) is built. A [`Bias`] alone is one: all else is off.
///
/// ```
/// use rnn_core::{Bias, Gru, Options, Stack};
/// let options = Options { bidirectional: true, dropout: 0.2, ..Options::default() };
/// let rnn = Stack::<f32, _>::zeros(Gru, 3, &[8, 5], options)?;
/// assert_eq!(rnn.output(), 10, "both directions of the last layer, side by side");
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// Which biases the layers have.
    pub bias: Bias,
    /// Whether each layer also has a part that reads the sequence from its end: PyTorch's `bidirectional`. Its states
    /// stand beside those of the forward part.
    pub bidirectional: bool,
    /// Whether the states from which a sequence starts are parameters, one vector a layer for all sequences.
    pub learned_initial: bool,
    /// Dropout between layers: the probability of each number of a layer's output, but the last layer's, to be 0 in a
    /// pass of training; the others are divided by 1 − p. PyTorch's `dropout`.
    pub dropout: f64,
    /// Dropout on the recurrence: the same for h_{t−1} where W_hh reads it, with one mask for all timesteps of a sequence.
    ///
    /// Gal and Ghahramani 2016, *A theoretically grounded application of dropout in recurrent neural networks*,
    /// arXiv:1512.05287; Keras' `recurrent_dropout`.
    pub recurrent_dropout: f64,
    /// Zoneout: units that keep their state of the step before.
    pub zoneout: Zoneout,
}

/// The probability of a unit to keep its state in a step of training.
///
/// ```text
/// h_t = z ∘ h_{t−1} + (1 − z) ∘ h̃_t        z = 1 with probability p, else 0; in passes without noise, z = p
/// ```
///
/// where h̃_t is what the cell computes, and likewise for c_t, with its own probability. The cell's h̃_t follows from its
/// own c̃_t.
///
/// # Reference
/// Krueger et al. 2017, *Zoneout: regularizing RNNs by randomly preserving hidden activations*, arXiv:1606.01305,
/// equations 2 and 3.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Zoneout {
    /// Of h.
    pub hidden: f64,
    /// Of c.
    pub cell: f64,
}

impl From<Bias> for Options {
    fn from(bias: Bias) -> Self {
        Self { bias, ..Self::default() }
    }
}

impl Options {
    /// One or two.
    pub(crate) fn directions(&self) -> usize {
        1 + usize::from(self.bidirectional)
    }

    /// Whether a pass of training draws anything.
    pub(crate) fn noisy(&self) -> bool {
        self.dropout > 0.0 || self.recurrent_dropout > 0.0 || self.zoneout != Zoneout::default()
    }

    pub(crate) fn check(&self) -> Result<()> {
        let probabilities = [
            ("dropout", self.dropout),
            ("recurrent dropout", self.recurrent_dropout),
            ("zoneout of h", self.zoneout.hidden),
            ("zoneout of c", self.zoneout.cell),
        ];
        match probabilities.into_iter().find(|(_, p)| !(0.0..1.0).contains(p)) {
            None => Ok(()),
            Some((option, value)) => {
                Err(Error::InvalidOption { option, value, must: "it must be at least 0 and below 1" })
            }
        }
    }
}
