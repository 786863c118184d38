//! What a pass says about the inside of a network: gates, the terms of the weight gradients, how far gradients reach.

mod gates;
mod reach;
mod terms;

use ndarray::{Array2, Array4, ArrayD, ArrayView3};

use crate::Real;
use crate::cell::Cell;
use crate::error::{Error, Result};
use crate::loss::Loss;
use crate::model::{RegressionModel, RegressionWorkspace};
use crate::options::Zoneout;
use crate::run::{Run, Target};
use crate::stack::{InputGradient, Stack, check_gradients};
use crate::state::State;
use crate::workspace::Workspace;

/// A unit counts as saturated where the derivative of its gate's activation is smaller.
pub const SATURATED: f64 = 0.05;

/// The inside of a network during one pass over one batch.
///
/// Made by [`RegressionModel::xray`] or [`Stack::xray`], by a backward pass and a further sweep back for each timestep.
///
/// ```
/// use ndarray::Array3;
/// use rand::SeedableRng;
/// use rnn_core::{Bias, Lstm, Mse, RegressionModel};
///
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
/// let model = RegressionModel::<f64, _>::new(Lstm, 1, &[4], 1, Bias::Double, &mut rng)?;
/// let (x, y) = (Array3::ones((1, 6, 1)), Array3::zeros((1, 6, 1)));
/// let mut ws = model.workspace();
/// let (loss, xray) = model.xray(x.view(), y.view(), &Mse::all(), &mut ws)?;
/// let layer = &xray.layers[0];
/// let forget = layer.gate("f").unwrap();
/// assert!(layer.activation[[forget, 0, 5, 3]] > 0.0, "the forget gate of unit 3 at the last timestep");
/// assert!(xray.reach[0][[5, 0]] < xray.reach[0][[5, 5]], "the last loss reaches the first state less than the last one");
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Xray<F> {
    /// Each of [`Stack::layers`]: with two directions, the forward and the backward one of each level. A backward direction
    /// counts timesteps in the order in which it reads.
    pub layers: Vec<LayerXray<F>>,
    /// For each level of layers ‖dL_t/dh_k‖, (t, k), timesteps from 0: the gradient that the loss at timestep t alone, as
    /// far as it comes from the output there, sends to the hidden state at timestep k. The Euclidean norm over all
    /// sequences and units. Without a backward direction it is 0 for k > t.
    pub reach: Vec<Array2<f64>>,
}

/// The inside of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerXray<F> {
    /// The names of the gates; none for a cell that does not tell them.
    pub gates: &'static [&'static str],
    /// The value of each gate, (gate, batch, time, unit).
    pub activation: Array4<F>,
    /// The derivative of that with respect to the gate's pre-activation, as `activation`.
    pub slope: Array4<F>,
    /// dL/d(value of the gate), as `activation`: total, through everything that follows. Times `slope` it is `d_a`.
    pub d_activation: Array4<F>,
    /// dL/da_t, with respect to the input's part of each pre-activation, (rows of W_ih / hidden, batch, time, unit): there for
    /// every cell.
    pub d_a: Array4<F>,
    /// The share of units, over all sequences that have not ended, whose `slope` is under [`SATURATED`] in magnitude: (gate,
    /// time).
    pub saturation: Array2<f64>,
    /// The terms of the gradient of each parameter: its name, and (time, shape of the parameter). They are those of the
    /// sums over t in [`Layer`](crate::Layer), and add up to the gradient. Learned initial states have none.
    pub terms: Vec<(String, ArrayD<F>)>,
}

impl<F> LayerXray<F> {
    /// The index of the gate of this name.
    pub fn gate(&self, name: &str) -> Option<usize> {
        self.gates.iter().position(|gate| *gate == name)
    }

    /// The terms of the gradient of the parameter of this name, as `weight_hh_l0`.
    pub fn term(&self, name: &str) -> Option<&ArrayD<F>> {
        self.terms.iter().find(|(known, _)| known == name).map(|(_, terms)| terms)
    }
}

impl<F: Real, C: Cell<F>> Stack<F, C> {
    /// The X-ray of the run that [`forward`](Self::forward) recorded in this workspace, for a loss with these derivatives, as
    /// [`backward`](Self::backward) takes them. The workspace then holds every gradient, as after `backward`.
    ///
    /// # Errors
    /// As [`backward`](Self::backward), and [`Error::NoXray`] for a stack with zoneout, which does not keep what its cells
    /// computed.
    pub fn xray(
        &self,
        d_output: ArrayView3<'_, F>,
        d_final: Option<&State<F>>,
        ws: &mut Workspace<F>,
    ) -> Result<Xray<F>> {
        if self.options().zoneout != Zoneout::default() {
            return Err(Error::NoXray);
        }
        self.backward(d_output, d_final, ws)?;
        self.see(d_output, d_final, ws)
    }

    /// After a backward pass.
    fn see(
        &self,
        d_output: ArrayView3<'_, F>,
        d_final: Option<&State<F>>,
        ws: &mut Workspace<F>,
    ) -> Result<Xray<F>> {
        let names: Vec<_> = self.parameter_names().collect();
        let layers = (0..self.layers().len()).map(|k| {
            let seen = gates::gates(self, ws, k);
            LayerXray { terms: terms::terms(self, ws, k, &names[k]), ..seen }
        });
        let layers = layers.collect();
        let reach = reach::reach(self, d_output, ws);
        // The sweeps have left their own gradients of the states: the loss's once more.
        Self::place_gradient(d_output, ws);
        self.back_from_top(d_final, InputGradient::Compute, ws);
        check_gradients(&ws.gradients)?;
        Ok(Xray { layers, reach })
    }
}

impl<F: Real, C: Cell<F>> RegressionModel<F, C> {
    /// The loss of a pass, and its X-ray. The workspace then holds everything, as after
    /// [`loss_and_gradients`](Self::loss_and_gradients).
    ///
    /// # Errors
    /// As [`loss_and_gradients`](Self::loss_and_gradients) and [`Stack::xray`].
    pub fn xray<'a>(
        &self,
        run: impl Into<Run<'a, F>>,
        target: impl Into<Target<'a, F>>,
        loss: &impl Loss<F>,
        ws: &mut RegressionWorkspace<F>,
    ) -> Result<(F, Xray<F>)> {
        if self.rnn.options().zoneout != Zoneout::default() {
            return Err(Error::NoXray);
        }
        let value = self.loss_and_gradients(run, target, loss, ws)?;
        // ∂L/∂output from ∂L/∂prediction: y = W h + b.
        let weight = self.head.weight();
        let d_prediction = ws.d_prediction();
        let (batch, time, _) = d_prediction.dim();
        let mut d_output = ndarray::Array3::zeros((batch, time, self.rnn.output()));
        for (mut d, from) in d_output.outer_iter_mut().zip(d_prediction.outer_iter()) {
            d.assign(&from.dot(&weight));
        }
        let xray = self.rnn.see(d_output.view(), None, &mut ws.rnn)?;
        Ok((value, xray))
    }
}
