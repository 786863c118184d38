//! E7: the cliff in the loss of one unit, and what clipping does there.

use rnn_core::sigmoid;
use rnn_plot::{Axis, Figure, Grid, Heatmap, Line, LinePlot};

use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Steps of the unit.
const TIME: i32 = 50;
/// Points of the surface along each side.
const SIDE: usize = 61;
const WEIGHTS: (f64, f64) = (4.0, 6.0);
const BIASES: (f64, f64) = (-4.0, -1.0);
/// Gradient descent.
const RATE: f64 = 0.05;
const CLIP: f64 = 1.0;
const STEPS: usize = 200;
const START: (f64, f64) = (5.0, -2.25);

/// The experiment.
#[derive(Debug)]
pub(super) struct Cliff;

/// (σ(x_T) − 0.7)² for x ← w σ(x) + b from 0, and its derivatives by w and b.
fn loss(w: f64, b: f64) -> (f64, [f64; 2]) {
    let (mut x, mut by_w, mut by_b) = (0.0, 0.0, 0.0);
    for _ in 0..TIME {
        let s = sigmoid(x);
        let slope = w * s * (1.0 - s);
        (by_w, by_b) = (s + slope * by_w, 1.0 + slope * by_b);
        x = w * s + b;
    }
    let s = sigmoid(x);
    let outer = 2.0 * (s - 0.7) * s * (1.0 - s);
    ((s - 0.7).powi(2), [outer * by_w, outer * by_b])
}

/// The norm of the gradient where b = −w / 2: x stays at 0 and each step multiplies its derivative by w / 4.
fn on_the_cliff(w: f64) -> f64 {
    let r = w / 4.0;
    let sum = (r.powi(TIME) - 1.0) / (r - 1.0);
    0.1 * sum * 1.25f64.sqrt()
}

fn grid(at: usize, (from, to): (f64, f64)) -> f64 {
    from + (to - from) * at as f64 / (SIDE - 1) as f64
}

impl Experiment for Cliff {
    fn about(&self) -> About {
        About {
            id: "E7",
            name: "cliff",
            question: "What does a cliff in the loss do to training, and why does clipping help?",
            why: "An exploding gradient is not only large: it is large on a thin wall, and the loss on both sides of the wall is flat. A step of \
                  gradient descent that starts on the wall throws the parameters far away from everything that was learned. Pascanu, Mikolov and \
                  Bengio show such a wall for a single unit, and propose to scale gradients down whose norm is above a threshold.",
            setting: "The unit x ← w σ(x) + b starts from 0 and runs for 50 steps; the loss is (σ(x_50) − 0.7)². Loss and gradient are computed \
                      on a grid of 61 × 61 points, w from 4 to 6 and b from −4 to −1. Then gradient descent takes 200 steps with the \
                      learning rate 0.05 from w = 5, b = −2.25, once as it is and once with the norm of the gradient clipped to 1.",
            formula: r"b = -\tfrac{w}{2} \;\Rightarrow\; x_t = 0, \qquad \|\nabla E\| = \tfrac{1}{10}\sqrt{1 + \tfrac14}\;\frac{(w/4)^{50} - 1}{w/4 - 1}",
            sources: &[Source {
                text: "R. Pascanu, T. Mikolov, Y. Bengio 2013, On the difficulty of training recurrent neural networks, ICML, section 2.3",
                url: "https://arxiv.org/abs/1211.5063",
            }],
        }
    }

