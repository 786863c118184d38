//! Training: one step, and the loop around it.

mod batch;
mod truncated;

use std::ops::{ControlFlow, Range};

use ndarray::Axis;

pub use batch::{Batch, BatchSource};
pub use truncated::Tbptt;

use truncated::Window;

use crate::Real;
use crate::error::{Error, Result, check_shape, check_size};
use crate::network::model::{Model, ModelWorkspace};
use crate::network::noise::Noise;
use crate::network::run::{Run, Target};
use crate::network::stack::InputGradient;
use crate::network::state::State;
use crate::training::loss::Loss;
use crate::training::optim::{Optimizer, clip_global_norm, clip_value, finite_norm};
use crate::training::schedule::Schedule;

/// What training needs beside a model, data and an optimizer.
///
/// ```
/// use rnn_core::{Mse, Training};
/// let training = Training { clip: Some(1.0), stateful: true, ..Training::new(Mse::all()) };
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Training<L> {
    /// The loss.
    pub loss: L,
    /// Gradients are scaled down to this global norm; default: they are left alone.
    pub clip: Option<f64>,
    /// Every number of a gradient is held within ± this, before the norm is; default: they are left alone.
    pub clip_value: Option<f64>,
    /// The learning rate of each step; default: the optimizer's own.
    pub schedule: Option<Schedule>,
    /// Gradients that go back only so far; default: to the first timestep.
    pub truncated: Option<Tbptt>,
    /// Whether a batch goes on where the one before ended: sequence b of each is the next part of the same sequence.
    pub stateful: bool,
    /// The seed of dropout and zoneout.
    pub noise: u64,
    /// How many steps were taken before, for the schedule, the masks and the reports.
    pub first_step: u64,
}

impl<L> Training<L> {
    /// With this loss, all else by default.
    pub fn new(loss: L) -> Self {
        Self {
            loss,
            clip: None,
            clip_value: None,
            schedule: None,
            truncated: None,
            stateful: false,
            noise: 0,
            first_step: 0,
        }
    }
}

/// What a training step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport<F> {
    /// How many steps came before.
    pub step: u64,
    /// The loss of the batch, before the step.
    pub loss: F,
    /// The global norm of the gradient, before it was clipped to one.
    pub gradient_norm: F,
}

/// One step: forward, loss, back-propagation through time, clipping, optimizer. Returns the loss and the gradient norm.
/// dL/dx, which no step needs, is not computed.
///
/// # Errors
/// As [`Model::loss_and_gradients`] and [`Optimizer::step`]. The model is as before the step, then.
pub fn train_step<'a, F: Real, L: Loss<F>>(
    model: &mut Model<F>,
    run: impl Into<Run<'a, F>>,
    target: impl Into<Target<'a, F>>,
    training: &Training<L>,
    optimizer: &mut impl Optimizer<F>,
    ws: &mut ModelWorkspace<F>,
) -> Result<(F, F)> {
    let loss = model.differentiate(run.into(), target.into(), &training.loss, InputGradient::Skip, ws)?;
    if let Some(limit) = training.clip_value {
        clip_value(ws, F::of(limit))?;
    }
    let norm = match training.clip {
        Some(max_norm) => clip_global_norm(ws, F::of(max_norm))?,
        None => finite_norm(ws)?,
    };
    optimizer.step(model, ws)?;
    Ok((loss, norm))
}

