//! The batches of an epoch after another.

use crate::Real;
use crate::error::Error;
use crate::training::dataset::{Dataset, permutation};
use crate::training::train::{Batch, BatchSource};

/// Mini-batches of a [`Dataset`], which makes them: a source for [`train`](crate::train()), and an iterator.
///
/// Within a batch, the sequences are sorted from long to short, and padded to the longest.
#[derive(Clone, Debug)]
pub struct MiniBatches<'a, F> {
    data: &'a Dataset<F>,
    size: usize,
    shuffled: Option<u64>,
    epochs: u64,
    /// How many batches came before, of all epochs.
    given: u64,
    /// The order of the sequences in the epoch that `given` lies in, made when the epoch begins.
    order: Vec<usize>,
}

impl<'a, F: Real> MiniBatches<'a, F> {
    pub(super) fn new(data: &'a Dataset<F>, size: usize) -> Self {
        Self { data, size: size.min(data.len()), shuffled: None, epochs: 1, given: 0, order: Vec::new() }
    }

    /// Draws a new order of the sequences for each epoch. It follows from the seed and the number of the epoch.
    #[must_use]
    pub fn shuffled(self, seed: u64) -> Self {
        Self { shuffled: Some(seed), ..self }
    }

    /// Goes through the data set so often.
    #[must_use]
    pub fn epochs(self, epochs: u64) -> Self {
        Self { epochs, ..self }
    }

    /// Starts with the batch of step `step`, from 0: to go on with a training that was stopped after so many steps.
    #[must_use]
    pub fn from_step(self, step: u64) -> Self {
        Self { given: step, order: Vec::new(), ..self }
    }

    /// How many batches an epoch has.
    pub fn steps_per_epoch(&self) -> u64 {
        self.data.len().div_ceil(self.size) as u64
    }

    /// Overwrites `batch` with the next one; `false` if there is none.
    fn fill(&mut self, batch: &mut Batch<F>) -> bool {
        let (epoch, within) = (self.given / self.steps_per_epoch(), self.given % self.steps_per_epoch());
        if epoch >= self.epochs {
            return false;
        }
        if within == 0 || self.order.is_empty() {
            self.order = match self.shuffled {
                Some(seed) => permutation(self.data.len(), seed, epoch),
                None => (0..self.data.len()).collect(),
            };
        }
        let first = within as usize * self.size;
        let end = self.data.len().min(first + self.size);
        let which = &mut self.order[first..end];
        which.sort_by_key(|&k| std::cmp::Reverse(self.data.sequences[k].nrows()));
        self.data.fill(which, batch);
        self.given = self.given.saturating_add(1);
        true
    }
}

impl<F: Real> BatchSource<F> for MiniBatches<'_, F> {
    type Error = Error;

    fn next_batch(&mut self, batch: &mut Batch<F>) -> Result<bool, Error> {
        Ok(self.fill(batch))
    }
}

impl<F: Real> Iterator for MiniBatches<'_, F> {
    type Item = Batch<F>;

    fn next(&mut self) -> Option<Batch<F>> {
        let mut batch = Batch::empty();
        self.fill(&mut batch).then_some(batch)
    }
}
