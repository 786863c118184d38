//! E31: one sLSTM unit is the cumulative average.

use std::ops::ControlFlow;

use ndarray::{Array2, Array3, Axis as Along, array};
use rnn_core::{
    Adam, Bias, LayerState, Lstm, Model, Mse, Parameters, Random, Run, SLstm, Stack, State, Training, train,
};
use rnn_data::{CumulativeAverage, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Timesteps and sequences of the task.
const TIME: usize = 10;
const BATCH: usize = 4096;

/// The factor of the input, so that tanh is nearly linear.
const SCALE: f64 = 0.01;

/// Batches and their size in the long part, and how many of them a point of the curve is the mean of.
const BATCHES: usize = 3000;
const TRAINED: usize = 64;
const WINDOW: usize = 50;

/// Timesteps and units where the gauge is shifted.
const LONG: usize = 30;
const UNITS: usize = 8;

/// By so much m is shifted.
const SHIFTS: [f64; 4] = [-5.0, -1.0, 1.0, 5.0];

/// The experiment.
#[derive(Debug)]
pub(super) struct OneUnit;

impl Experiment for OneUnit {
    fn about(&self) -> About {
        About {
            id: "E31",
            name: "slstm-average",
            question: "Is there a cell that computes a running average without any training?",
            why: "The sLSTM of the xLSTM paper keeps a sum c and the number of its terms n, both weighted by exponential gates, and \
                  its output is c / n: a weighted average. With all gates at 1 it is the plain average of everything that it has \
                  read, the task that networks with logistic gates are trained for thousands of steps to learn. A third \
                  number, m, keeps the exponentials in range. It must not matter: adding s to m while c and n are multiplied by \
                  e^−s leaves every output and every gradient as it was, which physicists call a gauge freedom.",
            setting: "One sLSTM unit without training: the weight from the input to z is 0.01, all others are 0, and the head \
                      multiplies by 200, since the output gate is σ(0) = ½. It is tested on 4096 sequences of 10 timesteps. The \
                      gauge is shifted in a random network of 8 units over 30 timesteps. The long part trains one sLSTM unit and an LSTM with \
                      two layers of 16 units, 3000 batches of 64 sequences, Adam with a learning rate of 0.01.",
            formula: r"c_t = f' c_{t-1} + i' \tanh z_t, \quad n_t = f' n_{t-1} + i', \quad h_t = \sigma(o)\, \frac{c_t}{n_t}; \qquad (c, n, m) \to (e^{-s} c,\, e^{-s} n,\, m + s)",
            sources: &[Source {
                text: "M. Beck, K. Pöppel, M. Spanring, A. Auer, O. Prudnikova, M. Kopp, G. Klambauer, J. Brandstetter, S. Hochreiter \
                       2024, xLSTM: extended long short-term memory, NeurIPS",
                url: "https://arxiv.org/abs/2405.04517",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let gauge = scope.seeds(5).map(|seed| Job::new("E31", "gauge").seed(seed).cost(0.05));
        let mut jobs: Vec<Job> = [Job::new("E31", "average").cost(0.1)].into_iter().chain(gauge).collect();
        if scope.long {
            let train = |seed| {
                [0.0, 1.0].map(|lstm| Job::new("E31", "train").with("lstm", lstm).seed(seed).cost(10.0))
            };
            jobs.extend(scope.seeds(5).flat_map(train));
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        match job.part {
            "average" => average(job),
            "gauge" => gauge(job),
            _ => trained(job),
        }
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let average = results.one("average")?;
        let loss = average.get("loss")?;
        let harmonic: f64 = (1..=TIME).map(|t| 1.0 / t as f64).sum::<f64>() / TIME as f64;
        // tanh x = x − x³/3: the mean of t independent x³ s²/3, whose variance is 15 s⁴ / 9 / t.
        let leading = 15.0 * libm::pow(SCALE, 4.0) / 9.0 * harmonic;
        let most = |name: &str| -> Result<f64> {
            Ok(results.values("gauge", name)?.into_iter().fold(0.0, f64::max))
        };
        let (states, gradients) = (most("states")?, most("gradients")?);
        let mut findings = vec![
            Finding::at_most(
                "mean squared error of one unit that was not trained",
                loss,
                1e-8,
                format!(
                    "The only error is that of tanh x ≈ x, whose leading term gives {leading:.2e}. The bound leaves a factor of two \
                     for the sixth moment of a sample of 40,960 normal numbers."
                ),
            ),
            Finding::at_most(
                "largest change of an output when m is shifted",
                states,
                1e-14,
                "Outputs lie within ±1, and rounding changes them by a few units of 1e-16 at each of 30 steps.",
            ),
            Finding::at_most(
                "largest change of a gradient when m is shifted, relative to the largest",
                gradients,
                1e-12,
                "Rounding, which the gradients accumulate over 30 steps.",
            ),
        ];
        let t: Vec<f64> = (1..=TIME).map(|t| t as f64).collect();
        let panel = LinePlot::new("One sequence", Axis::linear("t"), Axis::linear("value"))
            .line(Line::new("x_t", &t, average.list("x")?).faint())
            .line(Line::new("average", &t, average.list("y")?))
            .line(Line::new("one sLSTM unit", &t, average.list("prediction")?).dashed());
        let mut text = vec![format!(
            "One unit without training has a mean squared error of {loss:.1e}. The cell's equations hold the solution: this is what one \
             means by an inductive bias. Shifting m by up to 5 changes outputs by {states:.0e} at most."
        )];
        let mut figure = Figure::new("An average by design").panel(panel);
        let mut means = Vec::new();
        if results.has("train") {
            let mut curves =
                LinePlot::new("Training", Axis::linear("batches"), Axis::log("mean squared error"));
            for (color, (label, lstm)) in
                [("one sLSTM unit", 0.0), ("LSTM, 16 and 16 units", 1.0)].into_iter().enumerate()
            {
                let mut last = Vec::new();
                for (k, (_, numbers)) in
                    results.part("train").filter(|(job, _)| job.get("lstm") == lstm).enumerate()
                {
                    let losses = numbers.list("loss")?;
                    let x: Vec<f64> = (1..=losses.len()).map(|k| (k * WINDOW) as f64).collect();
                    let line = Line::new(label, x, losses).color(color);
                    curves = curves.line(if k == 0 { line } else { line.unlabelled() });
                    last.push(losses.last().copied().unwrap_or(f64::NAN));
                }
                means.push(last.iter().sum::<f64>() / last.len() as f64);
                findings.push(Finding::observation(
                    format!("mean squared error at the end of training, {label}"),
                    last,
                    "The sLSTM unit has a solution that is all but exact; whether training finds it is another question.",
                ));
            }
            figure = figure.panel(curves);
            text.push(format!(
                "That a solution exists does not mean that training finds it. From random weights one sLSTM unit ends at {:.1e} on average, \
                 the LSTM of 32 units at {:.1e}.",
                means[0], means[1]
            ));
        }
        Ok(Conclusion {
            findings,
            figure: Some((
                figure,
                "The inputs of one sequence, their cumulative average, and what the unit says.".to_owned(),
            )),
            text,
        })
    }
}

/// The task, by one unit.
fn average(job: &Job) -> Result<Numbers> {
    let mut model = Model::<f64>::zeros(SLstm, 1, &[1], 1, Bias::None)?;
    // The gates are i, f, z, o.
    model.rnn.set_parameter("weight_ih_l0", array![[0.0], [0.0], [SCALE], [0.0]].view().into_dyn())?;
    model.head.set_parameter("head.weight", array![[2.0 / SCALE]].view().into_dyn())?;
    let batch = CumulativeAverage::new(TIME)?.sample::<f64>(BATCH, &mut job.rng())?;
    let mut ws = model.workspace();
    let loss = model.loss(batch.run(), batch.target(), &Mse, &mut ws)?;
    let first = |array: ndarray::ArrayView3<'_, f64>| array.index_axis(Along(0), 0).column(0).to_vec();
    let y = batch.y.values().map(|y| first(y.view())).unwrap_or_default();
    Ok(Numbers::new()
        .value("loss", loss)
        .with("x", first(batch.x.view()))
        .with("y", y)
        .with("prediction", first(ws.prediction())))
}

/// The losses of a training, as means over windows of batches.
fn trained(job: &Job) -> Result<Numbers> {
    let rng = job.rng();
    let (task, mut draws, mut init) = (CumulativeAverage::new(TIME)?, rng.stream(1), rng.stream(0));
    let mut model = if job.get("lstm") > 0.0 {
        Model::<f64>::new(Lstm, 1, &[16, 16], 1, Bias::Single, &mut init)?
    } else {
        Model::<f64>::new(SLstm, 1, &[1], 1, Bias::Single, &mut init)?
    };
    let source = task.batches(TRAINED, BATCHES, &mut draws)?;
    let mut losses = Vec::new();
    train(&mut model, source, &Training::new(Mse).clip(1.0), &mut Adam::new(0.01), |report, _| {
        losses.push(report.loss);
        ControlFlow::Continue(())
    })?;
    let means: Vec<f64> =
        losses.chunks(WINDOW).map(|window| window.iter().sum::<f64>() / window.len() as f64).collect();
    Ok(Numbers::new().with("loss", means))
}

/// The largest changes of outputs and of gradients by shifts of m.
fn gauge(job: &Job) -> Result<Numbers> {
    let mut rng = job.rng();
    let rnn = Stack::<f64>::new(SLstm, 2, &[UNITS], Bias::Single, &mut rng)?;
    let mut normal = |shape| {
        let mut array = Array3::<f64>::zeros(shape);
        array.iter_mut().for_each(|x| rng.fill_normal(std::slice::from_mut(x)));
        array
    };
    let (x, d_output) = (normal((1, LONG, 2)), normal((1, LONG, UNITS)));
    let mut ws = rnn.workspace();
    // After two steps every n is positive.
    rnn.forward(normal((1, 2, 2)).view(), &mut ws)?;
    let state = ws.final_state();
    let mut run = |shift: f64| -> Result<(Vec<f64>, Vec<f64>)> {
        rnn.forward(Run::over(x.view()).from_state(&shifted(&state, shift)), &mut ws)?;
        rnn.backward(d_output.view(), None, &mut ws)?;
        Ok((ws.hidden(0).iter().copied().collect(), ws.gradients().as_slice().to_vec()))
    };
    let (h, g) = run(0.0)?;
    let largest = g.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let (mut states, mut gradients) = (0.0f64, 0.0f64);
    for shift in SHIFTS {
        let (h_shifted, g_shifted) = run(shift)?;
        let most =
            |a: &[f64], b: &[f64]| a.iter().zip(b).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()));
        states = states.max(most(&h, &h_shifted));
        gradients = gradients.max(most(&g, &g_shifted) / largest);
    }
    Ok(Numbers::new().value("states", states).value("gradients", gradients))
}

/// (c, n, m) → (e^−s c, e^−s n, m + s); they lie one after the other.
fn shifted(state: &State<f64>, shift: f64) -> State<f64> {
    let layers = state.layers.iter().map(|LayerState { h, c }| LayerState {
        h: h.clone(),
        c: c.as_ref().map(|c| {
            let units = c.ncols() / 3;
            Array2::from_shape_fn(c.dim(), |(b, j)| match j / units {
                2 => c[[b, j]] + shift,
                _ => c[[b, j]] * libm::exp(-shift),
            })
        }),
    });
    State { layers: layers.collect() }
}
