//! What a pass says about the inside of a network: gates, the terms of the weight gradients, how far gradients reach.

mod gates;
mod reach;
mod terms;

use ndarray::{Array2, Array3, Array4, ArrayD, ArrayView3, s};

use crate::Real;
use crate::error::{Error, Result};
use crate::memory::workspace::Workspace;
use crate::network::extent::Extent;
use crate::network::model::{Model, ModelWorkspace};
use crate::network::options::Zoneout;
use crate::network::params::Params;
use crate::network::readout::Readout;
use crate::network::run::Run;
use crate::network::stack::{InputGradient, Stack, check_gradients, check_state_gradients};
use crate::network::state::State;
use crate::training::loss::Loss;
use crate::training::target::Target;

/// A unit counts as saturated where the derivative of its gate's activation is smaller.
pub const SATURATED: f64 = 0.05;

/// The inside of a network during one pass over one batch.
///
/// Made by [`Model::xray`] or [`Stack::xray`], by a backward pass and a further sweep back for each timestep.
///
/// ```
/// use ndarray::Array3;
/// use rand::SeedableRng;
/// use rnn_core::{Bias, Lstm, Mse, Model};
///
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
/// let model = Model::<f64>::new(Lstm, 1, &[4], 1, Bias::Double, &mut rng)?;
/// let (x, y) = (Array3::ones((1, 6, 1)), Array3::zeros((1, 6, 1)));
/// let mut ws = model.workspace();
/// let (loss, xray) = model.xray(x.view(), y.view(), &Mse, &mut ws)?;
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
    pub gates: Vec<&'static str>,
    /// The value of each gate, (gate, batch, time, unit).
    pub activation: Array4<F>,
    /// The derivative of that with respect to the gate's pre-activation, as `activation`.
    pub slope: Array4<F>,
    /// dL/d(value of the gate), as `activation`: total, through everything that follows. Times `slope` it is `d_a`.
    pub d_activation: Array4<F>,
    /// dL/d(pre-activation of the gate), (gate, batch, time, unit), also for a cell that does not tell its gates. Without layer
    /// normalization, this is dL/da_t; with it, a_t is what was normalized and scaled.
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

impl<F: Real> Stack<F> {
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
        self.check_no_zoneout()?;
        self.backward(d_output, d_final, ws)?;
        self.see(d_output, d_final, ws)
    }

    /// The gates of `layer`, an index of [`layers`](Self::layers), in the passes forward and back that this workspace
    /// recorded: that part of an X-ray, without its terms.
    ///
    /// # Errors
    /// As [`each_term`](Self::each_term), and [`Error::NonFinite`] if the gradient at a gate is not finite.
    pub fn gates(&self, layer: usize, ws: &Workspace<F>) -> Result<LayerXray<F>> {
        self.check_seen(layer, ws)?;
        gates::gates(self, ws, layer)
    }

    /// Shows `each` the terms of the gradients of one layer's parameters, timestep by timestep, from 0: those of
    /// [`LayerXray::terms`], without the memory for all of them at once. Learned initial states have zeros.
    ///
    /// # Errors
    /// [`Error::NothingRecorded`] without a forward pass, [`Error::OutOfRange`] if there is no such layer,
    /// [`Error::OtherNetwork`] if the workspace belongs to another network, and [`Error::NoXray`].
    pub fn each_term(
        &self,
        layer: usize,
        ws: &Workspace<F>,
        each: impl FnMut(usize, &Params<F>),
    ) -> Result<()> {
        self.check_seen(layer, ws)?;
        terms::each(self, ws, layer, each);
        Ok(())
    }

    /// [`Xray::reach`] alone: ‖dL_t/dh_k‖, (t, k), of every level of layers, for a loss with these derivatives. The workspace
    /// then holds every gradient, as after [`backward`](Self::backward).
    ///
    /// # Errors
    /// As [`xray`](Self::xray).
    pub fn reach(&self, d_output: ArrayView3<'_, F>, ws: &mut Workspace<F>) -> Result<Vec<Array2<f64>>> {
        self.check_no_zoneout()?;
        self.place_checked(d_output, None, ws)?;
        self.sweep(d_output, None, ws)
    }

    fn check_seen(&self, layer: usize, ws: &Workspace<F>) -> Result<()> {
        self.check_recorded(ws)?;
        self.check_no_zoneout()?;
        if !ws.differentiated {
            return Err(Error::NotDifferentiated);
        }
        let last = self.layers().len() - 1;
        if layer > last {
            return Err(Error::OutOfRange { what: "layer", index: layer, first: 0, last });
        }
        Ok(())
    }

    fn check_no_zoneout(&self) -> Result<()> {
        if self.options().zoneout == Zoneout::default() { Ok(()) } else { Err(Error::NoXray) }
    }

    /// After a backward pass.
    fn see(
        &self,
        d_output: ArrayView3<'_, F>,
        d_final: Option<&State<F>>,
        ws: &mut Workspace<F>,
    ) -> Result<Xray<F>> {
        let seen = |k| Ok(LayerXray { terms: terms::all(self, ws, k), ..gates::gates(self, ws, k)? });
        let layers = (0..self.layers().len()).map(seen).collect::<Result<_>>()?;
        let reach = self.sweep(d_output, d_final, ws)?;
        Ok(Xray { layers, reach })
    }

    /// The reach, by sweeps that leave their own gradients of the states: the loss's are computed once more.
    fn sweep(
        &self,
        d_output: ArrayView3<'_, F>,
        d_final: Option<&State<F>>,
        ws: &mut Workspace<F>,
    ) -> Result<Vec<Array2<f64>>> {
        let reach = reach::reach(self, d_output, ws)?;
        Self::place_gradient(d_output, ws);
        self.back_from_top(d_final, InputGradient::Compute, ws);
        check_gradients(&ws.gradients)?;
        check_state_gradients(ws)?;
        Ok(reach)
    }
}

