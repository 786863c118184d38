//! Gates over time.

use ndarray::Axis;
use rnn_core::LayerXray;

use super::layers::over_time;
use super::scene::Scene;
use crate::error::Error;
use crate::settings::CellKind;
use crate::view::Gate;

pub(super) fn gates(scene: &Scene<'_>) -> Result<Vec<Gate>, Error> {
    if scene.settings.cell == CellKind::Rnn {
        return Ok(Vec::new());
    }
    let seen = scene.model.rnn.gates(scene.layer, &scene.ws.rnn)?;
    let one = |(gate, &name): (usize, &&'static str)| {
        let units = |t: usize| seen.activation.index_axis(Axis(0), gate).index_axis_move(Axis(1), t);
        Gate {
            name,
            mean: over_time(&seen, |t| units(t).mean().unwrap_or(f64::NAN)),
            least: over_time(&seen, |t| units(t).iter().copied().fold(f64::INFINITY, f64::min)),
            most: over_time(&seen, |t| units(t).iter().copied().fold(f64::NEG_INFINITY, f64::max)),
            saturated: seen.saturation.row(gate).to_vec(),
            kept: matches!(name, "f" | "z").then(|| kept(&seen, gate)),
        }
    };
    Ok(seen.gates.iter().enumerate().map(one).collect())
}

/// The least, the median and the greatest over units of the product of a gate over t = 2 .. T.
fn kept(seen: &LayerXray<f64>, gate: usize) -> [f64; 3] {
    let values = seen.activation.index_axis(Axis(0), gate).index_axis_move(Axis(0), 0);
    let mut products: Vec<f64> =
        values.columns().into_iter().map(|unit| unit.iter().skip(1).product()).collect();
    products.sort_by(f64::total_cmp);
    let n = products.len();
    [products[0], f64::midpoint(products[(n - 1) / 2], products[n / 2]), products[n - 1]]
}
