//! Tasks as sources of batches.

use rnn_core::{Batch, BatchSource, Random, Real, Timesteps};

use crate::Task;
use crate::task::fit;

/// A [`BatchSource`] of a task's batches; [`Task::batches`] makes it.
///
/// Once the batch that it fills has the right shapes, it allocates nothing.
#[derive(Debug)]
pub struct Batches<'a, T: ?Sized, R: ?Sized> {
    pub(crate) task: &'a T,
    pub(crate) size: usize,
    pub(crate) left: usize,
    pub(crate) rng: &'a mut R,
    /// Which timesteps the targets are meant for.
    pub(crate) over: Timesteps,
}

impl<T: ?Sized, R: ?Sized> Batches<'_, T, R> {
    /// The same batches with targets that are meant for these timesteps instead of the task's own.
    #[must_use]
    pub fn counting(self, over: Timesteps) -> Self {
        Self { over, ..self }
    }
}

impl<F: Real, T: Task + ?Sized, R: Random<F> + ?Sized> BatchSource<F> for Batches<'_, T, R> {
    type Error = rnn_core::Error;

    fn next_batch(&mut self, batch: &mut Batch<F>) -> rnn_core::Result<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        self.left -= 1;
        fit(self.task, self.size, batch);
        self.task.fill(self.rng, batch);
        batch.over = self.over;
        Ok(true)
    }
}
