//! E6: one unit whose states disappear when its bias moves.

use ndarray::{Array1, Array2, array};
use rnn_analysis::fixed_points;
use rnn_core::{Bias, Elman, Parameters, Stack, sigmoid};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use crate::error::{Error, Result};
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const WEIGHT: f64 = 5.0;
const FROM: f64 = -4.0;
const TO: f64 = -1.0;
/// Steps of the sweep of the bias.
const SWEEP: usize = 3000;
/// Steps of the unit at each bias.
const SETTLE: usize = 2000;

/// The length of the sequences in training, their target, and how training goes.
const TIME: usize = 2000;
const TARGET: f64 = 0.9;
/// The first state, in the basin of the lower one.
const START: f64 = -4.0;
const RATE: f64 = 0.002;
const UPDATES: usize = 4000;

/// The experiment.
#[derive(Debug)]
pub(super) struct Bifurcation;

impl Experiment for Bifurcation {
    fn about(&self) -> About {
        About {
            id: "E6",
            name: "bifurcation",
            question: "What happens to the loss when a fixed point disappears?",
            why: "A recurrent unit may have two stable states. As its parameters move in training, one of them can meet an unstable one and vanish, \
                  and the unit then runs to the other, far away, however small the last move was: the loss jumps. Doya and, later, Pascanu, Mikolov and Bengio \
                  explain sudden jumps in the training of recurrent networks by this.",
            setting: "One sigmoid unit, x ← w σ(x) + b with w = 5. The number of its fixed points is counted by Newton's method, and the biases \
                      at which it changes are found by bisection. Then the bias is swept from −4 to −1 and back in steps of 0.001, with 2000 steps of the unit at \
                      each. Last, gradient descent on b alone, from −3, with the loss (σ(x_T) − 0.9)² at T = 2000 from x_0 = −4 (learning rate 0.002).",
            formula: r"w\,\sigma'(x) = 1 \;\Rightarrow\; \sigma(x_\pm) = \tfrac12\left(1 \pm \sqrt{1 - 4/w}\right), \qquad b_\pm = x_\pm - w\,\sigma(x_\pm)",
            sources: &[
                Source {
                    text: "R. Pascanu, T. Mikolov, Y. Bengio 2013, On the difficulty of training recurrent neural networks, ICML, section 2.2",
                    url: "https://arxiv.org/abs/1211.5063",
                },
                Source {
                    text: "K. Doya 1993, Bifurcations of recurrent neural networks in gradient descent learning",
                    url: "",
                },
            ],
        }
    }

    fn jobs(&self, _: &Scope) -> Vec<Job> {
        ["folds", "sweep", "training"].into_iter().map(|part| Job::new("E6", part).cost(1.0)).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        match job.part {
            "folds" => folds(),
            "sweep" => Ok(sweep()),
            _ => Ok(training()),
        }
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let root = (1.0 - 4.0 / WEIGHT).sqrt();
        // The fold where the upper state disappears as b falls, and the one where the lower state does as b rises.
        let [lower, upper] = [0.5 * (1.0 + root), 0.5 * (1.0 - root)]
            .map(|value| libm::log(value / (1.0 - value)) - WEIGHT * value);
        let found = results.one("folds")?;
        let swept = results.one("sweep")?;
        let trained = results.one("training")?;
        let step = (TO - FROM) / SWEEP as f64;
        let mut findings = vec![
            Finding::near("lower fold", found.get("lower")?, lower, 1e-6, "The bisection goes on to 1e-9."),
            Finding::near("upper fold", found.get("upper")?, upper, 1e-6, "The bisection goes on to 1e-9."),
            Finding::near(
                "bias at which the unit jumps up",
                swept.get("up")?,
                upper,
                step,
                "The step of the sweep.",
            ),
            Finding::near(
                "bias at which the unit jumps down",
                swept.get("down")?,
                lower,
                step,
                "The step of the sweep.",
            ),
        ];
        let (before, after) = (trained.get("before")?, trained.get("after")?);
        findings.push(Finding::at_most(
            "bias before the update at which the loss changes most",
            before,
            upper + 1e-5,
            "The lower state still exists; behind the fold, 2000 steps are enough to leave it from a distance of 1e-5 on, since the passage takes about \
             π / √(0.22 · distance) steps.",
        ));
        findings.push(Finding::at_least("bias after that update", after, upper, "The lower state is gone."));
        let biases: Vec<f64> = (0..=SWEEP).map(|k| FROM + k as f64 * step).collect();
        let states = |name| swept.list(name).map(<[f64]>::to_vec);
        let backward: Vec<f64> = biases.iter().rev().copied().collect();
        let hysteresis = LinePlot::new("A sweep of the bias", Axis::linear("b"), Axis::linear("σ(x)"))
            .line(Line::new("upward", &biases, states("rising")?))
            .line(Line::new("downward", &backward, states("falling")?).dashed())
            .vertical("fold", lower)
            .vertical("fold", upper);
        let loss = trained.list("loss")?;
        let updates: Vec<f64> = (0..loss.len()).map(|k| k as f64).collect();
        let jump = LinePlot::new("Gradient descent on b", Axis::linear("update"), Axis::linear("loss"))
            .line(Line::new("(σ(x_T) − 0.9)²", &updates, loss))
            .vertical("the fold is crossed", trained.get("at")?);
        let text = vec![
            format!(
                "The folds lie at b = {:.5} and {:.5}; between them the unit has two stable states and remembers from which side it came: on the way up it jumps at \
                 {:.3}, on the way down at {:.3}.",
                found.get("lower")?,
                found.get("upper")?,
                swept.get("up")?,
                swept.get("down")?
            ),
            format!(
                "In training the loss changes from {:.3} to {:.1e} in one update, from b = {before:.5} to {after:.5}. The gradient in the update before is {:.0} times the \
                 first one: near the fold the state moves like the square root of the distance, whose derivative has no bound.",
                trained.get("loss before")?,
                trained.get("loss after")?,
                trained.get("steepest")?
            ),
        ];
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Two states and the folds between them").panel(hysteresis).panel(jump),
                "First, the state that the unit settles in while its bias is swept up and down. Second, the loss while b is trained across the upper fold."
                    .to_owned(),
            )),
            text,
        })
    }
}

