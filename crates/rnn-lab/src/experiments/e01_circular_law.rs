//! E1: where the eigenvalues of a random matrix lie.

use rnn_analysis::{Complex64, eigenvalues};
use rnn_plot::{Axis, ComplexPlane, Figure, Line, LinePlot, Marker};

use super::random_networks::gaussian;
use super::spread::{deviation, mean};
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// The sizes, and how many matrices are drawn of each.
const SIZES: [(usize, u64); 4] = [(16, 200), (64, 100), (128, 40), (256, 20)];

/// The experiment.
#[derive(Debug)]
pub(super) struct CircularLaw;

impl Experiment for CircularLaw {
    fn about(&self) -> About {
        About {
            id: "E1",
            name: "circular-law",
            question: "Where do the eigenvalues of a random recurrent matrix lie?",
            why: "The eigenvalues of W_hh decide what a linear network does in the long run, and a fresh network is near enough to a \
                  linear one. Whoever draws weights of standard deviation g/√n should know what that means for the eigenvalues: they \
                  fill a disc of radius g evenly, whatever the distribution of the weights is. So g = 1 is the edge, and the default of \
                  PyTorch, uniform numbers between ±1/√n, is g = 1/√3, well within it.",
            setting: "Matrices of independent normal entries of variance 1/n (g = 1; another g only multiplies all eigenvalues): 200 of \
                      size 16, 100 of size 64, 40 of size 128, 20 of size 256. For an even disc the squared moduli are uniform \
                      between 0 and 1, which the distance of Kolmogorov and Smirnov between their distribution and the uniform one \
                      measures.",
            formula: r"\frac{1}{n}\,\#\{i : |\lambda_i| \le r g\} \;\to\; r^2 \qquad (n \to \infty,\; 0 \le r \le 1)",
            sources: &[
                Source {
                    text: "V. L. Girko 1985, Circular law, Theory of Probability and its Applications 29",
                    url: "https://doi.org/10.1137/1129095",
                },
                Source {
                    text: "T. Tao, V. Vu 2010, Random matrices: universality of ESDs and the circular law, Annals of Probability 38",
                    url: "https://arxiv.org/abs/0807.4898",
                },
            ],
        }
    }

    fn jobs(&self, _: &Scope) -> Vec<Job> {
        let job = |(n, draws): (usize, u64)| {
            let cost = draws as f64 * 2e-7 * (n * n * n) as f64;
            Job::new("E1", "spectra").with("n", n as f64).with("draws", draws as f64).cost(cost)
        };
        SIZES.into_iter().map(job).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let (n, mut rng) = (job.count("n"), job.rng());
        let (mut radii, mut distances) = (Vec::new(), Vec::new());
        let mut last: Vec<Complex64> = Vec::new();
        for _ in 0..job.count("draws") {
            last = eigenvalues(gaussian(n, 1.0, &mut rng).view())?;
            radii.push(last.first().map_or(0.0, |z| z.norm()));
            distances.push(distance_from_uniform(last.iter().map(Complex64::norm_sqr).collect()));
        }
        Ok(Numbers::new()
            .with("radii", radii)
            .with("distances", distances)
            .with("re", last.iter().map(|z| z.re).collect::<Vec<f64>>())
            .with("im", last.iter().map(|z| z.im).collect::<Vec<f64>>()))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let mut findings = Vec::new();
        let (mut sizes, mut spreads, mut radii, mut distances) = (vec![], vec![], vec![], vec![]);
        for (job, numbers) in results.part("spectra") {
            let own = numbers.list("radii")?;
            sizes.push(job.get("n"));
            radii.push(mean(own));
            spreads.push(deviation(own));
            distances.push(mean(numbers.list("distances")?));
        }
        for (n, radius) in sizes.iter().zip(&radii) {
            findings.push(Finding::near(
                format!("mean spectral radius over g, n = {n}"),
                *radius,
                1.05,
                0.05,
                "It goes to 1 from above: of n numbers the largest is a little outside of the disc, by an amount that falls with n.",
            ));
        }
        let growth = spreads.windows(2).map(|pair| pair[1] / pair[0]).fold(0.0, f64::max);
        findings.push(Finding::at_most(
            "largest ratio of the spread of the spectral radius between a size and the next smaller one",
            growth,
            1.0,
            "The spread falls with the size, so that each ratio is below 1.",
        ));
        if let Some(distance) = distances.last() {
            findings.push(Finding::at_most(
                "mean distance of |λ|²/g² from the uniform distribution at n = 256",
                *distance,
                0.06,
                "It goes to 0 as n grows. 256 independent numbers would be 0.054 away in the mean (0.869/√n); eigenvalues repel each \
                 other and lie more evenly, but come in pairs of the same modulus and spill over the edge.",
            ));
        }
        let largest = results.part("spectra").last();
        let figure = match largest {
            None => None,
            Some((job, numbers)) => {
                let points: Vec<(f64, f64)> =
                    numbers.list("re")?.iter().copied().zip(numbers.list("im")?.iter().copied()).collect();
                let plane = ComplexPlane::new(format!("One matrix of size {}", job.get("n")), points);
                let panel =
                    LinePlot::new("Means over draws", Axis::log("n"), Axis::linear("spectral radius over g"))
                        .line(Line::new("mean", &sizes, &radii).marker(Marker::Circle))
                        .line(
                            Line::new(
                                "mean ± standard deviation",
                                &sizes,
                                radii.iter().zip(&spreads).map(|(r, s)| r + s).collect::<Vec<f64>>(),
                            )
                            .dashed(),
                        )
                        .line(
                            Line::new(
                                "",
                                &sizes,
                                radii.iter().zip(&spreads).map(|(r, s)| r - s).collect::<Vec<f64>>(),
                            )
                            .dashed()
                            .color(1)
                            .unlabelled(),
                        )
                        .horizontal("1", 1.0);
                Some((
                    Figure::new("The circular law").panel(plane).panel(panel),
                    "First, the eigenvalues of one matrix and the unit circle; those on the real axis are more than the circular law \
                     says, about √(2n/π) of them, a share that vanishes. Second, the spectral radius by size."
                        .to_owned(),
                ))
            }
        };
        let of = |values: &[f64]| {
            let each = sizes.iter().zip(values).map(|(n, value)| format!("{value:.3} at n = {n}"));
            each.collect::<Vec<String>>().join(", ")
        };
        let text = vec![
            format!(
                "The mean spectral radius over g is {}. Its standard deviation over draws is {}: a small network may be 10% off what \
                 its g says, which is a factor of 1.1⁵⁰ = 117 over fifty steps.",
                of(&radii),
                of(&spreads)
            ),
            format!(
                "The mean distance of the squared moduli from the uniform distribution is {}.",
                of(&distances)
            ),
        ];
        Ok(Conclusion { findings, figure, text })
    }
}

/// The distance of Kolmogorov and Smirnov between these numbers and the uniform distribution between 0 and 1.
fn distance_from_uniform(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let at = |(k, x): (usize, &f64)| {
        let uniform = x.clamp(0.0, 1.0);
        (uniform - k as f64 / n).abs().max((uniform - (k + 1) as f64 / n).abs())
    };
    values.iter().enumerate().map(at).fold(0.0, f64::max)
}
