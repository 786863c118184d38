//! E20: the fixed points of a network that remembers three bits.

use std::ops::ControlFlow;

use ndarray::{Array1, Array2, Axis as Of};
use rnn_analysis::{certify, fixed_points};
use rnn_core::{Adam, Bias, Elman, Model, Mse, Timesteps, Training, train};
use rnn_data::{FlipFlop, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use crate::error::{Error, Result};
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const UNITS: usize = 24;
const BITS: usize = 3;
const TIME: usize = 40;
const BATCH: usize = 32;
const STEPS: usize = 3000;
/// States of trajectories from which Newton's method starts.
const STARTS: usize = 3000;

/// The experiment.
#[derive(Debug)]
pub(super) struct FlipFlops;

impl Experiment for FlipFlops {
    fn about(&self) -> About {
        About {
            id: "E20",
            name: "flip-flop",
            question: "How does a trained network remember three bits?",
            why: "Sussillo and Barak opened the black box of recurrent networks by looking for their fixed points: a network that holds three bits has a stable state for each of the 2³ memories, and between them saddles, \
                  along whose unstable directions the decisions are made. The picture is a cube: memories at its corners, saddles with one unstable direction on its edges, with two on its faces, and one with three in the middle.",
            setting: "A tanh network of 24 units and a linear head learn the three-bit flip-flop (40 timesteps, pulses with probability 0.2, 3000 steps of Adam with 32 sequences each, mean squared error). Newton's method starts \
                      from 3000 states of the trained network's trajectories, without input. Each point is listed once, with the number of its eigenvalues outside of the unit circle. One seed; with more time, four.",
            formula: r"3^3 = 27 = \underbrace{8}_{\text{corners}} + \underbrace{12}_{\text{edges}} + \underbrace{6}_{\text{faces}} + \underbrace{1}_{\text{centre}}, \qquad \sum_{h^*} \operatorname{sign}\det(I - J(h^*)) = 1",
            sources: &[
                Source {
                    text: "D. Sussillo, O. Barak 2013, Opening the black box: low-dimensional dynamics in high-dimensional recurrent neural networks, Neural Computation 25",
                    url: "https://doi.org/10.1162/NECO_a_00409",
                },
                Source {
                    text: "M. D. Golub, D. Sussillo 2018, FixedPointFinder, Journal of Open Source Software 3",
                    url: "https://doi.org/10.21105/joss.01003",
                },
            ],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let seeds = scope.seeds(if scope.long { 4 } else { 1 });
        seeds.map(|seed| Job::new("E20", "network").seed(seed).cost(20.0)).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let (mut weights, mut data) = (job.rng().stream(0), job.rng().stream(1));
        let mut model = Model::<f64>::new(Elman::tanh(), BITS, &[UNITS], BITS, Bias::Single, &mut weights)?;
        let task = FlipFlop::new(TIME, BITS, 0.2)?;
        let settings = Training::new(Mse).clip(1.0);
        let mut losses = Vec::new();
        let source = task.batches(BATCH, STEPS, &mut data)?;
        train(&mut model, source, &settings, &mut Adam::new(3e-3), |report, _| {
            losses.push(report.loss);
            ControlFlow::Continue(())
        })?;
        let batch = task.sample::<f64>(STARTS / TIME, &mut data)?;
        let mut ws = model.workspace();
        model.infer(batch.run(), &mut ws)?;
        let hidden = ws.rnn.hidden(0);
        let states: Vec<f64> =
            hidden.outer_iter().flat_map(|sequence| sequence.iter().copied().collect::<Vec<f64>>()).collect();
        let starts = Array2::from_shape_vec((states.len() / UNITS, UNITS), states)
            .map_err(|error| Error::Other(error.to_string()))?;
        let x = Array1::zeros(BITS);
        let found = fixed_points(&model.rnn, x.view(), starts.view())?;
        let (mut by_modes, mut index, mut outputs, mut modes, mut proved) =
            ([0.0; 5], 0.0, vec![], vec![], 0.0);
        let weight = model.head.params().get("head.weight").map(|w| w.to_owned());
        let bias = model.head.params().get("head.bias").map(|b| b.to_owned());
        for point in &found {
            let unstable = point.eigenvalues.iter().filter(|z| z.norm() > 1.0).count();
            by_modes[unstable.min(4)] += 1.0;
            // The sign of det(I − J): complex eigenvalues come in pairs and count +.
            let real = point.eigenvalues.iter().filter(|z| z.im == 0.0 && z.re > 1.0).count();
            index += if real % 2 == 0 { 1.0 } else { -1.0 };
            proved += f64::from(u8::from(certify(&model.rnn, x.view(), point.state.view())?.is_some()));
            if let (Some(weight), Some(bias)) = (&weight, &bias) {
                for bit in 0..BITS {
                    let row = weight.index_axis(Of(0), bit);
                    let product: f64 = row.iter().zip(&point.state).map(|(w, h)| w * h).sum();
                    outputs.push(product + bias[[bit]]);
                }
            }
            modes.push(unstable as f64);
        }
        let tail = &losses[losses.len() - 100..];
        Ok(Numbers::new()
            .value("loss", tail.iter().sum::<f64>() / 100.0)
            .value("baseline", task.baseline(Timesteps::All))
            .value("found", found.len() as f64)
            .with("by modes", by_modes)
            .value("index", index)
            .value("proved", proved)
            .with("outputs", outputs)
            .with("modes", modes))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let numbers = results.one("network")?;
        let by_modes = numbers.list("by modes")?;
        let mut findings = vec![
            Finding::near(
                "fixed points",
                numbers.get("found")?,
                27.0,
                0.0,
                "A count: three switches that do not see each other have 3 fixed points each. That training leads to such a network is an experience, no theorem.",
            ),
            Finding::near(
                "stable ones",
                by_modes[0],
                8.0,
                0.0,
                "A count: there are 2³ memories, and each must last without input.",
            ),
        ];
        for (modes, place, count) in [(1, "edges", 12.0), (2, "faces", 6.0), (3, "the centre", 1.0)] {
            findings.push(Finding::near(
                format!("those with {modes} unstable direction(s), on {place} of the cube"),
                by_modes[modes],
                count,
                0.0,
                "A count, as above.",
            ));
        }
        findings.push(Finding::near(
            "sum of the signs of det(I − J)",
            numbers.get("index")?,
            1.0,
            0.0,
            "Lefschetz's theorem: 1 for every continuous map of a cube into itself whose fixed points are isolated. If a point were missing, the sum would be 0 or 2.",
        ));
        if results.part("network").count() > 1 {
            findings.push(Finding::observation(
                "fixed points by seed",
                results.values("network", "found")?,
                "27 in four of four seeds of another implementation.",
            ));
            findings.push(Finding::observation(
                "loss at the end by seed",
                results.values("network", "loss")?,
                "Each network solves the task.",
            ));
        }
        // The cube in an oblique view.
        let (outputs, modes) = (numbers.list("outputs")?, numbers.list("modes")?);
        let flat = |y: &[f64]| (y[0] + 0.45 * y[2], y[1] + 0.3 * y[2]);
        let mut panel = LinePlot::new(
            "The readout at the fixed points, seen obliquely",
            Axis::linear("y_1 + 0.45 y_3"),
            Axis::linear("y_2 + 0.3 y_3"),
        );
        for (corner, other) in edges() {
            let ((x0, y0), (x1, y1)) = (flat(&corner), flat(&other));
            panel = panel.line(Line::new("cube", [x0, x1], [y0, y1]).color(7).faint().unlabelled());
        }
        let names = ["stable", "1 unstable direction", "2 unstable directions", "3 unstable directions"];
        for (count, name) in names.iter().enumerate() {
            let own =
                outputs.chunks(BITS).zip(modes).filter(|(_, m)| **m == count as f64).map(|(y, _)| flat(y));
            let (x, y): (Vec<f64>, Vec<f64>) = own.unzip();
            if !x.is_empty() {
                panel = panel.line(Line::new(*name, x, y).color(count).marker(Marker::Circle).unconnected());
            }
        }
        let text = vec![format!(
            "After training the loss is {:.4} (guessing gives {:.2}). Newton's method finds {} fixed points: {} stable ones, {} with one unstable direction, {} with two and {} with three. \
             Interval arithmetic proves {} of them to exist.",
            numbers.get("loss")?,
            numbers.get("baseline")?,
            numbers.get("found")?,
            by_modes[0],
            by_modes[1],
            by_modes[2],
            by_modes[3],
            numbers.get("proved")?
        )];
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Three bits").panel(panel),
                "What the head reads out at each fixed point: memories at the corners of a cube, saddles on its edges and faces and in its middle.".to_owned(),
            )),
            text,
        })
    }
}

/// The twelve edges of the cube with corners (±1, ±1, ±1).
fn edges() -> impl Iterator<Item = ([f64; 3], [f64; 3])> {
    let corner = |k: usize| [0, 1, 2].map(|bit| if k >> bit & 1 == 1 { 1.0 } else { -1.0 });
    (0..8usize).flat_map(move |k| {
        (0..3).filter(move |bit| k >> bit & 1 == 0).map(move |bit| (corner(k), corner(k | 1 << bit)))
    })
}
