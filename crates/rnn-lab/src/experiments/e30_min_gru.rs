//! E30: a recurrent network without a recurrent matrix.

use ndarray::{Array3, Axis as Along, array};
use rnn_core::{Bias, MinGru, Parameters, Random, Stack};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use crate::error::{Error, Result};
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// The length of the sequences.
const TIME: usize = 1000;

/// Steps back for the exact power of two.
const SHORT: usize = 30;

/// The experiment.
#[derive(Debug)]
pub(super) struct WithoutMatrix;

impl Experiment for WithoutMatrix {
    fn about(&self) -> About {
        About {
            id: "E30",
            name: "min-gru",
            question: "What remains of a GRU without its recurrent matrix?",
            why: "If the gate and the candidate of a GRU see the input only, its step is linear in the state. Then the gradient \
                  along the state is a product of gates, in closed form, and all states can be computed in a number of rounds \
                  that grows with the logarithm of the length: steps of the form h ← a h + b can be combined in any order. Feng \
                  and coauthors find that such networks come close to the large ones on several tasks.",
            setting: "minGRU of rnn-core, whose candidate is linear (section 3.1 of the paper; its variant for scans in logarithms \
                      passes the candidate through a function g, which does not touch the gradient along the state). One unit \
                      without weights over 30 steps, one with a gate bias of −ln(T − 1) over T = 1000 steps, and 16 units with \
                      random weights over 1000 steps, computed by a loop and by a scan.",
            formula: r"h_t = (1 - z_t) h_{t-1} + z_t \tilde h_t, \qquad \frac{\partial h_T}{\partial h_0} = \prod_t (1 - z_t)",
            sources: &[Source {
                text: "L. Feng, F. Tung, M. O. Ahmed, Y. Bengio, H. Hajimirsadeghi 2024, Were RNNs all we needed?",
                url: "https://arxiv.org/abs/2410.01201",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let scans = scope.seeds(5).map(|seed| Job::new("E30", "scan").seed(seed).cost(0.1));
        [Job::new("E30", "products").cost(0.01)].into_iter().chain(scans).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        if job.part == "products" {
            let even = kept(SHORT, 0.0)?;
            let slow = kept(TIME, -libm::log(TIME as f64 - 1.0))?;
            return Ok(Numbers::new().with("even", even).with("slow", slow));
        }
        scan_and_loop(job)
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let products = results.one("products")?;
        let (even, slow) = (products.list("even")?, products.list("slow")?);
        let exact = libm::pow(1.0 - 1.0 / TIME as f64, TIME as f64);
        let mut findings = vec![
            Finding::near(
                "∂h_30 / ∂h_0 without weights, times 2³⁰",
                even[SHORT] * libm::exp2(SHORT as f64),
                1.0,
                0.0,
                "Halving is exact in binary arithmetic.",
            ),
            Finding::near(
                "∂h_1000 / ∂h_0 with z = 1/1000",
                slow[TIME],
                exact,
                1e-12,
                "(1 − 1/T)^T. 1000 roundings of relative size 1e-16, and one of the bias −ln 999, which is magnified 1000 times \
                 in the power at most.",
            ),
        ];
        let worst = results.values("scan", "distance")?.into_iter().fold(0.0, f64::max);
        findings.push(Finding::at_most(
            "largest distance of the scan from the loop, relative to the largest state",
            worst,
            1e-12,
            "Both add and multiply the same numbers in another order; gates are below 1, so that rounding errors do not grow.",
        ));
        let rounds = results.one("scan")?.get("rounds")?;
        let steps: Vec<f64> = (0..=TIME).map(|k| k as f64).collect();
        let halved: Vec<f64> = (0..=SHORT).map(|k| even[k]).collect();
        let panel = LinePlot::new(
            "Gradient along the state",
            Axis::linear("steps back"),
            Axis::log("∂h_T / ∂h_{T−k}"),
        )
        .line(Line::new("z = 1/1000", &steps, slow))
        .line(Line::new("z = 1/2", &steps[..=SHORT], &halved));
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("minGRU").panel(panel),
                "With a gate of 1/2 the gradient is halved at each step; with a gate of 1/T it is still 1/e after T steps.".to_owned(),
            )),
            text: vec![format!(
                "With a gate bias of 0 the gradient along the state is 2^−{SHORT} = {:.2e} after {SHORT} steps. A bias of −ln(T − 1) \
                 makes z = 1/T, and {:.4} of the gradient is left after T = {TIME} steps, near 1/e. The scan needs {rounds} rounds \
                 for {TIME} timesteps, and gives the states of the loop to within {worst:.1e}.",
                even[SHORT], slow[TIME]
            )],
        })
    }
}

