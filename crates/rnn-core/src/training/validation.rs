//! How a model does on data that it is not trained on, and its best weights.

use std::ops::ControlFlow;

use crate::Real;
use crate::error::{Error, Result, check_option};
use crate::network::model::{Model, ModelWorkspace};
use crate::network::params::{Parameters, Params};
use crate::training::early_stopping::{EarlyStopping, Verdict};
use crate::training::evaluation::Evaluation;
use crate::training::loss::Loss;
use crate::training::train::{Batch, StepReport};

/// Evaluates a model on validation data during training, keeps the weights with the smallest loss, and says when to stop.
///
/// ```
/// use ndarray::Array2;
/// use rand::SeedableRng;
/// use rnn_core::{
///     Adam, CrossEntropy, Dataset, EarlyStopping, Gru, Model, Options, Training, Validation, train,
/// };
///
/// let sequences: Vec<Array2<f32>> = (0..40).map(|k| Array2::from_elem((3 + k % 4, 1), (k % 2) as f32)).collect();
/// let labels: Vec<usize> = (0..40).map(|k| k % 2).collect();
/// let (data, held_out) = Dataset::new(sequences, labels)?.split(0.8, 1)?;
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
/// let mut model = Model::<f32>::new(Gru, 1, &[8], 2, Options::default(), &mut rng)?;
///
/// let batches = data.batches(8)?.shuffled(2).epochs(30);
/// let mut validation = Validation::new(held_out.batches(64)?, CrossEntropy, batches.steps_per_epoch())?
///     .stopping(EarlyStopping::new(5, 0.0)?);
/// train(&mut model, batches, &Training::new(CrossEntropy), &mut Adam::new(0.02), |report, model| {
///     validation.look(&report, model)
/// })?;
/// let (_, best) = validation.restore_best(&mut model)?.expect("an epoch was seen");
/// assert_eq!(best.accuracy, Some(1.0));
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Validation<F: Real, L> {
    batches: Vec<Batch<F>>,
    loss: L,
    every: u64,
    stopping: EarlyStopping,
    history: Vec<(u64, Evaluation)>,
    best: Option<(u64, Evaluation)>,
    /// The weights of `best`.
    weights: Vec<Params<F>>,
    ws: Option<ModelWorkspace<F>>,
}

impl<F: Real, L: Loss<F>> Validation<F, L> {
    /// Evaluates this loss on all of these batches after every `every` steps. Training does not stop early.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] if `every` is 0.
    pub fn new(batches: impl IntoIterator<Item = Batch<F>>, loss: L, every: u64) -> Result<Self> {
        check_option("every", every as f64, every > 0, "it must be at least 1")?;
        let (batches, stopping) = (batches.into_iter().collect(), EarlyStopping::new(u64::MAX, 0.0)?);
        let (history, weights) = (Vec::new(), Vec::new());
        Ok(Self { batches, loss, every, stopping, history, best: None, weights, ws: None })
    }

    /// Stops the training when this says so, and takes its word for what an improvement is.
    #[must_use]
    pub fn stopping(self, stopping: EarlyStopping) -> Self {
        Self { stopping, ..self }
    }

    /// What a training calls after each step: evaluates the model if it is time, and breaks if it is time to stop.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate) and [`EarlyStopping::observe`].
    pub fn look(&mut self, report: &StepReport<F>, model: &Model<F>) -> Result<ControlFlow<()>> {
        let steps = report.step.saturating_add(1);
        if !steps.is_multiple_of(self.every) {
            return Ok(ControlFlow::Continue(()));
        }
        let stop = self.observe(steps, model)? == Verdict::Stop;
        Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Evaluates the model as it is after `steps` steps, whether it is time or not, and keeps its weights if it is the best.
    ///
    /// # Errors
    /// As [`look`](Self::look).
    pub fn observe(&mut self, steps: u64, model: &Model<F>) -> Result<Verdict> {
        let evaluation = self.evaluate(model)?;
        let verdict = self.stopping.observe(steps, evaluation.loss)?;
        self.history.push((steps, evaluation));
        if verdict == Verdict::Improved {
            self.best = Some((steps, evaluation));
            self.weights = model.blocks().cloned().collect();
        }
        Ok(verdict)
    }

    /// The loss, and the accuracy if the targets are classes, over all batches.
    ///
    /// # Errors
    /// As [`Model::evaluate`]; [`Error::ZeroSize`] without batches.
    pub fn evaluate(&mut self, model: &Model<F>) -> Result<Evaluation> {
        let Self { batches, loss, ws, .. } = self;
        let ws = ws.get_or_insert_with(|| model.workspace());
        let mut parts = Vec::with_capacity(batches.len());
        for batch in batches {
            parts.push(model.evaluate(batch.run(), batch.target(), loss, ws)?);
        }
        Evaluation::of_all(parts).ok_or(Error::ZeroSize { what: "the number of validation batches" })
    }

    /// Every evaluation so far, with the number of steps before it.
    pub fn history(&self) -> &[(u64, Evaluation)] {
        &self.history
    }

    /// The best evaluation so far, with the number of steps before it.
    pub fn best(&self) -> Option<(u64, Evaluation)> {
        self.best
    }

    /// Where early stopping is: to be stored with a checkpoint.
    pub fn early_stopping(&self) -> &EarlyStopping {
        &self.stopping
    }

    /// Gives the model the weights of the best evaluation, and returns that; `None`, and the model as it is, if there was no
    /// evaluation.
    ///
    /// # Errors
    /// [`Error::OtherNetwork`] if the weights are those of another network.
    pub fn restore_best(&self, model: &mut Model<F>) -> Result<Option<(u64, Evaluation)>> {
        if self.best.is_none() {
            return Ok(None);
        }
        if !model.blocks().zip(&self.weights).all(|(own, best)| own.same_layout(best)) {
            let found = self.weights.iter().map(Params::len).sum();
            return Err(Error::OtherNetwork {
                what: "the validation",
                expected: model.parameter_count(),
                found,
            });
        }
        for (own, best) in model.blocks_mut().zip(&self.weights) {
            own.as_mut_slice().copy_from_slice(best.as_slice());
        }
        Ok(self.best)
    }
}
