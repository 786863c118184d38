//! The training held against PyTorch's, loss by loss.

use anyhow::{Context, Result, ensure};
use rnn_core::Timesteps;
use safetensors::{Dtype, SafeTensors};

use super::Settings;
use super::data::target_name;
use super::training::{Run, TrainingStudy};

/// What PyTorch 2.15 computed: parameters, losses and predictions of the whole notebook after `torch.manual_seed(0)`.
const TRACE: &[u8] = include_bytes!("../../../tests/golden/notebook/trace_seed0.safetensors");

/// The settings of the trace.
const SEED: u64 = 0;
const HIDDEN: usize = 32;
const LR: f64 = 1e-4;
const BATCHES: usize = 5000;

/// Rounding alone makes the losses differ by some 4e-5 in relation to their size.
pub(super) const TOLERANCE: f64 = 5e-4;

/// How far the runs are from PyTorch's.
#[derive(Clone, Debug)]
pub(super) struct Agreement {
    /// One line a run.
    pub(super) runs: Vec<RunAgreement>,
}

/// How far one run is from PyTorch's.
#[derive(Clone, Debug)]
pub(super) struct RunAgreement {
    pub(super) title: String,
    pub(super) over: Timesteps,
    /// The largest difference of any initial parameter: both draw the same numbers.
    pub(super) initial: f64,
    /// The largest |loss − PyTorch's| / PyTorch's over all batches.
    pub(super) loss: f64,
    /// The largest difference of any parameter after training.
    pub(super) parameters: f64,
    /// The largest difference of any prediction for the evaluation batch.
    pub(super) predictions: f64,
    /// How many losses were compared.
    pub(super) batches: usize,
}

impl Agreement {
    pub(super) fn max_relative_loss_difference(&self) -> f64 {
        self.runs.iter().map(|run| run.loss).fold(0.0, worse)
    }

    pub(super) fn batches(&self) -> usize {
        self.runs.iter().map(|run| run.batches).sum()
    }

    pub(super) fn passed(&self) -> bool {
        self.max_relative_loss_difference() <= TOLERANCE
    }
}

/// Compares every RNN run with the trace; `None` if the settings are not those of the trace.
pub(super) fn with_pytorch(settings: &Settings, study: &TrainingStudy) -> Result<Option<Agreement>> {
    let Settings { seed, hidden, lr, batches, .. } = *settings;
    if (seed, hidden, batches) != (SEED, HIDDEN, BATCHES) || lr.to_bits() != LR.to_bits() {
        return Ok(None);
    }
    let trace = SafeTensors::deserialize(TRACE).context("the trace of PyTorch's training in this program")?;
    let rnn = study.runs.iter().filter(|run| run.cell == "rnn");
    Ok(Some(Agreement { runs: rnn.map(|run| compare(run, &trace)).collect::<Result<_>>()? }))
}

fn compare(run: &Run, trace: &SafeTensors<'_>) -> Result<RunAgreement> {
    let prefix = format!("{}.{}", target_name(run.over), run.layers);
    let losses = tensor(trace, &format!("{prefix}.loss"))?;
    ensure!(
        losses.len() == run.losses.len(),
        "{prefix}: {} losses, {} in the trace",
        run.losses.len(),
        losses.len()
    );
    let relative =
        run.losses.iter().zip(&losses).map(|(&got, &want)| f64::from((got - want).abs()) / f64::from(want));
    let parameters = |when: &str, parameters: &[(String, Vec<f32>)]| -> Result<f64> {
        let of = |(name, got): &(String, Vec<f32>)| {
            Ok(largest(got, &tensor(trace, &format!("{prefix}.{when}.{name}"))?))
        };
        parameters.iter().map(of).try_fold(0.0, |max, difference: Result<f64>| Ok(worse(max, difference?)))
    };
    let predictions: Vec<f32> = run.predictions.iter().copied().collect();
    Ok(RunAgreement {
        title: run.title(),
        over: run.over,
        initial: parameters("init", &run.parameters[0])?,
        loss: relative.fold(0.0, worse),
        parameters: parameters("final", &run.parameters[1])?,
        predictions: largest(&predictions, &tensor(trace, &format!("{prefix}.eval.pred"))?),
        batches: losses.len(),
    })
}

/// The numbers of a tensor, row by row.
fn tensor(trace: &SafeTensors<'_>, name: &str) -> Result<Vec<f32>> {
    let tensor = trace.tensor(name).with_context(|| format!("the trace lacks {name}"))?;
    ensure!(tensor.dtype() == Dtype::F32, "{name} of the trace is {:?}", tensor.dtype());
    let (numbers, _) = tensor.data().as_chunks::<4>();
    Ok(numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
}

/// The largest difference; infinite if there are not equally many numbers.
fn largest(got: &[f32], want: &[f32]) -> f64 {
    if got.len() != want.len() {
        return f64::INFINITY;
    }
    got.iter().zip(want).map(|(g, w)| f64::from((g - w).abs())).fold(0.0, worse)
}

/// The larger of two differences, NaN being larger than any.
fn worse(a: f64, b: f64) -> f64 {
    if b > a || b.is_nan() { b } else { a }
}
