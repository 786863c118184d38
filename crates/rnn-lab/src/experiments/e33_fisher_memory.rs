//! E33: Fisher memory in closed form.

use ndarray::{Array1, Array2};
use rnn_analysis::{fisher_memory, spectral_radius};
use rnn_core::Random;
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Units.
const N: usize = 16;

/// Gains of the power of the signal from one unit of the chain to the next.
const GAINS: [f64; 3] = [4.0, 2.0, 1.0];

/// The experiment.
#[derive(Debug)]
pub(super) struct FisherMemory;

impl Experiment for FisherMemory {
    fn about(&self) -> About {
        About {
            id: "E33",
            name: "fisher-memory",
            question: "How much can a noisy network remember, and which matrix remembers most?",
            why: "Without noise a linear network of n units remembers n inputs, however faint their traces are. With noise in \
                  its units a trace has to be large enough to be told from it. Ganguli, Huh and Sompolinsky ask for the Fisher \
                  information of the state about each past input. For every normal matrix, symmetric or orthogonal, its sum \
                  over all lags is 1, for any number of units: they share one unit of memory among the lags. Only a non-normal \
                  matrix does better, and the best of them is a chain that amplifies the signal from unit to unit.",
            setting: "Linear networks of 16 units with noise of variance 1: delay chains whose gain is √α, for α = 4, 2 and 1, and \
                      a random symmetric matrix with spectral radius 0.95.",
            formula: r"J_k = v^\top (W^k)^\top C^{-1} W^k v, \quad C = \sum_m W^m (W^m)^\top; \qquad \text{chain: } J_k = \frac{\alpha^k}{\sum_{m \le k} \alpha^m}",
            sources: &[Source {
                text: "S. Ganguli, D. Huh, H. Sompolinsky 2008, Memory traces in dynamical systems, PNAS 105(48)",
                url: "https://doi.org/10.1073/pnas.0804451105",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let chains = GAINS.iter().map(|&gain| Job::new("E33", "chain").with("alpha", gain).cost(0.01));
        let normal = scope.seeds(5).map(|seed| Job::new("E33", "symmetric").seed(seed).cost(0.05));
        chains.chain(normal).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let (w, v) = if job.part == "chain" {
            let gain = job.get("alpha").sqrt();
            let w = Array2::from_shape_fn((N, N), |(i, j)| if i == j + 1 { gain } else { 0.0 });
            (w, Array1::from_shape_fn(N, |i| f64::from(u8::from(i == 0))))
        } else {
            let (mut w, mut v, mut rng) = (Array2::<f64>::zeros((N, N)), Array1::<f64>::zeros(N), job.rng());
            w.iter_mut().chain(&mut v).for_each(|x| rng.fill_normal(std::slice::from_mut(x)));
            let symmetric = &w + &w.t();
            let scale = 0.95 / spectral_radius(symmetric.view())?;
            let length = v.dot(&v).sqrt();
            (symmetric * scale, v / length)
        };
        let memory = fisher_memory(w.view(), v.view())?;
        Ok(Numbers::new().value("total", memory.total()).with("by lag", memory.by_lag))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let mut findings = Vec::new();
        let mut panel = LinePlot::new(
            "16 units with noise",
            Axis::linear("lag k").range(0.0, 20.0),
            Axis::log("J_k").range(1e-3, 1.5),
        );
        let mut totals = Vec::new();
        for (job, numbers) in results.part("chain") {
            let alpha = job.get("alpha");
            let exact: f64 = (0..N as i32).map(|k| share(alpha, k)).sum();
            let total = numbers.get("total")?;
            findings.push(Finding::near(
                format!("total Fisher memory of a chain with α = {alpha}"),
                total,
                exact,
                1e-11,
                "The closed form of the chain, up to rounding.",
            ));
            totals.push(format!("{total:.4} for α = {alpha}"));
            let by_lag = numbers.list("by lag")?;
            let lags: Vec<f64> = (0..by_lag.len()).map(|k| k as f64).collect();
            panel = panel.line(Line::new(format!("chain, α = {alpha}"), lags, by_lag).marker(Marker::Circle));
        }
        for (job, numbers) in results.part("symmetric") {
            findings.push(Finding::near(
                format!("total Fisher memory of a symmetric W, seed {}", job.seed),
                numbers.get("total")?,
                1.0,
                1e-9,
                "Exactly 1 for every normal matrix. In its eigenbasis the term of an eigenvalue λ is the sum of (1 − λ²) λ²ᵏ \
                 times the square of its share in v.",
            ));
            if job.seed == 0 {
                let by_lag = numbers.list("by lag")?;
                let lags: Vec<f64> = (0..by_lag.len().min(21)).map(|k| k as f64).collect();
                panel = panel.line(Line::new("symmetric", &lags, &by_lag[..lags.len()]).dashed());
            }
        }
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Fisher memory").panel(panel),
                "The Fisher information about the input k steps ago. Chains hold each lag in a unit of its own; a symmetric \
                 matrix shares a total of 1 among all lags."
                    .to_owned(),
            )),
            text: vec![format!(
                "The chains hold {} units of memory, of at most {N}. A symmetric matrix holds 1, however many units it has. The \
                 chain that amplifies pays with the size of its states: a signal of size 1 leaves the last unit with size \
                 α^7.5, so the memory lasts only as long as the units do not saturate.",
                totals.join(", ")
            )],
        })
    }
}

/// J_k of a chain.
fn share(alpha: f64, k: i32) -> f64 {
    let power = |m: i32| libm::pow(alpha, f64::from(m));
    power(k) / (0..=k).map(power).sum::<f64>()
}
