//! An echo.

use rnn_core::{Batch, Random, Real, Timesteps};

use crate::Result;
use crate::error::check_time;
use crate::task::{Task, numbers};

/// Delayed recall: at every timestep, the input of d timesteps before.
///
/// ```text
/// x_t ~ U(−1, 1),   y_t = x_{t−d} for t > d,   y_t = 0 for t ≤ d,   t = 1 .. T
/// ```
///
/// x and y are (batch, time, 1). The first d targets count like the others; [`masked`](Self::masked) leaves them out.
///
/// y_t has mean 0 and, for t > d, variance 1/3: the best constant is 0, with a mean squared error of (T − d) / 3T over all
/// timesteps and 1/3 at the last. Of the masked task both are 1/3.
///
/// ```
/// use rnn_core::Timesteps;
/// use rnn_data::{DelayedRecall, PortableRng, Task};
///
/// let task = DelayedRecall::new(40, 10)?;
/// let batch = task.sample::<f64>(32, &mut PortableRng::new(0))?;
/// let y = batch.y.values().expect("the targets are values");
/// assert_eq!(y[[5, 9, 0]], 0.0);
/// assert_eq!(y[[5, 39, 0]], batch.x[[5, 29, 0]]);
/// assert_eq!((task.baseline(Timesteps::All), task.baseline(Timesteps::Last)), (0.25, 1.0 / 3.0));
///
/// let mask = task.masked().sample::<f64>(32, &mut PortableRng::new(0))?.mask.expect("there is one");
/// assert_eq!([mask[[5, 9]], mask[[5, 10]]], [false, true]);
/// # Ok::<(), rnn_data::Error>(())
/// ```
///
/// # Reference
/// One delay of the many of H. Jaeger, *Short Term Memory in Echo State Networks*, GMD Report 152 (2001), where one output
/// for each delay recalls an input of independent numbers, and the memory capacity is the sum over delays of the squared
/// correlation, 1 − (mean squared error) / variance for the best linear output. The sequence there is one long one, whose
/// beginning is left out; the range of the numbers here is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DelayedRecall {
    time: usize,
    delay: usize,
    masked: bool,
}

impl DelayedRecall {
    /// Sequences of `time` timesteps, recalled after `delay`, which may be 0.
    ///
    /// # Errors
    /// [`Error::TooShort`](crate::Error::TooShort) unless the delay is less than the timesteps.
    pub fn new(time: usize, delay: usize) -> Result<Self> {
        check_time("the delay", delay.saturating_add(1), time)?;
        Ok(Self { time, delay, masked: false })
    }

    /// The same, with a mask: only the timesteps with something to recall count, t > d.
    #[must_use]
    pub fn masked(self) -> Self {
        Self { masked: true, ..self }
    }
}

impl Task for DelayedRecall {
    fn time(&self) -> usize {
        self.time
    }

    fn features(&self) -> usize {
        1
    }

    fn outputs(&self) -> usize {
        1
    }

    fn is_masked(&self) -> bool {
        self.masked
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        let (x, y) = numbers(self, batch);
        rng.fill_uniform(-1.0, 1.0, x);
        for (x, y) in x.chunks_exact(self.time).zip(y.chunks_exact_mut(self.time)) {
            let (before, after) = y.split_at_mut(self.delay);
            before.fill(F::zero());
            after.copy_from_slice(&x[..self.time - self.delay]);
        }
        for ((_, t), counts) in batch.mask.iter_mut().flat_map(|mask| mask.indexed_iter_mut()) {
            *counts = t >= self.delay;
        }
    }

    fn baseline(&self, over: Timesteps) -> f64 {
        match over {
            Timesteps::All if !self.masked => (self.time - self.delay) as f64 / (3.0 * self.time as f64),
            Timesteps::All | Timesteps::Last => 1.0 / 3.0,
        }
    }
}
