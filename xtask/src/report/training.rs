//! 1.K: the models trained, PyTorch's draws and all.
//!
//! `TorchRng` is walked once, in the notebook's order, to find each model's initial parameters and the state of the
//! stream at which its training begins; then every training runs on its own, in parallel, from there. So each run sees
//! the batches that it would see after `torch.manual_seed(SEED)`, and the numbers do not depend on the threads.

pub(super) mod questions;

use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::{Context, Result};
use ndarray::Array3;
use rayon::prelude::*;
use rnn_core::{
    Adam, Batch, BatchSource, Bias, Cell, Elman, Gru, Init, Lstm, Model, Mse, Parameters, Timesteps,
    Training, train,
};
use rnn_data::{CumulativeAverage, PortableRng, Task, TorchRng};

use super::Settings;
use super::data::{SHOWN, Sequences, TARGETS, TIME};
use crate::progress::Progress;

/// Sequences in a training batch.
const BATCH: usize = 32;

/// How many losses at the end are averaged into the final one, if there are so many.
const FINAL: usize = 200;

/// The models compared, the slowest first so that no thread waits long for the last: cell, layers, and about how many
/// microseconds a batch takes.
const MODELS: [(&str, usize, u64); 4] = [("lstm", 1, 130), ("gru", 1, 110), ("rnn", 2, 80), ("rnn", 1, 35)];

/// All trainings, and the sequences on which they were tried afterwards.
#[derive(Debug)]
pub(super) struct TrainingStudy {
    /// In the order rnn 1, rnn 2, lstm, gru; first for all timesteps, then for the last.
    pub(super) runs: Vec<Run>,
    /// The evaluation batch for each of [`TARGETS`].
    pub(super) evaluation: [Sequences; 2],
}

/// One training.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// `rnn`, `lstm` or `gru`.
    pub(super) cell: &'static str,
    /// How many layers.
    pub(super) layers: usize,
    /// Which timesteps the loss counts.
    pub(super) over: Timesteps,
    /// The loss of every batch, before its step.
    pub(super) losses: Vec<f32>,
    /// How long it took, draws of batches included.
    pub(super) seconds: f64,
    /// Predictions for the evaluation batch, (4, 10, 1).
    pub(super) predictions: Array3<f32>,
    /// The parameters before and after, by name.
    pub(super) parameters: [Vec<(String, Vec<f32>)>; 2],
}

impl Run {
    /// For legends and tables: "RNN, 2 layers".
    pub(super) fn title(&self) -> String {
        let layers = if self.layers == 1 { "1 layer".to_owned() } else { format!("{} layers", self.layers) };
        format!("{}, {layers}", self.cell.to_uppercase())
    }

    pub(super) fn first_loss(&self) -> f64 {
        f64::from(self.losses[0])
    }

    /// How many losses at the end are averaged into the final one.
    pub(super) fn averaged(&self) -> usize {
        FINAL.min(self.losses.len())
    }

    /// The mean of the last 200 losses, or of all if there are fewer.
    pub(super) fn final_loss(&self) -> f64 {
        let last = &self.losses[self.losses.len() - self.averaged()..];
        last.iter().map(|&loss| f64::from(loss)).sum::<f64>() / last.len() as f64
    }

    pub(super) fn microseconds_per_batch(&self) -> f64 {
        1e6 * self.seconds / self.losses.len() as f64
    }
}

/// Units of progress of [`train_all`].
pub(super) fn work(settings: &Settings) -> u64 {
    2 * settings.batches as u64 * MODELS.iter().map(|(.., microseconds)| microseconds).sum::<u64>()
}

/// Trains every model on both targets.
pub(super) fn train_all(settings: &Settings, progress: &Progress) -> Result<TrainingStudy> {
    let plans = plan(settings)?;
    let jobs: Vec<_> = MODELS.iter().flat_map(|model| plans.iter().map(move |plan| (model, plan))).collect();
    // One job at a time for each thread: the costs differ.
    let mut runs: Vec<Run> = jobs
        .into_par_iter()
        .with_max_len(1)
        .map(|(&(cell, layers, cost), plan)| {
            let trainer = Trainer { settings, plan, progress, cell, layers, cost };
            let run = match cell {
                "lstm" => trainer.gated(Lstm.into()),
                "gru" => trainer.gated(Gru.into()),
                _ => trainer.run(plan.models[layers - 1].clone(), plan.starts[layers - 1].clone()),
            };
            run.with_context(|| format!("training {cell} with {layers} layers on target {:?}", plan.over))
        })
        .collect::<Result<_>>()?;
    let order = |run: &Run| ["rnn", "lstm", "gru"].iter().position(|&cell| cell == run.cell);
    runs.sort_by_key(|run| (run.over == Timesteps::Last, order(run), run.layers));
    let evaluation = plans.map(|plan| plan.evaluation);
    Ok(TrainingStudy { runs, evaluation })
}

