//! E32: gradients without a way back.

use ndarray::{Array1, Array2, Axis as Along};
use rnn_analysis::{Influence, Online, OnlineRule, online_gradient};
use rnn_core::cell::Recurrence;
use rnn_core::{Bias, Cell, Elman, Gru, Init, Model, Random, Stack, Weights};
use rnn_data::{DelayedRecall, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use crate::error::{Error, Result};
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Units, features and timesteps of the comparisons.
const N: usize = 8;
const TIME: usize = 30;

/// Timesteps and draws of the random estimate.
const SHORT: usize = 10;
const DRAWS: u64 = 4000;

/// The delays, the sequences that a gradient is the sum over, and the approximations.
const DELAYS: [usize; 7] = [1, 2, 3, 5, 8, 12, 20];
const SEQUENCES: usize = 32;
const RULES: [&str; 3] = ["SnAp-1", "UORO", "immediate"];

/// The experiment.
#[derive(Debug)]
pub(super) struct OnlineLearning;

impl Experiment for OnlineLearning {
    fn about(&self) -> About {
        About {
            id: "E32",
            name: "online-learning",
            question: "Can a network learn while it runs, without going back in time?",
            why: "Back-propagation through time needs all states, and waits for the end of the sequence; a brain or a robot has \
                  neither. Real-time recurrent learning carries the derivative of the state with respect to all parameters along. \
                  It is exact, and for n units it costs n³ numbers of memory and n⁴ operations a step. The approximations keep less: \
                  SnAp-1 keeps the entries through which a parameter acts within one step, UORO a random matrix of rank 1 \
                  whose mean is exact, and the simplest rule keeps nothing.",
            setting: "Every cell of rnn-core with 8 units, 30 timesteps of noise and a random gradient at each: RTRL against \
                      back-propagation. 4000 draws of UORO for a GRU over 10 timesteps. Then delayed recall, with a tanh network of 8 units, an \
                      orthogonal W and small inputs, which remembers long: the cosine of the angle between each rule's gradient and \
                      the exact one, of the part of the loss that depends on the target, over 32 sequences, for delays of 1 to 20 \
                      steps.",
            formula: r"P_t = J_t P_{t-1} + \frac{\partial s_t}{\partial \theta}, \qquad \frac{dL}{d\theta} = \sum_t \frac{\partial L}{\partial s_t} P_t",
            sources: &[
                Source {
                    text: "R. J. Williams, D. Zipser 1989, A learning algorithm for continually running fully recurrent neural networks, \
                           Neural Computation 1(2)",
                    url: "https://doi.org/10.1162/neco.1989.1.2.270",
                },
                Source {
                    text: "C. Tallec, Y. Ollivier 2018, Unbiased online recurrent optimization, ICLR",
                    url: "https://arxiv.org/abs/1702.05043",
                },
                Source {
                    text: "J. Menick, E. Elsen, U. Evci, S. Osindero, K. Simonyan, A. Graves 2021, Practical real time recurrent learning \
                           with a sparse approximation, ICLR",
                    url: "https://arxiv.org/abs/2006.07232",
                },
            ],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let cells = Cell::<f64>::all().len();
        let exact = (0..cells).map(|cell| Job::new("E32", "exact").with("cell", cell as f64).cost(0.3));
        let recall = |delay: usize| {
            scope
                .seeds(5)
                .map(move |seed| Job::new("E32", "recall").with("delay", delay as f64).seed(seed).cost(0.2))
        };
        let rank_one = [Job::new("E32", "rank one").cost(1.0)];
        exact.chain(rank_one).chain(DELAYS.into_iter().flat_map(recall)).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        match job.part {
            "exact" => exact(job),
            "rank one" => rank_one(job),
            _ => recall(job),
        }
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let cells = Cell::<f64>::all();
        let mut findings = Vec::new();
        for (job, numbers) in results.part("exact") {
            let cell = &cells[job.count("cell")];
            findings.push(Finding::at_most(
                format!("RTRL against back-propagation, {cell}"),
                numbers.get("rtrl")?,
                1e-12,
                "The same sum of products in another order; relative to the norm of the gradient.",
            ));
            if cell.form().recurrence == Recurrence::None {
                findings.push(Finding::at_most(
                    format!("SnAp-1 against RTRL, {cell}"),
                    numbers.get("snap")?,
                    1e-14,
                    "Without a recurrent matrix a parameter acts on the state of its own unit alone, and the pattern loses nothing.",
                ));
            }
        }
        let rank_one = results.one("rank one")?;
        for name in ["along the gradient", "along a random direction"] {
            findings.push(Finding::near(
                format!("mean of {DRAWS} UORO estimates {name}, in standard errors from the exact value"),
                rank_one.list(name)?[0],
                0.0,
                3.0,
                "An unbiased estimate is within three standard errors in 99.7% of all samples.",
            ));
        }
        let spread = rank_one.get("spread")?;
        findings.push(Finding::observation(
            "standard deviation of one UORO estimate over the norm of the gradient",
            vec![spread],
            "Unbiased does not mean precise: a single estimate of rank 1 is mostly noise.",
        ));
        let mut panel = LinePlot::new(
            "Delayed recall, tanh network of 8 units",
            Axis::linear("delay"),
            Axis::linear("cosine with the exact gradient"),
        );
        let delays: Vec<f64> = DELAYS.map(|d| d as f64).to_vec();
        let mut last = Vec::new();
        for rule in RULES {
            let mut means = Vec::new();
            for delay in DELAYS {
                let chosen = results.part("recall").filter(|(job, _)| job.count("delay") == delay);
                let values: Vec<f64> = chosen.map(|(_, numbers)| numbers.get(rule)).collect::<Result<_>>()?;
                means.push(values.iter().sum::<f64>() / values.len() as f64);
                if delay == DELAYS[0] || delay == DELAYS[DELAYS.len() - 1] {
                    findings.push(Finding::observation(
                        format!("cosine of {rule} with the exact gradient, delay {delay}"),
                        values,
                        "A rule that drops paths through time loses the gradients that depend on them.",
                    ));
                }
            }
            last.push(format!("{rule} {:.2}", means[means.len() - 1]));
            panel = panel.line(Line::new(rule, &delays, means).marker(Marker::Circle));
        }
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Online learning").panel(panel),
                "How well the direction of each approximation agrees with the exact gradient, by the delay of the task; means over \
                 seeds."
                    .to_owned(),
            )),
            text: vec![format!(
                "RTRL gives the gradient of back-propagation for every cell. One draw of UORO has a standard deviation of {spread:.1} times \
                 the gradient: it needs many draws, or a small learning rate, to average. At a delay of {} the mean cosines are {}. \
                 The immediate derivative and SnAp-1 lose what comes through other units, which is most of it. UORO \
                 keeps the paths of any length, and the noise.",
                DELAYS[DELAYS.len() - 1],
                last.join(", ")
            )],
        })
    }
}

