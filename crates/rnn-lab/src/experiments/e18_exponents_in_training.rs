//! E18: Lyapunov exponents while a network learns.

use ndarray::Array2;
use rnn_analysis::{BurnIn, driven_lyapunov_exponents};
use rnn_core::{Bias, Gru, Model, Mse, Random};
use rnn_data::{DelayedRecall, PortableRng, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::training::{Plan, fit, refill};
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const TIME: usize = 40;
const DELAY: usize = 8;
const HIDDEN: usize = 16;
const BATCH: usize = 32;
const EVERY: usize = 50;
/// The steps over which exponents are measured, and those before.
const MEASURED: usize = 500;
const BURN_IN: BurnIn = BurnIn { state: 50, directions: 100 };
/// Resamples of the bootstrap.
const RESAMPLES: usize = 2000;

/// The experiment.
#[derive(Debug)]
pub(super) struct InTraining;

/// Ranks from 0, with the mean rank where numbers are equal.
fn ranks(values: &[f64]) -> Vec<f64> {
    let below = |x: f64| values.iter().filter(|&&y| y < x).count() as f64;
    let equal = |x: f64| values.iter().filter(|&&y| y == x).count() as f64;
    values.iter().map(|&x| below(x) + (equal(x) - 1.0) / 2.0).collect()
}

/// Spearman's rank correlation.
fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>();
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

/// The 2.5% and the 97.5% quantile of the mean of `values` drawn with replacement.
fn bootstrap(values: &[f64]) -> (f64, f64) {
    let mut rng = PortableRng::new(18);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let mut draws = vec![0.0f64; values.len()];
            rng.fill_uniform(0.0, 1.0, &mut draws);
            let at = |u: f64| values[((u * values.len() as f64) as usize).min(values.len() - 1)];
            draws.iter().map(|&u| at(u)).sum::<f64>() / values.len() as f64
        })
        .collect();
    means.sort_by(f64::total_cmp);
    (means[RESAMPLES / 40], means[RESAMPLES - 1 - RESAMPLES / 40])
}

