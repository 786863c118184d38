//! A loss, everything that it depends on, and the gradients that the crate claims for it.

use ndarray::Array3;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;

use crate::error::{Error, Place, Result};
use crate::inspect::gradcheck::{Case, Objective, Part, Tensor};
use crate::memory::tape::Nudge;
use crate::network::options::Zoneout;
use crate::random::Random;
use crate::{
    Cell, LayerState, Loss, Model, ModelWorkspace, Parameters, Readout, Run, State, Target, Targets,
    Timesteps,
};

/// The loss of one run of a network with random numbers everywhere.
pub(super) struct Problem<L> {
    case: Case,
    /// [`Objective::States`] uses its stack alone.
    model: Model<f64>,
    ws: ModelWorkspace<f64>,
    loss: L,
    x: Array3<f64>,
    y: Targets<f64>,
    /// Where the run starts, given or not.
    initial: State<f64>,
    /// ∂L/∂output and ∂L/∂(h_n, c_n), for [`Objective::States`].
    output_weights: Array3<f64>,
    final_weights: State<f64>,
}

/// How a pass starts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    /// As the case says.
    Own,
    /// From `initial`, as an argument. Without one in the case that is the same state.
    Given,
}

impl<L: Loss<f64>> Problem<L> {
    /// Targets are drawn if none are given.
    pub(super) fn new(cell: &Cell<f64>, loss: L, targets: Option<Targets<f64>>, case: &Case) -> Result<Self> {
        let Case { batch, time, input, ref hidden, outputs, options, .. } = *case;
        let mut rng = Pcg64Dxsm::seed_from_u64(case.seed);
        let model = Model::zeros(cell.clone(), input, hidden, outputs, options)?;
        let mut model = model.with_readout(case.readout);
        for block in model.blocks_mut() {
            for (_, mut array) in block.iter_mut() {
                // Wide enough to reach the bent parts of the activations, narrow enough not to explode.
                let bound = 1.5 / (array.shape()[array.ndim() - 1] as f64).sqrt();
                rng.fill_uniform(-bound, bound, array.as_slice_mut().expect("contiguous"));
            }
        }
        let mut normal = |shape| {
            let mut array = Array3::zeros(shape);
            rng.fill_normal(array.as_slice_mut().expect("contiguous"));
            array
        };
        let x = normal((batch, time, input));
        let y = normal((batch, case.predictions(), outputs));
        let output_weights = normal((batch, time, model.rnn.output()));
        let [given, final_weights] = [0, 1].map(|_| {
            let mut state = model.rnn.zero_state(batch);
            for LayerState { h, c } in &mut state.layers {
                for array in std::iter::once(h).chain(c) {
                    rng.fill_normal(array.as_slice_mut().expect("contiguous"));
                }
            }
            state
        });
        let initial = if case.from_state { given } else { model.rnn.initial_state(batch) };
        let (ws, y, case) = (model.workspace(), targets.unwrap_or(Targets::Values(y)), case.clone());
        Ok(Self { case, model, ws, loss, x, y, initial, output_weights, final_weights })
    }

    /// L, and the sum of the magnitudes of its terms: its rounding error is some units in the last place of that.
    pub(super) fn loss(&mut self) -> Result<(f64, f64)> {
        self.evaluate(Start::Own)
    }

