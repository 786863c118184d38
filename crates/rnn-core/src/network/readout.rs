//! What the head of a model reads.

use crate::Real;
use crate::network::extent::Extent;

/// Which hidden states of the last level the head of a [`Model`](crate::Model) reads.
///
/// ```
/// use ndarray::Array3;
/// use rnn_core::{Bias, Gru, Model, Options, Readout};
///
/// let options = Options::default().bidirectional(true);
/// let model = Model::<f32>::zeros(Gru, 2, &[8], 5, options)?.with_readout(Readout::FinalStates);
/// assert_eq!(model.predict(Array3::ones((4, 7, 2)).view())?.shape(), [4, 1, 5]);
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Readout {
    /// The states at every timestep: predictions are (batch, time, outputs). With two directions, the state of the
    /// backward one at the last timestep of a sequence has seen that timestep only.
    #[default]
    EveryTimestep,
    /// The final state of each direction, side by side: PyTorch's `torch.cat((h_n[-2], h_n[-1]), 1)`. The forward direction
    /// ends at the last timestep of each sequence, the backward one at the first. Predictions are (batch, 1, outputs).
    ///
    /// A network of one direction gives the prediction that it would give at the last timestep; its
    /// [`Stream`](crate::Stream) gives at each timestep what the prediction would be if the sequence ended there.
    FinalStates,
}

impl Readout {
    /// How many predictions a sequence of `time` timesteps has.
    pub(crate) fn predictions(self, time: usize) -> usize {
        match self {
            Self::EveryTimestep => time,
            Self::FinalStates => time.min(1),
        }
    }
}

/// Copies the final state of each direction from the states of the last level, time-major in the order of time.
pub(crate) fn gather<F: Real>(h: &[F], extent: &Extent, directions: usize, to: &mut [F]) {
    each_end(h.len(), extent, directions, |at, end, width| {
        to[end..][..width].copy_from_slice(&h[at..][..width]);
    });
}

/// Writes the gradient of the final states to where [`gather`] read them, and 0 everywhere else.
pub(crate) fn scatter<F: Real>(d: &[F], extent: &Extent, directions: usize, d_h: &mut [F]) {
    d_h.fill(F::zero());
    each_end(d_h.len(), extent, directions, |at, end, width| {
        d_h[at..][..width].copy_from_slice(&d[end..][..width]);
    });
}

/// Calls `f` with the offset of each final state among all states, its offset among the final states, and its width.
fn each_end(len: usize, extent: &Extent, directions: usize, mut f: impl FnMut(usize, usize, usize)) {
    let row = len / (extent.batch * extent.time);
    let width = row / directions;
    for b in 0..extent.batch {
        for direction in 0..directions {
            let t = if direction == 0 { extent.length(b) - 1 } else { 0 };
            let first = direction * width;
            f((t * extent.batch + b) * row + first, b * row + first, width);
        }
    }
}