/// ∂h_T/∂h_{T−k} for k = 0 .. T of one unit without weights whose gate has this bias.
fn kept(time: usize, bias: f64) -> Result<Vec<f64>> {
    let mut rnn = Stack::<f64>::zeros(MinGru, 1, &[1], Bias::Single)?;
    rnn.set_parameter("bias_l0", array![bias, 0.0].view().into_dyn())?;
    let x = Array3::zeros((1, time, 1));
    let mut ws = rnn.workspace();
    rnn.forward(x.view(), &mut ws)?;
    let mut d_output = Array3::zeros((1, time, 1));
    d_output[[0, time - 1, 0]] = 1.0;
    rnn.backward(d_output.view(), None, &mut ws)?;
    let first = ws.d_initial().layers[0].h[[0, 0]];
    Ok((0..time).rev().map(|t| ws.d_hidden(0)[[0, t, 0]]).chain([first]).collect())
}

/// The states of a random network by the loop over time, and by a scan over the steps h ← a h + b.
fn scan_and_loop(job: &Job) -> Result<Numbers> {
    let (units, features) = (16, 4);
    let mut rng = job.rng();
    let rnn = Stack::<f64>::new(MinGru, features, &[units], Bias::Single, &mut rng)?;
    let mut x = Array3::<f64>::zeros((1, TIME, features));
    x.iter_mut().for_each(|x| rng.fill_normal(std::slice::from_mut(x)));
    let mut ws = rnn.workspace();
    rnn.forward(x.view(), &mut ws)?;
    let parameter =
        |name: &str| rnn.parameter(name).ok_or_else(|| Error::Other(format!("a minGRU has no {name}")));
    let weights = parameter("weight_ih_l0")?;
    let weights = weights.into_dimensionality::<ndarray::Ix2>().map_err(|e| Error::Other(e.to_string()))?;
    let biases = parameter("bias_l0")?;
    let products = x.index_axis(Along(0), 0).dot(&weights.t());
    let (mut distance, mut largest, mut rounds) = (0.0f64, 0.0f64, 0.0);
    for unit in 0..units {
        let step = |t: usize| {
            let z = 1.0 / (1.0 + libm::exp(-(products[[t, unit]] + biases[unit])));
            (1.0 - z, z * (products[[t, units + unit]] + biases[units + unit]))
        };
        let (states, taken) = scan((0..TIME).map(step).collect());
        rounds = taken;
        for (t, h) in states.into_iter().enumerate() {
            let looped = ws.hidden(0)[[0, t, unit]];
            distance = distance.max((h - looped).abs());
            largest = largest.max(looped.abs());
        }
    }
    Ok(Numbers::new().value("distance", distance / largest).value("rounds", rounds))
}

/// All h_t with h_0 = 0, and the number of rounds. In round r each step is combined with the one 2^r before it; all the
/// combinations of a round are independent of each other. Hillis and Steele 1986, *Data parallel algorithms*, Communications of
/// the ACM 29(12).
fn scan(mut steps: Vec<(f64, f64)>) -> (Vec<f64>, f64) {
    let (mut reach, mut rounds) = (1, 0.0);
    while reach < steps.len() {
        let before = steps.clone();
        for t in reach..steps.len() {
            let ((a, b), (first_a, first_b)) = (before[t], before[t - reach]);
            steps[t] = (a * first_a, a * first_b + b);
        }
        (reach, rounds) = (2 * reach, rounds + 1.0);
    }
    (steps.into_iter().map(|(_, b)| b).collect(), rounds)
}
