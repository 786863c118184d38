//! States and gradients unit by unit.

use ndarray::{ArrayView3, Axis};

use super::scene::Scene;
use crate::view::Units;

pub(super) fn units(scene: &Scene<'_>) -> Units {
    let ws = &scene.ws.rnn;
    let (hidden, gradient) = (ws.hidden(scene.layer), ws.d_hidden(scene.layer));
    // After an overflow there may be no backward pass.
    let gradient = if gradient.is_empty() {
        vec![vec![f64::NAN; scene.settings.time]; hidden.len_of(Axis(2))]
    } else {
        by_unit(gradient)
    };
    Units { hidden: by_unit(hidden), gradient }
}

/// (batch, time, width) of one sequence as one list for each column.
pub(super) fn by_unit(states: ArrayView3<'_, f64>) -> Vec<Vec<f64>> {
    states.index_axis_move(Axis(0), 0).columns().into_iter().map(|unit| unit.to_vec()).collect()
}
