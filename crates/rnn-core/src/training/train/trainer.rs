//! Steps of training, and what they carry from one to the next.

use std::ops::{ControlFlow, Range};

use crate::Real;
use crate::error::{Error, Result, check_option, check_shape, check_size};
use crate::network::model::{Model, ModelWorkspace};
use crate::network::noise::Noise;
use crate::network::readout::Readout;
use crate::network::run::Run;
use crate::network::stack::InputGradient;
use crate::network::state::State;
use crate::training::loss::Loss;
use crate::training::optim::{Optimizer, clip_global_norm, clip_value, finite_norm};
use crate::training::target::Target;
use crate::training::train::source::Fallible;
use crate::training::train::truncated::Window;
use crate::training::train::{Batch, BatchSource, Tbptt, Training};

/// A training in progress: its settings, how many steps were taken, the state that the next batch continues from, and the
/// memory of its passes.
///
/// [`train`](Self::train) takes steps until a source has no more batches, [`step`](Self::step) takes one. To go on later with
/// the same bits, store the parameters, the optimizer's [snapshot](Optimizer::snapshot), [`steps`](Self::steps) and
/// [`state`](Self::state), and hand the last two to [`resume`](Self::resume).
///
/// ```
/// use ndarray::Array3;
/// use rand::SeedableRng;
/// use rnn_core::{Adam, Gru, Model, Mse, Options, Trainer, Training};
///
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(1);
/// let options = Options::default().recurrent_dropout(0.1);
/// let mut model = Model::<f32>::new(Gru, 1, &[8], 1, options, &mut rng)?;
/// let mut adam = Adam::new(0.01);
/// let mut trainer = Trainer::new(&model, Training::new(Mse).clip(1.0));
/// let (x, y) = (Array3::ones((4, 6, 1)), Array3::zeros((4, 6, 1)));
/// for step in 0..10 {
///     let report = trainer.step(&mut model, x.view(), y.view(), &mut adam)?;
///     assert_eq!(report.step, step);
/// }
/// let gradients = trainer.workspace().rnn.d_hidden(0); // of the last step, (batch, time, hidden)
/// assert_eq!(gradients.shape(), [4, 6, 8]);
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trainer<F: Real, L> {
    training: Training<L>,
    steps: u64,
    state: Option<State<F>>,
    ws: ModelWorkspace<F>,
}

/// What a step of training did.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct StepReport<F> {
    /// How many steps came before.
    pub step: u64,
    /// The loss of the batch, before the step.
    pub loss: F,
    /// The global norm of the gradient, before it was scaled down.
    pub gradient_norm: F,
    /// Whether this was the last step of its batch, of which truncated back-propagation makes several: a training that stops
    /// here can be [resumed](Trainer::resume) with the next batch, and gets the same bits as one that does not stop.
    pub ends_batch: bool,
}

impl<F: Real, L: Loss<F>> Trainer<F, L> {
    /// A training of this model from its first step.
    pub fn new(model: &Model<F>, training: Training<L>) -> Self {
        Self { training, steps: 0, state: None, ws: model.workspace() }
    }

    /// The same training after `steps` steps, which left `state` if it is [stateful](Training::stateful); a training that is not
    /// ignores it.
    #[must_use]
    pub fn resume(self, steps: u64, state: Option<State<F>>) -> Self {
        let state = state.filter(|_| self.training.stateful);
        Self { steps, state, ..self }
    }

    /// The settings.
    pub fn training(&self) -> &Training<L> {
        &self.training
    }

    /// How many steps were taken, those before a [`resume`](Self::resume) included.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The state from which the next batch continues; `None` before the first batch, and of a training that is not
    /// [stateful](Training::stateful).
    pub fn state(&self) -> Option<&State<F>> {
        self.state.as_ref()
    }

    /// Lets the next batch start anew: new sequences follow.
    pub fn forget_state(&mut self) {
        self.state = None;
    }

    /// The memory of the passes: states and gradients of the last one.
    pub fn workspace(&self) -> &ModelWorkspace<F> {
        &self.ws
    }

