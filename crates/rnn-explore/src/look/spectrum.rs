//! Eigenvalues and singular values.

use rnn_analysis::{eigenvalues, singular_values};

use super::scene::Scene;
use crate::error::Error;
use crate::network::spectra;
use crate::view::{Jacobian, Matrix, Spectrum};

/// The budget for decompositions of step Jacobians, in units of n³ operations; at least one is decomposed.
const DECOMPOSITIONS: usize = 330_000;

pub(super) fn spectrum(scene: &Scene<'_>) -> Result<Spectrum, Error> {
    let weights = scene.network.weights(scene.layer)?;
    // The weights of a gate that is held are 0.
    let held = scene.settings.clamp.map(|clamp| format!("W_h{}", clamp.gate));
    let scaled = weights.iter().map(|matrix| match matrix.name.as_str() {
        spectra::LAMBDA => matrix.clone(),
        name if held.as_deref() == Some(name) => times(matrix, 0.0),
        _ => times(matrix, scene.settings.weight_scale),
    });
    let jacobians = if scene.overflow.is_none() { jacobians(scene)? } else { Vec::new() };
    Ok(Spectrum { weights: scaled.collect(), jacobians })
}

/// The spectra of s W from those of W: eigenvalues times s, singular values times |s|.
fn times(matrix: &Matrix, scale: f64) -> Matrix {
    Matrix {
        name: matrix.name.clone(),
        eigenvalues: matrix.eigenvalues.iter().map(|z| z.map(|part| part * scale)).collect(),
        singular_values: matrix.singular_values.iter().map(|sigma| sigma * scale.abs()).collect(),
        rank: if scale == 0.0 { 0 } else { matrix.rank },
    }
}

/// The step Jacobians of the chosen timestep and of others, evenly spaced, as many as [`DECOMPOSITIONS`] allows.
fn jacobians(scene: &Scene<'_>) -> Result<Vec<Jacobian>, Error> {
    let mut jacobians = scene.model.rnn.step_jacobians(&scene.ws.rnn, scene.layer, 0)?;
    let (time, n) = (jacobians.time(), jacobians.state());
    let at_most = (DECOMPOSITIONS / n.pow(3)).clamp(1, time);
    let shown = scene.settings.shown_timestep();
    let mut chosen: Vec<usize> = (1..=at_most).map(|k| k * time / at_most).collect();
    if let Err(at) = chosen.binary_search(&shown) {
        let nearest = if at == chosen.len() || at > 0 && shown - chosen[at - 1] < chosen[at] - shown {
            at - 1
        } else {
            at
        };
        chosen[nearest] = shown;
    }
    chosen
        .into_iter()
        .map(|timestep| {
            let jacobian = jacobians.at(timestep)?;
            let eigenvalues = eigenvalues(jacobian)?.into_iter().map(|z| [z.re, z.im]).collect();
            let (singular_values, rank) = spectra::cut(singular_values(jacobian)?);
            Ok(Jacobian { timestep, eigenvalues, singular_values, rank })
        })
        .collect()
}
