//! 1.D: how gradients flow back through a network as its weights are scaled.

mod sentence;

use anyhow::Result;
use ndarray::{Axis, s};
use rnn_analysis::{Complex64, SweepPoint, eigenvalues, grid, rate_per_step, scale_sweep, spectral_radius};
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
    /// Loss at all timesteps, and at the last.
    pub(super) losses: [LossStudy; 2],
}

impl FlowStudy {
    /// The name of its figure's file.
    pub(super) fn figure(&self) -> String {
        let nonlinearity = self.nonlinearity.map_or(String::new(), |name| format!("_{name}"));
        format!("flow_{}{nonlinearity}", self.cell)
    }
}

/// What the gradient of one loss does.
#[derive(Clone, Debug)]
pub(super) struct LossStudy {
    /// Which timesteps the loss counts.
    pub(super) over: Timesteps,
    /// The weight scales of [`FAMILY`] at bias scale 1.
    pub(super) family: Vec<SweepPoint>,
    /// ‖dL/dh_1‖ / ‖dL/dh_T‖ over the sliders' range, bias scale slowest.
    pub(super) map: Vec<f64>,
    /// What one sees.
    pub(super) sentence: String,
}

/// Units of progress of [`study_all`].
pub(super) fn work(settings: &Settings) -> u64 {
    5 * 2 * POINT * (settings.map_side * settings.map_side) as u64
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
        let [all, last] = TARGETS.map(|(over, _)| self.loss(&model, radius, over));
        Ok(FlowStudy { cell, nonlinearity, title, radius, eigenvalues, losses: [all?, last?] })
    }

    fn loss(&self, model: &Model<f64>, radius: Option<f64>, over: Timesteps) -> Result<LossStudy> {
        let side = self.settings.map_side;
        let sliders = sliders(side);
        let sweep = |weights: &[f64], biases: &[f64]| {
            scale_sweep(model, self.batch.run(), self.batch.target().over(over), &Mse, &grid(weights, biases))
        };
        let family = sweep(&FAMILY, &[1.0])?;
        // At bias scale 1, so finely that the scale at which the gradient is level can be read off.
        let fine: Vec<f64> = (1..=500).map(|k| f64::from(k) / 100.0).collect();
        let line = sweep(&fine, &[1.0])?;
        let map: Vec<f64> = sweep(&sliders, &sliders)?.iter().map(ratio).collect();
        self.progress.advance(POINT * map.len() as u64);
        let sentence = sentence::describe(over, radius, &family, &line, &map);
        Ok(LossStudy { over, family, map, sentence })
    }
}

/// `side` positions over a slider's range, both ends among them.
pub(crate) fn sliders(side: usize) -> Vec<f64> {
    let (low, high) = SLIDER;
    (0..side).map(|k| low + (high - low) * k as f64 / (side - 1) as f64).collect()
}

/// ‖dL/dh_1‖ / ‖dL/dh_T‖; NaN where the last gradient is 0 or the run overflowed.
fn ratio(point: &SweepPoint) -> f64 {
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

/// The factor per step back at this point.
fn rate(point: &SweepPoint) -> Option<f64> {
    rate_per_step(&grad_norm(point))
}
