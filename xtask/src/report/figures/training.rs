//! Loss curves, and what the trained models predict.

use ndarray::s;
use rnn_core::Timesteps;
use rnn_data::{CumulativeAverage, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::Sketch;
use super::data::{input, target};
use crate::report::data::{SHOWN, Sequences, TARGETS, TIME, timesteps};
use crate::report::training::{Run, TrainingStudy};

/// A color of the palette for each model; 1 is the target's.
const COLORS: [usize; 4] = [0, 2, 3, 4];

/// Batches over which a loss curve is smoothed.
const WINDOW: usize = 100;

pub(super) fn sketches(study: &TrainingStudy) -> Vec<Sketch> {
    let of = |over: Timesteps| study.runs.iter().filter(move |run| run.over == over).collect::<Vec<_>>();
    let losses = TARGETS.iter().map(|&(over, name)| losses(&of(over), over, name));
    let evaluations = TARGETS
        .iter()
        .zip(&study.evaluation)
        .map(|(&(over, name), data)| evaluation(&of(over), data, over, name));
    losses.zip(evaluations).flat_map(|(losses, evaluation)| [losses, evaluation]).collect()
}

fn losses(runs: &[&Run], over: Timesteps, name: &str) -> Sketch {
    let title = match over {
        Timesteps::All => "Loss at all timesteps",
        Timesteps::Last => "Loss at the last timestep",
    };
    let mut plot = LinePlot::new(title, Axis::linear("batch"), Axis::log("mean squared error"));
    for (k, run) in runs.iter().enumerate() {
        let losses: Vec<f64> = run.losses.iter().map(|&loss| f64::from(loss)).collect();
        plot = plot.line(Line::indexed("", losses).color(COLORS[k % COLORS.len()]).faint().unlabelled());
    }
    for (k, run) in runs.iter().enumerate() {
        plot = plot.line(look(k, Line::indexed(run.title(), smooth(&run.losses))).width(2.0));
    }
    if let Ok(task) = CumulativeAverage::new(TIME) {
        plot = plot.horizontal("predict 0", task.baseline(over));
    }
    Sketch {
        name: format!("loss_{name}"),
        caption: format!(
            "The loss of every batch (faint) and the mean of the {WINDOW} batches around it. The dashed grey line is what \
             predicting 0 costs."
        ),
        figure: Figure::untitled().panel_size(760, 420).panel(plot),
    }
}

fn evaluation(runs: &[&Run], data: &Sequences, over: Timesteps, name: &str) -> Sketch {
    let panels = (0..SHOWN).map(|sequence| {
        let plot = LinePlot::new(
            format!("Sequence {}, {}", sequence + 1, trained(over)),
            Axis::linear("timestep t"),
            Axis::linear("value"),
        );
        let plot = plot.line(input(data, sequence)).line(target(data, sequence, over));
        plot.lines(runs.iter().enumerate().map(|(k, run)| prediction(k, run, sequence)))
    });
    Sketch {
        name: format!("evaluation_{name}"),
        caption: "Predictions after training, for sequences that no model has seen. Where only the last prediction was trained, \
                  those before it are free."
            .to_owned(),
        figure: Figure::new("Predictions after training").columns(2).panel_size(420, 280).panels(panels).shared_legend(),
    }
}

fn trained(over: Timesteps) -> &'static str {
    match over {
        Timesteps::All => "all timesteps trained",
        Timesteps::Last => "the last trained",
    }
}

fn prediction(k: usize, run: &Run, sequence: usize) -> Line {
    let values: Vec<f64> = run.predictions.slice(s![sequence, .., 0]).iter().map(|&y| f64::from(y)).collect();
    look(k, Line::new(run.title(), timesteps(), values))
}

/// Color and dash style of model `k`, the same in every figure.
pub(super) fn look(k: usize, line: Line) -> Line {
    let line = line.color(COLORS[k % COLORS.len()]);
    match k {
        0 => line,
        1 => line.dashed(),
        2 => line.dotted(),
        _ => line.dash_dotted(),
    }
}

/// The mean of the losses around each batch: a window of [`WINDOW`], cut at the ends.
fn smooth(losses: &[f32]) -> Vec<f64> {
    let mut sums = Vec::with_capacity(losses.len() + 1);
    sums.push(0.0);
    for &loss in losses {
        sums.push(sums[sums.len() - 1] + f64::from(loss));
    }
    let mean = |k: usize| {
        let (from, to) = (k.saturating_sub(WINDOW / 2), (k + WINDOW / 2).min(losses.len()));
        (sums[to] - sums[from]) / (to - from) as f64
    };
    (0..losses.len()).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_keeps_a_constant_and_a_straight_line() {
        assert!(smooth(&[2.0; 250]).iter().all(|&mean| (mean - 2.0).abs() < 1e-12));
        let line: Vec<f32> = (0..300).map(|k| k as f32).collect();
        assert!((smooth(&line)[150] - 149.5).abs() < 1e-9);
        assert_eq!(smooth(&[3.0]), [3.0]);
    }
}
