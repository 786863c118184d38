//! The numbers that the gradient explorer shows, computed from the definitions with `rnn-core`, `rnn-data` and `rnn-analysis`
//! alone: what the browser tests hold against the page. Of `rnn-explore` only the reading of an address is used.
//!
//! ```sh
//! cargo run --release -p rnn-tests --example direct -- 'c=lstm&w=2' 'l=3&k=20'
//! ```
//!
//! prints one line of JSON for each query.

#![expect(clippy::print_stdout, reason = "this is a program")]

use std::env::args;
use std::error::Error;
use std::ops::ControlFlow;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rnn_analysis::{eigenvalues, scale_sweep, singular_values, spectral_radius};
use rnn_core::{
    Adam, Batch, Bias, Cell, CrossEntropy, Elman, Error as NetworkError, Fan, Gru, Init, LayerXray, Loss,
    Lstm, Mse, Parameters, SATURATED, Timesteps, Training, Weights, train,
};
use rnn_data::{
    AddingProblem, CopyMemory, CumulativeAverage, DelayedRecall, FlipFlop, PortableRng, SineMixture, Task,
    TemporalOrder,
};
use rnn_explore::{CellKind, InitKind, LossOver, Nonlinearity, Query, Settings, TaskKind};
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn Error>>;
type Network = rnn_core::Model<f64>;

fn main() -> Outcome<()> {
    for text in args().skip(1) {
        let Query { settings, .. } = text.parse()?;
        println!("{}", numbers(&settings)?);
    }
    Ok(())
}

fn numbers(settings: &Settings) -> Outcome<Value> {
    let drawn = draw(settings)?;
    if drawn.classes { run(settings, drawn, CrossEntropy) } else { run(settings, drawn, Mse) }
}

/// What a task gives: the sequence that is looked at, and the batches of training.
struct Drawn {
    sequence: Batch<f64>,
    batches: Vec<Batch<f64>>,
    features: usize,
    outputs: usize,
    /// Whether targets are classes.
    classes: bool,
}

fn draw(settings: &Settings) -> Outcome<Drawn> {
    let time = settings.time;
    match settings.task {
        TaskKind::CumulativeAverage => from(CumulativeAverage::new(time)?, false, settings),
        TaskKind::AddingProblem => from(AddingProblem::new(time)?, false, settings),
        TaskKind::CopyMemory => from(CopyMemory::new(time - 20)?, true, settings),
        TaskKind::TemporalOrder => from(TemporalOrder::new(time)?, true, settings),
        TaskKind::DelayedRecall => from(DelayedRecall::new(time, time / 2)?.masked(), false, settings),
        TaskKind::FlipFlop => from(FlipFlop::new(time, 3, 0.25)?, false, settings),
        TaskKind::SineMixture => from(SineMixture::new(time, 2, 0.2..=0.7)?, false, settings),
    }
}

/// Stream 0 of the seed draws the sequence, stream 2 batches of 32.
fn from(task: impl Task, classes: bool, settings: &Settings) -> Outcome<Drawn> {
    let seed = PortableRng::new(settings.seed);
    let mut rng = seed.stream(2);
    let over = if settings.loss == LossOver::All { Timesteps::All } else { Timesteps::Last };
    let sample =
        |size, rng: &mut PortableRng| Ok::<_, rnn_data::Error>(task.sample(size, rng)?.counting(over));
    let batches = (0..settings.trained).map(|_| sample(32, &mut rng)).collect::<Result<_, _>>()?;
    let sequence = sample(1, &mut seed.stream(0))?;
    let (features, outputs) = (task.features(), task.outputs());
    Ok(Drawn { sequence, batches, features, outputs, classes })
}

