//! Initial parameters by name.
//!
//! [`Init`] names a rule, with its source. Each rule says which arrays it sets and leaves the others alone, so that rules
//! compose by being called one after the other:
//!
//! ```
//! use rand::SeedableRng;
//! use rnn_core::init::{Init, Weights, gain};
//! use rnn_core::{Bias, Lstm, Model};
//!
//! let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
//! let mut model = Model::<f64>::new(Lstm, 2, &[16], 1, Bias::Double, &mut rng)?; // PyTorch's
//! model.rnn.initialize_weights(Weights::Input, Init::XavierUniform { gain: gain::TANH }, &mut rng)?;
//! # #[cfg(feature = "linalg")]
//! model.rnn.initialize(Init::Orthogonal { gain: 1.0 }, &mut rng)?; // W_hh
//! model.rnn.initialize(Init::ForgetBias(1.0), &mut rng)?;
//! # Ok::<(), rnn_core::Error>(())
//! ```
//!
//! # Gates
//!
//! W_ih and W_hh hold one block of `hidden` rows for each gate, one above the other: those of an LSTM are four. A rule
//! for a matrix is applied to each block for itself, in the cell's order, and its fans are those of a block: fan_out =
//! hidden, fan_in = the columns. So one writes it in PyTorch with `weight.chunk(4)`. A call of `nn.init.xavier_uniform_`
//! on the whole of an LSTM's weight takes fan_out = 4 hidden instead, which makes the numbers smaller though no unit has
//! more inputs for it; `nn.init.orthogonal_` on the whole makes no gate's matrix orthogonal. Kaiming's rule with fan_in
//! is the same for both.
//!
//! # Draws
//!
//! A block takes its random numbers by one call of [`Random`](crate::Random), row by row, as a chunk does in PyTorch.
//! The same seed gives the same bits on one machine. Rules that draw uniform numbers give them on every platform, with any
//! generator of `rand`. `Init::XavierNormal` and `Init::KaimingNormal` do so where the normal draws of the generator do,
//! which is not promised of `rand`'s own (see [`Random`](crate::Random)). The factorizations of `Init::Orthogonal` and
//! `Init::Critical` come from faer, which sums in the order of the processor's vector registers: between machines the last
//! bits may differ.

mod error;
pub mod gain;
mod gates;
#[cfg(feature = "linalg")]
mod linalg;
mod matrix;
mod network;

pub use error::InitError;
pub(crate) use network::{initialize_head, initialize_stack};

use crate::Real;
use crate::error::{Error, Result};

