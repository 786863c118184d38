//! A recurrent network with a linear head.

use ndarray::{Array3, ArrayView3};

use crate::Real;
use crate::cell::Cell;
use crate::error::{Error, Place, Result, check_shape};
use crate::init::Init;
use crate::kernel::{Panels, reduce};
use crate::memory::tape::Keep;
use crate::memory::workspace::{Workspace, view, view_mut};
use crate::network::extent::Extent;
use crate::network::linear::Linear;
use crate::network::options::Options;
use crate::network::params::{Parameters, Params};
use crate::network::readout::{self, Readout};
use crate::network::run::Run;
use crate::network::stack::{InputGradient, Stack, check_gradients, check_state_gradients};
use crate::random::Random;
use crate::training::evaluation::{Evaluation, accuracy};
use crate::training::loss::Loss;
use crate::training::target::{Target, Truth};

/// A [`Stack`] and a [`Linear`] head that reads its output at every timestep, ŷ_t = W h_t + b, or its
/// [final states](Readout::FinalStates).
///
/// ```
/// use ndarray::Array3;
/// use rnn_core::{Bias, Elman, Init, Parameters, Model};
///
/// let mut model = Model::<f64>::zeros(Elman::tanh(), 2, &[3], 4, Bias::Single)?;
/// model.fill(-0.1);
/// assert_eq!(model.parameter_count(), 34);
/// assert_eq!(model.predict(Array3::ones((5, 7, 2)).view())?.shape(), [5, 7, 4]);
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Model<F: Real> {
    /// The recurrent layers.
    pub rnn: Stack<F>,
    /// The head.
    pub head: Linear<F>,
    readout: Readout,
}

/// The memory of a [`Model`]'s passes, which the caller owns and reuses.
#[derive(Clone, Debug)]
pub struct ModelWorkspace<F> {
    /// States and gradients of the recurrent layers.
    pub rnn: Workspace<F>,
    head_gradients: Params<F>,
    head_weight_t: Panels<F>,
    /// The final states and their gradient, where the head reads those.
    ends: Vec<F>,
    d_ends: Vec<F>,
    prediction: Vec<F>,
    d_prediction: Vec<F>,
    outputs: usize,
    readout: Readout,
    /// The sequences of the last pass of the model, and the predictions of each.
    predicted: (usize, usize),
    /// Whether `d_prediction` is that of these predictions.
    compared: bool,
}

impl<F: Real> Model<F> {
    /// A model of zeros: `input` features, `hidden[k]` units in level k, `output` outputs of the head, which reads every
    /// timestep.
    ///
    /// # Errors
    /// As [`Stack::zeros`] and [`Linear::zeros`].
    pub fn zeros(
        cell: impl Into<Cell<F>>,
        input: usize,
        hidden: &[usize],
        output: usize,
        options: impl Into<Options>,
    ) -> Result<Self> {
        let rnn = Stack::zeros(cell, input, hidden, options)?;
        let head = Linear::zeros(rnn.output(), output)?;
        Ok(Self { rnn, head, readout: Readout::EveryTimestep })
    }

    /// The model of a stack and a head that reads its output at every timestep.
    ///
    /// # Errors
    /// [`Error::Shape`] if the head reads more or fewer features than the stack gives.
    pub fn from_parts(rnn: Stack<F>, head: Linear<F>) -> Result<Self> {
        check_shape(
            "head.weight (outputs, features)",
            &[head.output(), rnn.output()],
            &[head.output(), head.input()],
        )?;
        Ok(Self { rnn, head, readout: Readout::EveryTimestep })
    }

    /// The same model with a head that reads this.
    #[must_use]
    pub fn with_readout(self, readout: Readout) -> Self {
        Self { readout, ..self }
    }

    /// What the head reads.
    pub fn readout(&self) -> Readout {
        self.readout
    }

