//! Clipping, truncation, and gates that are held.

use ndarray::Axis;
use rnn_analysis::truncation as truncation_of;
use rnn_core::{Model, global_norm};

use super::scene::Scene;
use crate::error::Error;
use crate::settings::Settings;
use crate::view::{Clipping, Truncation};

pub(super) fn clipping(scene: &Scene<'_>) -> Clipping {
    let norm = if scene.overflow.is_some() { f64::NAN } else { global_norm(&scene.ws) };
    let limit = scene.settings.clip;
    // As `clip_global_norm`.
    let scale = limit.map_or(1.0, |limit| (limit / (norm + 1e-6)).min(1.0));
    Clipping { norm, limit, clipped: if norm.is_nan() { norm } else { norm * scale } }
}

pub(super) fn truncation(scene: &Scene<'_>) -> Result<Option<Truncation>, Error> {
    let window = scene.settings.truncation;
    if window == 0 {
        return Ok(None);
    }
    if scene.overflow.is_some() {
        return Ok(Some(Truncation { window, lost: f64::NAN, cosine: f64::NAN }));
    }
    let x = scene.sequence.x.view();
    let of = truncation_of(&scene.model, &scene.ws, x, window)?;
    Ok(Some(Truncation { window, lost: of.lost / of.whole, cosine: of.cosine }))
}

/// Holds the gate that the settings name at 0 or 1, in every layer: its weights become 0, and one of its biases ±1000.
pub(crate) fn hold(model: &mut Model<f64>, settings: &Settings) {
    let Some(clamp) = settings.clamp else { return };
    let (hidden, suffix) = (settings.hidden, clamp.gate.to_string());
    let Some((gate, gates)) = clamp.place(settings.cell) else { return };
    let rows = gates * hidden;
    for (name, mut array) in model.rnn.params_mut().iter_mut() {
        if array.len_of(Axis(0)) == rows {
            let first = name.starts_with("bias_ih") || name.starts_with("bias_l");
            let held = (gate * hidden..(gate + 1) * hidden).into();
            array.slice_axis_mut(Axis(0), held).fill(if first { clamp.bias() } else { 0.0 });
        } else if name.starts_with(&format!("weight_c{suffix}")) {
            array.fill(0.0);
        }
    }
}