/// How parameters are initialized.
///
/// | rule | sets | its `W`: for each block of (rows, columns) = (fan_out, fan_in) |
/// |---|---|---|
/// | [`Zeros`](Self::Zeros), [`Constant`](Self::Constant) | everything | |
/// | [`PyTorch`](Self::PyTorch), [`Linear`](Self::Linear) | everything | |
/// | [`XavierUniform`](Self::XavierUniform) | W_ih, W_hh, `head.weight` | U(−a, a), a = gain √(6 / (fan_in + fan_out)) |
/// | [`XavierNormal`](Self::XavierNormal) | W_ih, W_hh, `head.weight` | N(0, σ²), σ = gain √(2 / (fan_in + fan_out)) |
/// | [`KaimingUniform`](Self::KaimingUniform) | W_ih, W_hh, `head.weight` | U(−a, a), a = gain √(3 / fan) |
/// | [`KaimingNormal`](Self::KaimingNormal) | W_ih, W_hh, `head.weight` | N(0, σ²), σ = gain / √fan |
/// | `Orthogonal` | W_hh | gain · Q, with orthonormal columns or rows |
/// | [`Identity`](Self::Identity) | W_hh | scale · I |
/// | `Critical` | W_hh | Gaussian, spectral radius ρ given |
/// | [`ForgetBias`](Self::ForgetBias) | the bias of the forget gate | |
/// | [`Chrono`](Self::Chrono) | the biases of the gates that keep and let in | |
///
/// `Orthogonal` and `Critical` need the feature `linalg`, which is on by default.
/// [`Stack::initialize_weights`](crate::Stack::initialize_weights) sets other matrices than those. The
/// [module](crate::init) says how gates are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// All zeros. Training cannot start from here: every unit of a layer gets the same gradient.
    Zeros,
    /// All the same value, as in hand-worked examples.
    Constant(f64),
    /// As `torch.nn.RNN`, `nn.LSTM` and `nn.GRU`: every parameter from U(−1/√hidden, 1/√hidden), in the order in which
    /// the parameters lie. A linear head as `nn.Linear`.
    #[default]
    PyTorch,
    /// As a layer built from two `torch.nn.Linear`: first the one from the input, W_ih and b_ih (or the single b), from
    /// U(−1/√input, 1/√input), then the recurrent one, W_hh and b_hh, from U(−1/√hidden, 1/√hidden). A linear head as
    /// `nn.Linear` too: weight, then bias, from U(−1/√input, 1/√input).
    Linear,
    /// Every weight matrix from U(−a, a) with a = gain √(6 / (fan_in + fan_out)), as `nn.init.xavier_uniform_`: variances
    /// are kept on the way forward and back, halfway between the two.
    ///
    /// # Reference
    /// Glorot and Bengio 2010, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS.
    XavierUniform {
        /// What the activation takes away; see [`gain`]. Positive.
        gain: f64,
    },
    /// Every weight matrix from N(0, σ²) with σ = gain √(2 / (fan_in + fan_out)), as `nn.init.xavier_normal_`.
    ///
    /// # Reference
    /// As [`XavierUniform`](Self::XavierUniform).
    XavierNormal {
        /// What the activation takes away; see [`gain`]. Positive.
        gain: f64,
    },
    /// Every weight matrix from U(−a, a) with a = gain √(3 / fan), as `nn.init.kaiming_uniform_`, whose gain is
    /// [`gain::RELU`] unless told otherwise.
    ///
    /// # Reference
    /// He, Zhang, Ren and Sun 2015, *Delving deep into rectifiers*, ICCV.
    KaimingUniform {
        /// Which way variances are kept.
        fan: Fan,
        /// What the activation takes away; see [`gain`]. Positive.
        gain: f64,
    },
    /// Every weight matrix from N(0, σ²) with σ = gain / √fan, as `nn.init.kaiming_normal_`.
    ///
    /// # Reference
    /// As [`KaimingUniform`](Self::KaimingUniform).
    KaimingNormal {
        /// Which way variances are kept.
        fan: Fan,
        /// What the activation takes away; see [`gain`]. Positive.
        gain: f64,
    },
    /// W_hh, each gate's block a random matrix with WᵀW = gain² I, all such matrices being equally likely (Haar measure).
    /// In a linear network with gain 1 no gradient vanishes or explodes. A block that is not square has orthonormal
    /// columns, or rows if it is wide, times the gain.
    ///
    /// Q of the QR decomposition of a Gaussian matrix, of the transposed one if the block is wide, with the signs that
    /// make R's diagonal positive; without them the distribution would not be Haar. As `nn.init.orthogonal_`.
    ///
    /// # Reference
    /// Saxe, McClelland and Ganguli 2013, *Exact solutions to the nonlinear dynamics of learning in deep linear neural
    /// networks*, arXiv:1312.6120. The signs: Mezzadri 2007, *How to generate random matrices from the classical compact
    /// groups*, arXiv:math-ph/0609050.
    #[cfg(feature = "linalg")]
    Orthogonal {
        /// Every singular value. Positive.
        gain: f64,
    },
    /// W_hh, each gate's block scale · I: ones on the diagonal times the scale, zeros elsewhere. Draws nothing.
    ///
    /// With `Elman::relu()` and zero biases this is the IRNN, whose units keep what they hold until an input comes: begin
    /// with [`Init::Zeros`], draw W_ih and the head, then this.
    ///
    /// # Reference
    /// Le, Jaitly and Hinton 2015, *A simple way to initialize recurrent networks of rectified linear units*,
    /// arXiv:1504.00941.
    Identity {
        /// What the diagonal holds.
        scale: f64,
    },
    /// W_hh, each gate's block Gaussian and rescaled so that its spectral radius, the largest |λ|, is `radius` and not
    /// only near it, as it is with variance radius² / hidden.
    ///
    /// A tanh network without input is at the edge of chaos near 1, which the name says; echo state networks are built
    /// just below it.
    ///
    /// # Reference
    /// Sompolinsky, Crisanti and Sommers 1988, *Chaos in random neural networks*, Physical Review Letters 61(3). The
    /// scaling: Jaeger 2001, *The "echo state" approach to analysing and training recurrent neural networks*, GMD Report
    /// 148.
    #[cfg(feature = "linalg")]
    Critical {
        /// The spectral radius. Positive.
        radius: f64,
    },
    /// The bias of the forget gate, the one that the cell calls `f`: at 1 it begins open, and a cell state lasts.
    ///
    /// With PyTorch's two biases the value is in b_ih and that part of b_hh is zero, so that their *sum* is the value.
    /// Other biases stay as they are.
    ///
    /// # Reference
    /// Gers, Schmidhuber and Cummins 2000, *Learning to forget*, Neural Computation 12(10). The value 1: Jozefowicz,
    /// Zaremba and Sutskever 2015, *An empirical exploration of recurrent network architectures*, ICML.
    ForgetBias(f64),
    /// Gates that keep their state for about as long as the data need: b_f = ln u with u from U(1, t_max − 1) for each
    /// unit, and b_i = −b_f. A unit forgets over 1 / (1 − σ(b_f)) = 1 + u timesteps, which are then uniform on
    /// [2, t_max].
    ///
    /// In a GRU, where h_t = (1 − z) n + z h_{t−1}, z keeps and 1 − z lets in: b_z = ln u sets both, since
    /// 1 − σ(b) = σ(−b). Some papers write z for 1 − z, and then the sign is the other.
    ///
    /// With two biases, as for [`ForgetBias`](Self::ForgetBias). Other biases stay as they are.
    ///
    /// # Reference
    /// Tallec and Ollivier 2018, *Can recurrent neural networks warp time?*, arXiv:1804.11188.
    Chrono {
        /// The longest dependency expected, in timesteps. At least 3.
        t_max: f64,
    },
}

