//! E17: Lyapunov exponents against two identities.

use ndarray::{Array2, Array3};
use rnn_analysis::{BurnIn, lyapunov_exponents, singular_values};
use rnn_core::{Bias, Cell, Elman, Gru, LayerState, Lstm, Random, Run, Stack, State};
use rnn_data::PortableRng;
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const UNITS: usize = 16;
const STATE: usize = 500;
const DIRECTIONS: usize = 200;
const STEPS: usize = 2000;
/// The distance of the second trajectory.
const APART: f64 = 1e-8;

/// Name, and standard deviation of the recurrent weights times √n: large enough for chaos in most networks.
const CELLS: [(&str, f64); 3] = [("tanh", 2.5), ("GRU", 12.0), ("LSTM", 8.0)];

/// The experiment.
#[derive(Debug)]
pub(super) struct TwoTrajectories;

impl Experiment for TwoTrajectories {
    fn about(&self) -> About {
        About {
            id: "E17",
            name: "two-trajectories",
            question: "Do Lyapunov exponents from Jacobians describe what two nearby states do?",
            why: "All statements about growth here rest on the step Jacobian, which the library computes from the chain rule of each cell. Two facts need no Jacobian product to check it: a second \
                  trajectory that starts close by and is pulled back to that distance after each step parts at the rate of the largest exponent; and the volume of all \
                  directions together changes by |det J|, whatever the directions do.",
            setting: "Tanh networks, GRU and LSTM of 16 units without input or bias, with normal recurrent weights of standard deviation 2.5/√n, 12/√n and 8/√n, 3 seeds each. 500 steps for the state, 200 for the \
                      directions, 2000 that count. The second trajectory is 10⁻⁸ away. The state of the LSTM is h and c.",
            formula: r"\lambda_1 = \Big\langle \ln \frac{\|s'_t - s_t\|}{\delta} \Big\rangle, \qquad \sum_i \lambda_i = \langle \ln |\det J_t| \rangle",
            sources: &[
                Source {
                    text: "G. Benettin, L. Galgani, A. Giorgilli, J.-M. Strelcyn 1980, Lyapunov characteristic exponents for smooth dynamical systems and for Hamiltonian systems, Meccanica 15",
                    url: "https://doi.org/10.1007/BF02128236",
                },
                Source {
                    text: "R. Engelken, F. Wolf, L. F. Abbott 2023, Lyapunov spectra of chaotic recurrent neural networks, Physical Review Research 5",
                    url: "https://doi.org/10.1103/PhysRevResearch.5.043044",
                },
            ],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let of = |cell: usize| {
            scope
                .seeds(3)
                .map(move |seed| Job::new("E17", "run").with("cell", cell as f64).seed(seed).cost(0.6))
        };
        (0..CELLS.len()).flat_map(of).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let (which, mut rng) = (job.count("cell"), job.rng());
        let cells: [Cell<f64>; 3] = [Elman::tanh().into(), Gru.into(), Lstm.into()];
        let rnn = network(cells[which].clone(), CELLS[which].1, &mut rng)?;
        let mut state = rnn.zero_state(1);
        rng.fill_normal(state.layers[0].h.as_slice_mut().expect("rows in memory"));
        state.layers[0].h *= 0.5;
        let burn_in = BurnIn { state: STATE, directions: DIRECTIONS };
        let spectrum = lyapunov_exponents(&rnn, Some(&state), STEPS, burn_in)?.remove(0);
        let exponents = spectrum.sorted();
        Ok(Numbers::new()
            .value("first", spectrum.by_column[0])
            .value("parting", parting(&rnn, &state)?)
            .value("volume", volume(&rnn, &state)?)
            .with("exponents", exponents))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let (mut findings, mut told) = (Vec::new(), Vec::new());
        let mut panel = LinePlot::new("Spectra", Axis::linear("i"), Axis::linear("λ_i"));
        for (cell, (name, _)) in CELLS.into_iter().enumerate() {
            let own = || results.part("run").filter(|(job, _)| job.count("cell") == cell).map(|(_, n)| n);
            let (mut parting, mut volume, mut largest) = (0.0, 0.0, Vec::new());
            for numbers in own() {
                let exponents = numbers.list("exponents")?;
                largest.push(exponents[0]);
                parting = f64::max(parting, (numbers.get("first")? - numbers.get("parting")?).abs());
                let sum = numbers.get("volume")?;
                volume = f64::max(volume, (exponents.iter().sum::<f64>() - sum).abs() / sum.abs());
            }
            findings.push(Finding::at_most(
                format!("largest difference of λ_1 from the rate at which two trajectories part, {name}"),
                parting,
                1e-3,
                "The second trajectory starts in the direction of the first column of Q, whose exponent is compared. Nonlinearity counts about 1e-8, rounding 1e-16/1e-8 per step.",
            ));
            findings.push(Finding::at_most(
                format!("largest relative difference of Σ λ_i from the mean ln |det J|, {name}"),
                volume,
                1e-9,
                "An identity of each QR step; only rounding remains, and the determinants are computed without QR.",
            ));
            findings.push(Finding::observation(
                format!("λ_1 by seed, {name}"),
                largest.clone(),
                "Above 0 is chaos; small networks differ.",
            ));
            told.push(format!("{parting:.0e} and {volume:.0e} for {name}"));
            if let Some(numbers) = own().next() {
                let exponents = numbers.list("exponents")?;
                let index: Vec<f64> = (1..=exponents.len()).map(|k| k as f64).collect();
                panel = panel.line(Line::new(name, index, exponents).marker(Marker::Circle));
            }
        }
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Lyapunov spectra of three cells").panel(panel.horizontal("0", 0.0)),
                "The exponents of one network of each kind. An LSTM has two for each unit.".to_owned(),
            )),
            text: vec![format!(
                "The largest differences, of λ_1 from the direct measurement and of the sum from the determinants (as a share), are {}.",
                told.join(", ")
            )],
        })
    }
}

