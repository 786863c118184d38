//! The explorer's two sliders, computed beforehand: the page must work from a file, without a server.

use std::io::Write;

use anyhow::Result;
use base64::Engine;
use flate2::{Compression, GzBuilder};
use rayon::prelude::*;
use rnn_explore::{CellKind, Explorer as Cache, LossOver, Nonlinearity, Settings as Positions, View};
use serde_json::{Map, Value, json};

use super::{Settings, flow};
use crate::progress::Progress;

/// About how many microseconds a view takes, written down.
const VIEW: u64 = 900;

/// What stands behind the sliders of the page.
#[derive(Clone, Debug)]
pub(super) enum Explorer {
    /// Precomputed views.
    Grid(Box<Grid>),
    /// The WebAssembly module, as the page takes it.
    Module(String),
}

/// Views at every pair of positions of the two sliders, for each cell, nonlinearity and loss.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    pub(super) weights: Vec<f64>,
    pub(super) biases: Vec<f64>,
    settings: Positions,
    /// A name as `rnn-tanh-last`, and the views, weight scale slowest, as gzipped JSON.
    parts: Vec<(String, Vec<u8>)>,
}

/// Units of progress of [`compute`].
pub(super) fn work(settings: &Settings) -> u64 {
    if settings.module.is_some() {
        return 0;
    }
    let [weights, biases] = scales(settings);
    networks().len() as u64 * VIEW * (weights.len() * biases.len()) as u64
}

/// The weight scales and the bias scales; 1 is among both.
fn scales(settings: &Settings) -> [Vec<f64>; 2] {
    let (low, high) = flow::SLIDER;
    let steps = [if settings.quick { 1.0 } else { 0.25 }, 2.0];
    steps.map(|step| (0..=((high - low) / step) as usize).map(|k| low + k as f64 * step).collect())
}

/// The cells with their nonlinearities, each with both losses.
fn networks() -> Vec<(String, Positions)> {
    let elman = Nonlinearity::ALL.iter().map(|&nonlinearity| {
        (format!("rnn-{}", nonlinearity.name()), Positions { nonlinearity, ..Positions::default() })
    });
    let gated = [CellKind::Lstm, CellKind::Gru]
        .map(|cell| (cell.name().to_owned(), Positions { cell, ..Positions::default() }));
    let cells = elman.chain(gated);
    cells
        .flat_map(|(name, settings)| {
            LossOver::ALL
                .iter()
                .map(move |&loss| (format!("{name}-{}", loss.name()), Positions { loss, ..settings.clone() }))
        })
        .collect()
}

/// The module, or every view of the grid.
pub(super) fn compute(settings: &Settings, progress: &Progress) -> Result<Explorer> {
    match &settings.module {
        Some(module) => Ok(Explorer::Module(module.clone())),
        None => Ok(Explorer::Grid(Box::new(grid(settings, progress)?))),
    }
}

/// Every view, on the sequence and the weights of 1.D.
pub(crate) fn grid(settings: &Settings, progress: &Progress) -> Result<Grid> {
    let [weights, biases] = scales(settings);
    let base = Positions { seed: settings.seed, ..Positions::default() };
    let parts = networks()
        .into_iter()
        .map(|(name, network)| {
            let network = Positions { seed: settings.seed, ..network };
            let explorer = Cache::new();
            let points = rnn_analysis::grid(&biases, &weights);
            let views = points.into_par_iter().map(|(bias_scale, weight_scale)| {
                let view =
                    explorer.view(&Positions { weight_scale, bias_scale, ..network.clone() }, &|| true)?;
                Ok(slim(&view)?.to_string())
            });
            let views: Vec<String> = views.collect::<Result<_>>()?;
            progress.advance(VIEW * views.len() as u64);
            Ok((name, zip(format!("[{}]", views.join(",")).as_bytes())?))
        })
        .collect::<Result<_>>()?;
    Ok(Grid { weights, biases, settings: base, parts })
}

impl Grid {
    /// As [`rnn_explore::page::Source`] takes it.
    pub(crate) fn json(&self) -> String {
        let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let parts = self.parts.iter().map(|(name, bytes)| (name.clone(), Value::String(encode(bytes))));
        json!({
            "weights": self.weights,
            "biases": self.biases,
            "settings": self.settings,
            "parts": parts.collect::<Map<_, _>>(),
        })
        .to_string()
    }
}

/// What the page cannot find out by itself. Of the step Jacobians the last one stays.
fn slim(view: &View) -> Result<Value> {
    let mut view = view.clone();
    let last = view.spectrum.jacobians.pop();
    view.spectrum.jacobians = last.into_iter().collect();
    for terms in view.terms.iter_mut().filter(|terms| !terms.name.starts_with("weight_hh")) {
        terms.along.clear();
    }
    let mut value = serde_json::to_value(&view)?;
    if let Some(fields) = value.as_object_mut() {
        // The page knows these from its controls, or the grid has no such thing.
        for known in ["settings", "query", "snippet", "torch", "training", "layer"] {
            fields.remove(known);
        }
    }
    for (part, unshown) in [("layers", "slope"), ("gates", "saturated")] {
        let all = value[part].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut);
        all.for_each(|one| drop(one.remove(unshown)));
    }
    round(&mut value);
    Ok(value)
}

/// Rounds numbers in lists to the three significant digits that the page shows, so that it rounds no number twice; others, of
/// which it computes more, to six.
fn round(value: &mut Value) {
    match value {
        Value::Number(_) => to_digits(6, value),
        Value::Array(all) if all.iter().any(Value::is_number) => {
            for one in all {
                to_digits(3, one);
            }
        }
        Value::Array(all) => all.iter_mut().for_each(round),
        Value::Object(all) => all.values_mut().for_each(round),
        _ => {}
    }
}

fn to_digits(digits: usize, value: &mut Value) {
    if let Some(x) = value.as_f64().filter(|_| value.is_f64()) {
        *value = format!("{x:.*e}", digits - 1).parse::<f64>().map_or(Value::Null, Value::from);
    }
}

/// Compressed; the same bytes each time.
fn zip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
