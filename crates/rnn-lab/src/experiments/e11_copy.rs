//! E11: copying symbols over a gap.

use rnn_core::{Batch, Bias, Cell, Counted, CrossEntropy, Elman, Init, Loss, Lstm, Model, Timesteps, Truth};
use rnn_data::{CopyMemory, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::training::{Plan, fit, refill};
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// The gap in training.
const GAP: usize = 20;
const BATCH: usize = 32;
const TEST: usize = 500;
/// The lengths of the gap for which the baseline is computed.
const GAPS: [usize; 3] = [20, 100, 500];

/// A network that is trained.
struct Network {
    part: &'static str,
    label: &'static str,
    hidden: usize,
    rate: f64,
    steps: usize,
    /// About how many seconds that takes.
    cost: f64,
}

const fn network(
    part: &'static str,
    label: &'static str,
    hidden: usize,
    rate: f64,
    steps: usize,
    cost: f64,
) -> Network {
    Network { part, label, hidden, rate, steps, cost }
}

const NETWORKS: [Network; 6] = [
    network("tanh", "tanh, uniform start", 48, 1e-3, 4000, 8.0),
    network("orthogonal", "tanh, orthogonal start", 48, 1e-3, 4000, 8.0),
    network("linear", "linear, orthogonal start", 128, 1e-3, 1000, 6.0),
    network("lstm-0", "LSTM, forget bias 0", 48, 3e-3, 8000, 32.0),
    network("lstm-1", "LSTM, forget bias 1", 48, 3e-3, 8000, 32.0),
    network("lstm-chrono", "LSTM, chrono biases", 48, 3e-3, 8000, 32.0),
];

/// The experiment.
#[derive(Debug)]
pub(super) struct Copy;

/// The logits of the guess without memory: a blank while symbols are shown and during the gap, one of the 8 symbols after it.
fn memoryless(task: CopyMemory, batch: &Batch<f64>) -> ndarray::Array3<f64> {
    let (size, time, _) = batch.x.dim();
    // A logit that no exponential of another one reaches.
    let sure = 1e3;
    ndarray::Array3::from_shape_fn((size, time, task.outputs()), |(_, t, class)| {
        let blank = class == CopyMemory::BLANK;
        let symbol = class < 8;
        if (t < time - 10 && blank) || (t >= time - 10 && symbol) { sure } else { 0.0 }
    })
}

impl Experiment for Copy {
    fn about(&self) -> About {
        About {
            id: "E11",
            name: "copy-memory",
            question: "Which networks can hold ten symbols over a gap?",
            why: "Ten symbols are shown, then nothing for T steps, then they are asked for. There is no way to a low loss but memory, and what can be reached \
                  without is known exactly. Arjovsky, Shah and Bengio used the problem to show that networks whose recurrent matrix keeps lengths learn it, \
                  and that others stay at that line.",
            setting: "8 symbols, a blank and a mark; the cross-entropy is counted at all T + 20 steps. First, what the best guess without memory costs, for \
                      gaps of 20, 100 and 500. With --long, T = 20, batches of 32, Adam, gradients clipped to norm 1, 5 seeds each: tanh networks with a uniform and an \
                      orthogonal start and a linear orthogonal one; LSTMs with a forget bias of 0 and of 1 and with the biases of Tallec and Ollivier for \
                      times up to 30.",
            formula: r"\frac{10 \ln 8}{T + 20}",
            sources: &[
                Source {
                    text: "M. Arjovsky, A. Shah, Y. Bengio 2016, Unitary evolution recurrent neural networks, ICML",
                    url: "https://arxiv.org/abs/1511.06464",
                },
                Source {
                    text: "C. Tallec, Y. Ollivier 2018, Can recurrent neural networks warp time?, ICLR",
                    url: "https://arxiv.org/abs/1804.11188",
                },
            ],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let gap = |gap: usize| Job::new("E11", "guess").with("gap", gap as f64).cost(0.1);
        let mut jobs: Vec<Job> = GAPS.into_iter().map(gap).collect();
        if scope.long {
            for network in &NETWORKS {
                let job = Job::new("E11", network.part).cost(network.cost);
                jobs.extend(scope.seeds(5).map(|seed| job.clone().seed(seed)));
            }
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let rng = job.rng();
        if job.part == "guess" {
            let task = CopyMemory::new(job.count("gap"))?;
            let batch = task.sample::<f64>(50, &mut rng.stream(0))?;
            let guess = memoryless(task, &batch);
            let mut ignored = ndarray::Array3::zeros(guess.dim());
            let classes = batch.y.classes().map(|classes| {
                CrossEntropy.evaluate(
                    guess.view(),
                    Truth::Classes(classes.view()),
                    &Counted::new(Timesteps::All),
                    ignored.view_mut(),
                )
            });
            let baseline = task.baseline(Timesteps::All);
            return Ok(Numbers::new()
                .value("guess", classes.unwrap_or(f64::NAN))
                .value("baseline", baseline));
        }
        let task = CopyMemory::new(GAP)?;
        let known = NETWORKS.iter().find(|network| network.part == job.part);
        let &Network { hidden, rate, steps, .. } = known.unwrap_or(&NETWORKS[0]);
        let cell: Cell<f32> = match job.part {
            "linear" => Elman::identity().into(),
            part if part.starts_with("lstm") => Lstm.into(),
            _ => Elman::tanh().into(),
        };
        let mut model =
            Model::new(cell, task.features(), &[hidden], task.outputs(), Bias::Single, &mut rng.stream(0))?;
        let init = match job.part {
            "linear" | "orthogonal" => Some(Init::Orthogonal { gain: 1.0 }),
            "lstm-0" => Some(Init::ForgetBias(0.0)),
            "lstm-1" => Some(Init::ForgetBias(1.0)),
            "lstm-chrono" => Some(Init::Chrono { t_max: 30.0 }),
            _ => None,
        };
        if let Some(init) = init {
            model.rnn.initialize(init, &mut rng.stream(3))?;
        }
        let (mut draws, held) = (rng.stream(1), task.sample::<f32>(TEST, &mut rng.stream(2))?);
        let mut ws = model.workspace();
        let baseline = task.baseline(Timesteps::All);
        let draw = |batch: &mut _| refill(&task, BATCH, &mut draws, batch);
        let plan = Plan { steps, every: 100, rate, clip: 1.0 };
        let trace = fit(&mut model, CrossEntropy, plan, draw, |model| {
            let loss = f64::from(model.loss(held.run(), held.target(), &CrossEntropy, &mut ws)?) / baseline;
            Ok((loss, false))
        })?;
        Ok(Numbers::new().value("share", trace.last()).with("seen", trace.seen))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let mut findings = Vec::new();
        let mut text = Vec::new();
        for (job, numbers) in results.part("guess") {
            let gap = job.get("gap");
            let want = 10.0 * libm::log(8.0) / (gap + 20.0);
            findings.push(Finding::near(
                format!("the cross-entropy of the guess without memory, T = {gap}"),
                numbers.get("guess")?,
                want,
                1e-12,
                "10 ln 8 / (T + 20), up to rounding: the guess is the same for every sequence.",
            ));
            findings.push(Finding::near(
                format!("the baseline of the task, T = {gap}"),
                numbers.get("baseline")?,
                want,
                1e-15,
                "The same formula.",
            ));
            text.push(format!(
                "With a gap of {gap} steps, not remembering costs {want:.5} nats for each step."
            ));
        }
        let mut figure = None;
        if results.has("tanh") {
            let mut panel = LinePlot::new(
                "Test loss over the loss without memory",
                Axis::linear("step"),
                Axis::log("share"),
            );
            for (index, &Network { part, label, .. }) in NETWORKS.iter().enumerate() {
                let shares = results.values(part, "share")?;
                for (at, (_, numbers)) in results.part(part).enumerate() {
                    let seen = numbers.list("seen")?;
                    let steps: Vec<f64> = (0..seen.len()).map(|k| (k * 100) as f64).collect();
                    let line = Line::new(label, steps, seen).color(index);
                    panel = panel.line(if at == 0 { line } else { line.unlabelled() });
                }
                let mean = shares.iter().sum::<f64>() / shares.len() as f64;
                text.push(format!(
                    "{label}: the final loss is {mean:.3} of the loss without memory, on average over seeds."
                ));
                if part == "tanh" {
                    findings.push(Finding::near(
                        "the final loss of tanh networks with a uniform start, over the baseline, the farthest seed",
                        shares.iter().copied().fold(1.0, |far: f64, x| if (x - 1.0).abs() > (far - 1.0).abs() { x } else { far }),
                        1.0,
                        0.01,
                        "Where gradients vanish, only the position in the sequence is learned, which is the guess without memory; 1% is left for what is still to be learned of that.",
                    ));
                }
                findings.push(Finding::observation(
                    format!("the final loss over the loss without memory, {label}"),
                    shares,
                    "Below 1 only memory leads.",
                ));
            }
            let caption =
                "The loss on 500 test sequences, as a share of what the best guess without memory costs."
                    .to_owned();
            figure = Some((
                Figure::new("Copying over a gap of 20 steps").panel(panel.horizontal("no memory", 1.0)),
                caption,
            ));
        }
        Ok(Conclusion { findings, figure, text })
    }
}