impl<F: Real> Model<F> {
    /// The loss of a pass, and its X-ray. The workspace then holds everything, as after
    /// [`loss_and_gradients`](Self::loss_and_gradients).
    ///
    /// # Errors
    /// As [`loss_and_gradients`](Self::loss_and_gradients) and [`Stack::xray`].
    pub fn xray<'r, 't>(
        &self,
        run: impl Into<Run<'r, F>>,
        target: impl Into<Target<'t, F>>,
        loss: &impl Loss<F>,
        ws: &mut ModelWorkspace<F>,
    ) -> Result<(F, Xray<F>)> {
        self.rnn.check_no_zoneout()?;
        let value = self.loss_and_gradients(run, target, loss, ws)?;
        let xray = self.rnn.see(self.d_output(ws).view(), None, &mut ws.rnn)?;
        Ok((value, xray))
    }

    /// ∂L/∂output of the recurrent layers, (batch, time, hidden), from the ∂L/∂prediction of the last pass: through the head
    /// alone, so that it is 0 where the loss does not count a timestep, and where the head reads no state. (0, 0, hidden) if the
    /// last pass was compared with no target.
    pub fn d_output(&self, ws: &ModelWorkspace<F>) -> Array3<F> {
        let d_prediction = ws.d_prediction();
        let Extent { batch, time, .. } = ws.rnn.extent;
        if d_prediction.dim().0 != batch || d_prediction.dim().1 != self.readout().predictions(time) {
            return Array3::zeros((0, 0, self.rnn.output()));
        }
        let mut d_output = Array3::zeros((batch, time, self.rnn.output()));
        let (directions, width) =
            (self.rnn.options().directions(), self.rnn.output() / self.rnn.options().directions());
        for (b, (mut d, from)) in d_output.outer_iter_mut().zip(d_prediction.outer_iter()).enumerate() {
            let from = self.head.back(from);
            match self.readout() {
                Readout::EveryTimestep => d.assign(&from),
                Readout::FinalStates => {
                    for direction in 0..directions {
                        let t = if direction == 0 { ws.rnn.extent.length(b) - 1 } else { 0 };
                        let units = s![direction * width..(direction + 1) * width];
                        d.row_mut(t).slice_mut(units).assign(&from.row(0).slice(units));
                    }
                }
            }
        }
        d_output
    }
}
