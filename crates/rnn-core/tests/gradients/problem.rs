//! A loss, everything that it depends on, and the gradients that the crate claims for it.

use std::fmt;

use ndarray::{Array3, s};
use rand::SeedableRng;
use rnn_core::{Cell, Loss, Mse, Parameters, Random, RegressionModel, RegressionWorkspace, Run, State};

use crate::case::{Case, Objective};
use crate::cells::Reread;
use crate::nudge::{Nudge, Nudged, Which};

/// The loss of one run of a network with random numbers everywhere.
pub(crate) struct Problem<C> {
    case: Case,
    cell: Nudged<C>,
    /// [`Objective::States`] uses its stack alone.
    model: RegressionModel<f64, Nudged<C>>,
    ws: RegressionWorkspace<f64>,
    x: Array3<f64>,
    y: Array3<f64>,
    initial: State<f64>,
    /// ∂L/∂output and ∂L/∂(h_T, c_T), for [`Objective::States`].
    output_weights: Array3<f64>,
    final_weights: State<f64>,
}

/// An array that the loss depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tensor {
    Parameter(String),
    Input,
    Initial {
        layer: usize,
        state: Which,
    },
    /// A state inside the run, `timestep` from 0.
    Inner {
        layer: usize,
        timestep: usize,
        state: Which,
    },
}

impl<C: Cell<f64> + Reread> Problem<C> {
    pub(crate) fn new(cell: C, case: &Case) -> Self {
        let Case { batch, time, features, ref hidden, outputs, bias, .. } = *case;
        let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(case.seed);
        let cell = Nudged::new(cell);
        let mut model = RegressionModel::zeros(cell.clone(), features, hidden, outputs, bias)
            .expect("no size of a case is 0");
        for block in model.blocks_mut() {
            for (_, mut array) in block.iter_mut() {
                // Wide enough to reach the bent parts of the activations, narrow enough not to explode.
                let bound = 1.5 / (array.shape()[array.ndim() - 1] as f64).sqrt();
                rng.fill_uniform(-bound, bound, array.as_slice_mut().expect("contiguous"));
            }
        }
        let mut normal = |mut array: Array3<f64>| {
            rng.fill_normal(array.as_slice_mut().expect("contiguous"));
            array
        };
        let x = normal(Array3::zeros((batch, time, features)));
        let y = normal(Array3::zeros((batch, time, outputs)));
        let output_weights = normal(Array3::zeros((batch, time, model.rnn.output())));
        let [initial, final_weights] = [0, 1].map(|_| {
            let mut state = model.rnn.zero_state(batch);
            for layer in &mut state.layers {
                for array in std::iter::once(&mut layer.h).chain(&mut layer.c) {
                    rng.fill_normal(array.as_slice_mut().expect("contiguous"));
                }
            }
            state
        });
        let ws = model.workspace();
        let case = case.clone();
        Self { case, cell, model, ws, x, y, initial, output_weights, final_weights }
    }

