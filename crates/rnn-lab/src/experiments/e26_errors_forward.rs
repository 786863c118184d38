//! E26: back-propagation run forward in time.

use ndarray::{Array1, Array2, Array3, ArrayView2, Axis as Along};
use rnn_analysis::driven_lyapunov_exponents;
use rnn_core::{Bias, Elman, Init, Parameters, Random, Real, Stack, Weights};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::linear_solve::solve;
use super::spread::slope;
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Units and timesteps.
const N: usize = 16;
const TIME: usize = 100;

/// The factors of the orthogonal W.
const FACTORS: [f64; 4] = [0.8, 0.9, 1.0, 1.1];

/// The relative size of the first error where it is made on purpose.
const NUDGE: f64 = 1e-6;

/// The experiment.
#[derive(Debug)]
pub(super) struct ErrorsForward;

impl Experiment for ErrorsForward {
    fn about(&self) -> About {
        About {
            id: "E26",
            name: "errors-forward-in-time",
            question: "Could the errors of back-propagation be computed forward in time?",
            why: "Back-propagation through time has to store every state and go back. Its recursion can be turned around: from the \
                  error at one timestep, the next one follows with the inverse of the Jacobian. Then learning would need neither \
                  memory nor a second pass, only a good guess of the first error. The price is stability. What contracts on the \
                  way back expands on the way forward: an error in δ is multiplied by the inverse of the Jacobian at each step. \
                  A network that forgets with a rate λ makes errors grow like λ^−t.",
            setting: "16 units, 100 timesteps with a random gradient of the loss at each. Linear networks with W = λ Q, Q orthogonal, \
                      λ = 0.8, 0.9, 1 and 1.1: the first error is exact but for a relative change of 1e-6, or for rounding in f32 \
                      and in f64. Then a tanh network with W = 0.9 Q, driven by noise, in f64.",
            formula: r"\delta_t = \frac{\partial \ell_t}{\partial h_t} + J_{t+1}^\top \delta_{t+1} \quad \Longleftrightarrow \quad \delta_{t+1} = J_{t+1}^{-\top} \left( \delta_t - \frac{\partial \ell_t}{\partial h_t} \right)",
            sources: &[Source {
                text: "N. Zucchet, G. Pourcel, M. Ernoult 2026, Forward propagation of errors through time, a post of 17 February 2026; \
                       the rates are derived here",
                url: "",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let linear =
            FACTORS.into_iter().map(|factor| Job::new("E26", "linear").with("lambda", factor).cost(0.1));
        let tanh = scope.seeds(5).map(|seed| Job::new("E26", "tanh").seed(seed).cost(0.2));
        linear.chain(tanh).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        if job.part == "linear" { linear(job) } else { tanh(job) }
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let mut findings = Vec::new();
        let mut panel =
            LinePlot::new("A first error of 1e-6", Axis::linear("t"), Axis::log("‖error of δ_t‖"));
        let mut rounding = LinePlot::new("Rounding alone", Axis::linear("t"), Axis::log("‖error of δ_t‖"));
        let t: Vec<f64> = (0..TIME).map(|t| t as f64).collect();
        for (color, (job, numbers)) in results.part("linear").enumerate() {
            let factor = job.get("lambda");
            let nudged = numbers.list("nudged")?;
            findings.push(Finding::near(
                format!("slope of the logarithm of the error for λ = {factor}"),
                log_slope(&t, nudged),
                -libm::log(factor),
                1e-3,
                "The error is multiplied by Q / λ at each step, exactly; what rounding adds on the way is ten orders of magnitude \
                 smaller than the first error and grows no faster.",
            ));
            panel = panel.line(Line::new(format!("λ = {factor}"), &t, nudged).color(color));
            if factor < 1.0 {
                for (name, words) in [("f32", "f32"), ("f64", "f64")] {
                    let errors = numbers.list(name)?;
                    // The first steps add errors of about the same size as the first one.
                    findings.push(Finding::near(
                        format!("the same slope where the first error is the rounding of {words}"),
                        log_slope(&t[20..], &errors[20..]),
                        -libm::log(factor),
                        0.02,
                        "Rounding adds an error at each step; those of the first steps dominate, since they have grown longest.",
                    ));
                    let line = Line::new(format!("λ = {factor}, {words}"), &t, errors).color(color);
                    rounding = rounding.line(if name == "f32" { line } else { line.dashed() });
                }
            }
        }
        let (measured, least): (Vec<f64>, Vec<f64>) = results
            .part("tanh")
            .map(|(_, numbers)| {
                Ok((log_slope(&t[20..], &numbers.list("nudged")?[20..]), -numbers.get("least")?))
            })
            .collect::<Result<Vec<(f64, f64)>>>()?
            .into_iter()
            .unzip();
        let gaps: Vec<f64> = measured.iter().zip(&least).map(|(slope, least)| slope - least).collect();
        findings.push(Finding::observation(
            "tanh units: the slope less the negative of the smallest Lyapunov exponent",
            gaps,
            "The inverse transposed Jacobians expand most along the direction that contracts most on the way forward; over 80 steps \
             the slope comes near its rate.",
        ));
        let first = results.one("linear")?;
        let size = first.get("size")?;
        let lost = first.list("f32")?.iter().position(|&error| error > size).unwrap_or(TIME);
        let doubling = libm::log(2.0) / -libm::log(FACTORS[0]);
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Errors forward in time").panel(panel).panel(rounding),
                "The distance of the errors that are computed forward from those of back-propagation. Above: from a relative change of \
                 1e-6 at the first timestep. Below: from rounding alone."
                    .to_owned(),
            )),
            text: vec![format!(
                "A network that forgets with λ = {} doubles the error every {doubling:.1} steps; in f32 the error is as \
                 large as δ itself after {lost} of them. Only where nothing is forgotten, λ ≥ 1, can errors be propagated forward. For tanh units the smallest \
                 Lyapunov exponent takes the place of ln λ: the mean slope is {:.2} per step.",
                FACTORS[0],
                measured.iter().sum::<f64>() / measured.len() as f64
            )],
        })
    }
}

