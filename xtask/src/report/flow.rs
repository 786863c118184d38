//! 1.D: how gradients flow back through a network as its weights are scaled.

pub(super) mod questions;
#[cfg(test)]
pub(super) mod read;
mod sentence;

use anyhow::Result;
use ndarray::{Axis, s};
use rnn_analysis::{
    Complex64, SweepPoint, eigenvalues, gradient_by_lag, grid, pass, scale_recurrent, scale_sweep,
    spectral_radius,
};
use rnn_core::{Batch, Bias, Cell, Elman, Gru, Init, Lstm, Model, Mse, Timesteps};
use rnn_data::{CumulativeAverage, PortableRng, Task};

use super::Settings;
use super::data::{TARGETS, TIME};
use crate::progress::Progress;

/// Hidden units of the networks looked at, as in the notebook.
pub(super) const HIDDEN: usize = 16;

/// The sliders' range, for weights and biases alike.
pub(super) const SLIDER: (f64, f64) = (-5.0, 5.0);

/// The weight scales of the families of curves; the bias scale is 1.
pub(super) const FAMILY: [f64; 9] = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0];

/// About how many microseconds a point of a map takes.
const POINT: u64 = 10;

/// One network: its spectrum, and its gradients under both losses.
#[derive(Clone, Debug)]
pub(super) struct FlowStudy {
    /// `rnn`, `lstm` or `gru`.
    pub(super) cell: &'static str,
    /// The activation of an `rnn`.
    pub(super) nonlinearity: Option<&'static str>,
    /// For headings: "RNN with tanh".
    pub(super) title: String,
    /// The spectral radius of W_hh; `None` for gated cells, whose W_hh is not square.
    pub(super) radius: Option<f64>,
    /// The eigenvalues of W_hh, or of each gate's block of it.
    pub(super) eigenvalues: Vec<(String, Vec<Complex64>)>,
    /// The weight scales of [`FAMILY`] at bias scale 1, with the loss at all timesteps, and at the last.
    pub(super) losses: [LossStudy; 2],
    /// ‖dL_T/dh_1‖ / ‖dL_T/dh_T‖ over the sliders' range, bias scale slowest, where L_T is the loss at the last timestep.
    pub(super) map: Vec<f64>,
    /// The same ratio for weight scales from 0.01 to 5 at bias scale 1, so finely that the scales at which it passes 1 can be read
    /// off.
    pub(super) line: Vec<(f64, f64)>,
    /// The gradients that the losses at all timesteps send back, for each of [`FAMILY`]: the sum of ‖dL_t/dh_{t−l}‖ over t, for
    /// l = 0 .. T − 1.
    pub(super) by_lag: Vec<Vec<f64>>,
    /// What one sees, with the loss at the last timestep and with the loss at all.
    pub(super) sentences: [String; 2],
}

impl FlowStudy {
    /// The name of its figure's file.
    pub(super) fn figure(&self) -> String {
        let nonlinearity = self.nonlinearity.map_or(String::new(), |name| format!("_{name}"));
        format!("flow_{}{nonlinearity}", self.cell)
    }
}

/// Norms with one loss.
#[derive(Clone, Debug)]
pub(super) struct LossStudy {
    /// Which timesteps the loss counts.
    pub(super) over: Timesteps,
    /// One for each of [`FAMILY`].
    pub(super) family: Vec<SweepPoint>,
}

/// Units of progress of [`study_all`].
pub(super) fn work(settings: &Settings) -> u64 {
    5 * POINT * (settings.map_side * settings.map_side) as u64
}

/// RNN with identity, relu and tanh on the same weights, LSTM, GRU; all on the same sequence.
pub(super) fn study_all(settings: &Settings, progress: &Progress) -> Result<Vec<FlowStudy>> {
    let stream = PortableRng::new(settings.seed);
    let task = CumulativeAverage::new(TIME)?;
    let batch = task.sample(1, &mut stream.stream(0))?;
    let study = Study { settings, progress, stream, batch };
    Ok(vec![
        study.of("rnn", Some("identity"), Elman::identity().into())?,
        study.of("rnn", Some("relu"), Elman::relu().into())?,
        study.of("rnn", Some("tanh"), Elman::tanh().into())?,
        study.of("lstm", None, Lstm.into())?,
        study.of("gru", None, Gru.into())?,
    ])
}

/// What all networks share.
struct Study<'a> {
    settings: &'a Settings,
    progress: &'a Progress,
    stream: PortableRng,
    batch: Batch<f64>,
}

