//! E3: what an orthogonal matrix keeps, and what tanh takes away.

use ndarray::Array3;
use rnn_analysis::{MeanField, pass};
use rnn_core::{Bias, Elman, Init, Model, Mse, Parameters, Random, Target, Weights};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::spread::{mean, slope_per_step};
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const LINEAR_UNITS: usize = 64;
const LINEAR_STEPS: usize = 1000;

const UNITS: usize = 256;
/// Steps of a run, and those at its end over which the gradient is followed back.
const STEPS: usize = 140;
const BACK: usize = 20;

/// Standard deviations of the input.
const INPUTS: [f64; 4] = [0.1, 0.3, 1.0, 2.0];

/// The experiment.
#[derive(Debug)]
pub(super) struct Orthogonal;

impl Experiment for Orthogonal {
    fn about(&self) -> About {
        About {
            id: "E3",
            name: "orthogonal",
            question: "Does an orthogonal recurrent matrix keep gradients alive?",
            why: "An orthogonal matrix changes no length, so a linear network that starts with one passes gradients back over any number of \
                  steps without loss. That is why orthogonal initialization is recommended for recurrent networks. But the slopes of tanh are below 1 \
                  wherever its argument is not 0, and they are not made up for: how much is lost depends on how strongly the input drives \
                  the units.",
            setting: "A linear network of 64 units over 1000 steps, with a loss at the last one. Then tanh networks of 256 units with an orthogonal \
                      matrix and independent normal inputs to every unit at every step, with standard deviation 0.1 to 2; the loss is at \
                      the last of 140 steps. The squared norm of the gradient is averaged over 12 seeds, and its logarithm fitted by a line over the \
                      20 steps before the last.",
            formula: r"\frac{\|\partial L/\partial h_{t-1}\|^2}{\|\partial L/\partial h_t\|^2} \approx \chi = \mathbb{E}\,\varphi'(\sqrt q\,\xi)^2, \qquad q = \mathbb{E}\tanh^2(\sqrt q\,\xi) + \sigma_v^2",
            sources: &[
                Source {
                    text: "A. M. Saxe, J. L. McClelland, S. Ganguli 2013, Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
                    url: "https://arxiv.org/abs/1312.6120",
                },
                Source {
                    text: "M. Chen, J. Pennington, S. S. Schoenholz 2018, Dynamical isometry and a mean field theory of RNNs, ICML",
                    url: "https://arxiv.org/abs/1806.05394",
                },
            ],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let mut jobs = vec![Job::new("E3", "linear").cost(0.2)];
        for input in INPUTS {
            jobs.extend(
                scope.seeds(12).map(|seed| Job::new("E3", "tanh").with("input", input).seed(seed).cost(0.15)),
            );
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let mut rng = job.rng();
        let orthogonal = Init::Orthogonal { gain: 1.0 };
        if job.part == "linear" {
            let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[LINEAR_UNITS], 1, Bias::None)?;
            model.rnn.initialize_weights(Weights::Recurrent, orthogonal, &mut rng)?;
            model.head.initialize(Init::PyTorch, &mut rng)?;
            let (x, y) = (Array3::zeros((1, LINEAR_STEPS, 1)), Array3::ones((1, LINEAR_STEPS, 1)));
            let target = Target::values(y.view()).last();
            let flow = pass(&model, x.view(), target, &Mse, &mut model.workspace())?.flow;
            return Ok(Numbers::new().with("norms", flow.grad_norm.row(0).to_vec()));
        }
        let mut model = Model::<f64>::zeros(Elman::tanh(), UNITS, &[UNITS], 1, Bias::None)?;
        model.rnn.initialize_weights(Weights::Recurrent, orthogonal, &mut rng)?;
        model.rnn.set_parameter("weight_ih_l0", ndarray::Array2::eye(UNITS).view().into_dyn())?;
        model.head.initialize(Init::PyTorch, &mut rng)?;
        let mut x = Array3::zeros((1, STEPS, UNITS));
        rng.fill_normal(x.as_slice_mut().expect("rows in memory"));
        x *= job.get("input");
        let y = Array3::ones((1, STEPS, 1));
        let target = Target::values(y.view()).last();
        let flow = pass(&model, x.view(), target, &Mse, &mut model.workspace())?.flow;
        let norms = flow.grad_norm.row(0);
        let last = norms[STEPS - 1];
        let back = (0..=BACK).map(|k| (norms[STEPS - 1 - k] / last).powi(2));
        Ok(Numbers::new().with("squares", back.collect::<Vec<f64>>()))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let norms = results.one("linear")?.list("norms")?;
        let last = norms[LINEAR_STEPS - 1];
        let worst = norms.iter().map(|x| (x / last - 1.0).abs()).fold(0.0, f64::max);
        let mut findings = vec![Finding::at_most(
            "largest relative change of the gradient's norm over 1000 linear steps",
            worst,
            1e-10,
            "Zero but for rounding, of which each step adds some 1e-16.",
        )];
        let steps: Vec<f64> = (0..=BACK).map(|k| k as f64).collect();
        let mut panel =
            LinePlot::new("Tanh", Axis::linear("steps back"), Axis::log("squared norm of the gradient"));
        let mut parts = Vec::new();
        for (color, input) in INPUTS.into_iter().enumerate() {
            let own: Vec<&Numbers> =
                results.part("tanh").filter(|(job, _)| job.get("input") == input).map(|(_, n)| n).collect();
            let lists: Vec<&[f64]> = own.iter().map(|n| n.list("squares")).collect::<Result<_>>()?;
            let squares: Vec<f64> =
                (0..=BACK).map(|k| mean(&lists.iter().map(|list| list[k]).collect::<Vec<f64>>())).collect();
            let logs: Vec<f64> = squares.iter().map(|&x| libm::log(x)).collect();
            let theory = libm::log(MeanField::tanh(1.0, input)?.chi);
            findings.push(Finding::near(
                format!("slope of ln ‖dL/dh‖² per step back with inputs of {input}"),
                slope_per_step(&logs),
                theory,
                0.03,
                "The theory is for infinitely many units; at 256 units that leaves about 0.01.",
            ));
            let line: Vec<f64> = steps.iter().map(|k| libm::exp(k * theory)).collect();
            panel = panel
                .line(Line::new(format!("inputs of {input}"), &steps, &squares).color(color))
                .line(Line::new("mean field", &steps, line).color(color).dashed().unlabelled());
            parts.push(format!("{:.3} for inputs of {input} (theory {theory:.3})", slope_per_step(&logs)));
        }
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("An orthogonal matrix and tanh").panel(panel),
                "The squared norm of the gradient on its way back, mean over seeds; dashed, χ^k of the mean-field theory.".to_owned(),
            )),
            text: vec![
                format!(
                    "Over {LINEAR_STEPS} linear steps no gradient changes its length by more than a share of {worst:.0e}."
                ),
                format!(
                    "With tanh and the same kind of matrix the logarithm of its square changes in each step by {}. An orthogonal start \
                     helps where inputs are weak; strong inputs saturate the units, and no matrix of gain 1 makes up for that.",
                    parts.join(", ")
                ),
            ],
        })
    }
}