/// Trains until the source has no more batches or `on_step` breaks. Returns how many steps were taken.
///
/// `on_step` sees the report of every step and the model after it: to print, to validate, to stop early, to store a
/// checkpoint. For a loop of another shape, write it: this one is [`train_step`] and little else.
///
/// ```
/// use std::ops::ControlFlow;
/// use ndarray::array;
/// use rand::SeedableRng;
/// use rnn_core::{Adam, Batch, Bias, Lstm, Mse, Model, Training, train};
///
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(1);
/// let mut model = Model::<f32>::new(Lstm, 1, &[8], 1, Bias::Double, &mut rng)?;
/// let mut left = 200;
/// let source = |batch: &mut Batch<f32>| {
///     batch.x = array![[[0.0], [1.0], [0.0]]];
///     batch.y = array![[[0.0], [0.0], [1.0]]]; // what came one step before
///     left -= 1;
///     left >= 0
/// };
/// let training = Training { clip: Some(1.0), ..Training::new(Mse::all()) };
/// let mut losses = Vec::new();
/// train(&mut model, source, &training, &mut Adam::new(0.02), |report, _| {
///     losses.push(report.loss);
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(losses.len(), 200);
/// assert!(losses[199] < 0.01 * losses[0]);
/// # Ok::<(), rnn_core::Error>(())
/// ```
///
/// # Errors
/// As [`train_step`]; [`Error::Truncated`] for truncated back-propagation through sequences of different lengths.
pub fn train<F: Real, L: Loss<F>>(
    model: &mut Model<F>,
    mut source: impl BatchSource<F>,
    training: &Training<L>,
    optimizer: &mut impl Optimizer<F>,
    mut on_step: impl FnMut(StepReport<F>, &Model<F>) -> ControlFlow<()>,
) -> Result<u64> {
    let mut ws = model.workspace();
    let mut batch = Batch::empty();
    let mut step = training.first_step;
    let mut state: Option<State<F>> = None;
    while source.next_batch(&mut batch) {
        let time = batch.x.len_of(Axis(1));
        check_size("the number of timesteps", time)?;
        let mut before: Option<Range<usize>> = None;
        for window in windows(&batch, training.truncated)? {
            let start = window.run.start;
            match before.replace(window.run.clone()) {
                Some(before) => state = Some(state_between(&before, start, &batch, model, &mut ws)?),
                None if start > 0 => {
                    let run = Run { initial: state.as_ref(), ..batch.part(0..start) };
                    model.rnn.infer(run, &mut ws.rnn)?;
                    state = Some(ws.rnn.final_state());
                }
                None => {}
            }
            if let Some(schedule) = training.schedule {
                optimizer.set_lr(schedule.lr(step));
            }
            let new_only = window.mask(&batch);
            let run = Run { initial: state.as_ref(), ..batch.part(window.run.clone()) };
            let run = run.noise(Noise { seed: training.noise, step });
            let target = batch.target_part(window.run.clone());
            let target = new_only.as_ref().map_or(target, |mask| target.mask(mask.view()));
            let (loss, gradient_norm) = train_step(model, run, target, training, optimizer, &mut ws)?;
            let report = StepReport { step, loss, gradient_norm };
            step += 1;
            if on_step(report, model).is_break() {
                return Ok(step - training.first_step);
            }
        }
        state = training.stateful.then(|| ws.rnn.final_state());
    }
    Ok(step - training.first_step)
}

/// The steps that a batch is.
fn windows<F: Real>(batch: &Batch<F>, truncated: Option<Tbptt>) -> Result<impl Iterator<Item = Window>> {
    let truncated = match truncated {
        None => Tbptt::every(usize::MAX),
        Some(_) if batch.lengths.is_some() => return Err(Error::Truncated),
        Some(truncated) => truncated.check()?,
    };
    let (sequences, time, _) = batch.x.dim();
    check_shape("y (batch, time)", &[sequences, time], &batch.y.shape()[..2])?;
    if let Some(mask) = &batch.mask {
        check_shape("the mask (batch, time)", &[sequences, time], mask.shape())?;
    }
    Ok(truncated.windows(time))
}

/// The state before timestep `start`, after the pass over the window before: it lies in that window, or timesteps between
/// the two are run for it.
fn state_between<F: Real>(
    before: &Range<usize>,
    start: usize,
    batch: &Batch<F>,
    model: &Model<F>,
    ws: &mut ModelWorkspace<F>,
) -> Result<State<F>> {
    if start <= before.end {
        return Ok(ws.rnn.state_after(start - before.start));
    }
    let state = ws.rnn.final_state();
    model.rnn.infer(batch.part(before.end..start).from_state(&state), &mut ws.rnn)?;
    Ok(ws.rnn.final_state())
}