impl Experiment for InTraining {
    fn about(&self) -> About {
        About {
            id: "E18",
            name: "exponents-in-training",
            question: "What do Lyapunov exponents do while a network learns?",
            why: "An exponent of 0 keeps what it is given, one below forgets it at a rate. Vogt, Puelma Touzel, Shlizerman and Lajoie look at whole \
                  spectra and find that they say something about how well a network will do. If a task needs memory, the largest exponents have \
                  to come near 0, or the network has to hand the input on from unit to unit; here the exponents are watched while it learns.",
            setting: "A GRU of 16 units recalls the input of 8 steps before, in sequences of 40 numbers of U(−1, 1) (batches of 32, Adam at 0.005, gradients \
                      clipped to norm 1). Every 50 steps its exponents are measured over 500 steps of one fixed input. 2 seeds of 1000 steps, with \
                      --long 5 seeds of 3000.",
            formula: r"\lambda_i = \lim_{T \to \infty} \frac1T \sum_{t=1}^{T} \ln |R_t[i, i]|, \qquad Q_t R_t = J_t Q_{t-1}",
            sources: &[Source {
                text: "R. Vogt, M. Puelma Touzel, E. Shlizerman, G. Lajoie 2022, On Lyapunov exponents for RNNs, Frontiers in Applied Mathematics and Statistics 8",
                url: "https://arxiv.org/abs/2006.14123",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let (steps, seeds, cost) = if scope.long { (3000.0, 5, 7.0) } else { (1000.0, 2, 2.2) };
        let job = Job::new("E18", "train").with("steps", steps).cost(cost);
        scope.seeds(seeds).map(|seed| job.clone().seed(seed)).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let rng = job.rng();
        let task = DelayedRecall::new(TIME, DELAY)?.masked();
        let mut model = Model::<f32>::new(Gru, 1, &[HIDDEN], 1, Bias::Single, &mut rng.stream(0))?;
        let (mut draws, held) = (rng.stream(1), task.sample::<f32>(200, &mut rng.stream(2))?);
        let mut drive = vec![0.0f32; MEASURED + BURN_IN.state + BURN_IN.directions];
        rng.stream(3).fill_uniform(-1.0, 1.0, &mut drive);
        let drive = Array2::from_shape_fn((drive.len(), 1), |(t, _)| drive[t]);
        let (mut largest, mut mean, mut ws) = (Vec::new(), Vec::new(), model.workspace());
        let draw = |batch: &mut _| refill(&task, BATCH, &mut draws, batch);
        let plan = Plan { steps: job.count("steps"), every: EVERY, rate: 5e-3, clip: 1.0 };
        let trace = fit(&mut model, Mse, plan, draw, |model| {
            let spectrum = &driven_lyapunov_exponents(&model.rnn, drive.view(), None, BURN_IN)?[0].sorted();
            largest.push(spectrum[0]);
            mean.push(spectrum.iter().sum::<f64>() / HIDDEN as f64);
            let loss = model.loss(held.run(), held.target(), &Mse, &mut ws)?;
            Ok((f64::from(loss), false))
        })?;
        Ok(Numbers::new().with("losses", trace.seen).with("largest", largest).with("mean", mean))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let mut panels = [
            LinePlot::new("Loss", Axis::linear("step"), Axis::log("mean squared error")),
            LinePlot::new("Exponents", Axis::linear("step"), Axis::linear("λ, for each step")),
        ];
        let (mut correlations, mut first, mut last, mut nearest) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (at, (job, numbers)) in results.part("train").enumerate() {
            let (losses, largest) = (numbers.list("losses")?, numbers.list("largest")?);
            let steps: Vec<f64> = (0..losses.len()).map(|k| (k * EVERY) as f64).collect();
            let distance: Vec<f64> = largest.iter().map(|x| x.abs()).collect();
            correlations.push(rank_correlation(&distance, losses));
            first.push(largest[0]);
            last.push(largest[largest.len() - 1]);
            nearest.push(
                largest
                    .iter()
                    .copied()
                    .fold(f64::NEG_INFINITY, |near, x| if x.abs() < near.abs() { x } else { near }),
            );
            let [left, right] = panels;
            let named = |line: Line| if at == 0 { line } else { line.unlabelled() };
            panels = [
                left.line(Line::new(format!("seed {}", job.seed), &steps, losses)),
                right
                    .line(named(Line::new("largest", &steps, largest).color(0)))
                    .line(named(Line::new("mean of all", &steps, numbers.list("mean")?).color(1))),
            ];
        }
        let [left, right] = panels;
        let panels = [left, right.horizontal("0", 0.0)];
        let (low, high) = bootstrap(&correlations);
        let average = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let text = vec![
            format!(
                "The largest exponent is {:.3} before training and {:.3} after it, on average over {} seeds; on the way it comes as near to 0 as {:.3}. \
                 A unit with one real eigenvalue that has to keep a number for {DELAY} steps needs an exponent near 0; a line of units that hand it on does not.",
                average(&first),
                average(&last),
                first.len(),
                average(&nearest)
            ),
            format!(
                "The distance of λ_1 from 0 and the loss have a rank correlation of {:.2} over the looks of a training, averaged over seeds; drawing the seeds with replacement gives \
                 a 95% interval of {low:.2} to {high:.2}. Above 0 would mean that the exponent comes nearer to 0 as the loss falls. Seeds are few, and looks at one \
                 training depend on each other.",
                average(&correlations)
            ),
        ];
        let findings = vec![
            Finding::observation(
                "the rank correlation of |λ_1| and the loss",
                correlations,
                "Above 0 if the largest exponent comes near 0 as the loss falls.",
            ),
            Finding::observation("λ_1 before training", first, "PyTorch's start."),
            Finding::observation(
                "λ_1 nearest to 0 in training",
                nearest,
                "Early in training, says the paper, spectra move toward 0.",
            ),
            Finding::observation("λ_1 after training", last, "Of the trained network."),
        ];
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Exponents while a GRU learns").columns(2).panels(panels),
                "Left the test loss, right the largest Lyapunov exponent and the mean of all, by training step; one line for each seed.".to_owned(),
            )),
            text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlations_of_ranks() {
        assert_eq!(rank_correlation(&[1.0, 5.0, 9.0], &[-3.0, 0.0, 100.0]), 1.0);
        assert_eq!(rank_correlation(&[1.0, 5.0, 9.0], &[3.0, 0.0, -100.0]), -1.0);
        // d² of 0, 1, 1: ρ = 1 − 6 Σ d² / (n (n² − 1)) = 1/2.
        assert!((rank_correlation(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0]) - 0.5).abs() < 1e-15);
        assert_eq!(ranks(&[2.0, 1.0, 2.0]), [1.5, 0.0, 1.5]);
    }

    #[test]
    fn an_interval_holds_the_mean() {
        let (low, high) = bootstrap(&[0.1, 0.5, 0.9, 0.3]);
        assert!(low < 0.45 && high > 0.45 && low >= 0.1 && high <= 0.9);
    }
}