/// How many fixed points there are with this bias.
fn count(rnn: &mut Stack<f64>, bias: f64) -> Result<usize> {
    rnn.set_parameter("bias_l0", array![bias].view().into_dyn())?;
    let starts = Array2::from_shape_fn((201, 1), |(k, _)| k as f64 / 200.0);
    Ok(fixed_points(rnn, Array1::zeros(1).view(), starts.view())?.len())
}

fn folds() -> Result<Numbers> {
    let mut rnn = Stack::<f64>::zeros(Elman::sigmoid(), 1, &[1], Bias::Single)?;
    rnn.set_parameter("weight_hh_l0", array![[WEIGHT]].view().into_dyn())?;
    let mut numbers = Numbers::new();
    // One state outside, three between: from the outside to the inside.
    for (name, mut outside) in [("lower", FROM), ("upper", TO)] {
        let mut inside = -2.5;
        if (count(&mut rnn, outside)?, count(&mut rnn, inside)?) != (1, 3) {
            return Err(Error::Other(format!(
                "the unit does not have 1 and 3 fixed points at b = {outside} and {inside}"
            )));
        }
        while (outside - inside).abs() > 1e-9 {
            let middle = f64::midpoint(outside, inside);
            if count(&mut rnn, middle)? == 1 {
                outside = middle;
            } else {
                inside = middle;
            }
        }
        numbers = numbers.value(name, f64::midpoint(outside, inside));
    }
    Ok(numbers)
}

/// σ(x) after so many steps, x changed accordingly.
fn settle(x: &mut f64, bias: f64, steps: usize) -> f64 {
    for _ in 0..steps {
        *x = WEIGHT * sigmoid(*x) + bias;
    }
    sigmoid(*x)
}

fn sweep() -> Numbers {
    let at = |k: usize| FROM + (TO - FROM) * k as f64 / SWEEP as f64;
    let mut x = FROM;
    let rising: Vec<f64> = (0..=SWEEP).map(|k| settle(&mut x, at(k), SETTLE)).collect();
    let falling: Vec<f64> = (0..=SWEEP).rev().map(|k| settle(&mut x, at(k), SETTLE)).collect();
    let jump = |states: &[f64]| {
        let change = |k: usize| (states[k] - states[k - 1]).abs();
        (1..states.len()).max_by(|&a, &b| change(a).total_cmp(&change(b))).unwrap_or(1)
    };
    // Halfway between the biases before and after the jump.
    let between = |a: usize, b: usize| f64::midpoint(at(a), at(b));
    let (up, down) = (jump(&rising), jump(&falling));
    Numbers::new()
        .value("up", between(up - 1, up))
        .value("down", between(SWEEP - down, SWEEP - down + 1))
        .with("rising", rising)
        .with("falling", falling)
}

fn training() -> Numbers {
    let mut bias = -3.0;
    let (mut biases, mut losses, mut gradients) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..UPDATES {
        // x_T and dx_T/db, forward in time.
        let (mut x, mut slope) = (START, 0.0);
        for _ in 0..TIME {
            let y: f64 = sigmoid(x);
            slope = WEIGHT * y * (1.0 - y) * slope + 1.0;
            x = WEIGHT * y + bias;
        }
        let y = sigmoid(x);
        let gradient = 2.0 * (y - TARGET) * y * (1.0 - y) * slope;
        biases.push(bias);
        losses.push((y - TARGET).powi(2));
        gradients.push(gradient);
        bias -= RATE * gradient;
        if losses.len() > 40 && losses[losses.len() - 40..].iter().all(|loss| *loss < 0.1 * losses[0]) {
            break;
        }
    }
    let change = |k: usize| (losses[k] - losses[k - 1]).abs();
    let at = (1..losses.len()).max_by(|&a, &b| change(a).total_cmp(&change(b))).unwrap_or(1);
    Numbers::new()
        .value("at", at as f64)
        .value("before", biases[at - 1])
        .value("after", biases[at])
        .value("loss before", losses[at - 1])
        .value("loss after", losses[at])
        .value("steepest", gradients[at - 1] / gradients[0])
        .with("loss", losses)
}
