//! Two numbers of a long sequence, to be added.

use rnn_core::{Batch, Random, Real, Timesteps};

use crate::Result;
use crate::draw::below;
use crate::error::check_time;
use crate::task::{Task, numbers};

/// The adding problem: at the end of a sequence, the sum of the two numbers that were marked.
///
/// ```text
/// x_t = (v_t, m_t),   v_t ~ U(0, 1),   m_t = 1 at t = i and t = j, 0 elsewhere
/// y_t = v_i + v_j at every t,   i uniform in the first ⌊T/2⌋ timesteps, j in the others
/// ```
///
/// x is (batch, time, 2), y is (batch, time, 1). The answer can be known from timestep j on only: the loss counts the
/// last one.
///
/// The sum has mean 1 and variance 2/12: the best constant is 1, with a mean squared error of 1/6, however long the
/// sequences are.
///
/// ```
/// use rnn_core::Timesteps;
/// use rnn_data::{AddingProblem, PortableRng, Task};
///
/// let task = AddingProblem::new(100)?;
/// let batch = task.sample::<f64>(32, &mut PortableRng::new(0))?;
/// let (x, y) = (&batch.x, batch.y.values().expect("the targets are values"));
/// assert_eq!(x.shape(), [32, 100, 2]);
/// let marked: f64 = (0..100).map(|t| x[[5, t, 0]] * x[[5, t, 1]]).sum();
/// assert_eq!(y[[5, 99, 0]], marked);
/// assert_eq!(task.baseline(Timesteps::Last), 1.0 / 6.0);
/// # Ok::<(), rnn_data::Error>(())
/// ```
///
/// # Reference
/// S. Hochreiter, J. Schmidhuber, *Long Short-Term Memory*, Neural Computation 9 (1997), experiment 4,
/// doi:10.1162/neco.1997.9.8.1735, with numbers of U(−1, 1) and sequences of different lengths; in this form Q. V. Le,
/// N. Jaitly, G. E. Hinton, *A Simple Way to Initialize Recurrent Networks of Rectified Linear Units*, arXiv:1504.00941
/// (2015), and, with a marker in each half, M. Arjovsky, A. Shah, Y. Bengio, *Unitary Evolution Recurrent Neural Networks*,
/// ICML 2016, arXiv:1511.06464.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AddingProblem {
    time: usize,
}

impl AddingProblem {
    /// Sequences of `time` timesteps.
    ///
    /// # Errors
    /// [`Error::TooShort`](crate::Error::TooShort) for less than 2.
    pub fn new(time: usize) -> Result<Self> {
        check_time("a marker in each half", 2, time)?;
        Ok(Self { time })
    }
}

impl Task for AddingProblem {
    fn time(&self) -> usize {
        self.time
    }

    fn features(&self) -> usize {
        2
    }

    fn outputs(&self) -> usize {
        1
    }

    fn over(&self) -> Timesteps {
        Timesteps::Last
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        let (x, y) = numbers(self, batch);
        let half = self.time / 2;
        for (x, y) in x.chunks_exact_mut(2 * self.time).zip(y.chunks_exact_mut(self.time)) {
            let values = y; // until the answer takes their place
            rng.fill_uniform(0.0, 1.0, values);
            let mut places = [F::zero(); 2];
            rng.fill_uniform(0.0, 1.0, &mut places);
            for (x, &value) in x.chunks_exact_mut(2).zip(&*values) {
                x.copy_from_slice(&[value, F::zero()]);
            }
            let marked = [below(half, places[0]), half + below(self.time - half, places[1])];
            for t in marked {
                x[2 * t + 1] = F::one();
            }
            values.fill(values[marked[0]] + values[marked[1]]);
        }
    }

    fn baseline(&self, _: Timesteps) -> f64 {
        1.0 / 6.0
    }
}
