//! `metrics.json`: the report's numbers for programs.

use anyhow::Result;
use rnn_core::Timesteps;
use serde::Serialize;

use super::Report;
use super::data::target_name;
use super::flow::{FlowStudy, grad_norm, hidden_norm};
use super::performance::{self, flops_per_second};
use crate::measure::network::Network;
use crate::measure::samples::Samples;

/// Raised when a field changes its meaning.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Metrics {
    schema: u32,
    seed: u64,
    checks: Vec<Check>,
    training: Vec<Training>,
    pytorch_agreement: Option<Agreement>,
    gradient_flow: Vec<Flow>,
    performance: Performance,
    seconds_total: f64,
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
    seconds: f64,
    microseconds_per_batch: f64,
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

/// Measured times: other numbers in every run.
#[derive(Serialize)]
struct Performance {
    threads: usize,
    steps: Vec<Step>,
    growth: Vec<Growth>,
}

#[derive(Serialize)]
struct Step {
    network: String,
    median_seconds: f64,
    min_seconds: f64,
    flops_per_second: f64,
}

#[derive(Serialize)]
struct Growth {
    variable: &'static str,
    cell: &'static str,
    sizes: Vec<f64>,
    min_seconds: Vec<f64>,
    exponent: f64,
}

/// The file's bytes.
pub(super) fn json(report: &Report, seconds_total: f64) -> Result<Vec<u8>> {
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
        seconds: run.seconds,
        microseconds_per_batch: run.microseconds_per_batch(),
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
        performance: performance(&report.performance),
        seconds_total,
    };
    let mut json = serde_json::to_vec_pretty(&metrics)?;
    json.push(b'\n');
    Ok(json)
}

fn performance(measured: &performance::Performance) -> Performance {
    let step = |(network, samples): &(Network, Samples)| Step {
        network: network.to_string(),
        median_seconds: samples.median(),
        min_seconds: samples.min(),
        flops_per_second: flops_per_second(network, samples.median()),
    };
    let curves = measured.growths.iter().flat_map(|growth| {
        growth.curves.iter().map(|curve| Growth {
            variable: growth.variable.name(),
            cell: curve.cell.name(),
            sizes: curve.sizes.clone(),
            min_seconds: curve.seconds.clone(),
            exponent: curve.exponent(),
        })
    });
    Performance {
        threads: measured.threads,
        steps: measured.steps.iter().map(step).collect(),
        growth: curves.collect(),
    }
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
