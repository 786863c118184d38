//! Layers on top of each other: what `torch.nn.RNN`, `nn.LSTM` and `nn.GRU` are.

mod checks;

pub(crate) use checks::{StateName, check_gradients, check_state, non_finite_given};

use ndarray::{Array2, ArrayView2, ArrayView3};

use crate::cell::{Cell, Widths};
use crate::error::{Error, Result, check_shape, check_size};
use crate::init::{self, Init, Weights};
use crate::kernel::reduce;
use crate::layer::{Input, Layer};
use crate::params::{Parameters, Params};
use crate::random::Random;
use crate::state::{LayerState, State};
use crate::tape::{Keep, Tape};
use crate::workspace::{Workspace, view_mut};
use crate::{Bias, Real};

/// Recurrent layers, each reading the hidden states of the one below, and their parameters.
///
/// ```
/// use ndarray::Array3;
/// use rnn_core::{Bias, Elman, Init, Parameters, Stack};
///
/// // One unit, every parameter 0.1: h_1 = tanh(0.1 · 1 + 0.1) = tanh 0.2.
/// let mut rnn = Stack::<f64, _>::zeros(Elman::tanh(), 1, &[1], Bias::Single)?;
/// rnn.fill(0.1);
/// let mut ws = rnn.workspace();
/// rnn.forward(Array3::ones((1, 1, 1)).view(), None, &mut ws)?;
/// assert!((ws.output()[[0, 0, 0]] - 0.197_375_320_224_904).abs() < 1e-12);
///
/// // L = h_1, so dL/dh_1 = 1 and dL/dx_1 = 0.1 (1 − h²).
/// rnn.backward(Array3::ones((1, 1, 1)).view(), None, &mut ws)?;
/// assert!((ws.d_input()[[0, 0, 0]] - 0.1 * (1.0 - 0.197_375_320_224_904f64.powi(2))).abs() < 1e-12);
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stack<F, C> {
    layers: Vec<Layer<C>>,
    params: Params<F>,
}

impl<F: Real, C: Cell<F>> Stack<F, C> {
    /// Layers of zeros: `input` features below, then `hidden[k]` units in layer k.
    ///
    /// # Errors
    /// [`Error::ZeroSize`] if a size is 0 or there is no layer.
    pub fn zeros(cell: C, input: usize, hidden: &[usize], bias: Bias) -> Result<Self> {
        check_size("the number of layers", hidden.len())?;
        let mut layers = Vec::<Layer<C>>::with_capacity(hidden.len());
        for &units in hidden {
            let below = layers.last().map_or(input, |layer| layer.widths().hidden);
            layers.push(Layer::new(cell.clone(), below, units, bias)?);
        }
        let params = Params::zeros(layers.iter().enumerate().flat_map(|(k, layer)| layer.parameters(k)));
        Ok(Self { layers, params })
    }

    /// Layers with PyTorch's default initialization, [`Init::PyTorch`].
    ///
    /// # Errors
    /// As [`zeros`](Self::zeros).
    pub fn new(
        cell: C,
        input: usize,
        hidden: &[usize],
        bias: Bias,
        rng: &mut (impl Random<F> + ?Sized),
    ) -> Result<Self> {
        let mut stack = Self::zeros(cell, input, hidden, bias)?;
        stack.initialize(Init::PyTorch, rng)?;
        Ok(stack)
    }

    /// Sets the parameters that `init` is about, as the table of [`Init`] says.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] if a number of `init` is out of range, [`Error::Init`] if the cell or the layers lack what
    /// it is about. Nothing has changed then.
    pub fn initialize(&mut self, init: Init, rng: &mut (impl Random<F> + ?Sized)) -> Result<()> {
        init::initialize_stack(&self.layers, &mut self.params, init, None, rng)
    }

    /// Sets these matrices of every layer, and nothing else, by any rule that is not one for biases.
    ///
    /// # Errors
    /// As [`initialize`](Self::initialize).
    pub fn initialize_weights(
        &mut self,
        weights: Weights,
        init: Init,
        rng: &mut (impl Random<F> + ?Sized),
    ) -> Result<()> {
        init::initialize_stack(&self.layers, &mut self.params, init, Some(weights), rng)
    }

    /// The layers, the lowest first.
    pub fn layers(&self) -> &[Layer<C>] {
        &self.layers
    }