impl Study<'_> {
    fn of(
        &self,
        cell: &'static str,
        nonlinearity: Option<&'static str>,
        kind: Cell<f64>,
    ) -> Result<FlowStudy> {
        let (bias, init) =
            if cell == "rnn" { (Bias::Single, Init::Linear) } else { (Bias::Double, Init::PyTorch) };
        let mut model = Model::zeros(kind, 1, &[HIDDEN], 1, bias)?;
        model.initialize(init, &mut self.stream.stream(1))?;

        let w_hh = model.rnn.weight_hh(0);
        let radius = w_hh.is_square().then(|| spectral_radius(w_hh)).transpose()?;
        let gates: &[&str] = match cell {
            "lstm" => &["W_{hi}", "W_{hf}", "W_{hg}", "W_{ho}"],
            "gru" => &["W_{hr}", "W_{hz}", "W_{hn}"],
            _ => &["W_{hh}"],
        };
        let blocks = gates.iter().zip(w_hh.axis_chunks_iter(Axis(0), HIDDEN));
        let eigenvalues = blocks
            .map(|(name, block)| Ok(((*name).to_owned(), eigenvalues(block)?)))
            .collect::<Result<_>>()?;

        let title = match nonlinearity {
            Some(nonlinearity) => format!("RNN with {nonlinearity}"),
            None => cell.to_uppercase(),
        };
        let sliders = sliders(self.settings.map_side);
        let fine: Vec<f64> = (1..=500).map(|k| f64::from(k) / 100.0).collect();
        let ratios = |weights: &[f64], biases: &[f64]| -> Result<Vec<f64>> {
            Ok(self.sweep(&model, Timesteps::Last, weights, biases)?.iter().map(ratio).collect())
        };
        let map = ratios(&sliders, &sliders)?;
        let line: Vec<(f64, f64)> = fine.iter().copied().zip(ratios(&fine, &[1.0])?).collect();
        self.progress.advance(POINT * map.len() as u64);
        let [all, last] = TARGETS.map(|(over, _)| -> Result<LossStudy> {
            Ok(LossStudy { over, family: self.sweep(&model, over, &FAMILY, &[1.0])? })
        });
        let losses = [all?, last?];
        let by_lag = FAMILY.iter().map(|&scale| self.by_lag(&model, scale)).collect::<Result<Vec<_>>>()?;

        let unscaled = FAMILY.iter().position(|&scale| scale == 1.0).unwrap_or_default();
        let [all, last] = losses.each_ref().map(|of| grad_norm(&of.family[unscaled]));
        let sentences = [sentence::last(radius, &last, &line, &map), sentence::all(&all, &by_lag[unscaled])];
        Ok(FlowStudy { cell, nonlinearity, title, radius, eigenvalues, losses, map, line, by_lag, sentences })
    }

    fn sweep(
        &self,
        model: &Model<f64>,
        over: Timesteps,
        weights: &[f64],
        biases: &[f64],
    ) -> Result<Vec<SweepPoint>> {
        let target = self.batch.target().over(over);
        Ok(scale_sweep(model, self.batch.run(), target, &Mse, &grid(weights, biases))?)
    }

    /// Sums of ‖dL_t/dh_{t−l}‖ over t at this weight scale, NaN if the network overflows.
    fn by_lag(&self, model: &Model<f64>, weight_scale: f64) -> Result<Vec<f64>> {
        let mut scaled = model.clone();
        scale_recurrent(model, &mut scaled, weight_scale, 1.0);
        let mut ws = scaled.workspace();
        let target = self.batch.target().over(Timesteps::All);
        if pass(&scaled, self.batch.run(), target, &Mse, &mut ws)?.overflow.is_some() {
            return Ok(vec![f64::NAN; TIME]);
        }
        let d_output = scaled.d_output(&ws);
        let reach = scaled.rnn.reach(d_output.view(), &mut ws.rnn)?;
        Ok(gradient_by_lag(reach[0].view()))
    }
}

/// `side` positions over a slider's range, both ends among them.
pub(crate) fn sliders(side: usize) -> Vec<f64> {
    let (low, high) = SLIDER;
    (0..side).map(|k| low + (high - low) * k as f64 / (side - 1) as f64).collect()
}

/// ‖dL/dh_1‖ / ‖dL/dh_T‖ of a point whose loss is that at the last timestep; NaN where the last gradient is 0 or the run
/// overflowed.
pub(super) fn ratio(point: &SweepPoint) -> f64 {
    let norms = grad_norm(point);
    let ratio = norms[0] / norms[norms.len() - 1];
    if ratio.is_finite() { ratio } else { f64::NAN }
}

/// ‖dL/dh_t‖ of the only layer.
pub(super) fn grad_norm(point: &SweepPoint) -> Vec<f64> {
    point.flow.grad_norm.slice(s![0, ..]).to_vec()
}

/// ‖h_t‖ of the only layer.
pub(super) fn hidden_norm(point: &SweepPoint) -> Vec<f64> {
    point.flow.hidden_norm.slice(s![0, ..]).to_vec()
}

/// Means over t from sums over t: of the lag l there are T − l.
pub(super) fn mean_by_lag(sums: &[f64]) -> Vec<f64> {
    sums.iter().enumerate().map(|(lag, sum)| sum / (sums.len() - lag) as f64).collect()
}
