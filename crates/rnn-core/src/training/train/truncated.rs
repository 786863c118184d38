//! Truncated back-propagation through time.

use std::ops::Range;

use ndarray::{Array2, Axis, s};

use crate::Real;
use crate::error::{Result, check_size};
use crate::network::readout::Readout;
use crate::training::loss::Timesteps;
use crate::training::target::{Target, Targets};
use crate::training::train::Batch;

/// Truncated back-propagation through time: a step of training after every `k1` timesteps, through the last `k2` of them.
///
/// Sequences are run in windows. The window that ends at timestep e, a multiple of `k1` or the last one, begins at
/// max(0, e − k2), from the state that the window before left there; the state is a constant, no gradient goes past it.
/// The loss counts the timesteps that no window before has counted, as far as they lie in the window, and is the mean over
/// those. A window in which nothing counts is run and not learned from. A backward direction starts at the end of each
/// window.
///
/// ```text
/// k1 = k2 = k     windows side by side, the usual form
/// k1 < k2         every loss reaches back k2 − k1 timesteps or more
/// k1 > k2         timesteps between windows are run, but not learned from
/// ```
///
/// # Reference
/// Williams and Peng 1990, *An efficient gradient-based algorithm for on-line training of recurrent network trajectories*,
/// Neural Computation 2(4), BPTT(h; h′); Sutskever 2013, *Training recurrent neural networks*, PhD thesis, section 2.8.6,
/// k1 and k2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tbptt {
    /// Timesteps from one step of training to the next.
    pub k1: usize,
    /// Timesteps that a gradient goes back at most.
    pub k2: usize,
}

/// A part of a sequence that is one step of training. Timesteps from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// The timesteps that are run, and through which gradients go.
    pub(super) run: Range<usize>,
    /// From which of them on the loss counts.
    pub(super) counted: usize,
}

impl Tbptt {
    /// Windows of `k` timesteps, side by side.
    pub fn every(k: usize) -> Self {
        Self { k1: k, k2: k }
    }

    pub(super) fn check(self) -> Result<Self> {
        check_size("k1 of truncated back-propagation", self.k1)?;
        check_size("k2 of truncated back-propagation", self.k2)?;
        Ok(self)
    }

    /// The windows of a sequence of `time` timesteps.
    pub(super) fn windows(self, time: usize) -> impl Iterator<Item = Window> + Clone {
        (0..time).step_by(self.k1).map(move |counted| {
            let end = time.min(counted.saturating_add(self.k1));
            let start = end.saturating_sub(self.k2);
            Window { run: start..end, counted: counted.max(start) }
        })
    }
}

impl Window {
    /// What the loss may count, (batch, timesteps of the window), where that is not all that the batch says.
    pub(super) fn mask<F: Real>(&self, batch: &Batch<F>) -> Option<Array2<bool>> {
        let seen = self.counted - self.run.start;
        let new_only = |(b, t): (usize, usize)| {
            t >= seen && batch.mask.as_ref().is_none_or(|mask| mask[[b, self.run.start + t]])
        };
        (seen > 0 && batch.mask.as_ref().is_none_or(|mask| mask.ncols() > 1))
            .then(|| Array2::from_shape_fn((batch.x.len_of(Axis(0)), self.run.len()), new_only))
    }

    /// Whether anything counts in this window.
    pub(super) fn counts<F: Real>(&self, batch: &Batch<F>, readout: Readout) -> bool {
        self.target(batch, self.mask(batch).as_ref(), readout).is_some()
    }

    /// The target of this window, whose [`mask`](Self::mask) is given, or `None` if nothing counts in it.
    pub(super) fn target<'b, F: Real>(
        &self,
        batch: &'b Batch<F>,
        mask: Option<&'b Array2<bool>>,
        readout: Readout,
    ) -> Option<Target<'b, F>> {
        let (sequences, time, _) = batch.x.dim();
        if self.run.len() == time && self.counted == 0 {
            return Some(batch.target());
        }
        let ends = readout == Readout::FinalStates;
        let at_the_end = ends || batch.over == Timesteps::Last || batch.y.is_whole();
        if at_the_end && self.run.end < time {
            return None;
        }
        let target = match &batch.y {
            Targets::Values(y) if !ends => Target::values(y.slice(s![.., self.run.clone(), ..])),
            Targets::Classes(classes) if !ends => Target::classes(classes.slice(s![.., self.run.clone()])),
            whole => whole.target(),
        };
        let target = target.over(batch.over);
        let target = match (&batch.mask, mask) {
            (Some(mask), _) if ends => target.mask(mask.view()),
            (_, Some(mask)) if !ends => target.mask(mask.view()),
            (Some(mask), _) => target.mask(mask.slice(s![.., self.run.clone()])),
            (None, _) => target,
        };
        let counted = target.counted(None);
        (counted.timesteps(sequences, readout.predictions(self.run.len())) > 0).then_some(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(k1: usize, k2: usize, time: usize) -> Vec<(usize, usize, usize)> {
        Tbptt { k1, k2 }.windows(time).map(|w| (w.run.start, w.counted, w.run.end)).collect()
    }

    #[test]
    fn windows_are_those_of_the_definition() {
        assert_eq!(windows(3, 3, 7), [(0, 0, 3), (3, 3, 6), (4, 6, 7)]);
        assert_eq!(windows(2, 5, 7), [(0, 0, 2), (0, 2, 4), (1, 4, 6), (2, 6, 7)]);
        assert_eq!(windows(4, 1, 9), [(3, 3, 4), (7, 7, 8), (8, 8, 9)]);
        assert_eq!(windows(10, 10, 4), [(0, 0, 4)]);
    }
}