/// The network as drawn from stream 1.
fn network(settings: &Settings, features: usize, outputs: usize) -> Outcome<Network> {
    let Settings { hidden, layers, gain, .. } = *settings;
    let (cell, bias, start): (Cell<f64>, _, _) = match (settings.cell, settings.nonlinearity) {
        (CellKind::Lstm, _) => (Lstm.into(), Bias::Double, Init::PyTorch),
        (CellKind::Gru, _) => (Gru.into(), Bias::Double, Init::PyTorch),
        (CellKind::Rnn, Nonlinearity::Identity) => (Elman::identity().into(), Bias::Single, Init::Linear),
        (CellKind::Rnn, Nonlinearity::Tanh) => (Elman::tanh().into(), Bias::Single, Init::Linear),
        (CellKind::Rnn, Nonlinearity::Relu) => (Elman::relu().into(), Bias::Single, Init::Linear),
        (CellKind::Rnn, Nonlinearity::Sigmoid) => (Elman::sigmoid().into(), Bias::Single, Init::Linear),
        (other, _) => return Err(format!("{} is not among the cells of this program", other.title()).into()),
    };
    let mut rng = PortableRng::new(settings.seed).stream(1);
    let mut model = Network::zeros(cell, features, &vec![hidden; layers], outputs, bias)?;
    model.initialize(start, &mut rng)?;
    match settings.init {
        InitKind::Default => {}
        InitKind::Gaussian => {
            let normal = Init::KaimingNormal { fan: Fan::In, gain };
            model.rnn.initialize_weights(Weights::Recurrent, normal, &mut rng)?;
        }
        InitKind::Orthogonal => model.initialize(Init::Orthogonal { gain }, &mut rng)?,
        InitKind::Identity => model.initialize(Init::Identity { scale: gain }, &mut rng)?,
        InitKind::Critical => model.initialize(Init::Critical { radius: gain }, &mut rng)?,
        InitKind::NonNormal => pairs(&mut model, settings)?,
    }
    if let (CellKind::Lstm | CellKind::Gru, Some(bias)) = (settings.cell, settings.forget_bias) {
        model.initialize(Init::ForgetBias(bias), &mut rng)?;
    }
    Ok(model)
}

/// gain · [[0.9, 5], [0, 0.9]] on the diagonal of every block of W_hh.
fn pairs(model: &mut Network, settings: &Settings) -> Outcome<()> {
    let Settings { hidden, layers, gain, .. } = *settings;
    let mut block = Array2::from_diag_elem(hidden, 0.9 * gain);
    for first in (0..hidden.saturating_sub(1)).step_by(2) {
        block[[first, first + 1]] = 5.0 * gain;
    }
    for layer in 0..layers {
        let blocks = vec![block.view(); model.rnn.weight_hh(layer).nrows() / hidden];
        let w_hh = ndarray::concatenate(Axis(0), &blocks)?;
        model.set_parameter(&format!("weight_hh_l{layer}"), w_hh.view().into_dyn())?;
    }
    Ok(())
}