    /// One step: forward, loss, back-propagation through time, clipping, optimizer. Follows every setting: the schedule,
    /// the masks of dropout and zoneout, which are those of this step unless `run` has its own, and the state to continue
    /// from, unless `run` has its own. dL/dx is not computed.
    ///
    /// # Errors
    /// As [`Model::loss_and_gradients`] and [`Optimizer::step`]; [`Error::Continued`] if the state is that of another number
    /// of sequences; [`Error::SeveralSteps`] if truncated back-propagation would cut the sequences into several windows,
    /// which are several steps; [`Error::InvalidOption`] for a model with dropout between levels and one level. Nothing has
    /// changed then.
    pub fn step<'r, 't>(
        &mut self,
        model: &mut Model<F>,
        run: impl Into<Run<'r, F>>,
        target: impl Into<Target<'t, F>>,
        optimizer: &mut impl Optimizer<F>,
    ) -> Result<StepReport<F>> {
        let run = run.into();
        let (batch, time, _) = run.x.dim();
        if let Some(truncated) = self.training.truncated {
            let Tbptt { k1, k2 } = truncated.check()?;
            if k1.min(k2) < time {
                return Err(Error::SeveralSteps { time, most: k1.min(k2) });
            }
        }
        let state = self.state.take();
        let outcome = check_continued(state.as_ref(), batch).and_then(|()| {
            let mut run = run.reborrow();
            if let (Some(state), None) = (&state, run.initial) {
                run = run.carried_on(state);
            }
            self.one(model, run, target.into(), optimizer)
        });
        self.state = if outcome.is_ok() && self.training.stateful {
            Some(self.ws.rnn.final_state())
        } else {
            state.filter(|_| outcome.is_err())
        };
        outcome
    }

    /// Trains until the source has no more batches or `on_step` breaks. Returns how many steps were taken.
    ///
    /// `on_step` sees the report of every step and the model after it: to print, to validate, to stop early, to store a
    /// checkpoint. It returns `ControlFlow<()>`, or `Result<ControlFlow<()>, E>` with an error type of your own, to which
    /// this crate's errors and those of the source convert; that is the error type of the whole training.
    ///
    /// A training that is to go on later with the same bits breaks where the report says that the step
    /// [ends its batch](StepReport#structfield.ends_batch). A break before that leaves the rest of the batch out. The
    /// [state](Self::state) to store is the one after `train` has returned.
    ///
    /// # Errors
    /// Those of the source and of `on_step`; as [`step`](Self::step); [`Error::Truncated`] for truncated back-propagation
    /// through sequences of different lengths, [`Error::TruncatedReadout`] for truncation of a bidirectional model that
    /// reads the final states. The model is as before the step that failed, and the [state](Self::state) as before the batch
    /// that failed.
    pub fn train<S: BatchSource<F>, R: Fallible<Value = ControlFlow<()>>>(
        &mut self,
        model: &mut Model<F>,
        mut source: S,
        optimizer: &mut impl Optimizer<F>,
        mut on_step: impl FnMut(StepReport<F>, &Model<F>) -> R,
    ) -> std::result::Result<u64, R::Error>
    where
        R::Error: From<Error> + From<S::Error>,
    {
        let first = self.steps;
        let mut batch = Batch::empty();
        while source.next_batch(&mut batch)? {
            let (sequences, time, _) = batch.x.dim();
            check_size("the number of timesteps", time)?;
            let mut state = if self.training.stateful { self.state.clone() } else { None };
            check_continued(state.as_ref(), sequences)?;
            let mut before: Option<Range<usize>> = None;
            let (mut nothing, mut stopped) = (true, false);
            let mut windows = windows(&batch, self.training.truncated, model)?;
            while let Some(window) = windows.next() {
                let start = window.run.start;
                match before.replace(window.run.clone()) {
                    Some(before) => state = Some(self.state_between(&before, start, &batch, model)?),
                    None if start > 0 => {
                        let run = Run { initial: state.as_ref(), carried: true, ..batch.part(0..start) };
                        model.rnn.infer(run, &mut self.ws.rnn)?;
                        state = Some(self.ws.rnn.final_state());
                    }
                    None => {}
                }
                let run = Run { initial: state.as_ref(), carried: true, ..batch.part(window.run.clone()) };
                let new_only = window.mask(&batch);
                let Some(target) = window.target(&batch, new_only.as_ref(), model.readout()) else {
                    // Nothing counts here, but the states go on.
                    model.rnn.infer(run, &mut self.ws.rnn)?;
                    continue;
                };
                nothing = false;
                let report = self.one(model, run, target, optimizer)?;
                let ends_batch = !windows.clone().any(|later| later.counts(&batch, model.readout()));
                stopped = on_step(StepReport { ends_batch, ..report }, model).into_result()?.is_break();
                if stopped && !ends_batch {
                    break;
                }
            }
            if nothing {
                return Err(Error::NothingCounted { batch: sequences, time }.into());
            }
            self.state = self.training.stateful.then(|| self.ws.rnn.final_state());
            if stopped {
                break;
            }
        }
        Ok(self.steps - first)
    }

