//! What every part of a view looks at.

use ndarray::{Array2, Axis, Slice};
use rnn_analysis::{Flow, Pass, pass, scale_recurrent};
use rnn_core::{Batch, Model, ModelWorkspace, Place, Workspace};

use super::remedies::hold;
use crate::error::Error;
use crate::network::Network;
use crate::settings::{LossOver, Settings};
use crate::task::edited;

/// The network of some settings, at their scales, after a pass forward and back.
pub(super) struct Scene<'a> {
    pub(super) settings: &'a Settings,
    /// Before the scales are applied.
    pub(super) network: &'a Network,
    /// At the scales of the settings.
    pub(super) model: Model<f64>,
    /// The sequence, with the changes of the reader.
    pub(super) sequence: Batch<f64>,
    /// The pass over the sequence, and the gradient of its loss.
    pub(super) ws: ModelWorkspace<f64>,
    pub(super) loss: f64,
    /// The norms of the states and gradients of that pass.
    pub(super) flow: Flow,
    /// The first number that overflowed. Parts that need finite states and gradients are not looked at then.
    pub(super) overflow: Option<Place>,
    /// ‖dL_t/dh_k‖, (t, k), of each layer; none after an overflow.
    pub(super) reach: Vec<Array2<f64>>,
    /// The index of the layer that is shown.
    pub(super) layer: usize,
    /// The same pass with the gradient of the loss at the last timestep alone, if that is another one.
    last: Option<Workspace<f64>>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(settings: &'a Settings, network: &'a Network) -> Result<Self, Error> {
        let Network { task, sequence, model, .. } = network;
        let sequence = edited(settings, sequence.clone());
        let mut scaled = model.clone();
        scale_recurrent(model, &mut scaled, settings.weight_scale, settings.bias_scale);
        hold(&mut scaled, settings);
        let mut ws = scaled.workspace();
        let Pass { loss, flow, overflow } =
            pass(&scaled, sequence.run(), sequence.target(), &task.loss(), &mut ws)?;
        let mut scene = Self {
            settings,
            network,
            model: scaled,
            sequence,
            ws,
            loss,
            flow,
            overflow,
            reach: Vec::new(),
            layer: settings.shown_layer(),
            last: None,
        };
        if scene.overflow.is_none() {
            let mut d_output = scene.model.d_output(&scene.ws);
            scene.reach = scene.model.rnn.reach(d_output.view(), &mut scene.ws.rnn)?;
            if settings.loss == LossOver::All {
                let mut last = scene.ws.rnn.clone();
                d_output.slice_axis_mut(Axis(1), Slice::from(..settings.time - 1)).fill(0.0);
                scene.model.rnn.backward(d_output.view(), None, &mut last)?;
                scene.last = Some(last);
            }
        }
        Ok(scene)
    }

    /// The pass with the gradient of the loss at the last timestep alone, if that is another one than that of the loss.
    pub(super) fn last(&self) -> Option<&Workspace<f64>> {
        self.last.as_ref()
    }

    /// The pass with the gradient of the loss at the last timestep alone.
    pub(super) fn of_last(&self) -> &Workspace<f64> {
        self.last.as_ref().unwrap_or(&self.ws.rnn)
    }
}