fn run<L: Loss<f64> + Copy + Sync>(settings: &Settings, drawn: Drawn, loss: L) -> Outcome<Value> {
    let mut model = network(settings, drawn.features, drawn.outputs)?;
    let losses = trained(&mut model, drawn.batches, loss)?;
    let (weight, bias) = (settings.weight_scale, settings.bias_scale);
    let sequence = &drawn.sequence;

    let mut scaled = model.clone();
    for (name, mut array) in scaled.rnn.params_mut().iter_mut() {
        array *= if name.starts_with("weight") { weight } else { bias };
    }
    let mut ws = scaled.workspace();
    let (value, xray) = match scaled.xray(sequence.run(), sequence.target(), &loss, &mut ws) {
        Ok((value, xray)) => (value, Some(xray)),
        Err(NetworkError::NonFinite { .. }) => (f64::NAN, None),
        Err(error) => return Err(error.into()),
    };
    // A sweep of one point has the norms, overflow or not.
    let scales = [(weight, bias)];
    let point = scale_sweep(&model, sequence.run(), sequence.target(), &loss, &scales)?.swap_remove(0);
    assert!(point.loss == value || point.loss.is_nan() && value.is_nan());
    let flow = point.flow;

    let shown = if settings.layer == 0 { settings.layers } else { settings.layer } - 1;
    let layers: Vec<_> = (0..settings.layers)
        .map(|k| {
            let mut norms = json!({ "hidden": flow.hidden_norm.row(k).to_vec(), "gradient": flow.grad_norm.row(k).to_vec() });
            if settings.cell == CellKind::Rnn {
                norms["radius"] = spectral_radius(scaled.rnn.weight_hh(k))?.into();
            }
            if let Some(xray) = &xray {
                let (saturated, slope) = slopes(&xray.layers[k]);
                norms["saturated"] = saturated.into();
                norms["slope"] = slope.into();
                if settings.cell == CellKind::Lstm {
                    norms["cell"] = ws.rnn.cell(k).axis_iter(Axis(1)).map(|c| length(c.iter())).collect();
                }
            }
            Ok(norms)
        })
        .collect::<Outcome<_>>()?;
    let weights: Vec<_> = scaled
        .rnn
        .weight_hh(shown)
        .axis_chunks_iter(Axis(0), settings.hidden)
        .map(spectrum)
        .collect::<Outcome<_>>()?;
    let mut numbers = json!({ "settings": settings, "loss": value, "losses": losses, "layers": layers, "weights": weights });
    if let Some(xray) = xray {
        let mut jacobians = scaled.rnn.step_jacobians(&ws.rnn, shown, 0)?;
        let each = (1..=settings.time).map(|t| spectrum(jacobians.at(t)?));
        numbers["jacobians"] = each.collect::<Outcome<Value>>()?;
        let row = |(t, row): (usize, ArrayView1<'_, f64>)| row.iter().take(t + 1).copied().collect::<Value>();
        numbers["reach"] = xray.reach[shown].outer_iter().enumerate().map(row).collect();
        numbers["terms"] = terms(&xray.layers[shown]);
        numbers["gates"] =
            if settings.cell == CellKind::Rnn { json!([]) } else { gates(&xray.layers[shown]) };
    }
    Ok(numbers)
}

/// Adam with a learning rate of 0.005, gradients clipped to a norm of 1; the loss of each batch.
fn trained<L: Loss<f64> + Clone>(
    model: &mut Network,
    batches: Vec<Batch<f64>>,
    loss: L,
) -> Outcome<Vec<f64>> {
    let mut losses = Vec::new();
    let mut left = batches.into_iter();
    let source = |batch: &mut Batch<f64>| left.next().map(|next| *batch = next).is_some();
    let training = Training::new(loss).clip(1.0);
    train(model, source, &training, &mut Adam::new(0.005), |report, _| {
        losses.push(report.loss);
        ControlFlow::Continue(())
    })?;
    Ok(losses)
}

/// By timestep, over all gates and units: the share that is saturated, and the mean slope.
fn slopes(layer: &LayerXray<f64>) -> (Vec<f64>, Vec<f64>) {
    let steps = layer.slope.axis_iter(Axis(2));
    let flat = |slope: f64| f64::from(u8::from(slope.abs() < SATURATED));
    steps.map(|slope| (slope.mapv(flat).mean().unwrap_or(f64::NAN), slope.mean().unwrap_or(f64::NAN))).unzip()
}

fn spectrum(matrix: ArrayView2<'_, f64>) -> Outcome<Value> {
    let values: Vec<[f64; 2]> = eigenvalues(matrix)?.into_iter().map(|z| [z.re, z.im]).collect();
    // What is a rounding error counts as 0.
    let sigma = singular_values(matrix)?;
    let least = sigma.len() as f64 * f64::EPSILON * sigma[0];
    let sigma: Vec<f64> = sigma.iter().map(|&sigma| if sigma > least { sigma } else { 0.0 }).collect();
    Ok(json!({ "eigenvalues": values, "singular_values": sigma }))
}

/// ‖G‖, ‖G_t‖ and ⟨G_t, G⟩ / ‖G‖ of each parameter, with G the sum of G_t.
fn terms(layer: &LayerXray<f64>) -> Value {
    let of = |(name, terms): &(String, ndarray::ArrayD<f64>)| {
        let sum = terms.sum_axis(Axis(0));
        let total = length(sum.iter());
        let norm: Vec<f64> = terms.outer_iter().map(|term| length(term.iter())).collect();
        let along =
            terms.outer_iter().map(|term| if total > 0.0 { (&term * &sum).sum() / total } else { 0.0 });
        json!({ "name": name, "total": total, "norm": norm, "along": along.collect::<Vec<f64>>() })
    };
    layer.terms.iter().map(of).collect()
}

fn gates(layer: &LayerXray<f64>) -> Value {
    let of = |(gate, name): (usize, &&str)| {
        let units = |t: usize| layer.activation.index_axis(Axis(0), gate).index_axis_move(Axis(1), t);
        let each =
            |of: &dyn Fn(usize) -> f64| (0..layer.activation.len_of(Axis(2))).map(of).collect::<Vec<f64>>();
        json!({
            "name": name,
            "mean": each(&|t| units(t).mean().unwrap_or(f64::NAN)),
            "least": each(&|t| units(t).iter().copied().reduce(f64::min).unwrap_or(f64::NAN)),
            "most": each(&|t| units(t).iter().copied().reduce(f64::max).unwrap_or(f64::NAN)),
        })
    };
    layer.gates.iter().enumerate().map(of).collect()
}

/// The Euclidean norm, of numbers whose squares may be too small.
fn length<'a>(numbers: impl Iterator<Item = &'a f64> + Clone) -> f64 {
    let largest = numbers.clone().fold(0.0, |most: f64, x| most.max(x.abs()));
    if largest == 0.0 { 0.0 } else { largest * numbers.map(|x| (x / largest).powi(2)).sum::<f64>().sqrt() }
}