    /// L, and the sum of the magnitudes of its terms: its rounding error is some units in the last place of that.
    pub(crate) fn loss(&mut self, nudge: Option<Nudge>) -> (f64, f64) {
        self.cell.reset(nudge);
        match self.case.objective {
            Objective::All => self.regression_loss(Mse::all()),
            Objective::Last => self.regression_loss(Mse::last()),
            Objective::States => {
                let ws = &mut self.ws.rnn;
                self.model
                    .rnn
                    .forward(Run::over(self.x.view()).from_state(&self.initial), ws)
                    .expect("a finite run");
                let last = ws.final_state();
                let states = last.layers.iter().zip(&self.final_weights.layers).flat_map(|(last, w)| {
                    let c = last.c.iter().flatten().zip(w.c.iter().flatten());
                    last.h.iter().zip(&w.h).chain(c)
                });
                let terms = ws.output().into_iter().zip(&self.output_weights).chain(states);
                terms
                    .map(|(s, w)| s * w)
                    .fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()))
            }
        }
    }

    fn regression_loss(&mut self, mse: Mse) -> (f64, f64) {
        self.model.forward(self.x.view(), &mut self.ws).expect("a finite run");
        let mut unused = self.y.clone();
        let loss = mse.evaluate(self.ws.prediction(), self.y.view(), unused.view_mut());
        (loss, loss)
    }

    /// Back-propagation: the gradients then lie in the workspace.
    pub(crate) fn differentiate(&mut self) {
        self.cell.reset(None);
        let (model, x, ws) = (&self.model, self.x.view(), &mut self.ws);
        match self.case.objective {
            Objective::All => {
                model.loss_and_gradients(x, self.y.view(), &Mse::all(), ws).expect("finite gradients");
            }
            Objective::Last => {
                model.loss_and_gradients(x, self.y.view(), &Mse::last(), ws).expect("finite gradients");
            }
            Objective::States => {
                model.rnn.forward(Run::over(x).from_state(&self.initial), &mut ws.rnn).expect("a finite run");
                let (d_output, d_final) = (self.output_weights.view(), Some(&self.final_weights));
                model.rnn.backward(d_output, d_final, &mut ws.rnn).expect("finite gradients");
            }
        }
    }

    /// Everything that this loss depends on and that a gradient is computed of.
    pub(crate) fn tensors(&self) -> Vec<Tensor> {
        let own_states = self.case.objective == Objective::States;
        let states = |layer: usize| {
            let c = self.initial.layers[layer].c.is_some();
            [Which::Hidden, Which::Cell].into_iter().take(1 + usize::from(c))
        };
        let parameters = self.model.named().map(|(name, _)| name.to_owned());
        let mut tensors: Vec<_> = parameters
            .filter(|name| !own_states || !name.starts_with("head"))
            .map(Tensor::Parameter)
            .collect();
        for layer in 0..self.case.hidden.len() {
            for state in states(layer) {
                let inner = |timestep| Tensor::Inner { layer, timestep, state };
                tensors.extend((0..self.case.time).map(inner));
                // A model starts from zeros, but the derivative with respect to them is there all the same; it is
                // checked where the state can be set.
                tensors.extend(own_states.then_some(Tensor::Initial { layer, state }));
            }
        }
        tensors.extend(own_states.then_some(Tensor::Input)); // training does not compute dL/dx
        tensors
    }

    /// What the crate says that dL/d`tensor` is.
    pub(crate) fn gradient(&self, tensor: &Tensor) -> Vec<f64> {
        let ws = &self.ws.rnn;
        match *tensor {
            Tensor::Parameter(ref name) => {
                self.ws.parameter(name).expect("a gradient for each parameter").iter().copied().collect()
            }
            Tensor::Input => ws.d_input().iter().copied().collect(),
            Tensor::Initial { layer, state } => {
                let state_0 = &ws.d_initial().layers[layer];
                match state {
                    Which::Hidden => state_0.h.iter().copied().collect(),
                    Which::Cell => state_0.c.iter().flatten().copied().collect(),
                }
            }
            Tensor::Inner { layer, timestep, state } => {
                let all = match state {
                    Which::Hidden => ws.d_hidden(layer),
                    Which::Cell => ws.d_cell(layer),
                };
                all.slice(s![.., timestep, ..]).iter().copied().collect()
            }
        }
    }

    /// L with `size · direction` added to `tensor`.
    pub(crate) fn loss_along(&mut self, tensor: &Tensor, direction: &[f64], size: f64) -> f64 {
        if let &Tensor::Inner { layer, timestep, state } = tensor {
            let by = direction.iter().map(|d| size * d).collect();
            return self.loss(Some(Nudge { call: layer * self.case.time + timestep, state, by })).0;
        }
        let values = self.values_mut(tensor);
        let before = values.to_vec();
        values.iter_mut().zip(direction).for_each(|(value, d)| *value += size * d);
        let (loss, _) = self.loss(None);
        self.values_mut(tensor).copy_from_slice(&before);
        loss
    }

    fn values_mut(&mut self, tensor: &Tensor) -> &mut [f64] {
        let slice = match tensor {
            Tensor::Parameter(name) => {
                let array = self.model.blocks_mut().find_map(|block| block.get_mut(name));
                array.expect("a parameter of this model").into_slice()
            }
            Tensor::Input => self.x.as_slice_mut(),
            Tensor::Initial { layer, state: Which::Hidden } => self.initial.layers[*layer].h.as_slice_mut(),
            Tensor::Initial { layer, state: Which::Cell } => {
                self.initial.layers[*layer].c.as_mut().and_then(|c| c.as_slice_mut())
            }
            Tensor::Inner { .. } => unreachable!("a state inside the run is nudged"),
        };
        slice.expect("contiguous")
    }
}

impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = |state: &Which| if *state == Which::Hidden { "h" } else { "c" };
        match self {
            Self::Parameter(name) => write!(f, "dL/d {name}"),
            Self::Input => write!(f, "dL/dx"),
            Self::Initial { layer, state } => write!(f, "dL/d{}_0 of layer {layer}", letter(state)),
            Self::Inner { layer, timestep, state } => {
                write!(f, "dL/d{}_{} of layer {layer}", letter(state), timestep + 1)
            }
        }
    }
}
