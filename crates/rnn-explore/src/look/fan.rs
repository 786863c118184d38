//! Singular values of the way back from the last state.

use rnn_analysis::{Error as AnalysisError, fan as fan_of};

use super::scene::Scene;
use crate::error::Error;
use crate::view::Fan;

/// The most singular values that are shown.
const SHOWN: usize = 16;

/// The budget for making columns orthogonal, in units of n³ operations.
const BUDGET: usize = 3_000_000;

pub(super) fn fan(scene: &Scene<'_>) -> Result<Fan, Error> {
    let (time, layer) = (scene.settings.time, &scene.model.rnn.layers()[scene.layer]);
    let state = match (layer.cell_width(), layer.state_width()) {
        (0, _) => "h",
        (cell, state) if cell == state => "c",
        _ => "h and c",
    };
    let of = layer.state_width();
    let timesteps = chosen(time, of);
    let fan = match fan_of(&scene.model.rnn, &scene.ws.rnn, scene.layer, 0, &timesteps) {
        // The sentence says so.
        Err(AnalysisError::NoConvergence { .. }) => {
            return Ok(Fan { state, timesteps, of, ..Fan::default() });
        }
        fan => fan?,
    };
    let finite = |ln: f64| if ln.is_finite() { ln } else { f64::NAN };
    let line = |i: usize| {
        let mut line = vec![f64::NAN; time];
        timesteps.iter().zip(fan.ln_sigma.column(i)).for_each(|(&t, &ln)| line[t - 1] = finite(ln));
        line
    };
    let shown = of.min(SHOWN);
    Ok(Fan {
        state,
        ln_sigma: (0..shown).map(line).collect(),
        exponents: fan.exponents().into_iter().take(shown).map(finite).collect(),
        timesteps,
        of,
    })
}

/// All timesteps, or as many of them, evenly spaced from the first to the last, as [`BUDGET`] allows.
fn chosen(time: usize, n: usize) -> Vec<usize> {
    let at_most = (BUDGET / n.pow(3)).clamp(2, time);
    let every = (time - 1).div_ceil(at_most - 1);
    let mut timesteps: Vec<usize> = (0..time).rev().step_by(every).map(|t| t + 1).collect();
    if timesteps.last() != Some(&1) {
        timesteps.push(1);
    }
    timesteps.reverse();
    timesteps
}
