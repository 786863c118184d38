//! Targets of inputs that a reader has changed.

use ndarray::Axis;
use rnn_core::Batch;

use crate::settings::{Settings, TaskKind};

/// The feature whose values can be changed, if the task defines its targets by its inputs.
pub(crate) fn editable_feature(task: TaskKind) -> Option<usize> {
    match task {
        TaskKind::CumulativeAverage | TaskKind::AddingProblem | TaskKind::DelayedRecall => Some(0),
        TaskKind::CopyMemory | TaskKind::TemporalOrder | TaskKind::FlipFlop | TaskKind::SineMixture => None,
    }
}

/// The first sequence of `drawn` with the edits of these settings and the targets that follow from them.
pub(crate) fn edited(settings: &Settings, mut drawn: Batch<f64>) -> Batch<f64> {
    let Some(feature) = editable_feature(settings.task).filter(|_| !settings.edits.is_empty()) else {
        return drawn;
    };
    for edit in &settings.edits {
        drawn.x[[0, edit.timestep - 1, feature]] = edit.value;
    }
    let time = settings.time;
    let x = drawn.x.index_axis(Axis(0), 0).column(feature).to_owned();
    let marked = |t: usize| drawn.x[[0, t, 1]] == 1.0;
    let mut sum = 0.0;
    let answers: Vec<f64> = match settings.task {
        TaskKind::AddingProblem => {
            vec![(0..time).filter(|&t| marked(t)).map(|t| x[t]).sum(); time]
        }
        TaskKind::DelayedRecall => {
            let delay = time / 2;
            (0..time).map(|t| if t < delay { 0.0 } else { x[t - delay] }).collect()
        }
        _ => x
            .iter()
            .enumerate()
            .map(|(t, x)| {
                sum += x;
                sum / (t + 1) as f64
            })
            .collect(),
    };
    if let Some(y) = drawn.y.values_mut() {
        for (t, answer) in answers.into_iter().enumerate() {
            y[[0, t, 0]] = answer;
        }
    }
    drawn
}
