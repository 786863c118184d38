//! E24: the course's own task, the average of everything so far.

use rnn_core::{Adam, Batch, BatchSource, Trainer, Training};
use rnn_core::{Bias, Elman, Init, Model, Mse, Timesteps};
use rnn_data::{CumulativeAverage, Task, TorchRng};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::spread::mean;
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const TIME: usize = 10;
const HIDDEN: usize = 32;
const BATCH: usize = 32;
const STEPS: usize = 5000;
const RATE: f64 = 1e-4;
/// How many losses at the end are averaged.
const LAST: usize = 200;
/// Steps whose mean is one point of a curve.
const POINT: usize = 50;
/// The course's targets for one layer and for two.
const TARGETS: [f64; 2] = [0.01, 0.001];

/// Sequences that the notebook draws to look at.
const SHOWN: usize = 4;

/// The timesteps that the loss counts, and the names of the runs with one layer and with two.
const RUNS: [(Timesteps, [&str; 2]); 2] =
    [(Timesteps::All, ["one-all", "two-all"]), (Timesteps::Last, ["one-last", "two-last"])];

/// The four runs in words, and what PyTorch 2.15 computes for them with seed 0: the means of the last 200 losses.
const NAMES: [(&str, &str); 4] = [
    ("one-all", "one layer, all timesteps"),
    ("two-all", "two layers, all timesteps"),
    ("one-last", "one layer, the last timestep"),
    ("two-last", "two layers, the last timestep"),
];
const PYTORCH: [f64; 4] = [
    0.003_342_056_412_948_295_3,
    0.001_253_969_936_369_685_5,
    0.000_868_483_975_355_047_8,
    0.000_200_663_191_390_047_09,
];

/// The experiment.
#[derive(Debug)]
pub(super) struct Notebook;

/// The loss of every batch.
fn train(
    task: CumulativeAverage,
    over: Timesteps,
    model: &mut Model<f32>,
    rng: &mut TorchRng,
) -> Result<Vec<f64>> {
    let mut source = task.batches(BATCH, STEPS, rng)?.counting(over);
    let (mut trainer, mut adam) = (Trainer::new(model, Training::new(Mse)), Adam::new(RATE));
    let (mut batch, mut losses) = (Batch::empty(), Vec::with_capacity(STEPS));
    while source.next_batch(&mut batch)? {
        let report = trainer.step(model, batch.run(), batch.target(), &mut adam)?;
        losses.push(f64::from(report.loss));
    }
    Ok(losses)
}

