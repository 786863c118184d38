//! Each step back, split into its factors.

use ndarray::Axis;
use rnn_analysis::{GradientPaths, PathFactors, StepFactors, norms_by_timestep, step_factors};

use super::scene::Scene;
use crate::error::Error;
use crate::view::{StepPart, Steps};

/// `paths` are those of the gradient of the last loss; none for an RNN.
pub(super) fn steps(scene: &Scene<'_>, paths: Option<&GradientPaths>) -> Result<Steps, Error> {
    let part = |name: &'static str, values: Vec<Option<f64>>| StepPart { name, values };
    let (state, gradient, parts) = match paths {
        None => {
            let steps = step_factors(&scene.model.rnn, scene.of_last(), scene.layer, 0)?;
            let values = |of: fn(&StepFactors) -> f64| -> Vec<Option<f64>> {
                steps.iter().map(|step| step.as_ref().map(of)).collect()
            };
            let parts = vec![
                part("slopes", values(|step| step.slopes)),
                part("W_hh", values(|step| step.weights)),
                part("loss and layers above", values(|step| step.others)),
            ];
            ("h", norms_by_timestep(scene.of_last().d_hidden(scene.layer)), parts)
        }
        Some(paths) => {
            let steps = paths.factors();
            let values = |of: fn(&PathFactors) -> f64| -> Vec<Option<f64>> {
                steps.iter().map(|step| step.as_ref().map(of)).collect()
            };
            let parts = vec![
                part("elementwise path", values(|step| step.elementwise)),
                part("all other paths", values(|step| step.others)),
            ];
            let gradient = norms_by_timestep(paths.gradient.view().insert_axis(Axis(0)));
            (if paths.of_cell { "c" } else { "h" }, gradient, parts)
        }
    };
    let total = gradient.windows(2).map(|pair| libm::log(pair[0]) - libm::log(pair[1]));
    let total = total.map(|ln| Some(ln).filter(|ln| ln.is_finite())).collect();
    Ok(Steps { state, parts, total })
}