    /// A model with PyTorch's default initialization, [`Init::PyTorch`]: the layers first, then the head.
    ///
    /// # Errors
    /// As [`zeros`](Self::zeros).
    pub fn new(
        cell: impl Into<Cell<F>>,
        input: usize,
        hidden: &[usize],
        output: usize,
        options: impl Into<Options>,
        rng: &mut (impl Random<F> + ?Sized),
    ) -> Result<Self> {
        let mut model = Self::zeros(cell, input, hidden, output, options)?;
        model.initialize(Init::PyTorch, rng)?;
        Ok(model)
    }

    /// Sets the parameters that `init` is about, those of the layers first. The table of [`Init`] says when the head is
    /// among them.
    ///
    /// # Errors
    /// As [`Stack::initialize`].
    pub fn initialize(&mut self, init: Init, rng: &mut (impl Random<F> + ?Sized)) -> Result<()> {
        let before = self.rnn.params().clone();
        self.rnn.initialize(init, rng)?;
        let outcome = if init.sets_head() { self.head.initialize(init, rng) } else { Ok(()) };
        if outcome.is_err() {
            *self.rnn.params_mut() = before;
        }
        outcome
    }

    /// Empty memory for passes of this model.
    pub fn workspace(&self) -> ModelWorkspace<F> {
        ModelWorkspace {
            rnn: self.rnn.workspace(),
            head_gradients: self.head.params().zeros_like(),
            head_weight_t: Panels::new(),
            ends: Vec::new(),
            d_ends: Vec::new(),
            prediction: Vec::new(),
            d_prediction: Vec::new(),
            outputs: self.head.output(),
            readout: self.readout,
            predicted: (0, 0),
            compared: false,
        }
    }