    fn jobs(&self, _: &Scope) -> Vec<Job> {
        vec![
            Job::new("E7", "surface").cost(0.1),
            Job::new("E7", "plain").cost(0.01),
            Job::new("E7", "clipped").cost(0.01),
        ]
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        if job.part == "surface" {
            let points = (0..SIDE * SIDE).map(|at| (grid(at % SIDE, WEIGHTS), grid(at / SIDE, BIASES)));
            let norm = |(w, b)| {
                let [by_w, by_b] = loss(w, b).1;
                libm::hypot(by_w, by_b)
            };
            let norms: Vec<f64> = points.map(norm).collect();
            let on: Vec<f64> = [5.0, 5.5, 6.0].iter().map(|&w| norm((w, -w / 2.0))).collect();
            return Ok(Numbers::new().with("norms", norms).with("on", on));
        }
        let clip = if job.part == "clipped" { CLIP } else { f64::INFINITY };
        let (mut w, mut b) = START;
        let (mut losses, mut steps, mut path) = (Vec::new(), Vec::new(), vec![w, b]);
        for _ in 0..STEPS {
            let (value, [by_w, by_b]) = loss(w, b);
            losses.push(value);
            let norm = libm::hypot(by_w, by_b);
            let scale = if norm > clip { clip / norm } else { 1.0 };
            (w, b) = (w - RATE * scale * by_w, b - RATE * scale * by_b);
            steps.push(RATE * scale * norm);
            path.extend([w, b]);
        }
        losses.push(loss(w, b).0);
        Ok(Numbers::new().with("losses", losses).with("steps", steps).with("path", path))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let surface = results.one("surface")?;
        let plain = results.one("plain")?;
        let clipped = results.one("clipped")?;
        let (on, norms) = (surface.list("on")?, surface.list("norms")?);
        let mut findings = Vec::new();
        for (w, got) in [5.0, 5.5, 6.0].into_iter().zip(on) {
            let want = on_the_cliff(w);
            findings.push(Finding::near(
                format!("‖∇E‖ at w = {w}, b = −w/2, over its closed form"),
                got / want,
                1.0,
                1e-9,
                "Fifty steps, each with some rounding errors; x stays at 0 exactly, because w/2 and b cancel.",
            ));
        }
        let later = |numbers: &Numbers| -> Result<f64> {
            let losses = &numbers.list("losses")?[STEPS / 2..];
            Ok(losses.iter().sum::<f64>() / losses.len() as f64)
        };
        let longest = |numbers: &Numbers| -> Result<f64> {
            Ok(numbers.list("steps")?.iter().copied().fold(0.0, f64::max))
        };
        let (thrown, safe) = (longest(plain)?, longest(clipped)?);
        findings.push(Finding::at_most(
            "the longest step with clipping",
            safe,
            RATE * CLIP * (1.0 + 1e-12),
            "The learning rate times the norm to which gradients are clipped, up to rounding.",
        ));
        findings.push(Finding::at_most(
            "the mean loss of the last 100 steps with clipping, over that without",
            later(clipped)? / later(plain)?,
            1.0,
            "The paper's claim is that clipping helps at a wall; by how much depends on the start.",
        ));
        findings.push(Finding::observation(
            "the longest step without clipping",
            vec![thrown],
            "One step from the wall leaves the region where the loss was low.",
        ));
        findings.push(Finding::observation(
            "the mean loss of the last 100 steps, without clipping and with it",
            vec![later(plain)?, later(clipped)?],
            "Of one start; there is nothing random in this experiment.",
        ));
        let mut sorted = norms.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (largest, median) = (sorted[sorted.len() - 1], sorted[sorted.len() / 2]);
        findings.push(Finding::observation(
            "the largest ‖∇E‖ on the grid over the median",
            vec![largest / median],
            "The grid has points with b = −w/2, where the gradient is largest.",
        ));
        let logs: Vec<f64> = norms.iter().map(|&norm| norm.max(1e-6)).collect();
        let map = Heatmap::new(
            "Norm of the gradient",
            Axis::linear("w"),
            Axis::linear("b"),
            "‖∇E‖",
            Grid::new(logs, (SIDE, SIDE), WEIGHTS, BIASES),
        )
        .log();
        let steps: Vec<f64> = (0..=STEPS).map(|k| k as f64).collect();
        let panel = LinePlot::new("Gradient descent", Axis::linear("step"), Axis::log("loss"))
            .line(Line::new("without clipping", &steps, plain.list("losses")?))
            .line(Line::new("clipped to 1", &steps, clipped.list("losses")?));
        let text = vec![
            format!(
                "On the line b = −w/2 the state 0 is a fixed point, and an unstable one where w > 4. Just above the line the state runs to the upper \
                 stable point, just below it to the lower one: this is the wall. Its slope has a closed form, {:.3e} at w = 6, and on the grid the largest gradient \
                 is {:.1e} times the median.",
                on_the_cliff(6.0),
                largest / median
            ),
            format!(
                "Without clipping, one step is {thrown:.3} long, and the loss of the last 100 steps is {:.4} on average. With the norm clipped to 1 no step can be longer than \
                 the learning rate, {RATE}, and that loss is {:.4}: the direction of the gradient is kept, only its length is not believed. The parameters still cross the wall again and again, because the lowest loss lies beside it.",
                later(plain)?,
                later(clipped)?
            ),
        ];
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("The cliff").columns(2).panel(map).panel(panel),
                "Left, the norm of the gradient of the loss by w and b. Right, the loss during gradient descent from one start.".to_owned(),
            )),
            text,
        })
    }
}
