//! The gradients of the weights, timestep by timestep.

use rnn_analysis::gradient_terms;

use super::scene::Scene;
use crate::error::Error;
use crate::view::Terms;

pub(super) fn terms(scene: &Scene<'_>) -> Result<Vec<Terms>, Error> {
    let terms = gradient_terms(&scene.model.rnn, &scene.ws.rnn, scene.layer)?;
    Ok(terms
        .into_iter()
        .map(|of| Terms { name: of.name, total: of.total, norm: of.norm, along: of.along })
        .collect())
}
