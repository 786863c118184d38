//! Layers on top of each other: what `torch.nn.RNN`, `nn.LSTM` and `nn.GRU` are.

mod checks;

pub(crate) use checks::{
    StateName, check_first_state_gradients, check_gradients, check_state, check_state_gradients,
};

use ndarray::{Array1, Array2, ArrayView2, ArrayView3, s};

use crate::Real;
use crate::cell::Cell;
use crate::error::{Error, Result, check_shape, check_size};
use crate::init::{self, Init, Weights};
use crate::kernel::{Store, reduce};
use crate::memory::columns::fit;
use crate::memory::tape::{Keep, Tape};
use crate::memory::workspace::{Workspace, view_mut};
use crate::network::extent::Extent;
use crate::network::layer::{Gradients, Input, Layer, Widths};
use crate::network::noise::Noise;
use crate::network::options::{Options, Zoneout};
use crate::network::params::{Parameters, Params};
use crate::network::run::Run;
use crate::network::state::{LayerState, State};
use crate::random::Random;

/// Recurrent layers, each reading the hidden states of the one below, and their parameters.
///
/// ```
/// use ndarray::Array3;
/// use rnn_core::{Bias, Elman, Init, Parameters, Stack};
///
/// // One unit, every parameter 0.1: h_1 = tanh(0.1 · 1 + 0.1) = tanh 0.2.
/// let mut rnn = Stack::<f64>::zeros(Elman::tanh(), 1, &[1], Bias::Single)?;
/// rnn.fill(0.1);
/// let mut ws = rnn.workspace();
/// rnn.forward(Array3::ones((1, 1, 1)).view(), &mut ws)?;
/// assert!((ws.output()[[0, 0, 0]] - 0.197_375_320_224_904).abs() < 1e-12);
///
/// // L = h_1, so dL/dh_1 = 1 and dL/dx_1 = 0.1 (1 − h²).
/// rnn.backward(Array3::ones((1, 1, 1)).view(), None, &mut ws)?;
/// assert!((ws.d_input()[[0, 0, 0]] - 0.1 * (1.0 - 0.197_375_320_224_904f64.powi(2))).abs() < 1e-12);
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stack<F: Real> {
    /// Those of a level stand side by side: the forward one, and the backward one if there is one.
    layers: Vec<Layer<F>>,
    options: Options,
    params: Params<F>,
}

impl<F: Real> Stack<F> {
    /// Layers of zeros: `input` features below, then `hidden[k]` units in layer k. A [`Bias`](crate::Bias) alone says that all
    /// other options are off.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize) if a size is 0 or there is no layer, [`Error::InvalidOption`](crate::Error::InvalidOption) for an option out of its range,
    /// [`Error::Projection`](crate::Error::Projection) for a projection to no fewer numbers than units,
    /// [`Error::Unsuited`](crate::Error::Unsuited) for an option that the cell cannot have, and
    /// [`Error::TooLarge`](crate::Error::TooLarge) for more parameters than there is memory for.
    pub fn zeros(
        cell: impl Into<Cell<F>>,
        input: usize,
        hidden: &[usize],
        options: impl Into<Options>,
    ) -> Result<Self> {
        let (cell, options) = (cell.into(), options.into());
        check_size("the number of layers", hidden.len())?;
        let mut layers = Vec::<Layer<F>>::with_capacity(hidden.len() * options.directions());
        for &units in hidden {
            let below = layers.last().map_or(input, |layer| layer.output() * options.directions());
            for _ in 0..options.directions() {
                layers.push(Layer::new(cell.clone(), below, units, options)?);
            }
        }
        let named = named(&layers, options.directions());
        let params = Params::zeros(named.flat_map(|(k, suffix, layer)| layer.parameters(k, suffix)));
        let largest = layers.iter().max_by_key(|layer| layer.parameter_count());
        let params = params.ok_or_else(|| {
            let (input, units) = largest.map_or((input, 0), |layer| (layer.input, layer.hidden));
            Error::TooLarge { input, units }
        })?;
        Ok(Self { layers, options, params })
    }

