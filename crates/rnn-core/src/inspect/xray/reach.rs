//! How far the gradient of the loss at one timestep reaches.

use ndarray::{Array2, ArrayView3, Axis};

use crate::Real;
use crate::error::Result;
use crate::memory::workspace::Workspace;
use crate::network::stack::{Stack, check_first_state_gradients};

/// ‖dL_t/dh_k‖, (t, k), of every level: a sweep back for each timestep that has a gradient of the output, with that alone.
pub(super) fn reach<F: Real>(
    stack: &Stack<F>,
    d_output: ArrayView3<'_, F>,
    ws: &mut Workspace<F>,
) -> Result<Vec<Array2<f64>>> {
    let time = ws.extent.time;
    let mut reach = vec![Array2::zeros((time, time)); ws.layers()];
    for t in 0..time {
        if d_output.index_axis(Axis(1), t).iter().all(num_traits::Zero::is_zero) {
            continue;
        }
        stack.back_from_timestep(d_output, t, ws);
        // Nothing reaches a later state, but through a backward direction.
        let reached = if ws.directions() == 1 { t + 1 } else { time };
        for (layer, reach) in reach.iter_mut().enumerate() {
            let states = ws.d_hidden(layer);
            for (to, states) in reach.row_mut(t).iter_mut().zip(states.axis_iter(Axis(1))).take(reached) {
                *to = norm(states.iter().map(|d| d.to_f64().unwrap_or(f64::NAN)));
            }
        }
        if reach.iter().any(|reach| reach.row(t).iter().any(|norm| !norm.is_finite())) {
            check_first_state_gradients(ws, time + 1)?;
        }
    }
    Ok(reach)
}

/// The Euclidean norm; squares that leave the range do no harm.
fn norm(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let plain = values.clone().map(|x| x * x).sum::<f64>();
    if plain.is_normal() {
        return plain.sqrt();
    }
    let largest =
        values.clone().fold(0.0, |max: f64, x| if x.abs() > max || x.is_nan() { x.abs() } else { max });
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    largest * values.map(|x| (x / largest).powi(2)).sum::<f64>().sqrt()
}