/// The slope of the logarithm.
fn log_slope(t: &[f64], errors: &[f64]) -> f64 {
    let logs: Vec<f64> = errors.iter().map(|&x| libm::log(x)).collect();
    slope(t, &logs)
}

/// δ_1 .. δ_T by back-propagation, with the Jacobian of each step, (time, n).
fn backward<F: Real>(jacobians: &[Array2<F>], direct: ArrayView2<'_, F>) -> Array2<F> {
    let mut delta = direct.to_owned();
    for t in (0..jacobians.len() - 1).rev() {
        let back = jacobians[t + 1].t().dot(&delta.row(t + 1));
        let sum = &delta.row(t) + &back;
        delta.row_mut(t).assign(&sum);
    }
    delta
}

/// δ_1 .. δ_T forward, from the first one.
fn forward<F: Real>(
    jacobians: &[Array2<F>],
    direct: ArrayView2<'_, F>,
    first: Array1<F>,
) -> Result<Array2<F>> {
    let mut delta = Array2::zeros(direct.dim());
    delta.row_mut(0).assign(&first);
    for t in 0..jacobians.len() - 1 {
        let rest = &delta.row(t) - &direct.row(t);
        delta.row_mut(t + 1).assign(&solve(jacobians[t + 1].t(), rest.view())?);
    }
    Ok(delta)
}

/// ‖a_t − b_t‖.
fn distances<F: Real>(a: &Array2<f64>, b: &Array2<F>) -> Vec<f64> {
    let row = |(a, b): (ndarray::ArrayView1<'_, f64>, ndarray::ArrayView1<'_, F>)| {
        let off = a.iter().zip(b).map(|(a, b)| a - b.to_f64().unwrap_or(f64::NAN));
        off.map(|x| x * x).sum::<f64>().sqrt()
    };
    a.rows().into_iter().zip(b.rows()).map(row).collect()
}

