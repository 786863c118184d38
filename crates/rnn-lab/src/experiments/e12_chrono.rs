//! E12: chrono initialization.

use rnn_core::{Adam, Bias, CrossEntropy, Init, Lstm, Model, Parameters, Stack, Timesteps, Training, train};
use rnn_data::{CopyMemory, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use crate::error::{Error, Result};
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Units of each network whose gates are looked at, and how many such networks.
const UNITS: usize = 256;
const NETWORKS: u64 = 16;

/// The longest dependencies that are asked for.
const LONGEST: [f64; 3] = [30.0, 100.0, 784.0];

/// The copy task: blanks, units, steps, batch, learning rate.
const BLANKS: usize = 20;
const HIDDEN: usize = 48;
const STEPS: usize = 8000;
const BATCH: usize = 32;
const RATE: f64 = 3e-3;

/// How many steps of training a point of the curve is the mean of.
const WINDOW: usize = 100;

/// The experiment.
#[derive(Debug)]
pub(super) struct Chrono;

impl Experiment for Chrono {
    fn about(&self) -> About {
        About {
            id: "E12",
            name: "chrono-initialization",
            question: "How can the biases of an LSTM be chosen so that it covers all time scales?",
            why: "One bias for all forget gates gives all units one time scale. Tallec and Ollivier derive gates from the wish \
                  that a network be robust to a warping of time, and then draw the time scale of each unit: b_f = ln u with u \
                  uniform on [1, T_max − 1]. A unit whose forget gate is σ(b_f) forgets over 1 / (1 − σ(b_f)) = 1 + u timesteps, \
                  so that the time scales of the units are uniform on [2, T_max].",
            setting: "The biases of 16 LSTM networks of 256 units for each of three T_max, whose time scales are held against the \
                      uniform distribution by the test of Kolmogorov and Smirnov. The long part trains LSTMs of 48 units on the \
                      copy task with 20 blanks, Adam with a learning rate of 0.003, 8000 batches of 32 sequences.",
            formula: r"b_f = \ln u, \quad u \sim U[1, T_{\max} - 1], \quad b_i = -b_f; \qquad \frac{1}{1 - \sigma(b_f)} = 1 + u",
            sources: &[Source {
                text: "C. Tallec, Y. Ollivier 2018, Can recurrent neural networks warp time?, ICLR",
                url: "https://arxiv.org/abs/1804.11188",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let mut jobs: Vec<Job> =
            LONGEST.iter().map(|&t| Job::new("E12", "time scales").with("T_max", t).cost(0.5)).collect();
        if scope.long {
            for seed in scope.seeds(5) {
                // A T_max of 0 stands for one bias for all units.
                for (t_max, bias) in [(30.0, 0.0), (0.0, 0.0), (0.0, 1.0)] {
                    let job = Job::new("E12", "copy").with("T_max", t_max).with("bias", bias);
                    jobs.push(job.seed(seed).cost(70.0));
                }
            }
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        if job.part == "time scales" { time_scales(job) } else { copy(job) }
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let mut findings = Vec::new();
        let mut panel = LinePlot::new(
            "Time scales of the units",
            Axis::linear("time scale / T_max"),
            Axis::linear("share of units"),
        );
        let mut text = Vec::new();
        for (job, numbers) in results.part("time scales") {
            let t_max = job.get("T_max");
            let scales = numbers.list("time scales")?;
            let n = scales.len() as f64;
            let uniform = |scale: f64| ((scale - 2.0) / (t_max - 2.0)).clamp(0.0, 1.0);
            let distance = scales.iter().enumerate().fold(0.0, |most: f64, (k, &scale)| {
                let (below, above) = (k as f64 / n, (k + 1) as f64 / n);
                most.max(uniform(scale) - below).max(above - uniform(scale))
            });
            findings.push(Finding::at_most(
                format!("distance of the time scales from uniform on [2, {t_max}]"),
                distance,
                1.628 / n.sqrt(),
                format!(
                    "The distance of Kolmogorov and Smirnov of {n} draws from their distribution exceeds 1.628 / √n in 1% of \
                     all samples."
                ),
            ));
            findings.push(Finding::near(
                format!("largest |b_i + b_f| for T_max = {t_max}"),
                numbers.get("asymmetry")?,
                0.0,
                0.0,
                "b_i is −b_f, to the bit.",
            ));
            let (x, y): (Vec<f64>, Vec<f64>) = scales
                .iter()
                .enumerate()
                .step_by(scales.len() / 256)
                .map(|(k, scale)| (scale / t_max, (k + 1) as f64 / n))
                .unzip();
            panel = panel.line(Line::new(format!("T_max = {t_max}"), x, y));
        }
        text.push(
            "The network begins with units that forget after a few steps beside units that hold on for as long as T_max, in equal \
             shares. With a bias of 1 every unit forgets over 3.7 timesteps."
                .to_owned(),
        );
        let mut figure = Figure::new("Chrono initialization").panel(panel);
        if results.has("copy") {
            let baseline = CopyMemory::new(BLANKS)?.baseline(Timesteps::All);
            let mut curves =
                LinePlot::new("Copying after 20 blanks", Axis::linear("batches"), Axis::log("cross-entropy"));
            for (color, (label, t_max, bias)) in
                [("chrono, T_max = 30", 30.0, 0.0), ("bias 0", 0.0, 0.0), ("bias 1", 0.0, 1.0)]
                    .into_iter()
                    .enumerate()
            {
                let mut last = Vec::new();
                let runs = results
                    .part("copy")
                    .filter(|(job, _)| job.get("T_max") == t_max && job.get("bias") == bias);
                for (k, (_, numbers)) in runs.enumerate() {
                    let losses = numbers.list("loss")?;
                    let x: Vec<f64> = (1..=losses.len()).map(|k| (k * WINDOW) as f64).collect();
                    let line = Line::new(label, x, losses).color(color);
                    curves = curves.line(if k == 0 { line } else { line.unlabelled() });
                    last.push(losses.last().copied().unwrap_or(f64::NAN) / baseline);
                }
                findings.push(Finding::observation(
                    format!("last loss over that of a network without memory, {label}"),
                    last,
                    "Tallec and Ollivier find that chrono initialization learns the copy task sooner.",
                ));
            }
            figure = figure.panel(curves.horizontal("no memory", baseline));
        }
        Ok(Conclusion {
            findings,
            figure: Some((
                figure,
                "The time scales of the units in order. They lie on a straight line from 2 to T_max if they are uniform."
                    .to_owned(),
            )),
            text,
        })
    }
}

/// The time scales 1 / (1 − σ(b_f)) = 1 + e^{b_f} of all units, in order.
fn time_scales(job: &Job) -> Result<Numbers> {
    let (mut scales, mut asymmetry) = (Vec::new(), 0.0f64);
    let rng = job.rng();
    for k in 0..NETWORKS {
        let mut rnn = Stack::<f64>::zeros(Lstm, 1, &[UNITS], Bias::Single)?;
        rnn.initialize(Init::Chrono { t_max: job.get("T_max") }, &mut rng.stream(k))?;
        let biases = rnn.parameter("bias_l0").ok_or_else(|| Error::Other("an LSTM has a bias".to_owned()))?;
        // The order of the gates is i, f, g, o.
        for unit in 0..UNITS {
            let (b_i, b_f) = (biases[unit], biases[UNITS + unit]);
            scales.push(1.0 + libm::exp(b_f));
            asymmetry = asymmetry.max((b_i + b_f).abs());
        }
    }
    scales.sort_by(f64::total_cmp);
    Ok(Numbers::new().with("time scales", scales).value("asymmetry", asymmetry))
}

/// The losses of a training on the copy task, as means over windows of steps.
fn copy(job: &Job) -> Result<Numbers> {
    let task = CopyMemory::new(BLANKS)?;
    let rng = job.rng();
    let mut model = Model::<f32>::new(
        Lstm,
        task.features(),
        &[HIDDEN],
        task.outputs(),
        Bias::Single,
        &mut rng.stream(0),
    )?;
    let t_max = job.get("T_max");
    let init = if t_max > 0.0 { Init::Chrono { t_max } } else { Init::ForgetBias(job.get("bias")) };
    model.initialize(init, &mut rng.stream(1))?;
    let mut draws = rng.stream(2);
    let source = task.batches(BATCH, STEPS, &mut draws)?;
    let mut losses = Vec::new();
    train(&mut model, source, &Training::new(CrossEntropy).clip(1.0), &mut Adam::new(RATE), |report, _| {
        losses.push(f64::from(report.loss));
        std::ops::ControlFlow::Continue(())
    })?;
    let means: Vec<f64> =
        losses.chunks(WINDOW).map(|window| window.iter().sum::<f64>() / window.len() as f64).collect();
    Ok(Numbers::new().with("loss", means))
}
