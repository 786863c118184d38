//! The plane of a state of two numbers.

use ndarray::{Array1, Array2};
use rnn_analysis::fixed_points;

use super::scene::Scene;
use crate::error::Error;
use crate::view::{Fixed, Plane};

/// The search starts from a grid of so many states in each direction.
const GRID: usize = 9;

pub(super) fn plane(scene: &Scene<'_>) -> Result<Option<Plane>, Error> {
    let [layer] = scene.model.rnn.layers() else { return Ok(None) };
    let axes = match (layer.output(), layer.cell_width(), layer.state_width()) {
        (2, 0, 2) => ["h_1", "h_2"],
        (1, 1, 2) => ["h", "c"],
        _ => return Ok(None),
    };
    let (h, c) = (scene.ws.rnn.hidden(0), scene.ws.rnn.cell(0));
    let state = |t: usize| {
        let mut numbers = (0..h.dim().2).map(|j| h[[0, t, j]]).chain((0..c.dim().2).map(|j| c[[0, t, j]]));
        [(); 2].map(|()| numbers.next().unwrap_or(f64::NAN))
    };
    let trajectory: Vec<[f64; 2]> = (0..scene.settings.time).map(state).collect();
    // The square around the trajectory and the states that bounded units have.
    let reach = trajectory.iter().flatten().fold(1.0f64, |most, x| most.max(x.abs()));
    let at = |k: usize| 1.2 * reach * (2.0 * k as f64 / (GRID - 1) as f64 - 1.0);
    let starts = Array2::from_shape_fn((GRID * GRID, 2), |(start, axis)| {
        at(if axis == 0 { start / GRID } else { start % GRID })
    });
    let zeros = Array1::zeros(scene.model.rnn.input());
    let found = fixed_points(&scene.model.rnn, zeros.view(), starts.view())?;
    let fixed = found.into_iter().map(|point| Fixed {
        at: [point.state[0], point.state[1]],
        stable: point.is_stable(),
        eigenvalues: point.eigenvalues.iter().map(|z| [z.re, z.im]).collect(),
    });
    Ok(Some(Plane { axes, trajectory, fixed: fixed.collect(), starts: GRID * GRID }))
}
