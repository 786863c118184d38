//! E22: the memory capacity of a linear network is its size.

use ndarray::{Array1, Array2};
use rnn_analysis::{linear_memory, spectral_radius};
use rnn_core::Random;
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::linear_solve::solve;
use super::spread::mean_and_error;
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Units, simulated steps, lags of the simulation, and steps that are not looked at.
const N: usize = 8;
const STEPS: usize = 20_000;
const LAGS: usize = 100;
const BURN_IN: usize = 500;

/// The experiment.
#[derive(Debug)]
pub(super) struct MemoryCapacity;

impl Experiment for MemoryCapacity {
    fn about(&self) -> About {
        About {
            id: "E22",
            name: "memory-capacity",
            question: "How many past inputs can a network of n units hold?",
            why: "A network may forget slowly or fast, but it cannot hold more independent numbers than it has units. Jaeger made \
                  that a theorem: train one linear output for each lag to recall the input of that many steps ago, and add the \
                  squared correlations. For a linear network the sum is n, for almost every choice of weights. Nonlinear units \
                  hold less: what they spend on functions of the input is missing here.",
            setting: "Networks of 8 units with random W of spectral radius 0.9 that read white noise. The capacity follows from the \
                      stationary covariance; a simulation of 20,000 steps measures it again for 100 lags, with linear and with \
                      tanh units.",
            formula: r"\sum_k m_k = \sum_k (W^k v)^\top C^{-1} W^k v = \operatorname{tr}(C^{-1} C) = n",
            sources: &[Source {
                text: "H. Jaeger 2001, Short term memory in echo state networks, GMD Report 152",
                url: "https://doi.org/10.24406/publica-fhg-291107",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        scope.seeds(10).map(|seed| Job::new("E22", "capacity").seed(seed).cost(0.3)).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let mut rng = job.rng().stream(0);
        let (mut w, mut v) = (Array2::<f64>::zeros((N, N)), Array1::<f64>::zeros(N));
        w.iter_mut().chain(&mut v).for_each(|x| rng.fill_normal(std::slice::from_mut(x)));
        let w = &w * (0.9 / spectral_radius(w.view())?);
        let mut x = vec![0.0; BURN_IN + STEPS];
        job.rng().stream(1).fill_normal(&mut x);
        let exact = linear_memory(w.view(), v.view())?;
        let linear = simulated(&w, &v, &x, |z| z)?;
        let tanh = simulated(&w, &v, &x, libm::tanh)?;
        let tail: f64 = exact.by_lag.iter().skip(LAGS).sum();
        let exact_by_lag: Vec<f64> =
            exact.by_lag.iter().copied().chain(std::iter::repeat(0.0)).take(LAGS).collect();
        Ok(Numbers::new()
            .value("exact", exact.total())
            .value("tail", tail)
            .with("exact by lag", exact_by_lag)
            .with("linear by lag", linear)
            .with("tanh by lag", tanh))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let exact = results.values("capacity", "exact")?;
        let worst = exact.iter().fold(0.0, |most: f64, total| most.max((total - N as f64).abs()));
        let sums = |name: &str| -> Result<Vec<f64>> {
            results.part("capacity").map(|(_, numbers)| Ok(numbers.list(name)?.iter().sum())).collect()
        };
        let (linear, tanh, tails) =
            (sums("linear by lag")?, sums("tanh by lag")?, results.values("capacity", "tail")?);
        let mut excesses = Vec::new();
        for (_, numbers) in results.part("capacity") {
            // R² of n regressors over so many steps is too large by (1 − R²) n / steps.
            let free: f64 = numbers.list("exact by lag")?.iter().map(|m| 1.0 - m).sum();
            excesses.push(free * N as f64 / STEPS as f64);
        }
        let off: Vec<f64> =
            (0..linear.len()).map(|k| linear[k] - (N as f64 - tails[k] + excesses[k])).collect();
        let (mean, error) = mean_and_error(&off);
        let (bias, _) = mean_and_error(&excesses);
        let (tanh_mean, _) = mean_and_error(&tanh);
        let findings = vec![
            Finding::near(
                "largest distance of the exact capacity from 8, over the seeds",
                worst,
                0.0,
                1e-9,
                "The trace of C⁻¹ C; the covariance is badly conditioned, and the factor that is computed in its place loses about \
                 half as many digits.",
            ),
            Finding::near(
                "simulated capacity less n, the bias and what lies beyond 100 lags",
                mean,
                0.0,
                3.0 * error,
                format!(
                    "Three standard errors over the seeds. A squared correlation with n regressors that is estimated from {STEPS} \
                     steps is too large by (1 − R²) n / steps, which adds {bias:.4} over {LAGS} lags."
                ),
            ),
            Finding::at_most(
                "largest simulated capacity of tanh units",
                tanh.iter().copied().fold(0.0, f64::max),
                N as f64 + LAGS as f64 * N as f64 / STEPS as f64,
                "No network of n units has a capacity above n; the bias of the estimate is added.",
            ),
            Finding::observation(
                "capacity of tanh units over n",
                tanh.iter().map(|total| total / N as f64).collect::<Vec<f64>>(),
                "Nonlinear units hold less of the input itself.",
            ),
        ];
        let first = results.one("capacity")?;
        let lags: Vec<f64> = (0..40).map(f64::from).collect();
        let panel =
            LinePlot::new("8 units, one draw of the weights", Axis::linear("lag k"), Axis::linear("m_k"))
                .line(Line::new("linear, exact", &lags, &first.list("exact by lag")?[..40]))
                .line(Line::new("linear, simulated", &lags, &first.list("linear by lag")?[..40]).dashed())
                .line(Line::new("tanh, simulated", &lags, &first.list("tanh by lag")?[..40]));
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Memory capacity").panel(panel),
                "How well each past input can be read from the state, as a squared correlation.".to_owned(),
            )),
            text: vec![format!(
                "The linear networks hold {N} inputs each, to rounding, however their memory is spread over the lags. The \
                 simulation gives {:.3} on average, of which {bias:.3} is the bias of the estimate. The same weights with tanh units \
                 hold {tanh_mean:.2}.",
                linear.iter().sum::<f64>() / linear.len() as f64
            )],
        })
    }
}

/// R² of the best linear estimate of each past input from the state, over the simulated steps.
fn simulated(
    w: &Array2<f64>,
    v: &Array1<f64>,
    x: &[f64],
    activation: impl Fn(f64) -> f64,
) -> Result<Vec<f64>> {
    let mut h = Array1::<f64>::zeros(N);
    let mut covariance = Array2::<f64>::zeros((N, N));
    let mut with_past = Array2::<f64>::zeros((LAGS, N));
    let mut variance = [0.0; LAGS];
    for t in 0..x.len() {
        h = (w.dot(&h) + v * x[t]).mapv(&activation);
        if t < BURN_IN {
            continue;
        }
        for i in 0..N {
            for j in 0..=i {
                covariance[[i, j]] += h[i] * h[j];
            }
        }
        for lag in 0..LAGS {
            let past = x[t - lag];
            variance[lag] += past * past;
            with_past.row_mut(lag).scaled_add(past, &h);
        }
    }
    for i in 0..N {
        for j in 0..i {
            covariance[[j, i]] = covariance[[i, j]];
        }
    }
    let share = |lag: usize| {
        let c = with_past.row(lag);
        Ok(c.dot(&solve(covariance.view(), c)?) / variance[lag])
    };
    (0..LAGS).map(share).collect()
}