    fn widths(&self) -> impl ExactSizeIterator<Item = Widths> {
        self.layers.iter().map(Layer::widths)
    }

    /// Each layer's part of the parameters.
    pub(crate) fn layer_parameters(&self) -> impl Iterator<Item = &[F]> {
        self.layers.iter().scan(self.params.as_slice(), |rest, layer| {
            let (own, others) = rest.split_at(layer.parameter_count());
            *rest = others;
            Some(own)
        })
    }

    /// Features of the input.
    pub fn input(&self) -> usize {
        self.layers[0].input
    }

    /// Features of the output: the hidden size of the last layer.
    pub fn output(&self) -> usize {
        self.layers[self.layers.len() - 1].widths().hidden
    }

    /// The parameters of all layers.
    pub fn params(&self) -> &Params<F> {
        &self.params
    }

    /// The parameters of all layers, to be changed.
    pub fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    /// W_hh of a layer, (gates, hidden).
    ///
    /// # Panics
    /// If there is no such layer.
    pub fn weight_hh(&self, layer: usize) -> ArrayView2<'_, F> {
        let array = self.params.get(&format!("weight_hh_l{layer}")).expect("a layer of this stack");
        array.into_dimensionality().expect("W_hh is a matrix")
    }

    /// Empty memory for passes of this stack.
    pub fn workspace(&self) -> Workspace<F> {
        let tapes = self.layers.iter().map(|layer| Tape::new(layer.widths())).collect();
        Workspace::new(self.input(), tapes, self.params.zeros_like())
    }

    /// The zero state for a batch.
    pub fn zero_state(&self, batch: usize) -> State<F> {
        let layers = self.layers.iter().map(|layer| {
            let widths = layer.widths();
            let zeros = |width| Array2::zeros((batch, width));
            LayerState { h: zeros(widths.hidden), c: (widths.cell > 0).then(|| zeros(widths.cell)) }
        });
        State { layers: layers.collect() }
    }

    /// Runs over `x`, (batch, time, input), from the given initial state or from zeros. The workspace then holds every
    /// state.
    ///
    /// # Errors
    /// If a shape does not fit, a size is 0, the workspace belongs to another network, or a number in `x` or in
    /// `initial` is not finite. If a parameter or a hidden state is not finite, the error names the first one, and the
    /// workspace can still be read.
    pub fn forward(
        &self,
        x: ArrayView3<'_, F>,
        initial: Option<&State<F>>,
        ws: &mut Workspace<F>,
    ) -> Result<()> {
        self.run(x, initial, Keep::Everything, ws)
    }

    /// [`forward`](Self::forward) without what a backward pass needs: the same states, sooner, and with less memory on long
    /// sequences.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn infer(
        &self,
        x: ArrayView3<'_, F>,
        initial: Option<&State<F>>,
        ws: &mut Workspace<F>,
    ) -> Result<()> {
        self.run(x, initial, Keep::States, ws)
    }

    pub(crate) fn run(
        &self,
        x: ArrayView3<'_, F>,
        initial: Option<&State<F>>,
        keep: Keep,
        ws: &mut Workspace<F>,
    ) -> Result<()> {
        let (batch, time, input) = x.dim();
        check_shape("x (batch, time, features)", &[batch, time, self.input()], &[batch, time, input])?;
        check_size("the batch size", batch)?;
        check_size("the number of timesteps", time)?;
        self.check_workspace(ws)?;
        if let Some(state) = initial {
            check_state(self.widths(), StateName::INITIAL, state, batch)?;
        }

        ws.resize(batch, time, keep);
        view_mut(&mut ws.x, x.dim()).assign(&x);
        if !reduce::all_finite(&ws.x) {
            // Nothing was run: what the tapes hold belongs to another input.
            ws.resize(0, 0, keep);
            return Err(non_finite_given("x", x.view().into_dyn()));
        }

        let mut finite = reduce::all_finite(self.params.as_slice());
        for (k, (layer, theta)) in self.layers.iter().zip(self.layer_parameters()).enumerate() {
            let (below, tape) = ws.tapes.split_at_mut(k);
            let tape = &mut tape[0];
            let given = initial.map(|state| &state.layers[k]);
            place(given.iter().flat_map(|layer| &layer.h), &mut tape.h[..batch * tape.widths.hidden]);
            place(
                given.iter().flat_map(|layer| layer.c.iter().flatten()),
                &mut tape.c[..batch * tape.widths.cell],
            );
            let rows = below.last().map_or(ws.x.as_slice(), |below| &below.h[batch * below.widths.hidden..]);
            finite &= layer.forward(theta, Input { rows, batch, time }, keep, tape);
        }
        if finite { Ok(()) } else { self.first_non_finite(ws) }
    }

    /// The way back. `d_output`, (batch, time, hidden), is ∂L/∂output, and `d_final` ∂L/∂(h_n, c_n) where the loss also
    /// depends on the final state. The workspace of the forward pass then holds every gradient.
    ///
    /// # Errors
    /// [`Error::NothingRecorded`] without a forward pass, [`Error::Shape`] if a shape does not fit, and
    /// [`Error::NonFinite`] if a number given or a gradient is not finite.
    pub fn backward(
        &self,
        d_output: ArrayView3<'_, F>,
        d_final: Option<&State<F>>,
        ws: &mut Workspace<F>,
    ) -> Result<()> {
        self.check_workspace(ws)?;
        let (batch, time) = (ws.batch, ws.time);
        if batch == 0 || ws.keep == Keep::States {
            return Err(Error::NothingRecorded);
        }
        check_shape("d_output (batch, time, hidden)", &[batch, time, self.output()], d_output.shape())?;
        if let Some(state) = d_final {
            check_state(self.widths(), StateName::FINAL_GRADIENT, state, batch)?;
        }
        let (_, d_top, _) = ws.top();
        view_mut(d_top, d_output.dim()).assign(&d_output);
        if !reduce::all_finite(d_top) {
            return Err(non_finite_given("d_output", d_output.into_dyn()));
        }
        self.back_from_top(d_final, InputGradient::Compute, ws);
        check_gradients(&ws.gradients)
    }

    /// [`backward`](Self::backward), with ∂L/∂output already in place.
    pub(crate) fn back_from_top(
        &self,
        d_final: Option<&State<F>>,
        d_input: InputGradient,
        ws: &mut Workspace<F>,
    ) {
        let Workspace { batch, time, x, d_x, tapes, gradients, scratch, .. } = ws;
        let (mut theta, mut d_theta) = (self.params.as_slice(), gradients.as_mut_slice());
        for (k, layer) in self.layers.iter().enumerate().rev() {
            let (below, tape) = tapes.split_at_mut(k);
            let tape = &mut tape[0];
            let count = layer.parameter_count();
            let (own, d_own);
            (theta, own) = theta.split_at(theta.len() - count);
            (d_theta, d_own) = std::mem::take(&mut d_theta).split_at_mut(theta.len());

            tape.d_h[..*batch * tape.widths.hidden].fill(F::zero());
            tape.d_c.fill(F::zero());
            if let Some(state) = d_final {
                let last = &state.layers[k];
                let from = tape.d_h.len() - last.h.len();
                tape.d_h[from..].iter_mut().zip(&last.h).for_each(|(to, &d)| *to += d);
                let from = tape.d_c.len() - last.c.as_ref().map_or(0, Array2::len);
                tape.d_c[from..].iter_mut().zip(last.c.iter().flatten()).for_each(|(to, &d)| *to += d);
            }
            let (rows, d_x) = match below.last_mut() {
                Some(below) => {
                    let output = *batch * below.widths.hidden;
                    (&below.h[output..], Some(&mut below.d_h[output..]))
                }
                None => (x.as_slice(), (d_input == InputGradient::Compute).then_some(d_x.as_mut_slice())),
            };
            let x = Input { rows, batch: *batch, time: *time };
            layer.backward(own, x, tape, d_own, d_x, scratch);
        }
    }
}

impl<F: Real, C> Parameters<F> for Stack<F, C> {
    fn blocks(&self) -> impl Iterator<Item = &Params<F>> {
        std::iter::once(&self.params)
    }

    fn blocks_mut(&mut self) -> impl Iterator<Item = &mut Params<F>> {
        std::iter::once(&mut self.params)
    }
}

/// Whether the gradient of the input is wanted: training does not need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InputGradient {
    Compute,
    Skip,
}

/// Block 0 of the states: what was given, or zeros.
fn place<'s, F: Real>(given: impl Iterator<Item = &'s F>, block: &mut [F]) {
    block.fill(F::zero());
    block.iter_mut().zip(given).for_each(|(to, &from)| *to = from);
}