/// The distances from the first error times 1 + 1e-6.
fn nudged(jacobians: &[Array2<f64>], direct: &Array2<f64>) -> Result<Vec<f64>> {
    let exact = backward(jacobians, direct.view());
    let first = exact.row(0).mapv(|x| x * (1.0 + NUDGE));
    Ok(distances(&exact, &forward(jacobians, direct.view(), first)?))
}

/// A network with W = `factor` Q, and the random gradients of the losses.
fn setting(job: &Job, linear: bool, factor: f64) -> Result<(Stack<f64>, Array2<f64>)> {
    let rng = job.rng();
    let mut rnn = if linear {
        Stack::<f64>::zeros(Elman::identity(), N, &[N], Bias::None)?
    } else {
        Stack::<f64>::zeros(Elman::tanh(), N, &[N], Bias::None)?
    };
    rnn.initialize_weights(Weights::Recurrent, Init::Orthogonal { gain: factor }, &mut rng.stream(0))?;
    rnn.set_parameter("weight_ih_l0", Array2::<f64>::eye(N).view().into_dyn())?;
    let mut direct = vec![0.0; TIME * N];
    rng.stream(1).fill_normal(&mut direct);
    let direct = Array2::from_shape_fn((TIME, N), |(t, j)| direct[t * N + j]);
    Ok((rnn, direct))
}

fn linear(job: &Job) -> Result<Numbers> {
    let (rnn, direct) = setting(job, true, job.get("lambda"))?;
    let jacobians = vec![rnn.weight_hh(0).to_owned(); TIME];
    let exact = backward(&jacobians, direct.view());
    let double = forward(&jacobians, direct.view(), exact.row(0).to_owned())?;
    let single = |array: &Array2<f64>| array.mapv(|x| x as f32);
    // The network of f32 is the rounded one: its exact errors are those of its own W and gradients.
    let (w, d) = (single(&jacobians[0]), single(&direct));
    let rounded = vec![w.mapv(f64::from); TIME];
    let exact_of_rounded = backward(&rounded, d.mapv(f64::from).view());
    let first = exact_of_rounded.row(0).mapv(|x| x as f32);
    let forward_of_rounded = forward(&vec![w; TIME], d.view(), first)?;
    let size = exact.iter().map(|x| x * x).sum::<f64>() / TIME as f64;
    Ok(Numbers::new()
        .value("size", size.sqrt())
        .with("nudged", nudged(&jacobians, &direct)?)
        .with("f64", distances(&exact, &double).into_iter().map(|x| x.max(1e-18)).collect::<Vec<f64>>())
        .with("f32", distances(&exact_of_rounded, &forward_of_rounded)))
}

fn tanh(job: &Job) -> Result<Numbers> {
    let (rnn, direct) = setting(job, false, 0.9)?;
    let mut x = vec![0.0; TIME * N];
    job.rng().stream(2).fill_normal(&mut x);
    let x = Array3::from_shape_fn((1, TIME, N), |(_, t, j)| 0.3 * x[t * N + j]);
    let mut ws = rnn.workspace();
    rnn.forward(x.view(), &mut ws)?;
    let mut steps = rnn.step_jacobians(&ws, 0, 0)?;
    let jacobians: Vec<Array2<f64>> =
        (1..=TIME).map(|t| Ok(steps.at(t)?.to_owned())).collect::<Result<_>>()?;
    let spectrum = driven_lyapunov_exponents(&rnn, x.index_axis(Along(0), 0), None, 0)?;
    let least = spectrum[0].by_column.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(Numbers::new().with("nudged", nudged(&jacobians, &direct)?).value("least", least))
}
