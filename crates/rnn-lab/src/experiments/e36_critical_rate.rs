//! E36: the largest learning rate at which a delay can still be learned.

use ndarray::Array3;
use rnn_core::{Batch, Bias, Elman, Init, Model, Mse, Sgd, Trainer, Training};
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use crate::error::{Error, Result};
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const HIDDEN: usize = 32;
/// Steps of training.
const STEPS: usize = 3000;
/// Networks of one job, which has one delay and one rate.
const NETWORKS: usize = 8;
const DELAYS: [usize; 5] = [6, 12, 24, 48, 96];
/// Learning rates 2^(−k/2).
const HALVES: std::ops::Range<i32> = 4..24;
/// The squared error of a sequence, summed over its timesteps, below which the delay is learned; silence costs 1.
const LEARNED: f32 = 0.1;
/// The networks of the paper.
const PUBLISHED: f64 = 80_000.0;
/// The seconds that one network takes on average over these delays and rates, measured on one core of a server in the profile of the tests.
const SECONDS: f64 = 0.035;

/// The experiment.
#[derive(Debug)]
pub(super) struct CriticalRate;

/// Two sequences: a cue of 1 or −1, then a delay, then the answer, which is the cue; silence before.
fn cues(delay: usize) -> Batch<f32> {
    let time = delay + 2;
    let sign = |b: usize| if b == 0 { 1.0 } else { -1.0 };
    let x = Array3::from_shape_fn((2, time, 1), |(b, t, _)| if t == 0 { sign(b) } else { 0.0 });
    let y = Array3::from_shape_fn((2, time, 1), |(b, t, _)| if t + 1 == time { sign(b) } else { 0.0 });
    Batch::new(x, y)
}

/// The least-squares line through points: slope and intercept.
fn line(x: &[f64], y: &[f64]) -> (f64, f64) {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mx, my) = (mean(x), mean(y));
    let slope = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>()
        / x.iter().map(|x| (x - mx).powi(2)).sum::<f64>();
    (slope, my - slope * mx)
}

