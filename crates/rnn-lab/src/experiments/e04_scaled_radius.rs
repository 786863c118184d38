//! E4: the notebook's rule for the scale of the recurrent weights.

use ndarray::Array3;
use rnn_analysis::{pass, spectral_radius};
use rnn_core::{Bias, Elman, Init, Model, Mse, Target};
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use super::spread::slope_per_step;
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const UNITS: usize = 16;
const STEPS: usize = 200;
/// The gradient is followed over so many of the earliest steps.
const EARLIEST: usize = 100;
const NETWORKS: usize = 50;
const SCALES: [f64; 5] = [0.5, 1.0, 1.5, 2.0, 3.0];

/// The experiment.
#[derive(Debug)]
pub(super) struct ScaledRadius;

impl Experiment for ScaledRadius {
    fn about(&self) -> About {
        About {
            id: "E4",
            name: "scaled-radius",
            question: "Does the spectral radius decide between vanishing and exploding?",
            why: "The rule of the course: scale the recurrent weights by s, and the gradient of the last loss explodes if s times the spectral \
                  radius is above 1, and vanishes if it is below. For a linear network the rule is exact in the long run. How long is that, \
                  and how exact is it over the lengths one trains on?",
            setting: "50 linear networks of 16 units with PyTorch's default initialization, their recurrent weights scaled by s = 0.5, 1, 1.5, 2 and 3, with a loss at the \
                      last of 200 timesteps. A line is fitted to ln ‖dL/dh_t‖ over the 100 earliest timesteps, which the gradient reaches last.",
            formula: r"\ln\|\partial L/\partial h_{t-1}\| - \ln\|\partial L/\partial h_t\| \;\to\; \ln(s\,\rho(W))",
            sources: &[Source {
                text: "S. Hochreiter 1991, Untersuchungen zu dynamischen neuronalen Netzen, diploma thesis, TU München; Y. Bengio, P. Simard, P. Frasconi 1994, \
                       Learning long-term dependencies with gradient descent is difficult, IEEE Transactions on Neural Networks 5",
                url: "https://doi.org/10.1109/72.279181",
            }],
        }
    }

    fn jobs(&self, _: &Scope) -> Vec<Job> {
        vec![Job::new("E4", "slopes").cost(1.0)]
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let mut rng = job.rng();
        let (x, y) = (Array3::zeros((1, STEPS, 1)), Array3::ones((1, STEPS, 1)));
        let (mut slopes, mut wanted, mut example) = (Vec::new(), Vec::new(), Vec::new());
        for network in 0..NETWORKS {
            let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[UNITS], 1, Bias::None)?;
            model.initialize(Init::PyTorch, &mut rng)?;
            let w = model.rnn.weight_hh(0).to_owned();
            let radius = spectral_radius(w.view())?;
            for scale in SCALES {
                model.rnn.params_mut().set("weight_hh_l0", (&w * scale).view().into_dyn())?;
                let target = Target::values(y.view()).last();
                let flow = pass(&model, x.view(), target, &Mse, &mut model.workspace())?.flow;
                let logs: Vec<f64> = flow.grad_norm.row(0).iter().map(|&norm| libm::log(norm)).collect();
                // Against time, so that the slope per step back has the other sign.
                slopes.push(-slope_per_step(&logs[..EARLIEST]));
                wanted.push(libm::log(scale * radius));
                if network == 0 {
                    example.extend(logs);
                }
            }
        }
        Ok(Numbers::new().with("slopes", slopes).with("wanted", wanted).with("example", example))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let numbers = results.one("slopes")?;
        let (slopes, wanted) = (numbers.list("slopes")?, numbers.list("wanted")?);
        let mut off: Vec<f64> = slopes.iter().zip(wanted).map(|(got, want)| (got - want).abs()).collect();
        off.sort_by(f64::total_cmp);
        let within = off.iter().filter(|&&x| x <= 0.002).count() as f64 / off.len() as f64;
        let (worst, middle) = (off[off.len() - 1], off[off.len() / 2]);
        let signs = slopes.iter().zip(wanted).filter(|(got, want)| got.signum() == want.signum()).count();
        let findings = vec![
            Finding::at_most(
                format!("largest difference of the slope from ln(s ρ) in {} cases", off.len()),
                worst,
                0.02,
                "A pair of complex eigenvalues makes the norm swing about the line by a constant factor c, which moves a slope over m steps by \
                 at most 1.5 ln(c)/m = 0.015 for c = e; two eigenvalues of nearly the same modulus add to that.",
            ),
            Finding::at_least(
                "share of the cases within 0.002",
                within,
                0.95,
                "By then all but the leading eigenvalues have faded: one that is smaller by 5% counts 0.6% after 100 steps, and at most 0.0001 in the slope.",
            ),
            Finding::at_least(
                "share of the cases in which the sign is right",
                signs as f64 / off.len() as f64,
                0.99,
                "The sign can only be wrong if ln(s ρ) is within 0.02 of 0.",
            ),
        ];
        let time: Vec<f64> = (1..=STEPS).map(|t| t as f64).collect();
        let mut panel = LinePlot::new(
            "One network",
            Axis::linear("timestep t"),
            Axis::log("norm of dL/dh_t over that at T"),
        );
        for (logs, scale) in numbers.list("example")?.chunks(STEPS).zip(SCALES) {
            let last = logs[STEPS - 1];
            let norms: Vec<f64> = logs.iter().map(|log| libm::exp(log - last)).collect();
            panel = panel.line(Line::new(format!("s = {scale}"), &time, norms));
        }
        let lower = wanted.iter().copied().fold(f64::INFINITY, f64::min);
        let upper = wanted.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let scatter =
            LinePlot::new("All cases", Axis::linear("ln(s ρ)"), Axis::linear("slope per step back"))
                .line(Line::new("networks", wanted, slopes).marker(Marker::Circle).unconnected())
                .line(Line::new("equal", [lower, upper], [lower, upper]).dashed());
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Scaled recurrent weights").panel(panel).panel(scatter),
                "First, the norms of one network's gradients for five scales. Second, the slopes of all networks against the rule.".to_owned(),
            )),
            text: vec![format!(
                "In {} cases the slope is within {worst:.4} of ln(s ρ), and within {middle:.5} in half of them. The rule holds for linear networks in \
                 the long run; E5 shows what may happen before that, and E3 and E14 what slopes below 1 take away.",
                off.len()
            )],
        })
    }
}
