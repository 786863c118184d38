//! Norms by timestep, and what steps back do to the gradient of the last loss.

use ndarray::{ArrayView3, Axis, Slice};
use rnn_analysis::{StepFactors, norms_by_timestep, rate_per_step, step_factors};
use rnn_core::LayerXray;

use super::scene::Scene;
use crate::error::Error;
use crate::settings::CellKind;
use crate::view::{Factors, LayerNorms, Prediction, radius};

/// Every layer, the lowest first.
pub(super) fn layers(scene: &Scene<'_>) -> Result<Vec<LayerNorms>, Error> {
    (0..scene.settings.layers).map(|layer| norms(scene, layer)).collect()
}

fn norms(scene: &Scene<'_>, layer: usize) -> Result<LayerNorms, Error> {
    let nothing = vec![f64::NAN; scene.settings.time];
    let mut norms = LayerNorms {
        hidden: scene.flow.hidden_norm.row(layer).to_vec(),
        cell: None,
        gradient: scene.flow.grad_norm.row(layer).to_vec(),
        cell_gradient: None,
        saturated: nothing.clone(),
        slope: nothing,
        ratio: f64::NAN,
        rate: None,
        factors: None,
        predicted: None,
    };
    let mut own = f64::NAN;
    if scene.overflow.is_none() {
        let ws = &scene.ws.rnn;
        let seen = scene.model.rnn.gates(layer, ws)?;
        norms.saturated = over_time(&seen, |t| seen.saturation.column(t).mean().unwrap_or(0.0));
        norms.slope = over_time(&seen, |t| seen.slope.index_axis(Axis(2), t).mean().unwrap_or(0.0));
        if ws.cell(layer).len_of(Axis(2)) > 0 {
            // Of a cell state that holds other numbers beside c, as that of an sLSTM, c alone.
            let c = |state: ArrayView3<'_, f64>| {
                norms_by_timestep(state.slice_axis(Axis(2), Slice::from(..scene.settings.hidden)))
            };
            norms.cell = Some(c(ws.cell(layer)));
            norms.cell_gradient = Some(c(ws.d_cell(layer)));
        }
        let row = scene.reach[layer].row(scene.settings.time - 1);
        own = row[row.len() - 1];
        norms.ratio = row[0] / own;
        norms.rate = rate_per_step(&row.to_vec());
        if scene.settings.cell == CellKind::Rnn {
            norms.factors = means(&step_factors(&scene.model.rnn, scene.of_last(), layer, 0)?);
        }
    }
    norms.predicted = predicted(scene, layer, own)?;
    Ok(norms)
}

/// The value of `of` at each timestep, counted from 0.
pub(super) fn over_time(seen: &LayerXray<f64>, of: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..seen.saturation.ncols()).map(of).collect()
}

/// The geometric means of the factors of all steps, unless one of them is 0.
fn means(steps: &[Option<StepFactors>]) -> Option<Factors> {
    let steps: Vec<StepFactors> = steps.iter().copied().collect::<Option<_>>()?;
    let mean =
        |of: fn(&StepFactors) -> f64| libm::exp(steps.iter().map(of).sum::<f64>() / steps.len() as f64);
    Some(Factors {
        slopes: mean(|step| step.slopes),
        weights: mean(|step| step.weights),
        others: mean(|step| step.others),
    })
}

/// ‖dL_T/dh_T‖ ρ^(T−t), with ρ the spectral radius of W_hh; only for an RNN.
fn predicted(scene: &Scene<'_>, layer: usize, own: f64) -> Result<Option<Prediction>, Error> {
    let Some(unscaled) = unscaled_radius(scene, layer)? else { return Ok(None) };
    let radius = unscaled * scene.settings.weight_scale.abs();
    let gradient = (0..scene.settings.time).rev().map(|back| own * radius.powi(back as i32)).collect();
    Ok(Some(Prediction { radius, gradient }))
}

/// The weight scale at which the spectral radius of W_hh is 1; only for an RNN.
pub(super) fn critical_scale(scene: &Scene<'_>) -> Result<Option<f64>, Error> {
    Ok(unscaled_radius(scene, scene.layer)?.filter(|&radius| radius > 0.0).map(|radius| 1.0 / radius))
}

/// The spectral radius of W_hh before the scales are applied; only for an RNN.
fn unscaled_radius(scene: &Scene<'_>, layer: usize) -> Result<Option<f64>, Error> {
    if scene.settings.cell != CellKind::Rnn {
        return Ok(None);
    }
    Ok(Some(scene.network.weights(layer)?.first().map_or(0.0, |w_hh| radius(&w_hh.eigenvalues))))
}