/// Which weight matrices of a recurrent layer are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weights {
    /// W_ih.
    Input,
    /// W_hh.
    Recurrent,
    /// W_ih, then W_hh.
    Both,
}

/// What a Kaiming initialization divides by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fan {
    /// The columns of the matrix: the variance of activations is kept on the way forward. PyTorch's default.
    #[default]
    In,
    /// The rows of the matrix: the variance of gradients is kept on the way back.
    Out,
}

impl Init {
    /// The matrices of a layer that a rule for matrices sets where nobody says which.
    fn weights(self) -> Option<Weights> {
        match self {
            Self::XavierUniform { .. }
            | Self::XavierNormal { .. }
            | Self::KaimingUniform { .. }
            | Self::KaimingNormal { .. } => Some(Weights::Both),
            #[cfg(feature = "linalg")]
            Self::Orthogonal { .. } | Self::Critical { .. } => Some(Weights::Recurrent),
            Self::Identity { .. } => Some(Weights::Recurrent),
            Self::Zeros
            | Self::Constant(_)
            | Self::PyTorch
            | Self::Linear
            | Self::ForgetBias(_)
            | Self::Chrono { .. } => None,
        }
    }

    /// Whether it is about the gates of a cell.
    fn is_of_gates(self) -> bool {
        matches!(self, Self::ForgetBias(_) | Self::Chrono { .. })
    }

    /// Whether it sets the head of a model, and not only the recurrent layers.
    pub(crate) fn sets_head(self) -> bool {
        !self.is_of_gates() && self.weights() != Some(Weights::Recurrent)
    }

    /// An error unless its numbers are in their range, and finite in `F`.
    fn check<F: Real>(self) -> Result<()> {
        let finite = |value: f64| F::of(value).is_finite();
        let positive = "it must be positive and finite in the network's float type";
        let any = "it must be finite in the network's float type";
        let (option, value, valid, must) = match self {
            Self::Zeros | Self::PyTorch | Self::Linear => return Ok(()),
            Self::Constant(value) => ("the constant", value, true, any),
            Self::XavierUniform { gain }
            | Self::XavierNormal { gain }
            | Self::KaimingUniform { gain, .. }
            | Self::KaimingNormal { gain, .. } => ("gain", gain, gain > 0.0, positive),
            #[cfg(feature = "linalg")]
            Self::Orthogonal { gain } => ("gain", gain, gain > 0.0, positive),
            Self::Identity { scale } => ("scale", scale, true, any),
            #[cfg(feature = "linalg")]
            Self::Critical { radius } => ("radius", radius, radius > 0.0, positive),
            Self::ForgetBias(value) => ("the forget bias", value, true, any),
            Self::Chrono { t_max } => ("t_max", t_max, t_max >= 3.0, "it must be finite and at least 3"),
        };
        if valid && finite(value) { Ok(()) } else { Err(Error::InvalidOption { option, value, must }) }
    }
}
