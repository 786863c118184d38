//! How a diagnosis is printed, and written for other programs.

use std::fmt::Write as _;

use clap::builder::styling::{AnsiColor, Style};
use rnn_analysis::{Crossed, Diagnosis, LayerEvidence, Remedy, Symptom};
use rnn_core::Model;
use serde::Serialize;

use crate::output::{align, printable};

/// What is wrong, what the layers are like, and what helps.
pub(super) fn text(model: &Model<f64>, found: &Diagnosis, styled: bool) -> String {
    let mut text = String::new();
    let color = if found.is_healthy() { AnsiColor::Green } else { AnsiColor::Red };
    let style = if styled { color.on_default().bold() } else { Style::new() };
    let verdict = found.condition().map_or("healthy", |condition| condition.name());
    let cell =
        model.rnn.layers().first().map_or_else(String::new, |layer| printable(&layer.cell.to_string()));
    let _ = writeln!(text, "{cell}, {} layers: {style}{verdict}{style:#}", model.rnn.layers().len());
    for symptom in &found.symptoms {
        let place = symptom.layer.map_or_else(|| "the model".to_owned(), |layer| format!("layer {layer}"));
        let _ = writeln!(text, "\n{} ({place})", symptom.condition);
        for crossed in &symptom.evidence {
            let _ = writeln!(text, "  {crossed}");
        }
        let none = || "No change that was tried removes this.".to_owned();
        let _ = writeln!(text, "  {}", symptom.remedy.as_ref().map_or_else(none, ToString::to_string));
    }
    if found.evidence.layers.is_empty() {
        return text;
    }
    let header = ["layer", "gain", "over steps", "exponent", "±", "flat", "dead"].map(str::to_owned).to_vec();
    let rows = found.evidence.layers.iter().enumerate().map(|(k, layer)| row(k, layer));
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    let _ = writeln!(text);
    for line in align(&rows, |_| true) {
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn row(k: usize, layer: &LayerEvidence) -> Vec<String> {
    let lag = layer.gain.last().map_or(0, |&(lag, _)| lag);
    vec![
        k.to_string(),
        format!("{:.1e}", layer.end().exp()),
        lag.to_string(),
        format!("{:.4}", layer.exponent),
        format!("{:.4}", layer.exponent_error),
        format!("{:.0}%", 100.0 * layer.saturated),
        layer.dead.len().to_string(),
    ]
}

/// Raised when a field changes its meaning.
const SCHEMA: u32 = 1;

/// The diagnosis for other programs. A number that is not finite is null.
#[derive(Serialize)]
pub(super) struct Document {
    schema: u32,
    condition: &'static str,
    symptoms: Vec<Found>,
    loss: Option<f64>,
    overflow: Option<String>,
    layers: Vec<Layer>,
}

#[derive(Serialize)]
struct Found {
    condition: &'static str,
    layer: Option<usize>,
    evidence: Vec<Evidence>,
    remedy: Option<String>,
    change: Option<Change>,
}

/// The remedy as numbers: what is changed, in which layer, and to or by what.
#[derive(Serialize)]
struct Change {
    kind: &'static str,
    layer: Option<usize>,
    value: f64,
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    units: Vec<usize>,
}

fn change(remedy: &Remedy) -> Option<Change> {
    let of = |kind, layer, value| Some(Change { kind, layer, value, units: Vec::new() });
    match *remedy {
        Remedy::Orthogonal { layer, gain } => of("orthogonal", Some(layer), gain),
        Remedy::Scale { layer, factor } => of("scale", Some(layer), factor),
        Remedy::ScaleOwn { layer, factor } => of("scale_own", Some(layer), factor),
        Remedy::KeepBias { layer, bias } => of("keep_bias", Some(layer), bias),
        Remedy::Eigenvalue { layer, value } => of("eigenvalue", Some(layer), value),
        Remedy::RaiseBias { layer, ref units, by } => {
            Some(Change { kind: "raise_bias", layer: Some(layer), value: by, units: units.clone() })
        }
        Remedy::SetBias { layer, ref units, value } => {
            Some(Change { kind: "set_bias", layer: Some(layer), value, units: units.clone() })
        }
        Remedy::LearningRate { rate } => of("learning_rate", None, rate),
        _ => None,
    }
}

#[derive(Serialize)]
struct Evidence {
    what: &'static str,
    value: Option<f64>,
    threshold: Option<f64>,
    above: bool,
}

#[derive(Serialize)]
struct Layer {
    ln_gain: Vec<(usize, Option<f64>)>,
    exponent: Option<f64>,
    exponent_error: f64,
    saturated: f64,
    dead: usize,
    units: usize,
}

fn finite(x: f64) -> Option<f64> {
    x.is_finite().then_some(x)
}

impl Document {
    pub(super) fn new(found: &Diagnosis) -> Self {
        let crossed = |crossed: &Crossed| Evidence {
            what: crossed.what,
            value: finite(crossed.value),
            threshold: finite(crossed.threshold),
            above: crossed.above,
        };
        let symptom = |symptom: &Symptom| Found {
            condition: symptom.condition.name(),
            layer: symptom.layer,
            evidence: symptom.evidence.iter().map(crossed).collect(),
            remedy: symptom.remedy.as_ref().map(ToString::to_string),
            change: symptom.remedy.as_ref().and_then(change),
        };
        let layer = |layer: &LayerEvidence| Layer {
            ln_gain: layer.gain.iter().map(|&(lag, ln)| (lag, finite(ln))).collect(),
            exponent: finite(layer.exponent),
            exponent_error: layer.exponent_error,
            saturated: layer.saturated,
            dead: layer.dead.len(),
            units: layer.units,
        };
        Self {
            schema: SCHEMA,
            condition: found.condition().map_or("healthy", |condition| condition.name()),
            symptoms: found.symptoms.iter().map(symptom).collect(),
            loss: finite(found.evidence.loss),
            overflow: found.evidence.overflow.as_ref().map(ToString::to_string),
            layers: found.evidence.layers.iter().map(layer).collect(),
        }
    }
}
