//! Training: one step, and the loop around it.

use std::ops::ControlFlow;

use ndarray::{Array2, Array3};

use crate::Real;
use crate::cell::Cell;
use crate::error::Result;
use crate::loss::Loss;
use crate::model::{RegressionModel, RegressionWorkspace};
use crate::optim::{Optimizer, clip_global_norm, finite_norm};
use crate::run::{Run, Target};
use crate::stack::InputGradient;

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

/// What training needs beside a model, data and an optimizer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Training<L> {
    /// The loss.
    pub loss: L,
    /// Gradients are scaled down to this global norm; default: they are left alone.
    pub clip: Option<f64>,
}

/// What a training step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport<F> {
    /// How many steps came before.
    pub step: usize,
    /// The loss of the batch, before the step.
    pub loss: F,
    /// The global norm of the gradient, before clipping.
    pub gradient_norm: F,
}

/// One step: forward, loss, back-propagation through time, clipping, optimizer. Returns the loss and the gradient norm.
/// dL/dx, which no step needs, is not computed.
///
/// # Errors
/// As [`RegressionModel::loss_and_gradients`] and [`Optimizer::step`]. The model is as before the step, then.
pub fn train_step<'a, F: Real, C: Cell<F>, L: Loss<F>>(
    model: &mut RegressionModel<F, C>,
    run: impl Into<Run<'a, F>>,
    target: impl Into<Target<'a, F>>,
    training: &Training<L>,
    optimizer: &mut impl Optimizer<F>,
    ws: &mut RegressionWorkspace<F>,
) -> Result<(F, F)> {
    let loss = model.differentiate(run.into(), target.into(), &training.loss, InputGradient::Skip, ws)?;
    let norm = match training.clip {
        Some(max_norm) => clip_global_norm(ws, F::of(max_norm))?,
        None => finite_norm(ws)?,
    };
    optimizer.step(model, ws)?;
    Ok((loss, norm))
}

/// Trains until the source has no more batches or `on_step` breaks. Returns how many steps were taken.
///
/// ```
/// use std::ops::ControlFlow;
/// use ndarray::array;
/// use rand::SeedableRng;
/// use rnn_core::{Adam, Batch, Bias, Lstm, Mse, RegressionModel, Training, train};
///
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(1);
/// let mut model = RegressionModel::<f32, _>::new(Lstm, 1, &[8], 1, Bias::Double, &mut rng)?;
/// let mut left = 200;
/// let source = |batch: &mut Batch<f32>| {
///     batch.x = array![[[0.0], [1.0], [0.0]]];
///     batch.y = array![[[0.0], [0.0], [1.0]]]; // what came one step before
///     left -= 1;
///     left >= 0
/// };
/// let mut losses = Vec::new();
/// train(&mut model, source, &Training { loss: Mse::all(), clip: Some(1.0) }, &mut Adam::new(0.02), |report| {
///     losses.push(report.loss);
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(losses.len(), 200);
/// assert!(losses[199] < 0.01 * losses[0]);
/// # Ok::<(), rnn_core::Error>(())
/// ```
///
/// # Errors
/// As [`train_step`].
pub fn train<F: Real, C: Cell<F>, L: Loss<F>>(
    model: &mut RegressionModel<F, C>,
    mut source: impl BatchSource<F>,
    training: &Training<L>,
    optimizer: &mut impl Optimizer<F>,
    mut on_step: impl FnMut(StepReport<F>) -> ControlFlow<()>,
) -> Result<usize> {
    let mut ws = model.workspace();
    let mut batch = Batch::empty();
    let mut step = 0;
    while source.next_batch(&mut batch) {
        let (loss, gradient_norm) =
            train_step(model, batch.x.view(), batch.y.view(), training, optimizer, &mut ws)?;
        let report = StepReport { step, loss, gradient_norm };
        step += 1;
        if on_step(report).is_break() {
            break;
        }
    }
    Ok(step)
}