type Rnn = Model<f32>;

/// What PyTorch's stream gives for one target: models of one and two layers, where the training of each starts, and the
/// evaluation batch.
#[derive(Debug)]
struct Plan {
    over: Timesteps,
    models: [Rnn; 2],
    starts: [TorchRng; 2],
    evaluation: Sequences,
}

/// Walks the stream in the notebook's order: for each target build model 1, build model 2, train model 1, train model 2,
/// draw the evaluation batch.
fn plan(settings: &Settings) -> Result<[Plan; 2]> {
    let task = CumulativeAverage::new(TIME)?;
    let mut rng = TorchRng::new(settings.seed);
    let mut batch = Batch::<f32>::empty();
    let mut one = |over| -> Result<Plan> {
        let build = |layers: usize, rng: &mut TorchRng| -> Result<Rnn> {
            let hidden = vec![settings.hidden; layers];
            let mut model = Model::zeros(Elman::tanh(), 1, &hidden, 1, Bias::Single)?;
            model.initialize(Init::Linear, rng)?;
            Ok(model)
        };
        let models = [build(1, &mut rng)?, build(2, &mut rng)?];
        let mut skip = |rng: &mut TorchRng| -> Result<TorchRng> {
            let start = rng.clone();
            let mut batches = task.batches(BATCH, settings.batches, rng)?;
            while batches.next_batch(&mut batch)? {}
            Ok(start)
        };
        let starts = [skip(&mut rng)?, skip(&mut rng)?];
        let evaluation = Sequences::new(task.sample(SHOWN, &mut rng)?);
        Ok(Plan { over, models, starts, evaluation })
    };
    Ok([one(TARGETS[0].0)?, one(TARGETS[1].0)?])
}

/// One training to be run.
struct Trainer<'a> {
    settings: &'a Settings,
    plan: &'a Plan,
    progress: &'a Progress,
    cell: &'static str,
    layers: usize,
    cost: u64,
}

impl Trainer<'_> {
    /// A gated cell, with PyTorch's default initialization from a stream of its own, on the batches of the one-layer RNN.
    fn gated(&self, cell: Cell<f32>) -> Result<Run> {
        let which = u64::from(self.cell == "gru") * 2 + u64::from(self.plan.over == Timesteps::Last);
        let mut rng = PortableRng::new(self.settings.seed).stream(10 + which);
        let model = Model::new(cell, 1, &[self.settings.hidden], 1, Bias::Double, &mut rng)?;
        self.run(model, self.plan.starts[0].clone())
    }

    fn run(&self, mut model: Model<f32>, mut rng: TorchRng) -> Result<Run> {
        let initial = by_name(&model);
        let mut losses = Vec::with_capacity(self.settings.batches);
        let start = Instant::now();
        train(
            &mut model,
            CumulativeAverage::new(TIME)?
                .batches(BATCH, self.settings.batches, &mut rng)?
                .counting(self.plan.over),
            &Training::new(Mse),
            &mut Adam::new(self.settings.lr),
            |report, _| {
                losses.push(report.loss);
                if report.step % 50 == 49 {
                    self.progress.advance(50 * self.cost);
                }
                ControlFlow::Continue(())
            },
        )?;
        let seconds = start.elapsed().as_secs_f64();
        let predictions = model.predict(self.plan.evaluation.batch().x.view())?;
        let parameters = [initial, by_name(&model)];
        let (cell, layers, over) = (self.cell, self.layers, self.plan.over);
        Ok(Run { cell, layers, over, losses, seconds, predictions, parameters })
    }
}

fn by_name(model: &impl Parameters<f32>) -> Vec<(String, Vec<f32>)> {
    model.named().map(|(name, array)| (name.to_owned(), array.iter().copied().collect())).collect()
}
