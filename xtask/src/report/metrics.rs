//! `metrics.json`: the report's numbers for programs; the same for the same settings.

use anyhow::Result;
use rnn_core::Timesteps;
use serde::Serialize;

use super::Report;
use super::data::target_name;
use super::flow::{FlowStudy, grad_norm, hidden_norm};

/// Raised when a field changes its meaning.
const SCHEMA: u32 = 2;

#[derive(Serialize)]
struct Metrics {
    schema: u32,
    seed: u64,
    checks: Vec<Check>,
    training: Vec<Training>,
    pytorch_agreement: Option<Agreement>,
    gradient_flow: Vec<Flow>,
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    max_abs_error: f64,
    tolerance: f64,
    passed: bool,
}

#[derive(Serialize)]
struct Training {
    cell: &'static str,
    target: &'static str,
    layers: usize,
    batches: usize,
    first_loss: f64,
    final_loss: f64,
}

#[derive(Serialize)]
struct Agreement {
    max_relative_loss_difference: f64,
    batches: usize,
}

#[derive(Serialize)]
struct Flow {
    cell: &'static str,
    nonlinearity: Option<&'static str>,
    last_timestep_only: bool,
    weight_scale: f64,
    bias_scale: f64,
    spectral_radius: Option<f64>,
    hidden_norm: Vec<f64>,
    grad_norm: Vec<f64>,
}

/// The file's bytes.
pub(super) fn json(report: &Report) -> Result<Vec<u8>> {
    let checks = report.checks.iter().map(|check| Check {
        name: check.name,
        max_abs_error: check.max_abs_error(),
        tolerance: check.tolerance,
        passed: check.passed(),
    });
    let training = report.training.runs.iter().map(|run| Training {
        cell: run.cell,
        target: target_name(run.over),
        layers: run.layers,
        batches: run.losses.len(),
        first_loss: run.first_loss(),
        final_loss: run.final_loss(),
    });
    let agreement = report.agreement.as_ref().map(|agreement| Agreement {
        max_relative_loss_difference: agreement.max_relative_loss_difference(),
        batches: agreement.batches(),
    });
    let metrics = Metrics {
        schema: SCHEMA,
        seed: report.settings.seed,
        checks: checks.collect(),
        training: training.collect(),
        pytorch_agreement: agreement,
        gradient_flow: report.flow.iter().flat_map(flow).collect(),
    };
    let mut json = serde_json::to_vec_pretty(&metrics)?;
    json.push(b'\n');
    Ok(json)
}

/// Every curve of a study.
fn flow(study: &FlowStudy) -> impl Iterator<Item = Flow> {
    study.losses.iter().flat_map(move |loss| {
        loss.family.iter().map(move |point| Flow {
            cell: study.cell,
            nonlinearity: study.nonlinearity,
            last_timestep_only: loss.over == Timesteps::Last,
            weight_scale: point.weight_scale,
            bias_scale: point.bias_scale,
            spectral_radius: point.spectral_radius[0],
            hidden_norm: hidden_norm(point),
            grad_norm: grad_norm(point),
        })
    })
}