fn norm(v: impl Iterator<Item = f64>) -> f64 {
    v.map(|x| x * x).sum::<f64>().sqrt()
}

/// ‖a − b‖ / ‖b‖; 0 where a is b, as where both are 0.
fn off(a: &[f64], b: &[f64]) -> f64 {
    let distance = norm(a.iter().zip(b).map(|(a, b)| a - b));
    if distance == 0.0 { 0.0 } else { distance / norm(b.iter().copied()) }
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    dot / norm(a.iter().copied()) / norm(b.iter().copied())
}

fn by_back_propagation(rnn: &Stack<f64>, x: &Array2<f64>, d_output: &Array2<f64>) -> Result<Vec<f64>> {
    let mut ws = rnn.workspace();
    rnn.forward(x.view().insert_axis(Along(0)), &mut ws)?;
    rnn.backward(d_output.view().insert_axis(Along(0)), None, &mut ws)?;
    Ok(ws.gradients().as_slice().to_vec())
}

/// A network of this cell as it is initialized, and noise.
fn setting(job: &Job, cell: Cell<f64>, time: usize) -> Result<(Stack<f64>, Array2<f64>, Array2<f64>)> {
    let rng = job.rng();
    let rnn = Stack::<f64>::new(cell, N, &[N], Bias::Double, &mut rng.stream(0))?;
    let mut draws = vec![0.0; 2 * time * N];
    rng.stream(1).fill_normal(&mut draws);
    let array = |first: usize| Array2::from_shape_fn((time, N), |(t, j)| draws[first + t * N + j]);
    Ok((rnn, array(0), array(time * N)))
}

fn exact(job: &Job) -> Result<Numbers> {
    let cell = Cell::<f64>::all().swap_remove(job.count("cell"));
    let (rnn, x, d_output) = setting(job, cell, TIME)?;
    let by_rule = |rule| online_gradient(&rnn, x.view(), d_output.view(), rule);
    let (rtrl, snap) = (by_rule(OnlineRule::Rtrl)?, by_rule(OnlineRule::SnAp1)?);
    let want = by_back_propagation(&rnn, &x, &d_output)?;
    Ok(Numbers::new().value("rtrl", off(&rtrl, &want)).value("snap", off(&snap, &rtrl)))
}

