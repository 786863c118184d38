//! E28: how many dimensions the activity of a chaotic network has.

use ndarray::{Array2, Axis as Of, Slice};
use rnn_analysis::{MeanField, participation_ratio, participation_ratio_across};
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use super::random_networks::{gaussian, normals};
use super::spread::median;
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const GAINS: [f64; 3] = [2.0, 3.0, 5.0];
const BURN_IN: usize = 500;
/// Steps of a block; between the two blocks, [`BETWEEN`] are left out.
const BLOCK: usize = 8000;
const BETWEEN: usize = 200;

/// The experiment.
#[derive(Debug)]
pub(super) struct Participation;

impl Experiment for Participation {
    fn about(&self) -> About {
        About {
            id: "E28",
            name: "participation-ratio",
            question: "How many dimensions does the activity of a chaotic network seem to have?",
            why: "Who records many neurons asks how many dimensions their activity has, and answers with the participation ratio of the principal components. That is another number than the dimension of the \
                  attractor (E16): it asks how evenly the variance is spread, linearly. For random networks it has a closed form, and it grows with g where the dimension of the attractor falls again.",
            setting: "h ← W tanh(h) with W of independent normal entries of variance g²/n; states and their tanh over two blocks of 8000 steps, with 200 between them, after 500. The ratio is taken across \
                      the two blocks, which removes the bias of a finite sample. g = 2, 3 and 5; 3 networks of n = 128 and of n = 256 (10 of each with more time), of which the median is taken, since at g = 2 some lock into a cycle.",
            formula: r"\mathrm{PR} = \frac{(\mathrm{tr}\,C)^2}{\mathrm{tr}\,C^2}, \qquad \frac{\mathrm{PR}^{\varphi}}{n} \to 1 - r, \quad \frac{\mathrm{PR}^{h}}{n} \to \frac{1 - r}{2 - r}, \quad r = (g\,\mathbb{E}\varphi')^4",
            sources: &[Source {
                text: "D. G. Clark, L. F. Abbott, A. Litwin-Kumar 2023, Dimension of activity in random neural networks, Physical Review Letters 131",
                url: "https://doi.org/10.1103/PhysRevLett.131.118401",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let mut jobs = Vec::new();
        for (n, seeds) in [(128, 3), (256, 3)] {
            for gain in GAINS {
                let cost = 4e-9 * (n * n * 2 * BLOCK) as f64;
                let of = |seed| {
                    Job::new("E28", "ratios").with("n", n as f64).with("g", gain).seed(seed).cost(cost)
                };
                jobs.extend(scope.seeds(if scope.long { 10 } else { seeds }).map(of));
            }
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let (n, mut rng) = (job.count("n"), job.rng());
        let w = gaussian(n, job.get("g"), &mut rng);
        let mut h = normals(n, 1.0, &mut rng);
        let mut states = Array2::zeros((2 * BLOCK + BETWEEN, n));
        for _ in 0..BURN_IN {
            h = w.dot(&h.mapv(libm::tanh));
        }
        for mut row in states.rows_mut() {
            h = w.dot(&h.mapv(libm::tanh));
            row.assign(&h);
        }
        let ratios = |states: &Array2<f64>| -> Result<[f64; 2]> {
            let first = states.slice_axis(Of(0), Slice::from(..BLOCK));
            let second = states.slice_axis(Of(0), Slice::from(BLOCK + BETWEEN..));
            let size = n as f64;
            Ok([participation_ratio_across(first, second)? / size, participation_ratio(first)? / size])
        };
        let [h_across, h_within] = ratios(&states)?;
        let [phi_across, phi_within] = ratios(&states.mapv(libm::tanh))?;
        Ok(Numbers::new()
            .value("h", h_across)
            .value("h within", h_within)
            .value("phi", phi_across)
            .value("phi within", phi_within))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let of = |n: f64, gain: f64, name: &str| -> Result<Vec<f64>> {
            let own = results.part("ratios").filter(|(job, _)| job.get("n") == n && job.get("g") == gain);
            own.map(|(_, numbers)| numbers.get(name)).collect()
        };
        let fine: Vec<f64> = (0..=90).map(|k| 1.05 + 0.05 * f64::from(k)).collect();
        let (mut findings, mut told, mut panels) = (Vec::new(), Vec::new(), Vec::new());
        for (k, name, symbol) in [(0, "phi", "tanh h"), (1, "h", "h")] {
            let theory = |gain: f64| -> Result<f64> {
                // There is one for each g above 1.
                Ok(MeanField::tanh(gain, 0.0)?.participation().map_or(0.0, |ratios| ratios[k]))
            };
            let curve: Vec<f64> = fine.iter().map(|&gain| theory(gain)).collect::<Result<_>>()?;
            let mut panel = LinePlot::new(
                format!("Of {symbol}"),
                Axis::linear("g"),
                Axis::linear("participation ratio over n"),
            )
            .line(Line::new("theory, n → ∞", &fine, curve));
            for n in [128.0, 256.0] {
                let means: Vec<f64> =
                    GAINS.iter().map(|&gain| Ok(median(&of(n, gain, name)?))).collect::<Result<_>>()?;
                panel = panel
                    .line(Line::new(format!("n = {n}"), GAINS, means).marker(Marker::Circle).unconnected());
            }
            panels.push(panel);
            for gain in GAINS {
                let (got, want) = (of(256.0, gain, name)?, theory(gain)?);
                let (small, within) =
                    (of(128.0, gain, name)?, median(&of(128.0, gain, &format!("{name} within"))?));
                let what = format!("participation ratio of {symbol} over n at g = {gain}, n = 256");
                if gain > 2.0 {
                    findings.push(Finding::near(
                        what,
                        median(&got),
                        want,
                        0.08 * want,
                        "8% of it. The theory is for infinitely many units; networks of one size differ by a few percent from each other.",
                    ));
                } else {
                    findings.push(Finding::observation(
                        what,
                        got.clone(),
                        format!(
                            "The theory for infinitely many units is {want:.4}. So near to the onset of chaos single networks of this size scatter by 15% and more, \
                             and lie below it."
                        ),
                    ));
                }
                findings.push(Finding::observation(
                    format!("participation ratio of {symbol} over n at g = {gain}, n = 128"),
                    small,
                    "Where a network has locked into a cycle, its ratio is far below the others.",
                ));
                told.push(format!(
                    "{:.4} of {symbol} at g = {gain} (theory {want:.4}; within one block {within:.4})",
                    median(&got)
                ));
            }
        }
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("The dimension of activity").panels(panels),
                "Participation ratios across blocks by gain, median over seeds, and their closed forms."
                    .to_owned(),
            )),
            text: vec![
                format!("Over n = 256 units the ratios, divided by n, are {}.", told.join("; ")),
                "The ratio grows with g, where the dimension of the attractor falls (E16): saturated units spread the variance evenly, but hardly let two states part in more \
                 directions."
                    .to_owned(),
            ],
        })
    }
}