    /// Layers with PyTorch's default initialization, [`Init::PyTorch`].
    ///
    /// # Errors
    /// As [`zeros`](Self::zeros).
    pub fn new(
        cell: impl Into<Cell<F>>,
        input: usize,
        hidden: &[usize],
        options: impl Into<Options>,
        rng: &mut (impl Random<F> + ?Sized),
    ) -> Result<Self> {
        let mut stack = Self::zeros(cell, input, hidden, options)?;
        stack.initialize(Init::PyTorch, rng)?;
        Ok(stack)
    }

    /// Sets the parameters that `init` is about, as the table of [`Init`] says.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) if a number of `init` is out of range, [`Error::Init`](crate::Error::Init) if the cell or the layers lack what
    /// it is about, [`Error::NonFinite`](crate::Error::NonFinite) if a number that is drawn is not finite in the float type. Nothing has
    /// changed then.
    pub fn initialize(&mut self, init: Init, rng: &mut (impl Random<F> + ?Sized)) -> Result<()> {
        init::initialize_stack(
            named(&self.layers, self.options.directions()),
            &mut self.params,
            init,
            None,
            rng,
        )
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
        init::initialize_stack(
            named(&self.layers, self.options.directions()),
            &mut self.params,
            init,
            Some(weights),
            rng,
        )
    }

    /// The layers, the lowest first; with two directions, the forward and the backward one of each level.
    pub fn layers(&self) -> &[Layer<F>] {
        &self.layers
    }

    pub(crate) fn layers_mut(&mut self) -> &mut [Layer<F>] {
        &mut self.layers
    }

    /// How the stack was built.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The names and shapes of each layer's parameters.
    pub(crate) fn parameter_names(&self) -> impl Iterator<Item = Vec<(String, Vec<usize>)>> {
        let named = named(&self.layers, self.options.directions());
        named.map(|(k, suffix, layer)| layer.parameters(k, suffix))
    }

    fn widths(&self) -> impl ExactSizeIterator<Item = Widths> {
        self.layers.iter().map(|layer| layer.widths)
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

    /// Features of the output: the hidden size of the last layer, of both directions together.
    pub fn output(&self) -> usize {
        self.layers[self.layers.len() - 1].output() * self.options.directions()
    }

    /// The parameters of all layers.
    pub fn params(&self) -> &Params<F> {
        &self.params
    }

    /// The parameters of all layers, to be changed.
    pub fn params_mut(&mut self) -> &mut Params<F> {
        &mut self.params
    }

    /// W_hh of a layer, (gates, hidden); with two directions, that of the forward one.
    ///
    /// # Panics
    /// If there is no such layer.
    pub fn weight_hh(&self, layer: usize) -> ArrayView2<'_, F> {
        let array = self.params.get(&format!("weight_hh_l{layer}")).expect("a layer of this stack");
        array.into_dimensionality().expect("W_hh is a matrix")
    }

    /// Empty memory for passes of this stack.
    pub fn workspace(&self) -> Workspace<F> {
        let tapes = self.layers.iter().map(|layer| Tape::new(layer.widths)).collect();
        Workspace::new(self.input(), tapes, self.options.directions(), self.params.zeros_like())
    }

    /// The zero state for a batch.
    pub fn zero_state(&self, batch: usize) -> State<F> {
        let layers = self.layers.iter().map(|layer| {
            let widths = layer.widths;
            let zeros = |width| Array2::zeros((batch, width));
            LayerState { h: zeros(widths.output), c: (widths.cell > 0).then(|| zeros(widths.cell)) }
        });
        State { layers: layers.collect() }
    }

    /// The state from which a pass starts if none is given: the learned one, or zeros.
    pub fn initial_state(&self, batch: usize) -> State<F> {
        let mut state = self.zero_state(batch);
        for ((layer, theta), state) in self.layers.iter().zip(self.layer_parameters()).zip(&mut state.layers)
        {
            if layer.learned_initial {
                let p = layer.split(theta);
                state.h.assign(&Array1::from_vec(p.h_0.to_vec()));
                if let Some(c) = &mut state.c {
                    c.assign(&Array1::from_vec(p.c_0.to_vec()));
                }
            }
        }
        state
    }

