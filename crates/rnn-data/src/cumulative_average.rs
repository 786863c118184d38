//! The average of everything seen so far.

use rnn_core::{Batch, Random, Real, Timesteps};

use crate::Result;
use crate::error::check_size;
use crate::task::{Task, numbers};

/// The cumulative average: at every timestep, the mean of the inputs so far.
///
/// ```text
/// x_t ~ N(0, 1),   y_t = (x_1 + … + x_t) / t,   t = 1 .. T
/// ```
///
/// x and y are (batch, time, 1). One call of the generator draws all of x, sequence after sequence, as
/// `torch.randn(batch, time, 1)`. The sums run in double precision and are rounded before the division, as in
/// `torch.cumsum(x, 1) / torch.arange(1, T + 1)`: from the same x, `f32` gives PyTorch's y to the last bit.
///
/// y_t has mean 0 and variance 1/t, so the best constant is 0, with a mean squared error of (1/T) Σ 1/t over all timesteps
/// and 1/T at the last.
///
/// ```
/// use rnn_core::Timesteps;
/// use rnn_data::{CumulativeAverage, PortableRng, Task};
///
/// let task = CumulativeAverage::new(10)?;
/// assert!((task.baseline(Timesteps::All) - 0.292_90).abs() < 1e-5);
/// assert_eq!(task.baseline(Timesteps::Last), 0.1);
///
/// let batch = task.sample::<f64>(32, &mut PortableRng::new(0))?;
/// let (x, y) = (&batch.x, batch.y.values().expect("the targets are values"));
/// assert_eq!(x.shape(), [32, 10, 1]);
/// assert_eq!(y[[5, 1, 0]], (x[[5, 0, 0]] + x[[5, 1, 0]]) / 2.0);
/// # Ok::<(), rnn_data::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CumulativeAverage {
    time: usize,
}

impl CumulativeAverage {
    /// Sequences of `time` timesteps.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize).
    pub fn new(time: usize) -> Result<Self> {
        check_size("the number of timesteps", time)?;
        Ok(Self { time })
    }
}

impl Task for CumulativeAverage {
    fn time(&self) -> usize {
        self.time
    }

    fn features(&self) -> usize {
        1
    }

    fn outputs(&self) -> usize {
        1
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        let (x, y) = numbers(self, batch);
        rng.fill_normal(x);
        for (x, y) in x.chunks_exact(self.time).zip(y.chunks_exact_mut(self.time)) {
            let mut sum = 0.0;
            for (t, (x, y)) in x.iter().zip(y).enumerate() {
                sum += x.to_f64().expect("a float is a number");
                *y = F::of(sum) / F::of((t + 1) as f64);
            }
        }
    }

    fn baseline(&self, over: Timesteps) -> f64 {
        let time = self.time as f64;
        match over {
            Timesteps::All => (1..=self.time).map(|t| 1.0 / t as f64).sum::<f64>() / time,
            Timesteps::Last => 1.0 / time,
        }
    }
}
