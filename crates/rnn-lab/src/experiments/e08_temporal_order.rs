//! E8: the temporal order problem, and where training starts from.

use rnn_core::{Bias, CrossEntropy, Elman, Init, Model, Timesteps};
use rnn_data::{Task, TemporalOrder};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::training::{Plan, fit, refill, survival, tally};
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const HIDDEN: usize = 50;
const BATCH: usize = 32;
const PLAN: Plan = Plan { steps: 3000, every: 100, rate: 1e-3, clip: 1.0 };
/// Sequences that the error is counted on.
const TEST: usize = 500;
/// The share of errors at which the problem counts as solved.
const SOLVED: f64 = 0.02;
const LENGTHS: [usize; 2] = [50, 100];

/// The experiment.
#[derive(Debug)]
pub(super) struct Order;

impl Experiment for Order {
    fn about(&self) -> About {
        About {
            id: "E8",
            name: "temporal-order",
            question: "Can a plain tanh network learn what happened tens of steps ago?",
            why: "Two symbols, in the second and in the sixth tenth of a sequence of distractors, decide its class. A network must carry the first one \
                  over most of the sequence, so its gradient must reach back as far. Pascanu, Mikolov and Bengio report that gradient descent alone does \
                  not get there, and that it does with clipping and a term that keeps gradients from vanishing. Here the only help is the matrix that \
                  training starts from.",
            setting: "A tanh network of 50 units reads 50 or 100 symbols; batches of 32, Adam at 0.001, gradients clipped to norm 1, at most 3000 steps. \
                      W_hh starts uniform as PyTorch has it, or orthogonal. Solved means fewer than 2% errors on 500 other sequences, counted every 100 steps. \
                      Without --long only the price of not looking is computed.",
            formula: r"\text{four equally likely classes: cross-entropy } \ln 4,\ \text{error } \tfrac34",
            sources: &[
                Source {
                    text: "R. Pascanu, T. Mikolov, Y. Bengio 2013, On the difficulty of training recurrent neural networks, ICML, section 4.1",
                    url: "https://arxiv.org/abs/1211.5063",
                },
                Source {
                    text: "S. Hochreiter, J. Schmidhuber 1997, Long short-term memory, Neural Computation 9, experiment 6",
                    url: "https://doi.org/10.1162/neco.1997.9.8.1735",
                },
            ],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let mut jobs = vec![Job::new("E8", "blind").cost(0.1)];
        if scope.long {
            for length in LENGTHS {
                for (part, share) in [("uniform", 1.0), ("orthogonal", 0.7)] {
                    let cost = 3.0 * share * length as f64 / 50.0;
                    let job = Job::new("E8", part).with("length", length as f64).cost(cost);
                    jobs.extend(scope.seeds(5).map(|seed| job.clone().seed(seed)));
                }
            }
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let rng = job.rng();
        if job.part == "blind" {
            // A network of zeros gives all classes the same output; the first one is taken as its answer.
            let task = TemporalOrder::new(LENGTHS[0])?;
            let model = Model::<f64>::zeros(Elman::tanh(), 6, &[1], 4, Bias::Single)?;
            let batch = task.sample::<f64>(4000, &mut rng.stream(0))?;
            let seen = model.evaluate(batch.run(), batch.target(), &CrossEntropy, &mut model.workspace())?;
            let error = 1.0 - seen.accuracy.unwrap_or(f64::NAN);
            return Ok(Numbers::new()
                .value("loss", seen.loss)
                .value("error", error)
                .value("baseline", task.baseline(Timesteps::Last)));
        }
        let task = TemporalOrder::new(job.count("length"))?;
        let mut draws = rng.stream(1);
        let mut model = Model::<f32>::new(Elman::tanh(), 6, &[HIDDEN], 4, Bias::Single, &mut rng.stream(0))?;
        if job.part == "orthogonal" {
            model.rnn.initialize(Init::Orthogonal { gain: 1.0 }, &mut rng.stream(2))?;
        }
        let test = task.sample::<f32>(TEST, &mut rng.stream(3))?;
        let mut ws = model.workspace();
        let draw = |batch: &mut _| refill(&task, BATCH, &mut draws, batch);
        let trace = fit(&mut model, CrossEntropy, PLAN, draw, |model| {
            let seen = model.evaluate(test.run(), test.target(), &CrossEntropy, &mut ws)?;
            let error = 1.0 - seen.accuracy.unwrap_or(0.0);
            Ok((error, error < SOLVED))
        })?;
        let solved = trace.solved_or_never();
        Ok(Numbers::new().value("solved", solved).value("error", trace.last()).with("seen", trace.seen))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let blind = results.one("blind")?;
        let mut findings = vec![
            Finding::near(
                "the cross-entropy of a network that gives every class the same",
                blind.get("loss")?,
                blind.get("baseline")?,
                1e-12,
                "ln 4, up to rounding.",
            ),
            Finding::near(
                "its share of errors on 4000 sequences",
                blind.get("error")?,
                0.75,
                4.0 * (0.75f64 * 0.25 / 4000.0).sqrt(),
                "Four standard deviations of a share of 4000 independent answers.",
            ),
        ];
        let mut text = vec![format!(
            "A network that does not look pays {:.4} nats and errs in {:.1}% of the sequences.",
            blind.get("loss")?,
            100.0 * blind.get("error")?
        )];
        let mut figure = None;
        if results.has("uniform") {
            let mut panel = LinePlot::new(
                "Seeds that have solved it",
                Axis::linear("step"),
                Axis::linear("share").range(-0.02, 1.02),
            );
            for length in LENGTHS {
                for part in ["uniform", "orthogonal"] {
                    let of = |name: &str| -> Result<Vec<f64>> {
                        let runs = results.part(part).filter(|(job, _)| job.count("length") == length);
                        runs.map(|(_, numbers)| numbers.get(name)).collect()
                    };
                    let solved = of("solved")?;
                    let (x, y) = survival(&solved, PLAN.steps as f64);
                    panel = panel.line(Line::new(format!("{part}, T = {length}"), x, y));
                    text.push(format!(
                        "T = {length}, {part} start: {} seeds solve it within {} steps.",
                        tally(&solved),
                        PLAN.steps
                    ));
                    findings.push(Finding::observation(
                        format!("the final share of errors, {part} start, T = {length}"),
                        of("error")?,
                        "The paper solves the problem with a term that keeps gradients from vanishing; the orthogonal start is another help.",
                    ));
                }
            }
            let caption =
                "The share of seeds that err in fewer than 2% of 500 sequences, by training step.".to_owned();
            figure = Some((Figure::new("Temporal order").panel(panel), caption));
        }
        Ok(Conclusion { findings, figure, text })
    }
}
