//! Initial parameters by name.

use crate::random::Random;
use crate::{Parameters, Real};

/// How parameters are initialized.
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
}

/// Draws the named arrays of `theta`, in the given order, each from U(−1/√n, 1/√n) with its n.
pub(crate) fn uniform<F: Real>(
    theta: &mut impl Parameters<F>,
    rng: &mut (impl Random<F> + ?Sized),
    draws: impl IntoIterator<Item = (String, usize)>,
) {
    for (name, n) in draws {
        let bound = 1.0 / (n as f64).sqrt();
        let array = theta.blocks_mut().find_map(|block| block.get_mut(&name));
        if let Some(slice) = array.and_then(ndarray::ArrayViewMut::into_slice) {
            rng.fill_uniform(-bound, bound, slice);
        }
    }
}
