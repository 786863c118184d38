//! E9: the adding problem in the units of Hochreiter and Schmidhuber.

use rnn_core::{Batch, Bias, Cell, Elman, Gru, Lstm, Model, Mse};
use rnn_data::{AddingProblem, PortableRng, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::training::{Plan, fit, refill, survival, tally};
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const LENGTH: usize = 100;
const HIDDEN: usize = 32;
const BATCH: usize = 32;
const TEST: usize = 2000;
/// The error that counts as right, and the share of sequences that must be.
const NEAR: f32 = 0.04;
const SHARE: f64 = 0.99;
/// The variance of ½ + (x₁ + x₂) / 4 for two numbers of U(−1, 1): 2 (1/3) / 16.
const BASELINE: f64 = 1.0 / 24.0;
const SHORT: Plan = Plan { steps: 300, every: 100, rate: 3e-3, clip: 1.0 };
const LONG: Plan = Plan { steps: 4000, every: 100, rate: 3e-3, clip: 1.0 };

/// The experiment.
#[derive(Debug)]
pub(super) struct Adding;

/// From numbers of U(0, 1) and their sum to numbers of U(−1, 1) and ½ + (x₁ + x₂) / 4, which is half of that sum.
fn to_their_units(batch: &mut Batch<f32>) {
    for mut step in batch.x.rows_mut() {
        step[0] = 2.0 * step[0] - 1.0;
    }
    if let Some(y) = batch.y.values_mut() {
        y.mapv_inplace(|sum| sum / 2.0);
    }
}

fn sample(task: AddingProblem, size: usize, rng: &mut PortableRng) -> Result<Batch<f32>> {
    let mut batch = task.sample(size, rng)?;
    to_their_units(&mut batch);
    Ok(batch)
}

/// The share of answers within 0.04, and the mean squared error.
fn test(
    model: &Model<f32>,
    batch: &Batch<f32>,
    ws: &mut rnn_core::ModelWorkspace<f32>,
) -> Result<(f64, f64)> {
    let loss = model.loss(batch.run(), batch.target(), &Mse, ws)?;
    let (prediction, y) = (ws.prediction(), batch.y.values());
    let last = LENGTH - 1;
    let right =
        (0..TEST).filter(|&b| y.is_some_and(|y| (prediction[[b, last, 0]] - y[[b, last, 0]]).abs() < NEAR));
    Ok((right.count() as f64 / TEST as f64, f64::from(loss)))
}

impl Experiment for Adding {
    fn about(&self) -> About {
        About {
            id: "E9",
            name: "adding",
            question: "Which networks learn to add two numbers that are far apart?",
            why: "Two numbers of a long sequence are marked, and at its end their sum is asked for. A network that carries nothing across the sequence can \
                  only answer the mean, and its error says so exactly. Hochreiter and Schmidhuber built the problem for the LSTM, in 1997, because \
                  numbers have to be kept to some precision, not only told apart.",
            setting: "100 pairs of a number of U(−1, 1) and a mark; one mark lies in each half. The target is ½ + (x₁ + x₂) / 4, and an answer is \
                      right if it is off by less than 0.04, as in the paper, whose sequences also vary in length and begin and end with a mark of −1. \
                      32 units, batches of 32, Adam at 0.003, gradients clipped to norm 1. Without --long a tanh network trains for 300 steps from 3 seeds; with \
                      it, tanh, LSTM and GRU train for up to 4000 steps from 10.",
            formula: r"\operatorname{Var}\left(\tfrac12 + \tfrac{x_1 + x_2}{4}\right) = \tfrac{1}{24}",
            sources: &[Source {
                text: "S. Hochreiter, J. Schmidhuber 1997, Long short-term memory, Neural Computation 9, experiment 4",
                url: "https://doi.org/10.1162/neco.1997.9.8.1735",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let mut jobs = vec![Job::new("E9", "constant").cost(0.1)];
        jobs.extend(scope.seeds(3).map(|seed| Job::new("E9", "short").seed(seed).cost(0.6)));
        if scope.long {
            for (part, cost) in [("tanh", 7.0), ("lstm", 12.0), ("gru", 9.0)] {
                jobs.extend(scope.seeds(10).map(|seed| Job::new("E9", part).seed(seed).cost(cost)));
            }
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let (task, rng) = (AddingProblem::new(LENGTH)?, job.rng());
        if job.part == "constant" {
            let batch = sample(task, 20_000, &mut rng.stream(0))?;
            let errors: Vec<f64> = batch
                .y
                .values()
                .map(|y| (0..20_000).map(|b| (f64::from(y[[b, LENGTH - 1, 0]]) - 0.5).powi(2)).collect())
                .unwrap_or_default();
            let mean = errors.iter().sum::<f64>() / errors.len() as f64;
            return Ok(Numbers::new().value("error", mean));
        }
        let (cell, plan): (Cell<f32>, Plan) = match job.part {
            "short" => (Elman::tanh().into(), SHORT),
            "tanh" => (Elman::tanh().into(), LONG),
            "lstm" => (Lstm.into(), LONG),
            _ => (Gru.into(), LONG),
        };
        let mut model = Model::new(cell, 2, &[HIDDEN], 1, Bias::Single, &mut rng.stream(0))?;
        let (mut draws, held) = (rng.stream(1), sample(task, TEST, &mut rng.stream(2))?);
        let mut ws = model.workspace();
        let draw = |batch: &mut _| {
            refill(&task, BATCH, &mut draws, batch)?;
            to_their_units(batch);
            Ok(())
        };
        let trace = fit(&mut model, Mse, plan, draw, |model| {
            let (right, loss) = test(model, &held, &mut ws)?;
            Ok((loss, right >= SHARE))
        })?;
        let solved = trace.solved_or_never();
        Ok(Numbers::new().value("solved", solved).value("loss", trace.last()).with("seen", trace.seen))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let mut findings = vec![Finding::near(
            "the mean squared error of the best constant, ½, on 20,000 sequences",
            results.one("constant")?.get("error")?,
            BASELINE,
            // The fourth central moment of a sum of two uniforms is 2.4 squared variances.
            4.0 * BASELINE * (1.4f64 / 20_000.0).sqrt(),
            "Four standard errors; the square of a triangular variable has 1.4 squared means as its variance.",
        )];
        let tanh = if results.has("tanh") { "tanh" } else { "short" };
        let losses = results.values(tanh, "loss")?;
        let shares: Vec<f64> = losses.iter().map(|loss| loss / BASELINE).collect();
        let lowest = shares.iter().copied().fold(f64::INFINITY, f64::min);
        let budget = if tanh == "tanh" { LONG.steps } else { SHORT.steps };
        findings.push(Finding::at_least(
            format!("the lowest error of a tanh network after {budget} steps, over the baseline"),
            lowest,
            0.9,
            "PyTorch's uniform start: gradients vanish over tens of steps, so that nothing of the first half arrives. A tenth is left for \
             the finite test set and for what the last steps tell.",
        ));
        findings.push(Finding::observation(
            "the same for each seed",
            shares,
            "1 is a network that answers the mean.",
        ));
        let mut text = vec![format!(
            "The best constant costs 1/24 = {BASELINE:.5}. After {budget} steps the tanh networks cost between {lowest:.3} and {:.3} of that: they have \
             learned the mean.",
            losses.iter().copied().fold(0.0, f64::max) / BASELINE
        )];
        let mut panel = LinePlot::new("Mean squared error", Axis::linear("step"), Axis::log("error"));
        for (_, numbers) in results.part("short") {
            let seen = numbers.list("seen")?;
            let steps: Vec<f64> = (0..seen.len()).map(|k| (k * SHORT.every) as f64).collect();
            panel = panel.line(Line::new("tanh", steps, seen).color(0).unlabelled());
        }
        panel = panel.horizontal("1/24", BASELINE);
        let mut caption = "The test error of the tanh networks, one line for each seed.";
        if results.has("lstm") {
            panel = LinePlot::new(
                "Seeds that have solved it",
                Axis::linear("step"),
                Axis::linear("share").range(-0.02, 1.02),
            );
            for part in ["tanh", "lstm", "gru"] {
                let solved = results.values(part, "solved")?;
                let (x, y) = survival(&solved, LONG.steps as f64);
                panel = panel.line(Line::new(part, x, y));
                text.push(format!(
                    "{part}: {} seeds are right in 99% of the test sequences within {} steps.",
                    tally(&solved),
                    LONG.steps
                ));
                findings.push(Finding::observation(
                    format!("the steps until {part} is right in 99% of the sequences (−1: never)"),
                    solved,
                    "Each step sees 32 sequences.",
                ));
            }
            caption = "The share of seeds that are within 0.04 of the target in 99% of 2000 test sequences, by training step.";
        }
        Ok(Conclusion {
            findings,
            figure: Some((Figure::new("The adding problem").panel(panel), caption.to_owned())),
            text,
        })
    }
}
