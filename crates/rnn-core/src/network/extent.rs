//! How far each sequence of a batch goes.

use crate::Real;
use crate::error::{Error, Result};

/// The sizes of a batch, and the length of each sequence.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extent {
    pub(crate) batch: usize,
    pub(crate) time: usize,
    /// Empty where every sequence has all timesteps.
    lengths: Vec<usize>,
    /// For each timestep, how many rows a step works on: up to the last sequence that has not ended.
    active: Vec<usize>,
}

impl Extent {
    /// Becomes this one; allocates only if it grows.
    pub(crate) fn set(&mut self, batch: usize, time: usize, lengths: Option<&[usize]>) {
        (self.batch, self.time) = (batch, time);
        self.lengths.clear();
        self.active.clear();
        if let Some(lengths) = lengths.filter(|lengths| lengths.iter().any(|&length| length < time)) {
            self.lengths.extend_from_slice(lengths);
            let active = |t| lengths.iter().rposition(|&length| length > t).map_or(0, |last| last + 1);
            self.active.extend((0..time).map(active));
        }
    }

    /// How many rows the step at timestep `t`, from 0, works on.
    pub(crate) fn active(&self, t: usize) -> usize {
        self.active.get(t).copied().unwrap_or(self.batch)
    }

    /// How many timesteps sequence `b` has.
    pub(crate) fn length(&self, b: usize) -> usize {
        self.lengths.get(b).copied().unwrap_or(self.time)
    }

    /// The length of each sequence, if they differ.
    pub(crate) fn lengths(&self) -> Option<&[usize]> {
        (!self.lengths.is_empty()).then_some(self.lengths.as_slice())
    }

    /// Writes zeros over the rows of timestep `t` that lie past their sequence's end.
    pub(crate) fn clear<F: Real>(&self, t: usize, rows: &mut [F]) {
        let width = rows.len() / self.batch;
        for (row, &length) in rows.chunks_exact_mut(width.max(1)).zip(&self.lengths) {
            if length <= t {
                row.fill(F::zero());
            }
        }
    }

    /// Every row of `from`, (time · batch, width), where it stands when each sequence is read from its own end. Rows past
    /// an end become 0.
    pub(crate) fn reverse<F: Real>(&self, from: &[F], to: &mut [F], width: usize) {
        for t in 0..self.time {
            for b in 0..self.batch {
                let to = &mut to[(t * self.batch + b) * width..][..width];
                match self.mirror(t, b) {
                    Some(source) => to.copy_from_slice(&from[(source * self.batch + b) * width..][..width]),
                    None => to.fill(F::zero()),
                }
            }
        }
    }

    /// Timestep `t` of sequence `b`, counted from its end.
    pub(crate) fn mirror(&self, t: usize, b: usize) -> Option<usize> {
        self.length(b).checked_sub(t + 1)
    }

    /// The timestep, from 1, of a sequence's state that lies in block `block` of a layer's states; 0 is the initial state. A
    /// backward direction has its own order of time.
    pub(crate) fn timestep(&self, block: usize, b: usize, backward: bool) -> usize {
        if backward && block > 0 { (self.length(b) + 1).saturating_sub(block) } else { block }
    }

    /// An error unless there is a length for each sequence, at least 1 and at most `time`.
    pub(crate) fn check(batch: usize, time: usize, lengths: &[usize]) -> Result<()> {
        crate::error::check_shape("lengths", &[batch], &[lengths.len()])?;
        match lengths.iter().position(|length| !(1..=time).contains(length)) {
            None => Ok(()),
            Some(sequence) => Err(Error::Length { sequence, length: lengths[sequence], time }),
        }
    }
}
