//! The gradient by path.

use ndarray::{Array2, Axis};
use rnn_analysis::{GradientPaths, gradient_paths, norms_by_timestep};
use rnn_core::Workspace;

use super::scene::Scene;
use crate::error::Error;
use crate::settings::CellKind;
use crate::view::Highway;

/// The gradients of these passes by path in the layer that is shown; `None` for an RNN, all of whose paths lead through W_hh.
///
/// Of a cell state that holds other numbers beside c, as that of an sLSTM, it is c alone.
pub(super) fn paths(scene: &Scene<'_>, ws: &Workspace<f64>) -> Result<Option<GradientPaths>, Error> {
    if scene.settings.cell == CellKind::Rnn {
        return Ok(None);
    }
    let paths = gradient_paths(&scene.model.rnn, ws, scene.layer, 0)?;
    Ok(Some(paths.entries(0, scene.settings.hidden)))
}

/// `paths` are those of the gradient of the whole loss.
pub(super) fn highway(scene: &Scene<'_>, paths: &GradientPaths) -> Highway {
    let norms = |parts: &Array2<f64>| norms_by_timestep(parts.view().insert_axis(Axis(0)));
    // Nothing comes from a timestep after the last.
    let but_last = |norms: Vec<f64>| {
        let last = norms.len() - 1;
        norms.into_iter().enumerate().map(|(t, norm)| (t < last).then_some(norm)).collect()
    };
    Highway {
        state: if paths.of_cell { "c" } else { "h" },
        path: scene.settings.cell.path(),
        gradient: norms(&paths.gradient),
        through: but_last(norms(&paths.through)),
        rest: but_last(norms(&paths.rest())),
        kept: paths.kept.columns().into_iter().map(|unit| unit.to_vec()).collect(),
    }
}