    /// Predictions for a [`Run`], or for an array (batch, time, input) alone: (batch, time, output), or (batch, 1, output) from
    /// the final states. Allocates its own memory.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn predict<'a>(&self, run: impl Into<Run<'a, F>>) -> Result<Array3<F>> {
        let mut ws = self.workspace();
        self.infer(run, &mut ws)?;
        Ok(ws.prediction().to_owned())
    }

    /// Runs over a [`Run`], or an array (batch, time, input) alone. The workspace then holds every state and prediction.
    ///
    /// # Errors
    /// As [`Stack::forward`].
    pub fn forward<'a>(&self, run: impl Into<Run<'a, F>>, ws: &mut ModelWorkspace<F>) -> Result<()> {
        self.run(run.into(), Keep::Everything, ws)
    }

    /// [`forward`](Self::forward) without what a backward pass needs, as [`Stack::infer`].
    ///
    /// # Errors
    /// As [`Stack::forward`].
    pub fn infer<'a>(&self, run: impl Into<Run<'a, F>>, ws: &mut ModelWorkspace<F>) -> Result<()> {
        self.run(run.into(), Keep::States, ws)
    }

    fn run(&self, run: Run<'_, F>, keep: Keep, ws: &mut ModelWorkspace<F>) -> Result<()> {
        self.check_workspace(ws)?;
        let (batch, time, _) = run.x.dim();
        self.rnn.check_countable(batch, time, self.head.output())?;
        let run = self.rnn.run(run, keep, &mut ws.rnn);
        let Extent { batch, time, .. } = ws.rnn.extent;
        (ws.readout, ws.predicted, ws.compared) =
            (self.readout, (batch, self.readout.predictions(time)), false);
        let rows = ws.rows();
        ws.prediction.resize(rows * ws.outputs, F::zero());
        if let Err(error) = run {
            // States that overflowed can be looked at; predictions from them would not mean anything.
            ws.prediction.fill(F::nan());
            return Err(error);
        }
        self.head.pack(&mut ws.head_weight_t);
        let (h, extent) = ws.rnn.top_output();
        let h = match self.readout {
            Readout::EveryTimestep => h,
            Readout::FinalStates => {
                ws.ends.resize(rows * self.head.input(), F::zero());
                readout::gather(h, extent, self.rnn.options().directions(), &mut ws.ends);
                &ws.ends
            }
        };
        self.head.forward(rows, h, &ws.head_weight_t, &mut ws.prediction);
        if reduce::all_finite(&ws.prediction) {
            return Ok(());
        }
        if let Some((name, index, value)) = self.head.params().first_non_finite() {
            return Err(Error::NonFinite {
                place: Place::Parameter { name, index },
                value: value.to_string(),
            });
        }
        let prediction = ws.prediction();
        let found = prediction.indexed_iter().find(|(_, y)| !y.is_finite());
        let ((b, t, o), value) = found.map_or(((0, 0, 0), F::nan()), |(at, y)| (at, *y));
        Err(Error::NonFinite { place: Place::Prediction { index: vec![b, t, o] }, value: value.to_string() })
    }

    /// The loss of the predictions for a [`Run`] compared with a [`Target`], and the gradient of every parameter, of the
    /// input and of every state, which the workspace then holds. Arrays (batch, time, input) and (batch, time, output) alone
    /// are a run and a target.
    ///
    /// # Errors
    /// As [`Stack::forward`]. [`Error::Shape`] and [`Error::TargetKind`] for a target that the predictions or the loss
    /// cannot be compared with, [`Error::NothingCounted`] if no timestep counts, [`Error::Target`] or [`Error::NonFinite`]
    /// for what counts and is no possible target. [`Error::NonFinite`] if the loss or a gradient is not finite, of a
    /// parameter, of the input or of a state.
    pub fn loss_and_gradients<'r, 't>(
        &self,
        run: impl Into<Run<'r, F>>,
        target: impl Into<Target<'t, F>>,
        loss: &impl Loss<F>,
        ws: &mut ModelWorkspace<F>,
    ) -> Result<F> {
        self.differentiate(run.into(), target.into(), loss, InputGradient::Compute, ws)
    }

    /// The loss alone: faster than [`loss_and_gradients`](Self::loss_and_gradients), and with less memory.
    ///
    /// # Errors
    /// As [`loss_and_gradients`](Self::loss_and_gradients).
    pub fn loss<'r, 't>(
        &self,
        run: impl Into<Run<'r, F>>,
        target: impl Into<Target<'t, F>>,
        loss: &impl Loss<F>,
        ws: &mut ModelWorkspace<F>,
    ) -> Result<F> {
        self.compare(run.into(), &target.into(), loss, Keep::States, ws)
    }

    /// The loss, and the accuracy if the targets are classes.
    ///
    /// # Errors
    /// As [`loss_and_gradients`](Self::loss_and_gradients).
    pub fn evaluate<'r, 't>(
        &self,
        run: impl Into<Run<'r, F>>,
        target: impl Into<Target<'t, F>>,
        loss: &impl Loss<F>,
        ws: &mut ModelWorkspace<F>,
    ) -> Result<Evaluation> {
        let (run, target) = (run.into(), target.into());
        let value = self.compare(run, &target, loss, Keep::States, ws)?;
        let prediction = ws.prediction();
        let (batch, predictions, _) = prediction.dim();
        let counted = target.counted(self.lengths(&run));
        let accuracy = match target.truth(predictions) {
            Truth::Classes(classes) => Some(accuracy(prediction, classes, &counted)),
            Truth::Values(_) => None,
        };
        let loss = value.to_f64().unwrap_or(f64::NAN);
        Ok(Evaluation { loss, accuracy, counted: counted.timesteps(batch, predictions) })
    }

    /// The lengths that predictions have.
    fn lengths<'a>(&self, run: &Run<'a, F>) -> Option<&'a [usize]> {
        if self.readout == Readout::EveryTimestep { run.lengths } else { None }
    }

    /// The loss, and ∂L/∂prediction.
    fn compare(
        &self,
        run: Run<'_, F>,
        target: &Target<'_, F>,
        loss: &impl Loss<F>,
        keep: Keep,
        ws: &mut ModelWorkspace<F>,
    ) -> Result<F> {
        let (batch, time, _) = run.x.dim();
        let predictions = self.readout.predictions(time);
        let shape = (batch, predictions, self.head.output());
        if let Some(lengths) = run.lengths {
            Extent::check(batch, time, lengths)?;
        }
        let counted = target.counted(self.lengths(&run));
        target.check(shape, loss, &counted)?;
        self.run(run, keep, ws)?;

        ws.d_prediction.resize(ws.prediction.len(), F::zero());
        let (prediction, d_prediction) = (view(&ws.prediction, shape), view_mut(&mut ws.d_prediction, shape));
        let value = loss.evaluate(prediction, target.truth(predictions), &counted, d_prediction);
        ws.compared = true;
        if value.is_finite() {
            return Ok(value);
        }
        Err(Error::NonFinite { place: Place::Loss, value: value.to_string() })
    }

    /// [`loss_and_gradients`](Self::loss_and_gradients), with or without dL/dx.
    pub(crate) fn differentiate(
        &self,
        run: Run<'_, F>,
        target: Target<'_, F>,
        loss: &impl Loss<F>,
        d_input: InputGradient,
        ws: &mut ModelWorkspace<F>,
    ) -> Result<F> {
        let value = self.compare(run, &target, loss, Keep::Everything, ws)?;
        let rows = ws.rows();
        ws.rnn.resize_back();
        let (h, d_h, scratch, extent) = ws.rnn.top();
        match self.readout {
            Readout::EveryTimestep => {
                self.head.backward(rows, h, &ws.d_prediction, &mut ws.head_gradients, d_h, scratch);
            }
            Readout::FinalStates => {
                ws.d_ends.resize(ws.ends.len(), F::zero());
                let gradients = &mut ws.head_gradients;
                self.head.backward(rows, &ws.ends, &ws.d_prediction, gradients, &mut ws.d_ends, scratch);
                readout::scatter(&ws.d_ends, extent, self.rnn.options().directions(), d_h);
            }
        }
        self.rnn.back_from_top(None, d_input, &mut ws.rnn);
        check_gradients(ws)?;
        check_state_gradients(&ws.rnn)?;
        Ok(value)
    }

    fn check_workspace(&self, ws: &ModelWorkspace<F>) -> Result<()> {
        if ws.head_gradients.same_layout(self.head.params()) {
            return Ok(());
        }
        let (expected, found) = (self.head.params().len(), ws.head_gradients.len());
        Err(Error::OtherNetwork { what: "the workspace of the head", expected, found })
    }
}