    /// Runs over a [`Run`], or an array (batch, time, input) alone: from the learned initial state or from zeros, then. The
    /// workspace then holds every state.
    ///
    /// # Errors
    /// If a shape or a length does not fit, a size is 0, the workspace belongs to another network, or a number in `x` or in
    /// the initial state is not finite. If a parameter or a hidden state is not finite, the error names the first one, and
    /// the workspace can still be read.
    pub fn forward<'a>(&self, run: impl Into<Run<'a, F>>, ws: &mut Workspace<F>) -> Result<()> {
        self.run(run.into(), Keep::Everything, ws)
    }

    /// [`forward`](Self::forward) without what a backward pass needs: the same states, sooner, and with less memory on long
    /// sequences.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn infer<'a>(&self, run: impl Into<Run<'a, F>>, ws: &mut Workspace<F>) -> Result<()> {
        self.run(run.into(), Keep::States, ws)
    }

    pub(crate) fn run(&self, run: Run<'_, F>, keep: Keep, ws: &mut Workspace<F>) -> Result<()> {
        let (batch, time, input) = run.x.dim();
        check_shape("x (batch, time, features)", &[batch, time, self.input()], &[batch, time, input])?;
        check_size("the batch size", batch)?;
        check_size("the number of timesteps", time)?;
        if let Some(lengths) = run.lengths {
            Extent::check(batch, time, lengths)?;
        }
        self.check_workspace(ws)?;
        self.check_countable(batch, time, 0)?;
        if let Some(state) = run.initial {
            check_state(self.widths(), StateName::INITIAL, state, batch)?;
        }

        ws.extent.set(batch, time, run.lengths);
        ws.resize(keep);
        view_mut(&mut ws.x, run.x.dim()).assign(&run.x);
        if ws.extent.lengths().is_some() {
            let rows = ws.x.chunks_exact_mut(batch * input).enumerate();
            rows.for_each(|(t, rows)| ws.extent.clear(t, rows));
        }
        if !reduce::all_finite(&ws.x) {
            // Nothing was run: what the tapes hold belongs to another input.
            let error = checks::non_finite_within("x", run.x, &ws.extent);
            ws.forget();
            return Err(error);
        }
        self.regularize(run.noise, ws);

        let mut finite = reduce::all_finite(self.params.as_slice());
        let directions = self.options.directions();
        let Workspace { extent, x, tapes, joints, .. } = ws;
        for (k, (layer, theta)) in self.layers.iter().zip(self.layer_parameters()).enumerate() {
            let (level, backward) = (k / directions, k % directions == 1);
            let (below, tapes) = tapes.split_at_mut(level * directions);
            let (joints, above) = joints.split_at_mut(level);
            let x = match joints.last() {
                Some(joint) => joint.output(&below[below.len() - directions..], extent),
                None => x.as_slice(),
            };
            let tape = &mut tapes[k % directions];
            let given = run.initial.filter(|_| !(backward && run.carried));
            place(layer, theta, given.map(|state| &state.layers[k]), batch, tape);
            if backward {
                let mut reversed = std::mem::take(&mut tape.x);
                fit(&mut reversed, x.len());
                extent.reverse(x, &mut reversed, layer.input);
                finite &= layer.forward(theta, Input { rows: &reversed, extent }, keep, tape);
                tape.x = reversed;
            } else {
                finite &= layer.forward(theta, Input { rows: x, extent }, keep, tape);
            }
            if k % directions == directions - 1 {
                above[0].join(&tapes[..directions], extent);
            }
        }
        if finite { Ok(()) } else { self.first_non_finite(ws) }
    }

    /// Makes joints and masks ready for a pass.
    fn regularize(&self, noise: Option<Noise>, ws: &mut Workspace<F>) {
        let mut generator = noise.filter(|_| self.options.noisy()).map(Noise::generator);
        let Options { dropout, recurrent_dropout, zoneout, .. } = self.options;
        let Extent { batch, time, .. } = ws.extent;
        let (directions, levels) = (self.options.directions(), ws.joints.len());
        for tape in &mut ws.tapes {
            let [hidden, cell] = [tape.widths.output, tape.widths.cell].map(|width| batch * width);
            match &mut generator {
                Some(generator) if recurrent_dropout > 0.0 => {
                    tape.dropped.draw(hidden, time, recurrent_dropout, generator);
                }
                _ => tape.dropped.off(),
            }
            if zoneout != Zoneout::default() {
                tape.zones.set(zoneout, time, [hidden, cell], generator.as_mut());
            }
        }
        for (level, (joint, tapes)) in ws.joints.iter_mut().zip(ws.tapes.chunks_exact(directions)).enumerate()
        {
            let between = level + 1 < levels && dropout > 0.0;
            let generator = generator.as_mut().filter(|_| between);
            joint.resize(tapes, &ws.extent, generator.map(|generator| (dropout, generator)));
        }
    }

    /// The way back. `d_output`, (batch, time, hidden), is ∂L/∂output, and `d_final` ∂L/∂(h_n, c_n) where the loss also
    /// depends on the final state. What `d_output` holds past a sequence's end does not count. The workspace of the
    /// forward pass then holds every gradient.
    ///
    /// # Errors
    /// [`Error::NothingRecorded`](crate::Error::NothingRecorded) without a forward pass, [`Error::Shape`](crate::Error::Shape) if a shape does not fit, and
    /// [`Error::NonFinite`](crate::Error::NonFinite) if a number given or a gradient is not finite.
    pub fn backward(
        &self,
        d_output: ArrayView3<'_, F>,
        d_final: Option<&State<F>>,
        ws: &mut Workspace<F>,
    ) -> Result<()> {
        self.place_checked(d_output, d_final, ws)?;
        self.back_from_top(d_final, InputGradient::Compute, ws);
        check_gradients(&ws.gradients)?;
        check_state_gradients(ws)
    }

    /// Writes what a way back begins with to its place, if it fits the pass that was recorded and is finite.
    pub(crate) fn place_checked(
        &self,
        d_output: ArrayView3<'_, F>,
        d_final: Option<&State<F>>,
        ws: &mut Workspace<F>,
    ) -> Result<()> {
        self.check_recorded(ws)?;
        let Extent { batch, time, .. } = ws.extent;
        check_shape("d_output (batch, time, hidden)", &[batch, time, self.output()], d_output.shape())?;
        if let Some(state) = d_final {
            check_state(self.widths(), StateName::FINAL_GRADIENT, state, batch)?;
        }
        ws.resize_back();
        Self::place_gradient(d_output, ws);
        ws.clear_past_ends();
        if reduce::all_finite(ws.top().1) {
            return Ok(());
        }
        Err(checks::non_finite_within("d_output", d_output, &ws.extent))
    }

    /// Writes ∂L/∂output to where [`back_from_top`](Self::back_from_top) takes it.
    pub(crate) fn place_gradient(d_output: ArrayView3<'_, F>, ws: &mut Workspace<F>) {
        let (_, d_top, ..) = ws.top();
        view_mut(d_top, d_output.dim()).assign(&d_output);
    }

    /// The gradients of the states only, from the output at timestep `t`, from 0, alone.
    pub(crate) fn back_from_timestep(&self, d_output: ArrayView3<'_, F>, t: usize, ws: &mut Workspace<F>) {
        let (_, d_top, ..) = ws.top();
        let mut d_top = view_mut(d_top, d_output.dim());
        d_top.fill(F::zero());
        d_top.slice_mut(s![.., t, ..]).assign(&d_output.slice(s![.., t, ..]));
        // A backward direction reaches the later timesteps.
        let from = if self.options.bidirectional { ws.extent.time - 1 } else { t };
        self.back(None, Wanted { from, parameters: false, input: false }, ws);
    }

    /// [`backward`](Self::backward), with ∂L/∂output already in place.
    pub(crate) fn back_from_top(
        &self,
        d_final: Option<&State<F>>,
        d_input: InputGradient,
        ws: &mut Workspace<F>,
    ) {
        let from = ws.extent.time - 1;
        let input = d_input == InputGradient::Compute;
        self.back(d_final, Wanted { from, parameters: true, input }, ws);
    }

    fn back(&self, d_final: Option<&State<F>>, wanted: Wanted, ws: &mut Workspace<F>) {
        ws.clear_past_ends();
        (ws.differentiated, ws.input_differentiated) = (true, wanted.input);
        let directions = self.options.directions();
        let Workspace { extent, x, d_x, tapes, joints, gradients, scratch, .. } = ws;
        let (mut theta, mut d_theta) = (self.params.as_slice(), gradients.as_mut_slice());
        for (k, layer) in self.layers.iter().enumerate().rev() {
            let (level, backward) = (k / directions, k % directions == 1);
            let (below, tapes) = tapes.split_at_mut(level * directions);
            let tapes = &mut tapes[..directions];
            let (joints_below, joint) = joints.split_at_mut(level);
            let joint = &mut joint[0];
            let count = layer.parameter_count();
            let (own, d_own);
            (theta, own) = theta.split_at(theta.len() - count);
            (d_theta, d_own) = std::mem::take(&mut d_theta).split_at_mut(theta.len());

            if k % directions == directions - 1 {
                joint.part(tapes, extent);
            }
            let tape = &mut tapes[k % directions];
            if let Some(state) = d_final {
                add_final(tape, &state.layers[k], extent);
            }
            let below = below.len().checked_sub(directions).map(|first| &mut below[first..]);
            // x of this layer is read while its gradient is written: they lie in different buffers.
            let (rows, d_rows) = match (below, joints_below.last_mut()) {
                (Some(below), Some(joint)) => {
                    let (rows, d_rows) = joint.both_ways(below, extent);
                    (rows, Some(d_rows))
                }
                _ => (x.as_slice(), wanted.input.then_some(d_x.as_mut_slice())),
            };
            let (from, d_own) = (wanted.from, wanted.parameters.then_some(d_own));
            if backward {
                let (reversed, mut d_reversed) = (std::mem::take(&mut tape.x), std::mem::take(&mut tape.d_x));
                fit(&mut d_reversed, rows.len());
                let d_reverse = d_rows.is_some().then_some((d_reversed.as_mut_slice(), Store::Set));
                let input = Input { rows: &reversed, extent };
                layer.backward(own, input, tape, Gradients { from, theta: d_own, x: d_reverse }, scratch);
                if let Some(d_rows) = d_rows {
                    extent.reverse(&d_reversed, d_rows, layer.input);
                }
                (tape.x, tape.d_x) = (reversed, d_reversed);
            } else {
                // After the backward direction, which came first.
                let store = if directions == 2 { Store::Add } else { Store::Set };
                let d_x = d_rows.map(|d_rows| (d_rows, store));
                layer.backward(
                    own,
                    Input { rows, extent },
                    tape,
                    Gradients { from, theta: d_own, x: d_x },
                    scratch,
                );
                joint.collect(tapes, extent);
            }
        }
    }
}