impl Experiment for Notebook {
    fn about(&self) -> About {
        About {
            id: "E24",
            name: "notebook",
            question: "Does a small network learn to average?",
            why: "This is the task of the course that this program goes with: at each timestep the mean of the inputs so far. It is simple enough to \
                  train in a second and needs memory, and two losses can be told apart: one that counts every timestep and one that counts the last. \
                  The course states targets, and seeds say whether they are met by skill or by luck.",
            setting: "A tanh network of 32 units in one or two layers reads 10 normal numbers; batches of 32, 5000 steps of Adam at 0.0001, the loss at \
                      all timesteps or at the last. The final loss is the mean of the last 200 losses in training, each of a new batch. All numbers are drawn as PyTorch draws them, in the \
                      notebook's order, so that seed 0 is the notebook's own run; with --long there are 10 seeds.",
            formula: r"y_t = \frac{1}{t}\sum_{s \le t} x_s, \qquad \text{predicting 0: } \frac{1}{10}\sum_{t=1}^{10}\frac1t = 0.2929 \text{ and } \tfrac1{10}",
            sources: &[Source { text: "The notebook of the course, sections 1.I to 1.K", url: "" }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let seeds = scope.seeds(if scope.long { 10 } else { 1 });
        seeds.map(|seed| Job::new("E24", "notebook").seed(seed).cost(4.0)).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let task = CumulativeAverage::new(TIME)?;
        // The notebook's order: for each loss, both models are made and then trained, and a batch is drawn to look at.
        let mut rng = TorchRng::new(job.seed);
        let mut numbers = Numbers::new();
        for (over, parts) in RUNS {
            let build = |layers: usize, rng: &mut TorchRng| -> Result<Model<f32>> {
                let mut model = Model::zeros(Elman::tanh(), 1, &vec![HIDDEN; layers], 1, Bias::Single)?;
                model.initialize(Init::Linear, rng)?;
                Ok(model)
            };
            let models = [build(1, &mut rng)?, build(2, &mut rng)?];
            for (mut model, part) in models.into_iter().zip(parts) {
                let losses = train(task, over, &mut model, &mut rng)?;
                numbers = numbers
                    .value(&format!("{part} final"), mean(&losses[STEPS - LAST..]))
                    .with(&format!("{part} curve"), losses.chunks(POINT).map(mean).collect::<Vec<_>>());
            }
            task.sample::<f32>(SHOWN, &mut rng)?;
        }
        Ok(numbers)
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let task = CumulativeAverage::new(TIME)?;
        let baseline = task.baseline(Timesteps::All);
        let harmonic: f64 = (1..=10).map(|t| 0.1 / f64::from(t)).sum();
        let mut findings = vec![Finding::near(
            "what predicting 0 costs, all timesteps",
            baseline,
            harmonic,
            1e-15,
            "A tenth of the tenth harmonic number.",
        )];
        let finals = |part: &str| results.values("notebook", &format!("{part} final"));
        let (one, two) = (finals("one-all")?, finals("two-all")?);
        for ((part, what), published) in NAMES.into_iter().zip(PYTORCH) {
            findings.push(Finding::near(
                format!("the final loss of the notebook's own run over PyTorch's, {what}"),
                finals(part)?[0] / published,
                1.0,
                1e-4,
                "The same draws and the same arithmetic in single precision, but for the order of sums. Rounding errors grow over 5000 steps.",
            ));
        }
        for (losses, target, layers) in [(&one, TARGETS[0], "one layer"), (&two, TARGETS[1], "two layers")] {
            findings.push(Finding::observation(
                format!("the final loss with {layers}, all timesteps"),
                losses.clone(),
                format!("The course's target is {target}. A target is to be reached by some run; seed 0 is the notebook's."),
            ));
        }
        let pairs =
            |one: &[f64], two: &[f64]| one.iter().zip(two).map(|(one, two)| two / one).collect::<Vec<_>>();
        let (last_one, last_two) = (finals("one-last")?, finals("two-last")?);
        for (ratio, over) in
            [(pairs(&one, &two), "all timesteps"), (pairs(&last_one, &last_two), "the last timestep")]
        {
            findings.push(Finding::observation(
                format!("the final loss with two layers over that with one, {over}"),
                ratio,
                "Below 1 the second layer helps; it also brings parameters. The two networks start from different draws.",
            ));
        }
        for (part, what) in [("one-last", "one layer"), ("two-last", "two layers")] {
            findings.push(Finding::observation(
                format!("the final loss with {what}, the last timestep"),
                finals(part)?,
                "Predicting 0 costs 0.1.",
            ));
        }
        let mut panels = Vec::new();
        for (title, parts) in [
            ("Loss at all timesteps", ["one-all", "two-all"]),
            ("Loss at the last timestep", ["one-last", "two-last"]),
        ] {
            let mut panel = LinePlot::new(title, Axis::linear("step"), Axis::log("loss"));
            for (index, (part, label)) in parts.into_iter().zip(["1 layer", "2 layers"]).enumerate() {
                for (at, (_, numbers)) in results.part("notebook").enumerate() {
                    let curve = numbers.list(&format!("{part} curve"))?;
                    let steps: Vec<f64> = (0..curve.len()).map(|k| ((k + 1) * POINT) as f64).collect();
                    let line = Line::new(label, steps, curve).color(index);
                    panel = panel.line(if at == 0 { line } else { line.unlabelled() });
                }
            }
            panels.push(panel);
        }
        let met = |losses: &[f64], target: f64| losses.iter().filter(|&&loss| loss < target).count();
        let text = vec![
            format!(
                "Predicting 0 costs {baseline:.4}. The notebook's own run ends at {:.4} with one layer and at {:.5} with two if the loss counts all timesteps, and at {:.5} and {:.5} \
                 if it counts the last. PyTorch gets the same numbers.",
                one[0], two[0], last_one[0], last_two[0]
            ),
            format!(
                "The course's targets are {} with one layer and {} with two. {} of {} seeds meet the first, and {} of {} the second: with two layers the target \
                 depends on the draws, and the notebook's own run {} it.",
                TARGETS[0],
                TARGETS[1],
                met(&one, TARGETS[0]),
                one.len(),
                met(&two, TARGETS[1]),
                two.len(),
                if two[0] < TARGETS[1] { "meets" } else { "misses" }
            ),
        ];
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("The cumulative average").columns(2).panels(panels),
                "The loss during training, the mean of each 50 steps; one line for each seed.".to_owned(),
            )),
            text,
        })
    }
}
