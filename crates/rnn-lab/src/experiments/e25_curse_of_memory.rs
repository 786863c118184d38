//! E25: the longer a unit remembers, the harder its eigenvalue is to learn.

use rnn_core::Random;
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use super::spread::mean_and_error;
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Steps of each simulation.
const STEPS: usize = 200_000;

/// The eigenvalues.
const LAMBDAS: [f64; 3] = [0.9, 0.95, 0.99];

/// The parametrizations: a name for the results, one for people.
const KINDS: [(&str, &str); 4] = [
    ("plain", "λ itself"),
    ("exponential", "ν with λ = exp(−e^ν)"),
    ("scaled", "ν, and the input scaled by a fixed √(1 − λ²)"),
    ("normalized", "ν, and the input scaled by √(1 − λ²) that moves with λ"),
];

/// The experiment.
#[derive(Debug)]
pub(super) struct CurseOfMemory;

impl Experiment for CurseOfMemory {
    fn about(&self) -> About {
        About {
            id: "E25",
            name: "curse-of-memory",
            question: "If no gradient vanishes or explodes, is learning long memories easy?",
            why: "No. In a linear unit h ← λ h + x no gradient between states ever exceeds 1. Yet the state at one time depends on \
                  λ through all the steps before, and as λ nears 1, the sensitivity of h to λ grows like (1 − λ²)^−3: one step of \
                  learning that is small for λ = 0.9 throws a unit with λ = 0.99 off. Zucchet and Orvieto call that the curse of \
                  memory, and show how the parametrizations of modern recurrent networks undo it: learn the logarithm of the time \
                  scale, and scale the input so that the size of the state does not depend on λ.",
            setting: "One linear unit that reads white noise, λ = 0.9, 0.95 and 0.99, simulated for 200,000 steps with 20 seeds, in \
                      four parametrizations.",
            formula: r"E h^2 = \frac{1}{1-\lambda^2}, \quad E \left( \frac{dh}{d\lambda} \right)^2 = \frac{1+\lambda^2}{(1-\lambda^2)^3}, \quad \frac{d\lambda}{d\nu} = \lambda \ln \lambda",
            sources: &[Source {
                text: "N. Zucchet, A. Orvieto 2024, Recurrent neural networks: vanishing and exploding gradients are not the end of \
                       the story, NeurIPS",
                url: "https://arxiv.org/abs/2405.21064",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let of = |lambda| {
            scope
                .seeds(20)
                .map(move |seed| Job::new("E25", "unit").with("lambda", lambda).seed(seed).cost(0.05))
        };
        LAMBDAS.into_iter().flat_map(of).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let lambda = job.get("lambda");
        let mut x = vec![0.0; STEPS];
        job.rng().fill_normal(&mut x);
        let gamma = (1.0 - lambda * lambda).sqrt();
        let by_nu = lambda * libm::log(lambda);
        let (mut h, mut d) = (0.0f64, 0.0f64);
        let (mut size, mut sums) = (0.0, [0.0; KINDS.len()]);
        // The beginning, where the sums have not reached their stationary values, is left out.
        let burn_in = (30.0 / (1.0 - lambda)) as usize;
        for (t, x) in x.into_iter().enumerate() {
            d = h + lambda * d;
            h = lambda * h + x;
            if t >= burn_in {
                size += h * h;
                let moving = gamma * d - lambda / gamma * h;
                for (sum, d) in sums.iter_mut().zip([d, by_nu * d, gamma * by_nu * d, by_nu * moving]) {
                    *sum += d * d;
                }
            }
        }
        let steps = (STEPS - burn_in) as f64;
        let numbers = Numbers::new().value("size", size / steps);
        Ok(KINDS.iter().zip(sums).fold(numbers, |numbers, ((name, _), sum)| numbers.value(name, sum / steps)))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let mut findings = Vec::new();
        let mut check = |what: String, values: &[f64], exact: f64| {
            let (mean, error) = mean_and_error(values);
            let reason = format!(
                "Three standard errors over {} seeds; the square is that of a sum over some 1/(1 − λ) steps, of which a simulation \
                 has only so many that are independent.",
                values.len()
            );
            findings.push(Finding::near(what, mean, exact, 3.0 * error, reason));
        };
        let of = |lambda: f64, name: &str| -> Result<Vec<f64>> {
            let chosen = results.part("unit").filter(|(job, _)| job.get("lambda") == lambda);
            chosen.map(|(_, numbers)| numbers.get(name)).collect()
        };
        for lambda in LAMBDAS {
            check(format!("E h² for λ = {lambda}"), &of(lambda, "size")?, 1.0 / (1.0 - lambda * lambda));
            for (kind, (name, words)) in KINDS.into_iter().enumerate() {
                let what = format!("E (dh/dθ)² for λ = {lambda}, θ = {words}");
                check(what, &of(lambda, name)?, exact(kind, lambda));
            }
        }
        let lambdas: Vec<f64> = (50..=998).map(|k| f64::from(k) / 1000.0).collect();
        let memory = |lambda: f64| 1.0 / (1.0 - lambda);
        let x: Vec<f64> = lambdas.iter().copied().map(memory).collect();
        let mut panel = LinePlot::new(
            "Sensitivity to the parameter",
            Axis::log("memory 1 / (1 − λ)"),
            Axis::log("E (dh/dθ)²"),
        );
        for (kind, (name, words)) in KINDS.into_iter().enumerate() {
            let y: Vec<f64> = lambdas.iter().map(|&lambda| exact(kind, lambda)).collect();
            panel = panel.line(Line::new(words, &x, y).color(kind));
            let mut seen = Vec::new();
            for lambda in LAMBDAS {
                seen.push(mean_and_error(&of(lambda, name)?).0);
            }
            let at: Vec<f64> = LAMBDAS.into_iter().map(memory).collect();
            panel = panel
                .line(Line::new("", at, seen).color(kind).marker(Marker::Circle).unconnected().unlabelled());
        }
        let (short, long) = (exact(0, 0.9), exact(0, 0.99));
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("The curse of memory").panel(panel),
                "How much the state moves with its parameter, in the mean square, against the memory of the unit. Lines are the \
                 closed forms, circles the simulations."
                    .to_owned(),
            )),
            text: vec![
                format!(
                    "In terms of λ itself the mean square of the sensitivity is {short:.0} for λ = 0.9 and {long:.0} for λ = 0.99, \
                     while no derivative of a state with respect to an earlier one exceeds 1. The largest stable learning rate \
                     shrinks accordingly."
                ),
                format!(
                    "With ν = ln(−ln λ) it is {:.2} and {:.2}. If the input is scaled by √(1 − λ²) as well it is {:.3} and {:.3}, and \
                     if the change of that factor with λ is counted too, {:.3} and {:.3}: near 1/4 for every λ close to 1.",
                    exact(1, 0.9),
                    exact(1, 0.99),
                    exact(2, 0.9),
                    exact(2, 0.99),
                    exact(3, 0.9),
                    exact(3, 0.99)
                ),
            ],
        })
    }
}

/// The mean square of the sensitivity in closed form.
///
/// With γ² = 1 − λ², the last one follows from E h² = γ⁻², E h dh/dλ = λ γ⁻⁴ and E (dh/dλ)² = (1 + λ²) γ⁻⁶:
/// d(γ h)/dλ = γ dh/dλ − (λ/γ) h has the mean square γ⁻⁴ (1 + λ² − 2 λ² + λ²).
fn exact(kind: usize, lambda: f64) -> f64 {
    let square = 1.0 - lambda * lambda;
    let plain = (1.0 + lambda * lambda) / (square * square * square);
    let by_nu = libm::pow(lambda * libm::log(lambda), 2.0);
    match kind {
        0 => plain,
        1 => by_nu * plain,
        2 => by_nu * square * plain,
        _ => by_nu / (square * square),
    }
}