    /// One step of one window.
    fn one(
        &mut self,
        model: &mut Model<F>,
        run: Run<'_, F>,
        target: Target<'_, F>,
        optimizer: &mut impl Optimizer<F>,
    ) -> Result<StepReport<F>> {
        let Self { training, steps, ws, .. } = self;
        check_dropout(model)?;
        let step = *steps;
        let run = if run.noise.is_some() { run } else { run.noise(Noise { seed: training.noise, step }) };
        let loss = model.differentiate(run, target, &training.loss, InputGradient::Skip, ws)?;
        if let Some(limit) = training.clip_value {
            clip_value(ws, F::of(limit))?;
        }
        let gradient_norm = match training.clip {
            Some(max_norm) => clip_global_norm(ws, F::of(max_norm))?,
            None => finite_norm(ws)?,
        };
        let lr = optimizer.lr();
        if let Some(schedule) = training.schedule {
            optimizer.set_lr(schedule.lr(step));
        }
        if let Err(error) = optimizer.step(model, ws) {
            optimizer.set_lr(lr);
            return Err(error);
        }
        *steps = steps.saturating_add(1);
        Ok(StepReport { step, loss, gradient_norm, ends_batch: true })
    }

    /// The state before timestep `start`, after the pass over the window before: it lies in that window, or timesteps
    /// between the two are run for it.
    fn state_between(
        &mut self,
        before: &Range<usize>,
        start: usize,
        batch: &Batch<F>,
        model: &Model<F>,
    ) -> Result<State<F>> {
        let ws = &mut self.ws.rnn;
        if start <= before.end {
            return Ok(ws.state_after(start - before.start));
        }
        let state = ws.final_state();
        model.rnn.infer(batch.part(before.end..start).carried_on(&state), ws)?;
        Ok(ws.final_state())
    }
}

/// An error unless a batch of `found` sequences can continue from this state.
fn check_continued<F>(state: Option<&State<F>>, found: usize) -> Result<()> {
    let carried = state.and_then(|state| state.layers.first()).map_or(found, |layer| layer.h.nrows());
    if carried == found { Ok(()) } else { Err(Error::Continued { carried, found }) }
}

/// An error for dropout between levels where there is one level, which would do nothing.
fn check_dropout<F: Real>(model: &Model<F>) -> Result<()> {
    let options = model.rnn.options();
    let between = model.rnn.layers().len() > options.directions();
    let must = "there is one level, and nothing between levels; `recurrent_dropout` drops within a level";
    check_option("dropout", options.dropout, options.dropout == 0.0 || between, must)
}

/// The windows of a batch, each of which is a step.
fn windows<F: Real>(
    batch: &Batch<F>,
    truncated: Option<Tbptt>,
    model: &Model<F>,
) -> Result<impl Iterator<Item = Window> + Clone + use<F>> {
    let (sequences, time, _) = batch.x.dim();
    let truncated = match truncated {
        None => Tbptt::every(usize::MAX),
        Some(_) if batch.lengths.is_some() => return Err(Error::Truncated),
        Some(truncated) => truncated.check()?,
    };
    let several = truncated.k1.min(truncated.k2) < time;
    if several && model.readout() == Readout::FinalStates && model.rnn.options().bidirectional {
        return Err(Error::TruncatedReadout);
    }
    // What the windows cut has to fit; the rest is for the passes to say.
    if let (found, Some(timesteps)) = batch.y.extent() {
        let expected = if model.readout() == Readout::FinalStates { 1 } else { time };
        check_shape("y (batch, time)", &[sequences, expected], &[found, timesteps])?;
    }
    if let Some(mask) = &batch.mask {
        let expected = if model.readout() == Readout::FinalStates { 1 } else { time };
        check_shape("the mask (batch, time)", &[sequences, expected], mask.shape())?;
    }
    Ok(truncated.windows(time))
}
