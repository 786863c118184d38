//! Where training data comes from.

use std::ops::Range;

use ndarray::{Array2, Array3, s};

use crate::Real;
use crate::network::run::{Run, Target};

/// Inputs and targets.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Batch<F> {
    /// Inputs, (batch, time, features).
    pub x: Array3<F>,
    /// Targets, (batch, time, outputs); (batch, time, 1) where they are classes.
    pub y: Array3<F>,
    /// How many timesteps each sequence has, in any order; default: all of them.
    pub lengths: Option<Vec<usize>>,
    /// Which timesteps of which sequence the loss may count, (batch, time); default: all of them.
    pub mask: Option<Array2<bool>>,
}

impl<F: Real> Batch<F> {
    /// Sequences that all have every timestep, and all count.
    pub fn new(x: Array3<F>, y: Array3<F>) -> Self {
        Self { x, y, lengths: None, mask: None }
    }

    /// What a pass takes: the inputs and the lengths.
    pub fn run(&self) -> Run<'_, F> {
        Run { lengths: self.lengths.as_deref(), ..Run::over(self.x.view()) }
    }

    /// What predictions are held against: the targets and the mask.
    pub fn target(&self) -> Target<'_, F> {
        Target { mask: self.mask.as_ref().map(|mask| mask.view()), ..Target::new(self.y.view()) }
    }

    /// [`run`](Self::run) over some timesteps of sequences that all have them.
    pub(super) fn part(&self, timesteps: Range<usize>) -> Run<'_, F> {
        Run { x: self.x.slice(s![.., timesteps, ..]), ..self.run() }
    }

    /// [`target`](Self::target) of some timesteps.
    pub(super) fn target_part(&self, timesteps: Range<usize>) -> Target<'_, F> {
        Target {
            y: self.y.slice(s![.., timesteps.clone(), ..]),
            mask: self.mask.as_ref().map(|mask| mask.slice(s![.., timesteps])),
        }
    }

    /// No sequences: for a source that gives its batches a shape.
    pub fn empty() -> Self {
        Self::zeros(0, 0, 0, 0)
    }

    /// Zeros of these shapes.
    pub fn zeros(batch: usize, time: usize, features: usize, outputs: usize) -> Self {
        Self::new(Array3::zeros((batch, time, features)), Array3::zeros((batch, time, outputs)))
    }
}

/// Anything that gives one batch after another: a generator, a file, an iterator.
///
/// Every closure `FnMut(&mut Batch<F>) -> bool` is a source.
pub trait BatchSource<F: Real> {
    /// Overwrites `batch` with the next one, reusing its memory; `false`, and `batch` untouched, when there is none.
    fn next_batch(&mut self, batch: &mut Batch<F>) -> bool;
}

impl<F: Real, S: FnMut(&mut Batch<F>) -> bool> BatchSource<F> for S {
    fn next_batch(&mut self, batch: &mut Batch<F>) -> bool {
        self(batch)
    }
}
