//! E14: mean-field theory and the gradients of a driven network.

use ndarray::{Array2, Array3};
use rnn_analysis::{MeanField, pass};
use rnn_core::{Bias, Elman, Init, Model, Mse, Parameters, Random, Target};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use super::random_networks::gaussian;
use super::spread::{mean, slope_per_step};
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const UNITS: usize = 256;
const STEPS: usize = 140;
const BACK: usize = 20;

/// Standard deviations of the weights, times √n, and of the input.
const SETTINGS: [[f64; 2]; 6] = [[0.8, 0.5], [1.0, 0.3], [1.2, 1.0], [1.6, 0.3], [2.0, 1.0], [2.5, 0.5]];

/// The experiment.
#[derive(Debug)]
pub(super) struct MeanFieldGradients;

impl Experiment for MeanFieldGradients {
    fn about(&self) -> About {
        About {
            id: "E14",
            name: "mean-field",
            question: "Can one tell from the scale of the weights and of the input how fast gradients vanish?",
            why: "For a wide random network one can, without running it. Its pre-activations are normal with a variance q that follows from the two scales, and the squared \
                  norm of a gradient changes by χ, the mean of the squared slopes times the variance of the weights, in each step. The network can be trained over a \
                  few times ξ = −1/ln χ steps, and best near χ = 1.",
            setting: "Tanh networks of 256 units, weights of standard deviation σ_w/√n, and an independent normal input of standard deviation σ_v to each unit at each step; the \
                      loss is at the last of 140 steps. The squared norm of the gradient is averaged over 12 seeds, and its logarithm fitted by a line over 20 steps back.",
            formula: r"q = \sigma_w^2\,\mathbb{E}\tanh^2(\sqrt q\,\xi) + \sigma_v^2, \qquad \chi = \sigma_w^2\,\mathbb{E}\,\varphi'(\sqrt q\,\xi)^2, \qquad \|\partial L/\partial h_{T-k}\|^2 \sim \chi^k",
            sources: &[
                Source {
                    text: "M. Chen, J. Pennington, S. S. Schoenholz 2018, Dynamical isometry and a mean field theory of RNNs, ICML",
                    url: "https://arxiv.org/abs/1806.05394",
                },
                Source {
                    text: "L. Molgedey, J. Schuchhardt, H. G. Schuster 1992, Suppressing chaos in neural networks by noise, Physical Review Letters 69",
                    url: "https://doi.org/10.1103/PhysRevLett.69.3717",
                },
            ],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let of = |[weights, input]: [f64; 2]| {
            scope.seeds(12).map(move |seed| {
                Job::new("E14", "gradients")
                    .with("weights", weights)
                    .with("input", input)
                    .seed(seed)
                    .cost(0.1)
            })
        };
        SETTINGS.into_iter().flat_map(of).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let mut rng = job.rng();
        let mut model = Model::<f64>::zeros(Elman::tanh(), UNITS, &[UNITS], 1, Bias::None)?;
        let w = gaussian(UNITS, job.get("weights"), &mut rng);
        model.rnn.set_parameter("weight_hh_l0", w.view().into_dyn())?;
        model.rnn.set_parameter("weight_ih_l0", Array2::eye(UNITS).view().into_dyn())?;
        model.head.initialize(Init::PyTorch, &mut rng)?;
        let mut x = Array3::zeros((1, STEPS, UNITS));
        rng.fill_normal(x.as_slice_mut().expect("rows in memory"));
        x *= job.get("input");
        let y = Array3::ones((1, STEPS, 1));
        let mut ws = model.workspace();
        let flow = pass(&model, x.view(), Target::values(y.view()).last(), &Mse, &mut ws)?.flow;
        let norms = flow.grad_norm.row(0);
        let back = (0..=BACK).map(|k| (norms[STEPS - 1 - k] / norms[STEPS - 1]).powi(2));
        let squares = ws.rnn.hidden(0).iter().skip(STEPS / 2 * UNITS).map(|h| h * h).collect::<Vec<f64>>();
        Ok(Numbers::new().with("squares", back.collect::<Vec<f64>>()).value("size", mean(&squares)))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let steps: Vec<f64> = (0..=BACK).map(|k| k as f64).collect();
        let mut panel =
            LinePlot::new("256 units", Axis::linear("steps back"), Axis::log("squared norm of the gradient"));
        let (mut findings, mut told, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
        for (color, [weights, input]) in SETTINGS.into_iter().enumerate() {
            let own: Vec<&Numbers> = results
                .part("gradients")
                .filter(|(job, _)| job.get("weights") == weights && job.get("input") == input)
                .map(|(_, numbers)| numbers)
                .collect();
            let lists: Vec<&[f64]> = own.iter().map(|n| n.list("squares")).collect::<Result<_>>()?;
            let squares: Vec<f64> =
                (0..=BACK).map(|k| mean(&lists.iter().map(|list| list[k]).collect::<Vec<f64>>())).collect();
            let logs: Vec<f64> = squares.iter().map(|&x| libm::log(x)).collect();
            let theory = MeanField::tanh(weights, input)?;
            let (got, want) = (slope_per_step(&logs), libm::log(theory.chi));
            findings.push(Finding::near(
                format!("slope of ln ‖dL/dh‖² per step back, σ_w = {weights}, σ_v = {input}"),
                got,
                want,
                0.03,
                "The theory is for infinitely many units and forgets that the same W acts at every step; at 256 units that leaves some 0.01 to 0.02.",
            ));
            let size = mean(&own.iter().map(|n| n.get("size")).collect::<Result<Vec<f64>>>()?);
            sizes.push((size / theory.mean_square - 1.0).abs());
            let length = theory.correlation_length().map_or("no ξ".to_owned(), |xi| format!("ξ = {xi:.1}"));
            told.push(format!("{got:.3} beside {want:.3} at σ_w = {weights}, σ_v = {input} ({length})"));
            let line: Vec<f64> = steps.iter().map(|k| libm::exp(k * want)).collect();
            panel = panel
                .line(Line::new(format!("σ_w = {weights}, σ_v = {input}"), &steps, &squares).color(color))
                .line(Line::new("χ^k", &steps, line).color(color).dashed().unlabelled());
        }
        let worst = sizes.iter().copied().fold(0.0, f64::max);
        findings.push(Finding::at_most(
            "largest relative difference of the mean square of the states from E tanh² z",
            worst,
            0.03,
            "A mean over 256 units, 70 steps and 12 seeds, and the finite size as above.",
        ));
        let gains: Vec<f64> = (0..=60).map(|k| 0.5 + 0.05 * f64::from(k)).collect();
        let mut edge = LinePlot::new("Theory", Axis::linear("σ_w"), Axis::linear("½ ln χ"));
        for input in [0.0, 0.3, 1.0, 2.0] {
            let exponents: Vec<f64> = gains
                .iter()
                .map(|&gain| Ok(MeanField::tanh(gain, input)?.largest_exponent()))
                .collect::<Result<_>>()?;
            edge = edge.line(Line::new(format!("σ_v = {input}"), &gains, exponents));
        }
        edge = edge.horizontal("0", 0.0);
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Mean-field theory of gradients").panel(panel).panel(edge),
                "First, squared norms on their way back, mean over seeds, and χ^k (dashed). Second, the rate of growth by the scales of weights and input: inputs move the \
                 edge of chaos to larger weights."
                    .to_owned(),
            )),
            text: vec![
                format!("The slopes are {}.", told.join("; ")),
                format!("The mean squares of the states are those of the theory within {:.1}%.", 100.0 * worst),
            ],
        })
    }
}
