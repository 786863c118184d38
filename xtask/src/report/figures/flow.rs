//! Gradient flow of one network: norms over time, the map of the sliders, the spectrum.

use rnn_analysis::SweepPoint;
use rnn_plot::{Axis, ComplexPlane, Figure, Grid, Heatmap, Line, LinePlot};

use super::Sketch;
use crate::report::data::timesteps;
use crate::report::flow::{FAMILY, FlowStudy, SLIDER, grad_norm, hidden_norm, mean_by_lag};

pub(super) fn sketch(study: &FlowStudy) -> Sketch {
    let [all, last] = &study.losses;
    let figure = Figure::new(format!("Gradient flow: {}", study.title))
        .columns(3)
        .panel_size(360, 300)
        .panel(family("Hidden states", "‖h_t‖", &all.family, hidden_norm))
        .panel(family("Gradients, loss at all timesteps", "‖dL/dh_{t}‖", &all.family, grad_norm))
        .panel(family("Gradients, loss at the last", "‖dL/dh_{t}‖", &last.family, grad_norm))
        .panel(spectrum(study))
        .panel(map(study))
        .panel(by_lag(study))
        .shared_legend();
    let caption = "Norms of states and gradients at each timestep of one sequence, for weight scales s from 0.25 to 5 (bias scale \
                   1); eigenvalues of the unscaled recurrent weights with the unit circle; over both sliders, the ratio of the first \
                   to the last gradient of the loss at the last timestep, blue below 1 and vermilion above; and what the loss of one \
                   timestep sends back by itself, l steps, as a mean over all losses that reach so far."
        .to_owned();
    Sketch { name: study.figure(), caption, figure }
}

/// Norms over time, one line for each weight scale.
fn family(title: &str, label: &str, points: &[SweepPoint], norms: fn(&SweepPoint) -> Vec<f64>) -> LinePlot {
    let shade = |k: usize| k as f64 / (points.len() - 1) as f64;
    let line = |(k, point): (usize, &SweepPoint)| {
        Line::new(format!("s = {}", point.weight_scale), timesteps(), norms(point)).shade(shade(k))
    };
    LinePlot::new(title, Axis::linear("timestep t"), Axis::log(label))
        .lines(points.iter().enumerate().map(line))
}

fn map(study: &FlowStudy) -> Heatmap {
    let side = study.map.len().isqrt();
    Heatmap::new(
        "Loss at the last timestep",
        Axis::linear("weight scale"),
        Axis::linear("bias scale"),
        "‖dL/dh_{1}‖ / ‖dL/dh_{T}‖",
        Grid::new(&study.map, (side, side), SLIDER, SLIDER),
    )
    .log()
    .diverging(1.0)
}

/// The mean of ‖dL_t/dh_{t−l}‖ over t by lag l, one line for each weight scale.
fn by_lag(study: &FlowStudy) -> LinePlot {
    let shade = |k: usize| k as f64 / (FAMILY.len() - 1) as f64;
    let line = |(k, scale): (usize, &f64)| {
        let means = mean_by_lag(&study.by_lag[k]);
        let lags: Vec<f64> = (0..means.len()).map(|lag| lag as f64).collect();
        Line::new(format!("s = {scale}"), lags, means).shade(shade(k))
    };
    LinePlot::new(
        "Loss at all timesteps, by lag",
        Axis::linear("steps back l"),
        Axis::log("‖dL_{t}/dh_{t−l}‖"),
    )
    .lines(FAMILY.iter().enumerate().map(line))
}

fn spectrum(study: &FlowStudy) -> ComplexPlane {
    let mut sets = study
        .eigenvalues
        .iter()
        .map(|(name, values)| (name, values.iter().map(|z| (z.re, z.im)).collect::<Vec<_>>()));
    let (name, points) = sets.next().expect("every network has recurrent weights");
    let title = if study.radius.is_some() { "Eigenvalues of W_{hh}" } else { "Eigenvalues by gate" };
    sets.fold(ComplexPlane::new(title, points).label(name), |plane, (name, points)| {
        plane.points(name, points)
    })
}
