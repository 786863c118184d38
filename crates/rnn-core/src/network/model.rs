//! A recurrent network with a linear head: sequence in, prediction at every timestep out.

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
use crate::network::run::{Run, Target};
use crate::network::stack::{InputGradient, Stack, check_gradients};
use crate::random::Random;
use crate::training::loss::{Counted, Loss, Timesteps};

/// A [`Stack`] and a [`Linear`] head on its output, ŷ_t = W h_t + b.
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
}

/// The memory of a [`Model`]'s passes, which the caller owns and reuses.
#[derive(Clone, Debug)]
pub struct ModelWorkspace<F> {
    /// States and gradients of the recurrent layers.
    pub rnn: Workspace<F>,
    head_gradients: Params<F>,
    head_weight_t: Panels<F>,
    prediction: Vec<F>,
    d_prediction: Vec<F>,
    outputs: usize,
}

impl<F: Real> Model<F> {
    /// A model of zeros: `input` features, `hidden[k]` units in layer k, `output` predictions at each timestep.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize).
    pub fn zeros(
        cell: impl Into<Cell<F>>,
        input: usize,
        hidden: &[usize],
        output: usize,
        options: impl Into<Options>,
    ) -> Result<Self> {
        let rnn = Stack::zeros(cell, input, hidden, options)?;
        let head = Linear::zeros(rnn.output(), output)?;
        Ok(Self { rnn, head })
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
        self.rnn.initialize(init, rng)?;
        if init.sets_head() { self.head.initialize(init, rng) } else { Ok(()) }
    }

    /// Empty memory for passes of this model.
    pub fn workspace(&self) -> ModelWorkspace<F> {
        ModelWorkspace {
            rnn: self.rnn.workspace(),
            head_gradients: self.head.params().zeros_like(),
            head_weight_t: Panels::new(),
            prediction: Vec::new(),
            d_prediction: Vec::new(),
            outputs: self.head.output(),
        }
    }

    /// Predictions for a [`Run`], or for an array (batch, time, input) alone: (batch, time, output). Allocates its own
    /// memory.
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
        let run = self.rnn.run(run, keep, &mut ws.rnn);
        let rows = ws.rnn.rows();
        ws.prediction.resize(rows * ws.outputs, F::zero());
        ws.d_prediction.resize(rows * ws.outputs, F::zero());
        if let Err(error) = run {
            // States that overflowed can be looked at; predictions from them would not mean anything.
            ws.prediction.fill(F::nan());
            return Err(error);
        }
        self.head.pack(&mut ws.head_weight_t);
        self.head.forward(rows, ws.rnn.top_output(), &ws.head_weight_t, &mut ws.prediction);
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

    /// The loss of the predictions for a [`Run`] against a [`Target`], or for arrays (batch, time, input) and (batch, time,
    /// output) alone, and the gradient of every parameter, of the input and of every state, which the workspace then holds.
    ///
    /// # Errors
    /// As [`Stack::forward`], for `y` too, and [`Error::NonFinite`] if the loss or a gradient is not finite.
    pub fn loss_and_gradients<'a>(
        &self,
        run: impl Into<Run<'a, F>>,
        target: impl Into<Target<'a, F>>,
        loss: &impl Loss<F>,
        ws: &mut ModelWorkspace<F>,
    ) -> Result<F> {
        self.differentiate(run.into(), target.into(), loss, InputGradient::Compute, ws)
    }

    /// The loss alone, as [`loss_and_gradients`](Self::loss_and_gradients): to validate, sooner and with less memory.
    ///
    /// # Errors
    /// As [`loss_and_gradients`](Self::loss_and_gradients).
    pub fn loss<'a>(
        &self,
        run: impl Into<Run<'a, F>>,
        target: impl Into<Target<'a, F>>,
        loss: &impl Loss<F>,
        ws: &mut ModelWorkspace<F>,
    ) -> Result<F> {
        self.evaluate(run.into(), target.into(), loss, Keep::States, ws)
    }

    /// The loss, and ∂L/∂prediction.
    fn evaluate(
        &self,
        run: Run<'_, F>,
        target: Target<'_, F>,
        loss: &impl Loss<F>,
        keep: Keep,
        ws: &mut ModelWorkspace<F>,
    ) -> Result<F> {
        let (batch, time, _) = run.x.dim();
        let Target { y, mask } = target;
        let outputs = self.head.output();
        let width = loss.target_width(outputs);
        check_shape("y (batch, time, outputs)", &[batch, time, width], y.shape())?;
        if let Some(mask) = mask {
            check_shape("the mask (batch, time)", &[batch, time], mask.shape())?;
        }
        let counted = Counted { lengths: run.lengths, mask };
        self.check_target(y, loss, &counted)?;
        self.run(run, keep, ws)?;

        let shape = (batch, time, ws.outputs);
        let (prediction, d_prediction) = (&ws.prediction, &mut ws.d_prediction);
        let value =
            loss.evaluate_counted(view(prediction, shape), y, &counted, view_mut(d_prediction, shape));
        if value.is_finite() {
            return Ok(value);
        }
        Err(Error::NonFinite { place: Place::Loss, value: value.to_string() })
    }

    fn check_target(&self, y: ArrayView3<'_, F>, loss: &impl Loss<F>, counted: &Counted<'_>) -> Result<()> {
        let (batch, time, _) = y.dim();
        if let Some(lengths) = counted.lengths {
            Extent::check(batch, time, lengths)?;
        }
        let counts = |b: usize, t: usize| {
            counted.lengths.is_none_or(|lengths| t < lengths[b])
                && counted.mask.is_none_or(|mask| mask[[b, t]])
        };
        if (counted.lengths.is_some() || counted.mask.is_some())
            && counted.timesteps(batch, time, Timesteps::All) == 0
        {
            return Err(Error::NothingCounted { batch, time });
        }
        if !y.as_slice().map_or_else(|| y.iter().all(|y| y.is_finite()), reduce::all_finite) {
            // What does not count may be anything.
            let bad = y.indexed_iter().find(|((b, t, _), y)| !y.is_finite() && counts(*b, *t));
            if let Some(((b, t, o), value)) = bad {
                let place = Place::Given { array: "y", index: vec![b, t, o] };
                return Err(Error::NonFinite { place, value: value.to_string() });
            }
        }
        loss.check_target(y, self.head.output(), counted)
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
        let value = self.evaluate(run, target, loss, Keep::Everything, ws)?;
        let rows = ws.rnn.rows();
        ws.rnn.resize_back();
        let (h, d_h, scratch) = ws.rnn.top();
        self.head.backward(rows, h, &ws.d_prediction, &mut ws.head_gradients, d_h, scratch);
        self.rnn.back_from_top(None, d_input, &mut ws.rnn);
        check_gradients(ws)?;
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
    /// The predictions, (batch, time, outputs).
    pub fn prediction(&self) -> ArrayView3<'_, F> {
        view(&self.prediction, (self.rnn.extent.batch, self.rnn.extent.time, self.outputs))
    }

    /// ∂L/∂prediction, (batch, time, outputs).
    pub fn d_prediction(&self) -> ArrayView3<'_, F> {
        view(&self.d_prediction, (self.rnn.extent.batch, self.rnn.extent.time, self.outputs))
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
