//! What a stack of layers can have beside its cells and sizes.

use crate::Bias;
use crate::error::{Error, Result};

/// How a [`Stack`](crate::Stack) is built, beside its cells and sizes. A [`Bias`] converts to options with nothing else
/// switched on.
///
/// ```
/// use rnn_core::{Gru, Options, Stack};
///
/// let options = Options::default().bidirectional(true).dropout(0.2);
/// let rnn = Stack::<f32>::zeros(Gru, 3, &[8, 5], options)?;
/// assert_eq!(rnn.output(), 10, "both directions of the last level, side by side");
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// Which biases the layers have.
    pub bias: Bias,
    /// Whether each level also has a layer that reads the sequence from its end: PyTorch's `bidirectional`. The states of
    /// both directions stand side by side.
    pub bidirectional: bool,
    /// Whether the initial states are parameters: one vector for each layer, shared by all sequences.
    pub learned_initial: bool,
    /// Dropout between levels, PyTorch's `dropout`: the probability that a number in the output of a level, except the last
    /// one, is set to 0 in a training pass. The other numbers are divided by 1 − p.
    ///
    /// With one level there is nothing between levels, and nothing is dropped: a [`Trainer`](crate::Trainer) refuses to train
    /// such a model.
    pub dropout: f64,
    /// Dropout on the recurrence: the same for h_{t−1} where W_hh reads it, with one mask for all timesteps of a sequence.
    ///
    /// Gal and Ghahramani 2016, *A theoretically grounded application of dropout in recurrent neural networks*,
    /// arXiv:1512.05287; Keras' `recurrent_dropout`.
    pub recurrent_dropout: f64,
    /// Zoneout: units that keep their state of the step before.
    pub zoneout: Zoneout,
    /// The size P of a projection of the hidden state, PyTorch's `proj_size`: h_t = W_hr h̃_t with W_hr (P, hidden), where
    /// h̃_t is what the cell computes. At least 1 and smaller than the number of hidden units.
    ///
    /// Sak, Senior and Beaufays 2014, *Long short-term memory based recurrent neural network architectures for large
    /// vocabulary speech recognition*, arXiv:1402.1128.
    pub projection: Option<usize>,
    /// The ε of layer normalization inside the recurrence, or `None` for no normalization. The usual ε is 1e-5.
    ///
    /// ```text
    /// LN(x; α, β) = α ∘ (x − μ) / σ + β      μ = mean(x), σ² = mean((x − μ)²) + ε
    ///
    /// a_t = LN(W_ih x_t + b_ih; gain_ih, offset_ih)      u_t = LN(W_hh h_{t−1} + b_hh; gain_hh, offset_hh)
    /// h_t = read(LN(c_t; gain_c, offset_c))              for a unit that reads h_t from c_t
    /// ```
    ///
    /// Ba, Kiros and Hinton 2016, *Layer normalization*, arXiv:1607.06450.
    pub layer_norm: Option<f64>,
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

/// Each method sets one option and leaves the others as they are.
impl Options {
    /// Sets [`bias`](Self#structfield.bias).
    #[must_use]
    pub fn bias(self, bias: Bias) -> Self {
        Self { bias, ..self }
    }

    /// Sets [`bidirectional`](Self#structfield.bidirectional).
    #[must_use]
    pub fn bidirectional(self, bidirectional: bool) -> Self {
        Self { bidirectional, ..self }
    }

    /// Sets [`learned_initial`](Self#structfield.learned_initial).
    #[must_use]
    pub fn learned_initial(self, learned_initial: bool) -> Self {
        Self { learned_initial, ..self }
    }

    /// Sets [`dropout`](Self#structfield.dropout), a probability: at least 0 and below 1.
    #[must_use]
    pub fn dropout(self, dropout: f64) -> Self {
        Self { dropout, ..self }
    }

    /// Sets [`recurrent_dropout`](Self#structfield.recurrent_dropout), a probability: at least 0 and below 1.
    #[must_use]
    pub fn recurrent_dropout(self, recurrent_dropout: f64) -> Self {
        Self { recurrent_dropout, ..self }
    }

    /// Sets [`zoneout`](Self#structfield.zoneout) of h and of c, two probabilities: at least 0 and below 1.
    #[must_use]
    pub fn zoneout(self, hidden: f64, cell: f64) -> Self {
        Self { zoneout: Zoneout { hidden, cell }, ..self }
    }

    /// Sets [`projection`](Self#structfield.projection).
    #[must_use]
    pub fn projection(self, size: usize) -> Self {
        Self { projection: Some(size), ..self }
    }

    /// Switches on [`layer_norm`](Self#structfield.layer_norm) with this ε.
    #[must_use]
    pub fn layer_norm(self, eps: f64) -> Self {
        Self { layer_norm: Some(eps), ..self }
    }

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
        if let Some((option, value)) = probabilities.into_iter().find(|(_, p)| !(0.0..1.0).contains(p)) {
            return Err(Error::InvalidOption { option, value, must: "it must be at least 0 and below 1" });
        }
        match self.layer_norm {
            Some(value) if !(value > 0.0 && value.is_finite()) => {
                let must = "it must be positive and finite";
                Err(Error::InvalidOption { option: "the ε of layer normalization", value, must })
            }
            _ => Ok(()),
        }
    }
}
