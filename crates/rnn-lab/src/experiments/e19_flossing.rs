//! E19: gradient flossing.

use std::ops::ControlFlow;

use ndarray::Array2;
use rnn_analysis::lyapunov_gradient;
use rnn_core::{Adam, Bias, Elman, Model, Mse, Optimizer, Random, Stack, Timesteps, Training, train};
use rnn_data::{DelayedRecall, PortableRng, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::spread::mean_and_error;
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Units, exponents, timesteps and steps of the demonstration of flossing.
const N: usize = 16;
const K: usize = 8;
const TIME: usize = 30;
const STEPS: usize = 150;

/// The long part: units, exponents, delay and timesteps of the task, steps of flossing, batches of training at most, sequences of a
/// batch.
const HIDDEN: usize = 32;
const FLOSSED: usize = 24;
const DELAY: usize = 20;
const LENGTH: usize = 60;
const FLOSSING: usize = 200;
const BATCHES: usize = 5000;
const BATCH: usize = 32;

/// The task is solved when the mean loss of so many batches is below this share of the loss without memory.
const WINDOW: usize = 50;
const SOLVED: f64 = 0.1;

/// The experiment.
#[derive(Debug)]
pub(super) struct Flossing;

impl Experiment for Flossing {
    fn about(&self) -> About {
        About {
            id: "E19",
            name: "gradient-flossing",
            question: "Can one train a network to have good gradients before it is trained on a task?",
            why: "Whether gradients vanish or explode along a direction is decided by the Lyapunov exponents of the network. They are \
                  functions of the parameters like any loss, so one can descend them: gradient flossing moves the first k exponents \
                  towards 0, and with them k directions through which gradients reach far back. This needs the derivative of the \
                  exponents through the QR recursion that defines them, and through all states.",
            setting: "The gradient is checked for linear networks of 6 units against the inverse of W, and for a tanh network and a GRU \
                      against differences of the exponents. Then 150 steps of Adam on the sum of the squares of the first 8 exponents \
                      of a tanh network of 16 units, driven by noise. The long part trains tanh networks of 32 units to recall the \
                      input of 20 steps before, with and without 200 steps of flossing first.",
            formula: r"\lambda_i = \frac1T \sum_t \ln R_t[i,i], \qquad Q_t R_t = J_t Q_{t-1}; \qquad L = \sum_{i \le k} \lambda_i^2; \qquad \text{linear: } \nabla_W \sum_{i=1}^n \lambda_i = W^{-\top}",
            sources: &[Source {
                text: "R. Engelken 2023, Gradient flossing: improving gradient descent through dynamic control of Jacobians, NeurIPS",
                url: "https://arxiv.org/abs/2312.17306",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let linear = scope.seeds(5).map(|seed| Job::new("E19", "linear").seed(seed).cost(0.05));
        let differences = [0.0, 1.0].map(|gru| Job::new("E19", "differences").with("gru", gru).cost(0.3));
        let flossed = scope.seeds(3).map(|seed| Job::new("E19", "flossed").seed(seed).cost(1.5));
        let mut jobs: Vec<Job> = linear.chain(differences).chain(flossed).collect();
        if scope.long {
            for seed in scope.seeds(5) {
                jobs.extend(
                    [0.0, FLOSSING as f64]
                        .map(|steps| Job::new("E19", "recall").with("flossing", steps).seed(seed).cost(12.0)),
                );
            }
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        match job.part {
            "linear" => linear(job),
            "differences" => differences(job),
            "flossed" => flossed(job),
            _ => recall(job),
        }
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let worst = |part: &str| -> Result<f64> {
            Ok(results.values(part, "distance")?.into_iter().fold(0.0, f64::max))
        };
        let mut findings = vec![Finding::at_most(
            "largest entry of Gᵀ W − I, where G is the gradient of the sum of all exponents of a linear network",
            worst("linear")?,
            1e-9,
            "The sum of all exponents is ln |det W|, whose gradient is the inverse transposed W; rounding grows with the condition \
             number of W.",
        )];
        for (job, numbers) in results.part("differences") {
            let cell = if job.get("gru") > 0.0 { "a GRU" } else { "a tanh network" };
            findings.push(Finding::at_most(
                format!(
                    "gradient against differences of the exponents, {cell}, relative to the largest entry"
                ),
                numbers.get("distance")?,
                1e-6,
                "Differences of fourth order with a step of 1e-4, whose own error is about 1e-10.",
            ));
        }
        let mut panel =
            LinePlot::new("The first 8 exponents", Axis::linear("step of flossing"), Axis::linear("λ_i"));
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let mut ends = [Vec::new(), Vec::new()];
        for (job, numbers) in results.part("flossed") {
            let losses = numbers.list("loss")?;
            before.push(losses[0]);
            after.push(losses[losses.len() - 1]);
            let weakest = numbers.list(&format!("exponent {}", K - 1))?;
            ends[0].push(weakest[0]);
            ends[1].push(weakest[weakest.len() - 1]);
            if job.seed == 0 {
                let steps: Vec<f64> = (0..losses.len()).map(|k| k as f64).collect();
                for i in 0..K {
                    let line =
                        Line::new(format!("λ_{}", i + 1), &steps, numbers.list(&format!("exponent {i}"))?);
                    panel = panel.line(line.shade(i as f64 / K as f64));
                }
            }
        }
        let (first, last) = (mean_and_error(&before).0, mean_and_error(&after).0);
        findings.push(Finding::observation(
            format!("sum of squares of {K} exponents after {STEPS} steps of flossing, over that before"),
            before.iter().zip(&after).map(|(before, after)| after / before).collect::<Vec<f64>>(),
            "Flossing brings the exponents to 0.",
        ));
        let mut figure = Figure::new("Gradient flossing").panel(panel);
        let mut text = vec![format!(
            "The sum of the squares of the first {K} exponents falls from {first:.2} to {last:.1e} in {STEPS} steps. At first a gradient \
             along the last of these directions is multiplied by {:.2} at each step; afterwards by {:.3}.",
            libm::exp(mean_and_error(&ends[0]).0),
            libm::exp(mean_and_error(&ends[1]).0)
        )];
        if results.has("recall") {
            let baseline = DelayedRecall::new(LENGTH, DELAY)?.masked().baseline(Timesteps::All);
            let mut curves =
                LinePlot::new("Recall after 20 steps", Axis::linear("batches"), Axis::log("loss"));
            for (color, (label, steps)) in
                [("not flossed", 0.0), ("flossed first", FLOSSING as f64)].into_iter().enumerate()
            {
                let mut solved = Vec::new();
                for (k, (_, numbers)) in
                    results.part("recall").filter(|(job, _)| job.get("flossing") == steps).enumerate()
                {
                    solved.push(numbers.get("solved")?);
                    let losses = numbers.list("loss")?;
                    let x: Vec<f64> = (1..=losses.len()).map(|k| (k * WINDOW) as f64).collect();
                    let line = Line::new(label, x, losses).color(color);
                    curves = curves.line(if k == 0 { line } else { line.unlabelled() });
                }
                let count = solved.iter().filter(|&&batches| batches < BATCHES as f64).count();
                text.push(format!(
                    "Of {} networks, {label}, {count} solve the task within {BATCHES} batches.",
                    solved.len()
                ));
                findings.push(Finding::observation(
                    format!("batches until the loss is a tenth of that without memory ({BATCHES} if never), {label}"),
                    solved,
                    "Engelken finds that flossing before training makes long delays learnable.",
                ));
            }
            figure = figure.panel(curves.horizontal("no memory", baseline));
        }
        Ok(Conclusion {
            findings,
            figure: Some((
                figure,
                "The first exponents of a driven tanh network while the sum of their squares is descended."
                    .to_owned(),
            )),
            text,
        })
    }
}

/// Noise as an input, (time, features).
fn input(rng: &mut PortableRng, time: usize, features: usize) -> Array2<f64> {
    let mut draws = vec![0.0; time * features];
    rng.fill_uniform(-1.0, 1.0, &mut draws);
    Array2::from_shape_fn((time, features), |(t, j)| draws[t * features + j])
}

fn linear(job: &Job) -> Result<Numbers> {
    let n = 6;
    let mut rng = job.rng();
    let mut rnn = Stack::<f64>::zeros(Elman::identity(), 1, &[n], Bias::None)?;
    rng.fill_uniform(-1.0, 1.0, rnn.params_mut().as_mut_slice());
    let found = lyapunov_gradient(&rnn, Array2::zeros((60, 1)).view(), None, n, |_| vec![1.0; n])?;
    // The parameters are W_ih, then W_hh.
    let gradient = Array2::from_shape_fn((n, n), |(i, j)| found.gradient[n + i * n + j]);
    let product = gradient.t().dot(&rnn.weight_hh(0));
    let off = (product - Array2::<f64>::eye(n)).iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    Ok(Numbers::new().value("distance", off))
}

/// The gradient of Σ λ_i / i against differences of fourth order.
fn differences(job: &Job) -> Result<Numbers> {
    let k = 4;
    let mut rng = job.rng();
    let mut rnn = if job.get("gru") > 0.0 {
        Stack::<f64>::zeros(rnn_core::Gru, 2, &[k], Bias::Single)?
    } else {
        Stack::<f64>::zeros(Elman::tanh(), 2, &[k], Bias::Single)?
    };
    rng.fill_uniform(-0.8, 0.8, rnn.params_mut().as_mut_slice());
    let x = input(&mut rng, 15, 2);
    let weight = |i: usize| 1.0 / (1.0 + i as f64);
    let weights: Vec<f64> = (0..k).map(weight).collect();
    let found = lyapunov_gradient(&rnn, x.view(), None, k, |_| weights.clone())?;
    let value = |j: usize, by: f64| -> Result<f64> {
        let mut moved = rnn.clone();
        moved.params_mut().as_mut_slice()[j] += by;
        let exponents = lyapunov_gradient(&moved, x.view(), None, k, |_| vec![0.0; k])?.exponents;
        Ok(exponents.iter().zip(&weights).map(|(x, w)| x * w).sum())
    };
    let largest = found.gradient.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let (h, mut off) = (1e-4, 0.0f64);
    for (j, got) in found.gradient.iter().enumerate() {
        let near = value(j, h)? - value(j, -h)?;
        let far = value(j, 2.0 * h)? - value(j, -2.0 * h)?;
        off = off.max((got - (8.0 * near - far) / (12.0 * h)).abs() / largest);
    }
    Ok(Numbers::new().value("distance", off))
}

/// One step of Adam on the sum of squares of the first exponents. Returns the exponents before it.
fn floss(
    rnn: &mut Stack<f64>,
    adam: &mut Adam<f64>,
    rng: &mut PortableRng,
    k: usize,
    time: usize,
) -> Result<Vec<f64>> {
    let x = input(rng, time, rnn.input());
    let found =
        lyapunov_gradient(rnn, x.view(), None, k, |exponents| exponents.iter().map(|x| 2.0 * x).collect())?;
    let mut gradient = rnn.params().zeros_like();
    gradient.as_mut_slice().copy_from_slice(&found.gradient);
    adam.step(rnn, &gradient)?;
    Ok(found.exponents)
}

fn flossed(job: &Job) -> Result<Numbers> {
    let rng = job.rng();
    let mut rnn = Stack::<f64>::new(Elman::tanh(), 1, &[N], Bias::Single, &mut rng.stream(0))?;
    let (mut adam, mut draws) = (Adam::new(0.01), rng.stream(1));
    let mut exponents = vec![Vec::new(); K];
    let mut losses = Vec::new();
    for _ in 0..STEPS {
        let now = floss(&mut rnn, &mut adam, &mut draws, K, TIME)?;
        losses.push(now.iter().map(|x| x * x).sum::<f64>());
        exponents.iter_mut().zip(now).for_each(|(all, x)| all.push(x));
    }
    let numbers = Numbers::new().with("loss", losses);
    Ok(exponents
        .into_iter()
        .enumerate()
        .fold(numbers, |numbers, (i, all)| numbers.with(&format!("exponent {i}"), all)))
}

/// Delayed recall, after so many steps of flossing.
fn recall(job: &Job) -> Result<Numbers> {
    let rng = job.rng();
    let task = DelayedRecall::new(LENGTH, DELAY)?.masked();
    // The same network and the same batches with and without flossing: the seed alone decides.
    let own = PortableRng::new(job.seed);
    let mut model = Model::<f64>::new(Elman::tanh(), 1, &[HIDDEN], 1, Bias::Single, &mut own.stream(0))?;
    let (mut adam, mut draws) = (Adam::new(0.01), rng.stream(1));
    for _ in 0..job.count("flossing") {
        floss(&mut model.rnn, &mut adam, &mut draws, FLOSSED, LENGTH)?;
    }
    let mut batches = own.stream(2);
    let source = task.batches(BATCH, BATCHES, &mut batches)?;
    let solved = SOLVED * task.baseline(Timesteps::All);
    let (mut losses, mut window) = (Vec::new(), Vec::new());
    train(&mut model, source, &Training::new(Mse).clip(1.0), &mut Adam::new(1e-3), |report, _| {
        window.push(report.loss);
        if window.len() < WINDOW {
            return ControlFlow::Continue(());
        }
        let mean = window.drain(..).sum::<f64>() / WINDOW as f64;
        losses.push(mean);
        if mean < solved { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let batches = (losses.len() * WINDOW) as f64;
    Ok(Numbers::new().value("solved", batches).with("loss", losses))
}
