//! All numbers of a view, from one forward and one backward pass.

use ndarray::{Axis, Slice};
use rnn_analysis::{
    Pass, StepFactors, eigenvalues, gradient_by_lag, gradient_terms, pass, rate_per_step, scale_recurrent,
    singular_values, step_factors,
};
use rnn_core::{LayerXray, Model, ModelWorkspace};
use rnn_data::Task;

use crate::error::Error;
use crate::network::Network;
use crate::settings::{CellKind, Query, Settings};
use crate::task::timesteps;
use crate::view::{
    Factors, Gate, Jacobian, LayerNorms, Matrix, Prediction, Reach, Sentences, Spectrum, Terms, View, radius,
};
use crate::{sentence, snippet};

/// The budget for decompositions of step Jacobians, in units of n³ operations; at least one is decomposed.
const DECOMPOSITIONS: usize = 330_000;

/// The view of these settings, which are within their limits, and of their network.
pub(crate) fn look(settings: &Settings, network: &Network) -> Result<View, Error> {
    let Network { task, sequence, model, .. } = network;
    let (weight, bias) = (settings.weight_scale, settings.bias_scale);
    let mut scaled = model.clone();
    scale_recurrent(model, &mut scaled, weight, bias);
    let mut ws = scaled.workspace();
    let loss = task.loss();
    let Pass { loss, flow, overflow } = pass(&scaled, sequence.run(), sequence.target(), &loss, &mut ws)?;
    let layer = settings.shown_layer();

    let weights = network.weights(layer)?.iter().map(|matrix| times(matrix, weight)).collect();
    let mut view = View {
        settings: settings.clone(),
        query: Query::write(settings),
        summary: String::new(),
        loss,
        baseline: task.baseline(timesteps(settings.loss)),
        training: network.training.clone(),
        layers: Vec::new(),
        layer,
        critical_scale: None,
        reach: Reach::default(),
        terms: Vec::new(),
        spectrum: Spectrum { weights, jacobians: Vec::new() },
        gates: Vec::new(),
        overflow: overflow.map(|place| place.to_string()),
        sentences: Sentences::default(),
        snippet: snippet::write(settings),
    };
    for (hidden, gradient) in flow.hidden_norm.outer_iter().zip(flow.grad_norm.outer_iter()) {
        view.layers.push(LayerNorms::of(hidden.to_vec(), gradient.to_vec()));
    }
    let last = if view.overflow.is_none() {
        look_inside(settings, &scaled, &mut ws, &mut view)?
    } else {
        vec![f64::NAN; settings.layers]
    };
    predict(settings, network, &mut view, &last)?;
    (view.summary, view.sentences) = sentence::write(&view);
    Ok(view)
}

/// Fills in everything that needs finite states and gradients. Returns ‖dL_T/dh_T‖ of every layer.
fn look_inside(
    settings: &Settings,
    model: &Model<f64>,
    ws: &mut ModelWorkspace<f64>,
    view: &mut View,
) -> Result<Vec<f64>, Error> {
    let layer = view.layer;
    for (k, norms) in view.layers.iter_mut().enumerate() {
        let seen = model.rnn.gates(k, &ws.rnn)?;
        norms.saturated = over_time(&seen, |t| seen.saturation.column(t).mean().unwrap_or(0.0));
        norms.slope = over_time(&seen, |t| seen.slope.index_axis(Axis(2), t).mean().unwrap_or(0.0));
        if settings.cell == CellKind::Lstm {
            norms.cell = Some(rnn_analysis::norms_by_timestep(ws.rnn.cell(k)));
        }
        if k == layer && settings.cell != CellKind::Rnn {
            view.gates = gates(&seen);
        }
    }
    view.terms = gradient_terms(&model.rnn, &ws.rnn, layer)?
        .into_iter()
        .map(|of| Terms { name: of.name, total: of.total, norm: of.norm, along: of.along })
        .collect();
    view.spectrum.jacobians = jacobians(settings, model, ws, layer)?;
    let mut d_output = model.d_output(ws);
    let reach = model.rnn.reach(d_output.view(), &mut ws.rnn)?;
    let last = settings.time - 1;
    for (norms, reach) in view.layers.iter_mut().zip(&reach) {
        norms.ratio = reach[[last, 0]] / reach[[last, last]];
        norms.rate = rate_per_step(&reach.row(last).to_vec());
    }
    let rows = reach[layer].outer_iter().enumerate();
    view.reach = Reach {
        norms: rows.map(|(t, row)| row.iter().take(t + 1).copied().collect()).collect(),
        by_lag: gradient_by_lag(reach[layer].view()),
    };
    if settings.cell == CellKind::Rnn {
        // Of the loss at the last timestep alone.
        d_output.slice_axis_mut(Axis(1), Slice::from(..last)).fill(0.0);
        model.rnn.backward(d_output.view(), None, &mut ws.rnn)?;
        for (k, norms) in view.layers.iter_mut().enumerate() {
            norms.factors = means(&step_factors(&model.rnn, &ws.rnn, k, 0)?);
        }
    }
    Ok(reach.iter().map(|reach| reach[[last, last]]).collect())
}

