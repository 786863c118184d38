//! E13: what the bias of the forget gate does to the gradient, exactly.

use ndarray::{Array1, Array2, Array3};
use rnn_core::{Bias, Cell, Gru, LayerState, Lstm, Parameters, Run, Stack, State};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use crate::error::{Error, Result};
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// The length of the sequence.
const TIME: usize = 20;

/// The biases that are compared.
const BIASES: [f64; 4] = [0.0, 1.0, 2.0, 5.0];

/// The experiment.
#[derive(Debug)]
pub(super) struct ForgetGate;

impl Experiment for ForgetGate {
    fn about(&self) -> About {
        About {
            id: "E13",
            name: "forget-gate-bias",
            question: "Why does a bias of 1 at the forget gate help so much?",
            why: "The cell state of an LSTM is multiplied by its forget gate at every step, and so is the gradient on its way \
                  back. At the beginning of training the weights are small and the gate is the logistic function of its bias. \
                  With a bias of 0 that is ½, and the error signal is halved with every timestep: after 20 of them one \
                  millionth is left. Gers, Schmidhuber and Cummins proposed a positive bias; Jozefowicz, Zaremba and Sutskever \
                  found that a bias of 1 closes the gap between the LSTM and the GRU in their experiments.",
            setting: "An LSTM and a GRU of one unit whose weights are 0, over 20 timesteps, with a bias of 0, 1, 2 and 5 at the \
                      gate that keeps. The derivative of the last state with respect to the first one is computed by \
                      back-propagation through time.",
            formula: r"\frac{\partial c_T}{\partial c_0} = \prod_{t=1}^{T} f_t = \sigma(b)^T",
            sources: &[
                Source {
                    text: "F. A. Gers, J. Schmidhuber, F. Cummins 2000, Learning to forget: continual prediction with LSTM, \
                           Neural Computation 12(10)",
                    url: "https://doi.org/10.1162/089976600300015015",
                },
                Source {
                    text: "R. Jozefowicz, W. Zaremba, I. Sutskever 2015, An empirical exploration of recurrent network \
                           architectures, ICML",
                    url: "https://proceedings.mlr.press/v37/jozefowicz15.html",
                },
            ],
        }
    }

    fn jobs(&self, _: &Scope) -> Vec<Job> {
        BIASES.iter().map(|&bias| Job::new("E13", "bias").with("b", bias).cost(0.01)).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let bias = job.get("b");
        Ok(Numbers::new()
            .with("lstm", kept(Lstm.into(), "f", bias)?)
            .with("gru", kept(Gru.into(), "z", bias)?))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let mut findings = Vec::new();
        let mut panel = LinePlot::new(
            "An LSTM without weights",
            Axis::linear("steps back"),
            Axis::log("∂c_T / ∂c_{T−k}"),
        );
        let steps: Vec<f64> = (0..=TIME).map(|k| k as f64).collect();
        let mut shares = Vec::new();
        for (job, numbers) in results.part("bias") {
            let bias = job.get("b");
            let gate = 1.0 / (1.0 + libm::exp(-bias));
            let exact = libm::pow(gate, TIME as f64);
            for (cell, state) in [("lstm", "c"), ("gru", "h")] {
                let got = numbers.list(cell)?[TIME];
                findings.push(Finding::near(
                    format!("∂{state}_20 / ∂{state}_0 of the {} with bias {bias}", cell.to_uppercase()),
                    got,
                    exact,
                    1e-12 * exact,
                    "A product of 20 equal factors, up to rounding.",
                ));
            }
            let lstm = numbers.list("lstm")?;
            shares.push((bias, lstm[TIME], libm::log(0.5) / libm::log(gate)));
            panel = panel.line(Line::new(format!("b = {bias}"), &steps, lstm));
        }
        let told: Vec<String> = shares
            .iter()
            .map(|(bias, share, half)| {
                format!(
                    "with a bias of {bias}, {share:.2e} is left (half of it is lost every {half:.1} steps)"
                )
            })
            .collect();
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("The gate that keeps").panel(panel),
                "The share of the gradient that is left after k steps back, for four biases of the forget gate.".to_owned(),
            )),
            text: vec![
                format!("After {TIME} steps back {}.", told.join("; ")),
                "The gate z of a GRU keeps the state as the forget gate does, so that a GRU whose biases are 0 begins where an \
                 LSTM with a forget bias of 0 does. A remedy for one is a remedy for the other."
                    .to_owned(),
            ],
        })
    }
}

/// ∂s_T/∂s_{T−k} for k = 0 .. T, of one unit without weights, with this bias at the gate of this name.
fn kept(cell: Cell<f64>, gate: &str, bias: f64) -> Result<Vec<f64>> {
    let gates = cell.form().gates;
    let place = gates.iter().position(|known| known.name == gate);
    let place = place.ok_or_else(|| Error::Other(format!("{cell} has no gate {gate}")))?;
    let biases = Array1::from_shape_fn(gates.len(), |k| if k == place { bias } else { 0.0 });
    let mut rnn = Stack::<f64>::zeros(cell, 1, &[1], Bias::Single)?;
    rnn.set_parameter("bias_l0", biases.view().into_dyn())?;
    let has_c = rnn.layers()[0].cell_width() > 0;
    let state = |h: f64, c: f64| State {
        layers: vec![LayerState {
            h: Array2::from_elem((1, 1), h),
            c: has_c.then(|| Array2::from_elem((1, 1), c)),
        }],
    };
    let x = Array3::zeros((1, TIME, 1));
    let mut ws = rnn.workspace();
    rnn.forward(Run::over(x.view()).from_state(&state(0.5, 0.5)), &mut ws)?;
    let last = if has_c { state(0.0, 1.0) } else { state(1.0, 0.0) };
    rnn.backward(Array3::zeros((1, TIME, 1)).view(), Some(&last), &mut ws)?;
    let (along, first) = if has_c {
        (ws.d_cell(0), ws.d_initial().layers[0].c.clone())
    } else {
        (ws.d_hidden(0), Some(ws.d_initial().layers[0].h.clone()))
    };
    let first = first.map_or(f64::NAN, |first| first[[0, 0]]);
    Ok((0..TIME).rev().map(|t| along[[0, t, 0]]).chain([first]).collect())
}
