//! E10: rectified units that start from the identity.

use rnn_core::{Bias, Elman, Init, Model, Mse, Timesteps};
use rnn_data::{AddingProblem, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::training::{Plan, fit, refill, tally};
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const LENGTH: usize = 100;
const HIDDEN: usize = 64;
const BATCH: usize = 32;
const TEST: usize = 1000;
const PLAN: Plan = Plan { steps: 5000, every: 100, rate: 1e-3, clip: 1.0 };
/// A tenth of the baseline: the two numbers are known far better than their mean.
const SOLVED: f64 = 0.1;

/// The experiment.
#[derive(Debug)]
pub(super) struct Irnn;

impl Experiment for Irnn {
    fn about(&self) -> About {
        About {
            id: "E10",
            name: "irnn",
            question: "Is it enough to start from the identity?",
            why: "With W_hh the identity, rectified units and biases of zero, a state that nothing is added to stays as it is, and so does the gradient. \
                  Le, Jaitly and Hinton report that such a network learns long dependencies without gates. How little a network without memory can reach \
                  is known exactly, so success can be told from the start.",
            setting: "The adding problem with numbers of U(0, 1) and 100 timesteps. First, what the answer 1 costs on 50,000 sequences. With --long: \
                      64 rectified units, W_hh the identity and b zero, Adam at 0.001, clipped to norm 1, batches of 32, at most 5000 steps from 5 seeds; \
                      solved means a tenth of the baseline. The paper's lengths are 150 to 400.",
            formula: r"\operatorname{Var}(x_1 + x_2) = 2 \cdot \tfrac{1}{12} = \tfrac16",
            sources: &[Source {
                text: "Q. V. Le, N. Jaitly, G. E. Hinton 2015, A simple way to initialize recurrent networks of rectified linear units",
                url: "https://arxiv.org/abs/1504.00941",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let mut jobs = vec![Job::new("E10", "constant").cost(0.2), Job::new("E10", "start").cost(0.1)];
        if scope.long {
            jobs.extend(scope.seeds(5).map(|seed| Job::new("E10", "train").seed(seed).cost(6.0)));
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let (task, rng) = (AddingProblem::new(LENGTH)?, job.rng());
        if job.part == "constant" {
            let count = 50_000;
            let batch = AddingProblem::new(2)?.sample::<f64>(count, &mut rng.stream(0))?;
            let errors =
                batch.y.values().map(|y| (0..count).map(|b| (y[[b, 1, 0]] - 1.0).powi(2)).sum::<f64>());
            let mean = errors.unwrap_or(f64::NAN) / count as f64;
            return Ok(Numbers::new().value("error", mean).value("baseline", task.baseline(Timesteps::Last)));
        }
        let mut model = Model::<f32>::new(Elman::relu(), 2, &[HIDDEN], 1, Bias::Single, &mut rng.stream(0))?;
        model.rnn.initialize(Init::Identity { scale: 1.0 }, &mut rng.stream(3))?;
        if let Some(mut bias) = model.rnn.params_mut().get_mut("bias_l0") {
            bias.fill(0.0);
        }
        if job.part == "start" {
            // The first state is handed on unchanged while nothing is read.
            let mut ws = model.rnn.workspace();
            let mut x = ndarray::Array3::zeros((1, LENGTH, 2));
            x[[0, 0, 0]] = 1.0;
            model.rnn.forward(x.view(), &mut ws)?;
            let h = ws.hidden(0);
            let moved = (0..HIDDEN).map(|j| f64::from((h[[0, LENGTH - 1, j]] - h[[0, 0, j]]).abs()));
            return Ok(Numbers::new().value("moved", moved.fold(0.0, f64::max)));
        }
        let (mut draws, held) = (rng.stream(1), task.sample::<f32>(TEST, &mut rng.stream(2))?);
        let mut ws = model.workspace();
        let draw = |batch: &mut _| refill(&task, BATCH, &mut draws, batch);
        let goal = SOLVED * task.baseline(Timesteps::Last);
        let trace = fit(&mut model, Mse, PLAN, draw, |model| {
            let loss = f64::from(model.loss(held.run(), held.target(), &Mse, &mut ws)?);
            Ok((loss, loss < goal))
        })?;
        let solved = trace.solved_or_never();
        Ok(Numbers::new().value("solved", solved).value("loss", trace.last()).with("seen", trace.seen))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let constant = results.one("constant")?;
        let (error, baseline) = (constant.get("error")?, constant.get("baseline")?);
        let mut findings = vec![
            Finding::near(
                "the mean squared error of the answer 1",
                error,
                1.0 / 6.0,
                4.0 / 6.0 * (1.4f64 / 50_000.0).sqrt(),
                "Four standard errors; the square of a triangular variable has 1.4 squared means as its variance.",
            ),
            Finding::near(
                "the baseline of the task",
                baseline,
                1.0 / 6.0,
                0.0,
                "Twice the variance of U(0, 1).",
            ),
            Finding::near(
                "the largest change of a unit over 99 steps without input",
                results.one("start")?.get("moved")?,
                0.0,
                0.0,
                "Rectified units hand on what is not negative, and the identity multiplies by 1 and 0.",
            ),
        ];
        let mut text = vec![format!(
            "Answering 1 costs {error:.5}; the variance of a sum of two numbers of U(0, 1) is 1/6 = {:.5}. Whatever ends clearly below has used the \
             numbers. At the start the network keeps its state to the last bit.",
            1.0 / 6.0
        )];
        let mut figure = None;
        if results.has("train") {
            let mut panel =
                LinePlot::new("Test error", Axis::linear("step"), Axis::log("mean squared error"));
            for (job, numbers) in results.part("train") {
                let seen = numbers.list("seen")?;
                let steps: Vec<f64> = (0..seen.len()).map(|k| (k * PLAN.every) as f64).collect();
                panel = panel.line(Line::new(format!("seed {}", job.seed), steps, seen));
            }
            let solved = results.values("train", "solved")?;
            text.push(format!(
                "{} seeds come below a tenth of the baseline within {} steps.",
                tally(&solved),
                PLAN.steps
            ));
            findings.push(Finding::observation(
                "the final mean squared error",
                results.values("train", "loss")?,
                "The paper reports success where a tanh network fails.",
            ));
            findings.push(Finding::observation(
                "the steps to a tenth of the baseline (−1: never)",
                solved,
                "Each step sees 32 sequences.",
            ));
            figure = Some((
                Figure::new("Rectified units from the identity").panel(panel.horizontal("1/6", 1.0 / 6.0)),
                "The error on 1000 test sequences during training, one line for each seed.".to_owned(),
            ));
        }
        Ok(Conclusion { findings, figure, text })
    }
}