/// The geometric means of the factors of all steps, unless one of them is 0.
fn means(steps: &[Option<StepFactors>]) -> Option<Factors> {
    let steps: Vec<StepFactors> = steps.iter().copied().collect::<Option<_>>()?;
    let mean = |of: fn(&StepFactors) -> f64| (steps.iter().map(of).sum::<f64>() / steps.len() as f64).exp();
    Some(Factors {
        slopes: mean(|step| step.slopes),
        weights: mean(|step| step.weights),
        others: mean(|step| step.others),
    })
}

impl LayerNorms {
    fn of(hidden: Vec<f64>, gradient: Vec<f64>) -> Self {
        let nothing = vec![f64::NAN; hidden.len()];
        Self {
            hidden,
            cell: None,
            gradient,
            saturated: nothing.clone(),
            slope: nothing,
            ratio: f64::NAN,
            rate: None,
            factors: None,
            predicted: None,
        }
    }
}

/// The spectra of s W from those of W: eigenvalues times s, singular values times |s|.
fn times(matrix: &Matrix, scale: f64) -> Matrix {
    Matrix {
        name: matrix.name.clone(),
        eigenvalues: matrix.eigenvalues.iter().map(|z| z.map(|part| part * scale)).collect(),
        singular_values: matrix.singular_values.iter().map(|sigma| sigma * scale.abs()).collect(),
    }
}

/// The value of `of` at each timestep, counted from 0.
fn over_time(seen: &LayerXray<f64>, of: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..seen.saturation.ncols()).map(of).collect()
}

fn gates(seen: &LayerXray<f64>) -> Vec<Gate> {
    let one = |(gate, &name): (usize, &&'static str)| {
        let units = |t: usize| seen.activation.index_axis(Axis(0), gate).index_axis_move(Axis(1), t);
        Gate {
            name,
            mean: over_time(seen, |t| units(t).mean().unwrap_or(f64::NAN)),
            least: over_time(seen, |t| units(t).iter().copied().fold(f64::INFINITY, f64::min)),
            most: over_time(seen, |t| units(t).iter().copied().fold(f64::NEG_INFINITY, f64::max)),
            saturated: seen.saturation.row(gate).to_vec(),
            kept: matches!(name, "f" | "z").then(|| kept(seen, gate)),
        }
    };
    seen.gates.iter().enumerate().map(one).collect()
}

/// The least, the median and the greatest over units of the product of a gate over t = 2 .. T.
fn kept(seen: &LayerXray<f64>, gate: usize) -> [f64; 3] {
    let values = seen.activation.index_axis(Axis(0), gate).index_axis_move(Axis(0), 0);
    let mut products: Vec<f64> =
        values.columns().into_iter().map(|unit| unit.iter().skip(1).product()).collect();
    products.sort_by(f64::total_cmp);
    let n = products.len();
    [products[0], f64::midpoint(products[(n - 1) / 2], products[n / 2]), products[n - 1]]
}

/// The step Jacobians of the chosen timestep and of others, evenly spaced, as many as [`DECOMPOSITIONS`] allows.
fn jacobians(
    settings: &Settings,
    model: &Model<f64>,
    ws: &ModelWorkspace<f64>,
    layer: usize,
) -> Result<Vec<Jacobian>, Error> {
    let mut jacobians = model.rnn.step_jacobians(&ws.rnn, layer, 0)?;
    let (time, n) = (jacobians.time(), jacobians.state());
    let at_most = (DECOMPOSITIONS / n.pow(3)).clamp(1, time);
    let shown = settings.shown_timestep();
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
            Ok(Jacobian {
                timestep,
                eigenvalues: eigenvalues(jacobian)?.into_iter().map(|z| [z.re, z.im]).collect(),
                singular_values: singular_values(jacobian)?,
            })
        })
        .collect()
}

/// ‖dL_T/dh_T‖ ρ^(T−t) for every layer of an RNN, with ρ the spectral radius of its W_hh.
fn predict(settings: &Settings, network: &Network, view: &mut View, last: &[f64]) -> Result<(), Error> {
    if settings.cell != CellKind::Rnn {
        return Ok(());
    }
    for (k, (norms, last)) in view.layers.iter_mut().zip(last).enumerate() {
        let unscaled = network.weights(k)?.first().map_or(0.0, |w_hh| radius(&w_hh.eigenvalues));
        if k == view.layer {
            view.critical_scale = (unscaled > 0.0).then(|| 1.0 / unscaled);
        }
        let radius = unscaled * settings.weight_scale.abs();
        let gradient = (0..settings.time).rev().map(|back| last * radius.powi(back as i32)).collect();
        norms.predicted = Some(Prediction { radius, gradient });
    }
    Ok(())
}