/// A layer without input and bias.
fn network(cell: Cell<f64>, gain: f64, rng: &mut PortableRng) -> Result<Stack<f64>> {
    let mut rnn = Stack::zeros(cell, 1, &[UNITS], Bias::None)?;
    if let Some(mut w) = rnn.params_mut().get_mut("weight_hh_l0") {
        rng.fill_normal(w.as_slice_mut().expect("rows in memory"));
        w *= gain / (UNITS as f64).sqrt();
    }
    Ok(rnn)
}

/// All numbers of the state.
fn numbers_of(state: &State<f64>) -> impl Iterator<Item = f64> {
    let LayerState { h, c } = &state.layers[0];
    h.iter().chain(c.iter().flatten()).copied()
}

/// The state with these numbers.
fn state_of(like: &State<f64>, numbers: &[f64]) -> State<f64> {
    let LayerState { h, c } = &like.layers[0];
    let (first, rest) = numbers.split_at(h.len());
    let row = |part: &[f64]| Array2::from_shape_vec((1, part.len()), part.to_vec()).expect("a row");
    State { layers: vec![LayerState { h: row(first), c: c.as_ref().map(|_| row(rest)) }] }
}

/// The mean logarithmic rate at which a trajectory that is kept at a distance of [`APART`] parts.
fn parting(rnn: &Stack<f64>, initial: &State<f64>) -> Result<f64> {
    let mut ws = rnn.workspace();
    let mut step = |state: &State<f64>, steps: usize| -> Result<State<f64>> {
        let x = Array3::zeros((1, steps, 1));
        rnn.infer(Run::over(x.view()).from_state(state), &mut ws)?;
        Ok(ws.final_state())
    };
    let mut state = step(initial, STATE)?;
    let mut other: Vec<f64> = numbers_of(&state).collect();
    other[0] += APART;
    let mut other = state_of(&state, &other);
    let mut sum = 0.0;
    for t in 0..DIRECTIONS + STEPS {
        (state, other) = (step(&state, 1)?, step(&other, 1)?);
        let apart: Vec<f64> = numbers_of(&other).zip(numbers_of(&state)).map(|(a, b)| a - b).collect();
        let length = apart.iter().map(|x| x * x).sum::<f64>().sqrt();
        if t >= DIRECTIONS {
            sum += libm::log(length / APART);
        }
        let back = APART / length;
        let near: Vec<f64> = numbers_of(&state).zip(&apart).map(|(s, x)| s + x * back).collect();
        other = state_of(&state, &near);
    }
    Ok(sum / STEPS as f64)
}

/// The mean of ln |det J|.
fn volume(rnn: &Stack<f64>, initial: &State<f64>) -> Result<f64> {
    let rnn = rnn.with_fine_slopes();
    let mut ws = rnn.workspace();
    let x = Array3::zeros((1, STATE + DIRECTIONS + STEPS, 1));
    rnn.forward(Run::over(x.view()).from_state(initial), &mut ws)?;
    let mut jacobians = rnn.step_jacobians(&ws, 0, 0)?;
    let mut sum = 0.0;
    for t in STATE + DIRECTIONS + 1..=STATE + DIRECTIONS + STEPS {
        // A saturated unit has a short row. With all rows of length 1 no singular value is lost to rounding.
        let mut jacobian = jacobians.at(t)?.to_owned();
        for mut row in jacobian.rows_mut() {
            let length = row.dot(&row).sqrt();
            sum += libm::log(length);
            row /= length;
        }
        sum += singular_values(jacobian.view())?.iter().map(|&sigma| libm::log(sigma)).sum::<f64>();
    }
    Ok(sum / STEPS as f64)
}