impl Experiment for CriticalRate {
    fn about(&self) -> About {
        About {
            id: "E36",
            name: "critical-rate",
            question: "How fast may a network learn to wait?",
            why: "To answer a cue after a delay, a network must carry a sign over it and be silent until then. Kurtkaya, Dinc and others find two mechanisms by \
                  which networks do so, slow points and limit cycles, and derive for each how the largest learning rate at which learning is possible falls with the \
                  delay; they confirm power laws in about 80,000 trained networks. For one linear unit of memory a such a law is exact: \
                  the rate must be below 2(1 − a²)³/(1 + a²), which falls with the third power of the memory time.",
            setting: "32 tanh units, W_hh orthogonal at the start and b zero; two sequences, a cue of 1 and one of −1, answered after a delay of 6 to 96 steps, with \
                      the output 0 before. Plain gradient descent on the squared error, summed over the sequence, at most 3000 steps at 20 rates from 1/4 down, each smaller than the one before by a factor of √2, 8 networks each. \
                      The critical rate of a delay is the largest at which at least half of the networks learn it; at rates that are too small the steps do not suffice. Only \
                      with --long.",
            formula: r"\eta_c(d) \propto d^{-\beta}",
            sources: &[Source {
                text: "B. Kurtkaya, F. Dinc, M. Yuksekgonul, M. Blanco-Pozo, E. Cirakman, M. Schnitzer, Y. Yemez, H. Tanaka, P. Yuan, N. Miolane 2025, Dynamical \
                       phases of short-term memory mechanisms in RNNs, ICML",
                url: "https://arxiv.org/abs/2502.17433",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        if !scope.long {
            return Vec::new();
        }
        let delays: usize = DELAYS.iter().sum();
        let mut jobs = Vec::new();
        for delay in DELAYS {
            // The time goes with the length of the sequences.
            let cost = SECONDS * NETWORKS as f64 * (delay * DELAYS.len()) as f64 / delays as f64;
            for halves in HALVES {
                let job =
                    Job::new("E36", "train").with("delay", delay as f64).with("halves", f64::from(halves));
                jobs.extend(scope.seeds(1).map(|seed| job.clone().cost(cost).seed(seed)));
            }
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let (batch, rate) = (cues(job.count("delay")), libm::exp2(-job.get("halves") / 2.0));
        let time = batch.x.dim().1;
        let mut learned = 0.0;
        for network in 0..NETWORKS {
            let rng = job.rng().stream(network as u64);
            let mut model =
                Model::<f32>::new(Elman::tanh(), 1, &[HIDDEN], 1, Bias::Single, &mut rng.stream(0))?;
            model.rnn.initialize(Init::Orthogonal { gain: 1.0 }, &mut rng.stream(1))?;
            if let Some(mut bias) = model.rnn.params_mut().get_mut("bias_l0") {
                bias.fill(0.0);
            }
            // The library's loss is the mean over the timesteps.
            let mut sgd = Sgd::new(rate * time as f64);
            let mut trainer = Trainer::new(&model, Training::new(Mse));
            for _ in 0..STEPS {
                match trainer.step(&mut model, batch.run(), batch.target(), &mut sgd) {
                    Ok(report) if report.loss * (time as f32) < LEARNED => {
                        learned += 1.0 / NETWORKS as f64;
                        break;
                    }
                    Ok(_) => {}
                    Err(rnn_core::Error::NonFinite { .. }) => break,
                    Err(error) => return Err(Error::from(error)),
                }
            }
        }
        Ok(Numbers::new().value("learned", learned))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let (mut findings, mut panel) = (
            Vec::new(),
            LinePlot::new(
                "Share that learns",
                Axis::log("learning rate"),
                Axis::linear("share").range(-0.02, 1.02),
            ),
        );
        let (mut delays, mut critical) = (Vec::new(), Vec::new());
        for (index, delay) in DELAYS.into_iter().enumerate() {
            let (mut rates, mut shares) = (Vec::new(), Vec::new());
            for halves in HALVES {
                let those = results
                    .part("train")
                    .filter(|(job, _)| job.count("delay") == delay && job.get("halves") == f64::from(halves));
                let found: Vec<f64> =
                    those.map(|(_, numbers)| numbers.get("learned")).collect::<Result<_>>()?;
                rates.push(libm::exp2(-f64::from(halves) / 2.0));
                shares.push(found.iter().sum::<f64>() / found.len() as f64);
            }
            if let Some(at) = shares.iter().position(|&share| share >= 0.5) {
                delays.push(delay as f64);
                critical.push(rates[at]);
            }
            panel = panel
                .line(Line::new(format!("{delay} steps"), rates, shares).color(index).marker(Marker::Circle));
        }
        findings.push(Finding::observation(
            format!("the critical rate for delays of {delays:?}"),
            critical.clone(),
            "It falls with the delay. The rates that are tried are a factor of √2 apart.",
        ));
        let networks = results.part("train").count() * NETWORKS;
        let mut text = vec![format!(
            "Here are {networks} networks; the published study has about {PUBLISHED:.0}. A network of this size takes about {SECONDS} s on one core, so that as many would take {:.1} \
             core-hours: cargo xtask experiments critical-rate --long --seeds {:.0}, in one folder, on as many ranks or shards as there are. With 100 units in place of {HIDDEN} \
             the products of a step take about {:.0} times as long.",
            PUBLISHED * SECONDS / 3600.0,
            PUBLISHED / (NETWORKS * DELAYS.len() * HALVES.len()) as f64,
            (100.0 / HIDDEN as f64).powi(2)
        )];
        if delays.len() > 2 {
            let logs = |values: &[f64]| values.iter().map(|&x| libm::log(x)).collect::<Vec<_>>();
            let (slope, intercept) = line(&logs(&delays), &logs(&critical));
            findings.push(Finding::observation(
                "β, from the slope of the critical rate over the delay on logarithmic scales",
                vec![-slope],
                "The paper finds power laws, with another exponent for each mechanism. The networks and the start here are others.",
            ));
            text.insert(
                0,
                format!(
                    "From a delay of {} steps to one of {} the critical rate falls from {:.4} to {:.4}, about as the delay to the power of {slope:.2}.",
                    delays[0],
                    delays[delays.len() - 1],
                    critical[0],
                    critical[critical.len() - 1]
                ),
            );
            let fit: Vec<f64> = delays.iter().map(|d| libm::exp(intercept + slope * libm::log(*d))).collect();
            let law = LinePlot::new("Critical rate", Axis::log("delay"), Axis::log("learning rate"))
                .line(Line::new("critical", &delays, &critical).marker(Marker::Circle).unconnected())
                .line(Line::new("power law", &delays, fit).dashed());
            let caption = "Left, the share of networks that learn each delay, by learning rate. Right, the largest rate at which half of them do.".to_owned();
            let figure = Figure::new("How fast a delay can be learned").columns(2).panel(panel).panel(law);
            return Ok(Conclusion { findings, figure: Some((figure, caption)), text });
        }
        let caption = "The share of networks that learn each delay, by learning rate.".to_owned();
        Ok(Conclusion {
            findings,
            figure: Some((Figure::new("How fast a delay can be learned").panel(panel), caption)),
            text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_points_on_it() {
        let (slope, intercept) = line(&[1.0, 2.0, 4.0], &[1.0, -1.0, -5.0]);
        assert!((slope + 2.0).abs() < 1e-12 && (intercept - 3.0).abs() < 1e-12);
    }

    #[test]
    fn cues_are_answered_at_the_end() {
        let batch = cues(3);
        assert_eq!(batch.x.as_slice().unwrap(), [1.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(
            batch.y.values().unwrap().as_slice().unwrap(),
            [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0]
        );
    }
}
