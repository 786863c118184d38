//! E27: all states of a sequence at once.

use ndarray::{Array1, Array2};
use rnn_analysis::{lyapunov_exponents, newton_in_time};
use rnn_core::{Bias, Elman, LayerState, Parameters, Random, Stack, State};
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Units and timesteps.
const N: usize = 32;
const TIME: usize = 200;

/// The residual at which the iteration ends.
const TOLERANCE: f64 = 1e-10;

/// The gains of the random weights.
const GAINS: [f64; 7] = [0.5, 0.8, 1.0, 1.2, 1.5, 2.0, 3.0];

/// The experiment.
#[derive(Debug)]
pub(super) struct AllAtOnce;

impl Experiment for AllAtOnce {
    fn about(&self) -> About {
        About {
            id: "E27",
            name: "newton-in-time",
            question: "Can the states of a recurrent network be computed for all timesteps at once?",
            why: "A recurrent network is slow on parallel machines because each state waits for the one before. But the states are \
                  the solution of a system of equations, one for each timestep, and Newton's method solves it for all timesteps \
                  together: each iteration is a linear recursion, which can be computed in parallel. The question is how many \
                  iterations that takes. Gonzalez and coauthors show that the answer is the largest Lyapunov exponent: a \
                  predictable network, whose exponent is negative, needs a few, and a chaotic one nearly as many as there are \
                  timesteps, so that nothing is gained.",
            setting: "Autonomous tanh networks of 32 units, W random with variance g²/n, 200 timesteps, from a guess of zeros until \
                      no state is off by more than 1e-10; 3 seeds for each g. A linear network with g = 0.9 for comparison. The \
                      exponent is that of the same 200 steps.",
            formula: r"\delta_t = J_t \delta_{t-1} - r_t, \qquad r_t = s_t - F(s_{t-1}), \qquad s_t \leftarrow s_t + \delta_t",
            sources: &[
                Source {
                    text: "Y. H. Lim, Q. Zhu, J. Selfridge, M. F. Kasim 2024, Parallelizing non-linear sequential models over the \
                           sequence length, ICLR",
                    url: "https://arxiv.org/abs/2309.12252",
                },
                Source {
                    text: "X. Gonzalez, L. Kozachkov, D. M. Zoltowski, K. L. Clarkson, S. W. Linderman 2025, Predictability enables \
                           parallelization of nonlinear state space models, NeurIPS",
                    url: "https://arxiv.org/abs/2508.16817",
                },
            ],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let of = |gain: f64| {
            scope.seeds(3).map(move |seed| {
                Job::new("E27", "tanh").with("g", gain).seed(seed).cost(if gain > 1.0 { 1.5 } else { 0.2 })
            })
        };
        let linear =
            scope.seeds(3).map(|seed| Job::new("E27", "linear").with("g", 0.9).seed(seed).cost(0.05));
        linear.chain(GAINS.into_iter().flat_map(of)).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let linear = job.part == "linear";
        let mut rng = job.rng();
        let mut rnn = if linear {
            Stack::<f64>::zeros(Elman::identity(), 1, &[N], Bias::None)?
        } else {
            Stack::<f64>::zeros(Elman::tanh(), 1, &[N], Bias::None)?
        };
        let mut draws = vec![0.0; N * N + N];
        rng.fill_normal(&mut draws);
        let scale = job.get("g") / (N as f64).sqrt();
        let w = Array2::from_shape_fn((N, N), |(i, j)| scale * draws[i * N + j]);
        rnn.set_parameter("weight_hh_l0", w.view().into_dyn())?;
        let first = Array1::from_iter(draws[N * N..].iter().copied());
        let h = first.insert_axis(ndarray::Axis(0));
        let initial = State { layers: vec![LayerState { h, c: None }] };
        let x = Array2::zeros((TIME, 1));
        let found = newton_in_time(&rnn, x.view(), Some(&initial), None, TOLERANCE)?;
        let spectrum = lyapunov_exponents(&rnn, Some(&initial), TIME, 0)?;
        Ok(Numbers::new()
            .value("iterations", found.iterations() as f64)
            .value("converged", f64::from(u8::from(found.converged)))
            .value("exponent", spectrum[0].largest())
            .with("residuals", found.residuals))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let most = |part: &str| -> Result<f64> {
            Ok(results.values(part, "iterations")?.into_iter().fold(0.0, f64::max))
        };
        let converged = results.values("tanh", "converged")?.into_iter().fold(1.0, f64::min);
        let mut findings = vec![
            Finding::near(
                "most iterations of a linear network",
                most("linear")?,
                1.0,
                0.0,
                "Newton's method solves linear equations in one iteration.",
            ),
            Finding::at_most(
                "most iterations of any network",
                most("tanh")?,
                TIME as f64,
                "After k iterations the first k states are exact.",
            ),
            Finding::near("whether every network converged", converged, 1.0, 0.0, "A count."),
        ];
        let mut panel = LinePlot::new(
            "Tolerance 1e-10, 200 timesteps",
            Axis::linear("largest Lyapunov exponent"),
            Axis::log("iterations"),
        );
        let mut decay = LinePlot::new(
            "First seed",
            Axis::linear("iteration").range(0.0, 60.0),
            Axis::log("largest residual").range(1e-16, 1e8),
        );
        let mut told = Vec::new();
        for gain in GAINS {
            let (mut exponents, mut iterations) = (Vec::new(), Vec::new());
            for (job, numbers) in results.part("tanh").filter(|(job, _)| job.get("g") == gain) {
                exponents.push(numbers.get("exponent")?);
                iterations.push(numbers.get("iterations")?);
                if job.seed == 0 {
                    let residuals = numbers.list("residuals")?;
                    let steps: Vec<f64> = (0..residuals.len()).map(|k| k as f64).collect();
                    decay = decay.line(Line::new(format!("g = {gain}"), steps, residuals));
                }
            }
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            told.push(format!("{:.0} iterations at λ_1 = {:.2}", mean(&iterations), mean(&exponents)));
            panel = panel.line(
                Line::new(format!("g = {gain}"), &exponents, &iterations)
                    .marker(Marker::Circle)
                    .unconnected(),
            );
            findings.push(Finding::observation(
                format!("iterations with g = {gain}"),
                iterations,
                format!(
                    "The largest exponents are {:.2} on average; iterations are few if that is negative.",
                    mean(&exponents)
                ),
            ));
        }
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Newton's method in time").panel(panel).panel(decay),
                "Above: the number of iterations against the largest Lyapunov exponent. Below: the largest residual before each \
                 iteration."
                    .to_owned(),
            )),
            text: vec![format!(
                "From the smallest to the largest gain the means are: {}. A network for which one would like a parallel computation is \
                 one that forgets its initial state.",
                told.join(", ")
            )],
        })
    }
}
