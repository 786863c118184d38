//! Inputs and targets of one step of training.

use std::ops::Range;

use ndarray::{Array2, Array3, s};

use crate::Real;
use crate::network::run::Run;
use crate::training::loss::Timesteps;
use crate::training::target::{Target, Targets};

/// Inputs and targets.
///
/// ```
/// use ndarray::Array3;
/// use rnn_core::Batch;
///
/// let x = Array3::<f32>::zeros((2, 5, 1));
/// let values = Batch::new(x.clone(), Array3::zeros((2, 5, 3))); // at every timestep
/// let labels = Batch::new(x, vec![2, 0]); // one class for each sequence
/// # let _ = (values, labels);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Batch<F> {
    /// Inputs, (batch, time, features).
    pub x: Array3<F>,
    /// What the predictions are compared with.
    pub y: Targets<F>,
    /// How many timesteps each sequence has, in any order; all of them by default.
    pub lengths: Option<Vec<usize>>,
    /// Which timesteps of each sequence the loss counts; all by default.
    pub over: Timesteps,
    /// Where the loss counts, (batch, time), or (batch, 1) for a model that reads the final states; everywhere by default.
    pub mask: Option<Array2<bool>>,
}

impl<F: Real> Batch<F> {
    /// Sequences that all have every timestep, all of which count.
    pub fn new(x: Array3<F>, y: impl Into<Targets<F>>) -> Self {
        Self { x, y: y.into(), lengths: None, over: Timesteps::All, mask: None }
    }

    /// Sets [`lengths`](Self#structfield.lengths).
    #[must_use]
    pub fn with_lengths(self, lengths: Vec<usize>) -> Self {
        Self { lengths: Some(lengths), ..self }
    }

    /// Sets [`over`](Self#structfield.over).
    #[must_use]
    pub fn counting(self, over: Timesteps) -> Self {
        Self { over, ..self }
    }

    /// Sets [`mask`](Self#structfield.mask).
    #[must_use]
    pub fn with_mask(self, mask: Array2<bool>) -> Self {
        Self { mask: Some(mask), ..self }
    }

    /// The input of a pass: x and the lengths.
    pub fn run(&self) -> Run<'_, F> {
        Run { lengths: self.lengths.as_deref(), ..Run::over(self.x.view()) }
    }

    /// What the predictions of that pass are compared with: y, the timesteps and the mask.
    pub fn target(&self) -> Target<'_, F> {
        let target = self.y.target().over(self.over);
        self.mask.as_ref().map_or(target, |mask| target.mask(mask.view()))
    }

    /// Some of the sequences, with all that belongs to them.
    ///
    /// # Panics
    /// If there are fewer sequences.
    ///
    /// ```
    /// use ndarray::Array3;
    /// use rnn_core::Batch;
    ///
    /// let batch = Batch::new(Array3::<f32>::zeros((4, 5, 1)), vec![0, 1, 2, 3]).with_lengths(vec![5, 4, 3, 2]);
    /// let last = batch.sequences(2..4);
    /// assert_eq!(last.x.dim(), (2, 5, 1));
    /// assert_eq!((last.y, last.lengths), (vec![2, 3].into(), Some(vec![3, 2])));
    /// ```
    #[must_use]
    pub fn sequences(&self, rows: Range<usize>) -> Self {
        Self {
            x: self.x.slice(s![rows.clone(), .., ..]).to_owned(),
            y: self.y.sequences(rows.clone()),
            lengths: self.lengths.as_ref().map(|lengths| lengths[rows.clone()].to_vec()),
            over: self.over,
            mask: self.mask.as_ref().map(|mask| mask.slice(s![rows, ..]).to_owned()),
        }
    }

    /// [`run`](Self::run) over some timesteps of sequences that all have them.
    pub(super) fn part(&self, timesteps: Range<usize>) -> Run<'_, F> {
        Run { x: self.x.slice(s![.., timesteps, ..]), ..self.run() }
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