impl<F: Real> ModelWorkspace<F> {
    /// The predictions of the last pass of the model, (batch, time, outputs), or (batch, 1, outputs) from the final states.
    pub fn prediction(&self) -> ArrayView3<'_, F> {
        view(&self.prediction, self.shape())
    }

    /// ∂L/∂prediction, as [`prediction`](Self::prediction); (0, 0, outputs) if the last pass was compared with no target.
    pub fn d_prediction(&self) -> ArrayView3<'_, F> {
        if self.compared { view(&self.d_prediction, self.shape()) } else { view(&[], (0, 0, self.outputs)) }
    }

    fn shape(&self) -> (usize, usize, usize) {
        (self.predicted.0, self.predicted.1, self.outputs)
    }

    /// How many predictions there are, of all sequences.
    fn rows(&self) -> usize {
        self.predicted.0 * self.predicted.1
    }
}

impl<F: Real> Parameters<F> for Model<F> {
    fn blocks(&self) -> impl Iterator<Item = &Params<F>> {
        self.rnn.blocks().chain(self.head.blocks())
    }

    fn blocks_mut(&mut self) -> impl Iterator<Item = &mut Params<F>> {
        self.rnn.blocks_mut().chain(self.head.blocks_mut())
    }
}

/// The gradients that the last backward pass wrote, under the names of the parameters.
impl<F: Real> Parameters<F> for ModelWorkspace<F> {
    fn blocks(&self) -> impl Iterator<Item = &Params<F>> {
        [&self.rnn.gradients, &self.head_gradients].into_iter()
    }

    fn blocks_mut(&mut self) -> impl Iterator<Item = &mut Params<F>> {
        [&mut self.rnn.gradients, &mut self.head_gradients].into_iter()
    }
}