    fn evaluate(&mut self, start: Start) -> Result<(f64, f64)> {
        let Self { case, model, ws, x, y, initial, .. } = self;
        let run = run(case, x, initial, start);
        let (value, size) = if case.objective == Objective::States {
            model.rnn.forward(run, &mut ws.rnn)?;
            let last = ws.rnn.final_state();
            let states = last.layers.iter().zip(&self.final_weights.layers).flat_map(|(last, w)| {
                let c = last.c.iter().flatten().zip(w.c.iter().flatten());
                last.h.iter().zip(&w.h).chain(c)
            });
            let terms = ws.rnn.output().into_iter().zip(&self.output_weights).chain(states);
            let terms = terms.map(|(s, w)| s * w);
            terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()))
        } else {
            model.forward(run, ws)?;
            let mut unused = Array3::zeros(ws.prediction().dim());
            let target = target(case, y);
            // Of the final states there is one prediction, whatever the lengths are.
            let lengths = case.lengths.as_deref().filter(|_| case.readout == Readout::EveryTimestep);
            let counted = target.counted(lengths);
            let truth = target.truth(case.predictions());
            let value = self.loss.evaluate(ws.prediction(), truth, &counted, unused.view_mut());
            (value, value.abs())
        };
        if value.is_finite() {
            return Ok((value, size));
        }
        Err(Error::NonFinite { place: Place::Loss, value: value.to_string() })
    }

    /// Back-propagation: the gradients then lie in the workspace.
    pub(super) fn differentiate(&mut self) -> Result<()> {
        let Self { case, model, ws, x, y, initial, loss, .. } = self;
        let run = run(case, x, initial, Start::Own);
        if case.objective == Objective::States {
            model.rnn.forward(run, &mut ws.rnn)?;
            model.rnn.backward(self.output_weights.view(), Some(&self.final_weights), &mut ws.rnn)
        } else {
            model.loss_and_gradients(run, target(case, y), loss, ws).map(drop)
        }
    }

    /// Everything that this loss depends on and that a gradient is computed of.
    pub(super) fn tensors(&self) -> Vec<Tensor> {
        let bare = self.case.objective == Objective::States;
        let parameters = self.model.rnn.named().chain(self.model.head.named().filter(|_| !bare));
        let mut tensors: Vec<_> =
            parameters.map(|(name, _)| Tensor::Parameter(name.to_owned())).chain([Tensor::Input]).collect();
        // Where zoneout mixes what the cell computed, c_t cannot be moved alone.
        let moves_c = self.case.options.zoneout == Zoneout::default();
        let directions = self.case.options.directions();
        for (k, state) in self.initial.layers.iter().enumerate() {
            let (layer, reverse) = (k / directions, k % directions == 1);
            for part in [Part::Hidden, Part::Cell].into_iter().take(1 + usize::from(state.c.is_some())) {
                tensors.push(Tensor::Initial { layer, reverse, part });
                let times = if part == Part::Hidden || moves_c { self.case.time } else { 0 };
                tensors.extend((1..=times).map(|timestep| Tensor::Inner { layer, reverse, timestep, part }));
            }
        }
        tensors
    }

    /// What the crate says that dL/d`tensor` is; after [`differentiate`](Self::differentiate).
    pub(super) fn gradient(&self, tensor: &Tensor) -> Vec<f64> {
        let ws = &self.ws.rnn;
        match *tensor {
            Tensor::Parameter(ref name) => {
                self.ws.parameter(name).expect("a gradient for each parameter").iter().copied().collect()
            }
            Tensor::Input => ws.d_input().iter().copied().collect(),
            Tensor::Initial { layer, reverse, part } => {
                let LayerState { h, c } = &ws.d_initial().layers[self.index(layer, reverse)];
                match part {
                    Part::Hidden => h.iter().copied().collect(),
                    Part::Cell => c.iter().flatten().copied().collect(),
                }
            }
            Tensor::Inner { layer, reverse, timestep, part } => {
                let all = match part {
                    Part::Hidden => ws.d_hidden(layer),
                    Part::Cell => ws.d_cell(layer),
                };
                let width = all.dim().2 / self.case.options.directions();
                let first = if reverse { width } else { 0 };
                let tape = &ws.tapes[self.index(layer, reverse)];
                let kept = tape.zones.hidden(timestep - 1);
                let number = |b: usize, j: usize| {
                    // The view is in the order of time, the layer may read from the end.
                    let at = if reverse { ws.extent.mirror(timestep - 1, b) } else { Some(timestep - 1) };
                    let d = at.map_or(0.0, |t| all[[b, t, first + j]]);
                    // The nudge comes before zoneout mixes: h_t moves by 1 − z of it.
                    d * (1.0 - kept.get(b * width + j).copied().unwrap_or(0.0))
                };
                (0..self.case.batch)
                    .flat_map(|b| (0..width).map(move |j| (b, j)))
                    .map(|(b, j)| number(b, j))
                    .collect()
            }
        }
    }

    /// L with `size · direction` added to `tensor`.
    pub(super) fn loss_along(&mut self, tensor: &Tensor, direction: &[f64], size: f64) -> Result<f64> {
        let start = match *tensor {
            Tensor::Inner { layer, reverse, timestep, part } => {
                let by = direction.iter().map(|d| size * d).collect();
                let index = self.index(layer, reverse);
                let cell = part == Part::Cell;
                self.ws.rnn.tapes[index].nudge = Some(Nudge { t: timestep - 1, cell, by });
                return Ok(self.evaluate(Start::Own)?.0);
            }
            Tensor::Initial { .. } => Start::Given,
            Tensor::Parameter(_) | Tensor::Input => Start::Own,
        };
        let values = self.values_mut(tensor);
        let before = values.to_vec();
        values.iter_mut().zip(direction).for_each(|(value, d)| *value += size * d);
        let outcome = self.evaluate(start);
        self.values_mut(tensor).copy_from_slice(&before);
        Ok(outcome?.0)
    }

    fn values_mut(&mut self, tensor: &Tensor) -> &mut [f64] {
        let slice = match *tensor {
            Tensor::Parameter(ref name) => {
                let array = self.model.blocks_mut().find_map(|block| block.get_mut(name));
                array.expect("a parameter of this model").into_slice()
            }
            Tensor::Input => self.x.as_slice_mut(),
            Tensor::Initial { layer, reverse, part } => {
                let index = self.index(layer, reverse);
                let LayerState { h, c } = &mut self.initial.layers[index];
                match part {
                    Part::Hidden => h.as_slice_mut(),
                    Part::Cell => c.as_mut().and_then(|c| c.as_slice_mut()),
                }
            }
            Tensor::Inner { .. } => unreachable!("a state inside the run is nudged"),
        };
        slice.expect("contiguous")
    }

    /// Where a layer stands among the layers of both directions.
    fn index(&self, layer: usize, reverse: bool) -> usize {
        layer * self.case.options.directions() + usize::from(reverse)
    }
}

/// The timesteps that the objective of the case counts.
fn target<'a>(case: &Case, y: &'a Targets<f64>) -> Target<'a, f64> {
    y.target().over(if case.objective == Objective::Last { Timesteps::Last } else { Timesteps::All })
}

fn run<'a>(case: &'a Case, x: &'a Array3<f64>, initial: &'a State<f64>, start: Start) -> Run<'a, f64> {
    let mut run = Run::over(x.view());
    if let Some(lengths) = &case.lengths {
        run = run.lengths(lengths);
    }
    if let Some(noise) = case.noise {
        run = run.noise(noise);
    }
    if case.from_state || start == Start::Given { run.from_state(initial) } else { run }
}