impl<F: Real> Parameters<F> for Stack<F> {
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

/// What a way back computes, beside the gradients of all states.
#[derive(Clone, Copy)]
struct Wanted {
    /// The last timestep, from 0, that a gradient comes from.
    from: usize,
    parameters: bool,
    input: bool,
}

/// Every layer with its level and what its parameters' names end in.
fn named<F: Real>(
    layers: &[Layer<F>],
    directions: usize,
) -> impl Iterator<Item = (usize, &'static str, &Layer<F>)> {
    let suffix = move |k: usize| if k % directions == 1 { "_reverse" } else { "" };
    layers.iter().enumerate().map(move |(k, layer)| (k / directions, suffix(k), layer))
}

/// Block 0 of the states: what was given, or what was learned, or zeros.
fn place<F: Real>(
    layer: &Layer<F>,
    theta: &[F],
    given: Option<&LayerState<F>>,
    batch: usize,
    tape: &mut Tape<F>,
) {
    let Widths { output, cell, .. } = tape.widths;
    tape.given = given.is_some();
    let p = layer.split(theta);
    let given = given.map(|state| (Some(&state.h), state.c.as_ref()));
    let (h, c) = given.unwrap_or_default();
    for (block, given, learned) in
        [(&mut tape.h[..batch * output], h, p.h_0), (&mut tape.c[..batch * cell], c, p.c_0)]
    {
        match given {
            Some(given) => block.iter_mut().zip(given).for_each(|(to, &from)| *to = from),
            None if learned.is_empty() => block.fill(F::zero()),
            None => block.chunks_exact_mut(learned.len()).for_each(|row| row.copy_from_slice(learned)),
        }
    }
}

/// Adds ∂L/∂(h_n, c_n) where each sequence ends.
fn add_final<F: Real>(tape: &mut Tape<F>, last: &LayerState<F>, extent: &Extent) {
    for (states, last) in [(&mut tape.d_h, Some(&last.h)), (&mut tape.d_c, last.c.as_ref())] {
        for (b, row) in last.iter().flat_map(|last| last.rows()).enumerate() {
            let first = (extent.length(b) * extent.batch + b) * row.len();
            states[first..][..row.len()].iter_mut().zip(row).for_each(|(to, &d)| *to += d);
        }
    }
}
