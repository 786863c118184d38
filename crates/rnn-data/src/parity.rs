//! Bits, counted modulo 2.

use std::f64::consts::LN_2;

use rnn_core::{Batch, Random, Real, TargetKind, Timesteps};

use crate::Result;
use crate::draw::below;
use crate::error::check_size;
use crate::task::{Task, classes};

/// Running parity: at every timestep, whether an odd number of ones has been seen.
///
/// ```text
/// x_t = 0 or 1, each with probability 1/2,   y_t = (x_1 + … + x_t) mod 2,   t = 1 .. T
/// ```
///
/// x is (batch, time, 1), y has the class at every timestep, (batch, time): 0 for even, 1 for odd. Every bit matters forever: the
/// answer is the exclusive or of all of them, and one unit with h_t = (1 − 2x_t) h_{t−1} and h_0 = 1 holds it as its sign.
///
/// At each timestep the two classes are equally likely, and what a single bit says about them is nothing for t > 1: the best
/// guess that does not look at the inputs has a cross-entropy of ln 2.
///
/// ```
/// use rnn_core::Timesteps;
/// use rnn_data::{Parity, PortableRng, Task};
///
/// let task = Parity::new(40)?;
/// let batch = task.sample::<f32>(32, &mut PortableRng::new(0))?;
/// let ones: f32 = (0..=20).map(|t| batch.x[[5, t, 0]]).sum();
/// assert_eq!(batch.y.classes().expect("the targets are classes")[[5, 20]], ones as usize % 2);
/// assert_eq!(task.baseline(Timesteps::All), 2.0_f64.ln());
/// # Ok::<(), rnn_data::Error>(())
/// ```
///
/// # Reference
/// M. Minsky, S. Papert, *Perceptrons* (1969), for parity. As a test of what a recurrent state can track: R. Grazzi, J. Siems,
/// A. Zela, J. K. H. Franke, F. Hutter, M. Pontil, *Unlocking State-Tracking in Linear RNNs Through Negative Eigenvalues*, ICLR
/// 2025, arXiv:2411.12537, where the lengths of training are up to 40.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Parity {
    time: usize,
}

impl Parity {
    /// Sequences of `time` bits.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize).
    pub fn new(time: usize) -> Result<Self> {
        check_size("the number of timesteps", time)?;
        Ok(Self { time })
    }
}

impl Task for Parity {
    fn time(&self) -> usize {
        self.time
    }

    fn features(&self) -> usize {
        1
    }

    fn outputs(&self) -> usize {
        2
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        let (x, y) = classes(self, batch);
        rng.fill_uniform(0.0, 1.0, x);
        for (x, y) in x.chunks_exact_mut(self.time).zip(y.chunks_exact_mut(self.time)) {
            let mut parity = 0;
            for (x, y) in x.iter_mut().zip(y) {
                let bit = below(2, *x);
                parity ^= bit;
                *x = if bit == 1 { F::one() } else { F::zero() };
                *y = parity;
            }
        }
    }

    fn baseline(&self, _: Timesteps) -> f64 {
        LN_2
    }
}
