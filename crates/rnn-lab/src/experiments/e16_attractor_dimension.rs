//! E16: the dimension of chaos.

use rnn_analysis::{Blocks, BurnIn, Interval, kaplan_yorke_dimension, lyapunov_blocks};
use rnn_core::{Elman, LayerState, State};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::random_networks::{autonomous, gaussian, normals};
use super::spread::mean;
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// The share of the directions that is followed: more than any dimension here.
const SHARE: f64 = 0.36;
const PLAN: Blocks =
    Blocks { burn_in: BurnIn { state: 300, directions: 100 }, count: 8, steps: 40, leading: None };

/// The experiment.
#[derive(Debug)]
pub(super) struct AttractorDimension;

impl Experiment for AttractorDimension {
    fn about(&self) -> About {
        About {
            id: "E16",
            name: "attractor-dimension",
            question: "How many dimensions does chaos fill?",
            why: "The states of a chaotic network do not fill their space: in most directions differences shrink. The Kaplan–Yorke dimension counts how many directions are needed until growth \
                  and shrinking balance. Engelken, Wolf and Abbott found that it is extensive: twice the units, twice the dimension. And more chaos is not more dimension: \
                  for large g the units saturate, and the dimension falls again.",
            setting: "h ← tanh(W h) with W of independent normal entries of variance g²/n. The exponents of the leading 36% of the directions over 320 steps, after 300 for \
                      the state and 100 for the directions: n = 128 with g = 2, 3 and 5 and n = 256 with g = 3, 2 seeds each (with more time: 8 seeds, and all g at n = 256).",
            formula: r"D = k + \frac{\lambda_1 + \dots + \lambda_k}{|\lambda_{k+1}|}, \qquad k = \max\Big\{j : \sum_{i \le j} \lambda_i \ge 0\Big\}",
            sources: &[
                Source {
                    text: "R. Engelken, F. Wolf, L. F. Abbott 2023, Lyapunov spectra of chaotic recurrent neural networks, Physical Review Research 5",
                    url: "https://doi.org/10.1103/PhysRevResearch.5.043044",
                },
                Source {
                    text: "J. L. Kaplan, J. A. Yorke 1979, Chaotic behavior of multidimensional difference equations, Lecture Notes in Mathematics 730",
                    url: "https://doi.org/10.1007/BFb0064319",
                },
            ],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let seeds = scope.seeds(if scope.long { 8 } else { 2 });
        let mut jobs = Vec::new();
        for (n, gain) in [(128, 2.0), (128, 3.0), (128, 5.0), (256, 3.0), (256, 2.0), (256, 5.0)] {
            if n == 128 || gain == 3.0 || scope.long {
                let of =
                    |seed| Job::new("E16", "spectrum").with("n", f64::from(n)).with("g", gain).seed(seed);
                jobs.extend(seeds.clone().map(|seed| of(seed).cost(if n == 128 { 1.5 } else { 9.0 })));
            }
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let (n, mut rng) = (job.count("n"), job.rng());
        let rnn = autonomous(Elman::tanh(), gaussian(n, job.get("g"), &mut rng).view())?;
        let h = normals(n, 0.5, &mut rng).insert_axis(ndarray::Axis(0));
        let start = State { layers: vec![LayerState { h, c: None }] };
        let plan = Blocks { leading: Some((SHARE * n as f64) as usize), ..PLAN };
        let blocks = lyapunov_blocks(&rnn, Some(&start), plan)?.remove(0);
        let largest = blocks.intervals(0.95, &mut rng)?[0];
        let exponents = blocks.sorted();
        let Interval { low, high, .. } = largest;
        Ok(Numbers::new()
            .value("dimension", kaplan_yorke_dimension(&exponents) / n as f64)
            .with("interval", [low, high])
            .with("exponents", exponents))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let of = |n: f64, gain: f64| -> Result<Vec<f64>> {
            let own = results.part("spectrum").filter(|(job, _)| job.get("n") == n && job.get("g") == gain);
            own.map(|(_, numbers)| numbers.get("dimension")).collect()
        };
        let (two, three, five) = (of(128.0, 2.0)?, of(128.0, 3.0)?, of(128.0, 5.0)?);
        let large = of(256.0, 3.0)?;
        let extensive = "Extensive chaos: D/n has a limit. The dimension of one network scatters by some 0.01 around it at these sizes.";
        let findings = vec![
            Finding::near(
                "D/n at g = 3, n = 256, less that at n = 128",
                mean(&large) - mean(&three),
                0.0,
                0.02,
                extensive,
            ),
            Finding::at_least(
                "D/n at g = 3 over that at g = 2, n = 128",
                mean(&three) / mean(&two),
                1.0,
                "The dimension grows with g from 0 at g = 1, and reaches its maximum near g = 3.",
            ),
            Finding::at_least(
                "D/n at g = 3 over that at g = 5, n = 128",
                mean(&three) / mean(&five),
                1.0,
                "It falls again as units saturate.",
            ),
            Finding::observation(
                "D/n at g = 3, n = 128",
                three.clone(),
                "A run in another framework gave 0.275 ± 0.006.",
            ),
            Finding::observation("D/n at g = 3, n = 256", large.clone(), "As at n = 128."),
        ];
        let mut panel = LinePlot::new("Spectra", Axis::linear("i / n"), Axis::linear("λ_i"));
        for (n, gain, color) in [(128.0, 2.0, 0), (128.0, 3.0, 1), (256.0, 3.0, 1), (128.0, 5.0, 2)] {
            let own = results.part("spectrum").find(|(job, _)| job.get("n") == n && job.get("g") == gain);
            let Some((_, numbers)) = own else { continue };
            let exponents = numbers.list("exponents")?;
            let share: Vec<f64> = (0..exponents.len()).map(|k| (k as f64 + 0.5) / n).collect();
            let line = Line::new(format!("g = {gain}, n = {n}"), share, exponents).color(color);
            panel = panel.line(if n == 256.0 { line.dashed() } else { line });
        }
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Extensive chaos").panel(panel.horizontal("0", 0.0)),
                "The leading part of the Lyapunov spectrum by relative index: the curves of 128 and of 256 units lie on each other.".to_owned(),
            )),
            text: vec![format!(
                "At g = 3 the dimension is {:.3} n with 128 units and {:.3} n with 256: twice the units, twice the dimension. At g = 2 it is {:.3} n and at g = 5 {:.3} n, \
                 although the largest exponent is much larger there (E15).",
                mean(&three),
                mean(&large),
                mean(&two),
                mean(&five)
            )],
        })
    }
}