fn rank_one(job: &Job) -> Result<Numbers> {
    let (rnn, x, d_output) = setting(job, Gru.into(), SHORT)?;
    let exact = by_back_propagation(&rnn, &x, &d_output)?;
    let mut online = Online::new(&rnn, OnlineRule::Immediate)?;
    let steps: Vec<_> =
        x.rows().into_iter().map(|x| online.step(&rnn, x)).collect::<rnn_analysis::Result<_>>()?;
    let mut direction = vec![0.0; exact.len()];
    job.rng().stream(2).fill_normal(&mut direction);
    let (mut along, mut across, mut square) = (Vec::new(), Vec::new(), 0.0);
    for seed in 0..DRAWS {
        let mut influence = Influence::new(OnlineRule::Uoro { seed }, N, exact.len());
        let mut gradient = Array1::<f64>::zeros(exact.len());
        for (step, d) in steps.iter().zip(d_output.rows()) {
            influence.advance(step);
            gradient += &Array1::from_vec(influence.gradient(d));
        }
        let project = |v: &[f64]| gradient.iter().zip(v).map(|(g, v)| g * v).sum::<f64>();
        along.push(project(&exact));
        across.push(project(&direction));
        square += gradient.iter().zip(&exact).map(|(g, e)| (g - e) * (g - e)).sum::<f64>();
    }
    let z = |values: &[f64], v: &[f64]| {
        let want: f64 = exact.iter().zip(v).map(|(e, v)| e * v).sum();
        let (mean, error) = super::spread::mean_and_error(values);
        (mean - want) / error
    };
    Ok(Numbers::new()
        .value("along the gradient", z(&along, &exact))
        .value("along a random direction", z(&across, &direction))
        .value("spread", (square / DRAWS as f64).sqrt() / norm(exact.iter().copied())))
}

/// The part of the gradient that comes from the target, by each rule, over several sequences.
///
/// The error is the prediction less the target. The prediction's part of the gradient knows nothing of the task; that of the
/// target, −y_t = −x_{t−d} at each timestep, is on average the part that comes through the states back to the input of d steps before.
fn recall(job: &Job) -> Result<Numbers> {
    let rng = job.rng();
    let delay = job.count("delay");
    let task = DelayedRecall::new(TIME + delay, delay)?;
    let mut model = Model::<f64>::new(Elman::tanh(), 1, &[N], 1, Bias::Single, &mut rng.stream(0))?;
    // A network that remembers: an orthogonal W_hh, and inputs so small that tanh is nearly linear.
    model.rnn.initialize_weights(Weights::Recurrent, Init::Orthogonal { gain: 1.0 }, &mut rng.stream(1))?;
    let scale = |weights: &mut [f64]| weights.iter_mut().for_each(|w| *w *= 0.1);
    if let Some(mut weights) = model.rnn.params_mut().get_mut("weight_ih_l0") {
        weights.as_slice_mut().map(scale).unwrap_or_default();
    }
    if let Some(mut bias) = model.rnn.params_mut().get_mut("bias_l0") {
        bias.fill(0.0);
    }
    let readout = model.head.params().as_slice()[..N].to_vec();
    let batch = task.sample::<f64>(SEQUENCES, &mut rng.stream(2))?;
    let y = batch.y.values().ok_or_else(|| Error::Other("the targets are values".to_owned()))?;
    let count = model.rnn.params().len();
    let mut sums = vec![vec![0.0; count]; 1 + RULES.len()];
    for b in 0..SEQUENCES {
        let x = batch.x.index_axis(Along(0), b);
        let mut online = Online::new(&model.rnn, OnlineRule::Rtrl)?;
        let uoro = OnlineRule::Uoro { seed: job.seed * SEQUENCES as u64 + b as u64 };
        let mut influences =
            [OnlineRule::SnAp1, uoro, OnlineRule::Immediate].map(|rule| Influence::new(rule, N, count));
        for t in 0..TIME + delay {
            let step = online.step(&model.rnn, x.row(t))?;
            let d = Array1::from_iter(readout.iter().map(|w| -y[[b, t, 0]] * w));
            add(&mut sums[0], &online.gradient(d.view())?);
            for (influence, sum) in influences.iter_mut().zip(&mut sums[1..]) {
                influence.advance(&step);
                add(sum, &influence.gradient(d.view()));
            }
        }
    }
    let cosines = RULES.iter().zip(&sums[1..]).map(|(rule, sum)| (rule, cosine(sum, &sums[0])));
    Ok(cosines.fold(Numbers::new(), |numbers, (rule, cosine)| numbers.value(rule, cosine)))
}

fn add(sum: &mut [f64], more: &[f64]) {
    sum.iter_mut().zip(more).for_each(|(sum, x)| *sum += x);
}
