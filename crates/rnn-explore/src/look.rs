//! All numbers of a view, from one forward and one backward pass.
//!
//! A [`Scene`] holds the network and its passes. Each part of the view is a function of a scene, in a file of its own.

mod band;
mod fan;
mod gates;
mod highway;
mod layers;
mod plane;
mod reach;
pub(crate) mod remedies;
mod scene;
mod sequence;
mod spectrum;
mod steps;
mod terms;
mod units;

use rnn_data::Task;

use self::scene::Scene;
use crate::error::Error;
use crate::network::Network;
use crate::settings::{Query, Settings};
use crate::task::timesteps;
use crate::view::{Fan, Reach, Sentences, Steps, View};
use crate::{sentence, snippet};

/// The view of these settings, which are within their limits, and of their network.
pub(crate) fn look(settings: &Settings, network: &Network) -> Result<View, Error> {
    let scene = Scene::new(settings, network)?;
    let layers = layers::layers(&scene)?;
    let inside = scene.overflow.is_none();
    let paths = if inside { highway::paths(&scene, &scene.ws.rnn)? } else { None };
    let last = match scene.last() {
        Some(last) if inside => highway::paths(&scene, last)?,
        _ => None,
    };
    let mut view = View {
        settings: settings.clone(),
        query: Query::write(settings),
        summary: String::new(),
        loss: scene.loss,
        baseline: network.task.baseline(timesteps(settings.loss)),
        training: network.training.clone(),
        layers,
        layer: scene.layer,
        critical_scale: layers::critical_scale(&scene)?,
        reach: if inside { reach::reach(&scene) } else { Reach::default() },
        terms: if inside { terms::terms(&scene)? } else { Vec::new() },
        spectrum: spectrum::spectrum(&scene)?,
        gates: if inside { gates::gates(&scene)? } else { Vec::new() },
        overflow: scene.overflow.as_ref().map(ToString::to_string),
        sequence: sequence::sequence(&scene),
        units: units::units(&scene),
        steps: if inside {
            steps::steps(&scene, last.as_ref().or(paths.as_ref()))?
        } else {
            Steps::default()
        },
        highway: paths.as_ref().map(|paths| highway::highway(&scene, paths)),
        band: if inside { band::band(&scene)? } else { None },
        fan: if inside { fan::fan(&scene)? } else { Fan::default() },
        clipping: remedies::clipping(&scene),
        truncation: remedies::truncation(&scene)?,
        plane: if inside { plane::plane(&scene)? } else { None },
        sentences: Sentences::default(),
        snippet: snippet::write(settings),
        torch: snippet::torch::write(settings, network),
    };
    (view.summary, view.sentences) = sentence::write(&view);
    Ok(view)
}
