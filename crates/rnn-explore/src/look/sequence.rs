//! The sequence that is shown.

use ndarray::{ArrayView1, ArrayView2, Axis};
use rnn_analysis::norms_by_timestep;

use super::scene::Scene;
use super::units::by_unit;
use crate::settings::LossOver;
use crate::task::editable_feature;
use crate::view::{Classes, Sequence};

pub(super) fn sequence(scene: &Scene<'_>) -> Sequence {
    let (batch, time) = (&scene.sequence, scene.settings.time);
    let mask = |t: usize| batch.mask.as_ref().is_none_or(|mask| mask[[0, t]]);
    let over = |t: usize| scene.settings.loss == LossOver::All || t + 1 == time;
    let (prediction, input_gradient) = (scene.ws.prediction(), scene.ws.rnn.d_input());
    // After an overflow there may be neither.
    let prediction = (prediction.dim().1 == time).then(|| prediction.index_axis_move(Axis(0), 0));
    let input_gradient =
        if input_gradient.is_empty() { vec![f64::NAN; time] } else { norms_by_timestep(input_gradient) };
    let targets = batch.y.values().map(|y| by_unit(y.view())).unwrap_or_default();
    let predictions = match &prediction {
        Some(prediction) if !targets.is_empty() => {
            prediction.columns().into_iter().map(|output| output.to_vec()).collect()
        }
        _ => vec![vec![f64::NAN; time]; targets.len()],
    };
    let classes = batch.y.classes().map(|classes| {
        let target = (0..time).map(|t| mask(t).then(|| classes[[0, t]])).collect();
        guesses(target, prediction.as_ref().map(|prediction| prediction.view()))
    });
    Sequence {
        inputs: by_unit(batch.x.view()),
        targets,
        predictions,
        counted: (0..time).map(|t| mask(t) && over(t)).collect(),
        input_gradient,
        editable: editable_feature(scene.settings.task),
        classes,
    }
}

/// What the network makes of the classes: its logits are (time, classes), if there are any.
fn guesses(target: Vec<Option<usize>>, logits: Option<ArrayView2<'_, f64>>) -> Classes {
    let Some(logits) = logits.filter(|logits| logits.iter().all(|x| x.is_finite())) else {
        return Classes {
            predicted: vec![None; target.len()],
            probability: vec![None; target.len()],
            target,
        };
    };
    let rows = || logits.rows().into_iter();
    let probability = rows().zip(&target).map(|(row, target)| target.map(|class| softmax(row, class)));
    Classes { predicted: rows().map(largest).collect(), probability: probability.collect(), target }
}

/// The index of the largest entry, the first of equal ones.
fn largest(row: ArrayView1<'_, f64>) -> Option<usize> {
    let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    row.iter().position(|&x| x == most)
}

/// The probability of a class.
fn softmax(row: ArrayView1<'_, f64>, class: usize) -> f64 {
    1.0 / row.iter().map(|x| libm::exp(x - row[class])).sum::<f64>()
}
