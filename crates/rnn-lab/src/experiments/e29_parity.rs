//! E29: parity, and the sign of an eigenvalue.

use rnn_core::cell::{Form, Gate, Gradient, Name, Recurrence};
use rnn_core::{Bias, CrossEntropy, Model, Parameters, Real, Unit, sigmoid, tanh};
use rnn_data::{Parity, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use super::training::{Plan, fit, refill};
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// The length of the sequence that the exact unit reads.
const LONG: usize = 100_000;
/// The length in training, and those in the tests.
const TRAINED: usize = 40;
const TESTED: [usize; 4] = [40, 80, 160, 256];
const HIDDEN: usize = 8;
const BATCH: usize = 64;
const TEST: usize = 200;
const PLAN: Plan = Plan { steps: 4000, every: 200, rate: 1e-2, clip: 1.0 };

/// A diagonal linear unit whose eigenvalue follows from the input: h_t = λ(a_λ) h_{t−1} + a_v.
///
/// ```text
/// λ = tanh a in (−1, 1), or σ(a) in (0, 1)
/// dL/da_λ = dL/dh_t h_{t−1} λ′    dL/da_v = dL/dh_t    dL/dh_{t−1} = λ dL/dh_t
/// ```
#[derive(Clone, Copy, Debug)]
struct Selective {
    negative: bool,
}

impl<F: Real> Unit<F> for Selective {
    type Gates = [F; 2];
    type State = [F; 1];
    type Saved = [F; 2];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::keeps("lambda"), Gate::new("v")]).recurrence(Recurrence::None);

    fn name(&self) -> Name {
        Name::new("selective").with("negative", self.negative)
    }

    fn forward(&self, _: [F; 0], [a, v]: [F; 2], _: [F; 2], [h]: [F; 1]) -> ([F; 1], [F; 2]) {
        let (lambda, slope) = if self.negative {
            let lambda = tanh(a);
            (lambda, F::one() - lambda * lambda)
        } else {
            let lambda = sigmoid(a);
            (lambda, lambda * (F::one() - lambda))
        };
        ([lambda * h + v], [lambda, slope])
    }

    fn backward(
        &self,
        _: [F; 0],
        [lambda, slope]: [F; 2],
        [h]: [F; 1],
        [d]: [F; 1],
    ) -> Gradient<[F; 2], [F; 1], [F; 0]> {
        let gates = [d * h * slope, d];
        Gradient { a: gates, u: gates, previous: [lambda * d], own: [] }
    }
}

/// One unit that is exactly right: λ = 1 for a 0 and −1 for a 1, for tanh 40 is 1 in double precision; v adds the bit, so that h is 1
/// after an odd number of ones and 0 after an even one. The second output is h, the first one 1 − h.
fn exact() -> Result<Model<f64>> {
    let mut model = Model::zeros(Selective { negative: true }, 1, &[1], 2, Bias::Single)?;
    let set = |model: &mut Model<f64>, name: &str, shape: &[usize], values: &[f64]| -> Result<()> {
        let values = ndarray::ArrayView::from_shape(shape, values)
            .map_err(|error| crate::Error::Other(error.to_string()))?;
        Ok(model.set_parameter(name, values)?)
    };
    set(&mut model, "weight_ih_l0", &[2, 1], &[-80.0, 1.0])?;
    set(&mut model, "bias_l0", &[2], &[40.0, 0.0])?;
    set(&mut model, "head.weight", &[2, 1], &[-1.0, 1.0])?;
    set(&mut model, "head.bias", &[2], &[1.0, 0.0])?;
    Ok(model)
}

/// The experiment.
#[derive(Debug)]
pub(super) struct StateTracking;

impl Experiment for StateTracking {
    fn about(&self) -> About {
        About {
            id: "E29",
            name: "parity",
            question: "Why does a linear recurrence need negative eigenvalues?",
            why: "Whether a number of ones is odd is the simplest thing to keep track of that never gets old: each 1 turns the answer around. A diagonal \
                  linear recurrence whose eigenvalues lie between 0 and 1, as those of many state-space models, cannot turn a state around. Grazzi and \
                  others show that eigenvalues down to −1 are enough, and that they are needed.",
            setting: "A diagonal unit h ← λ(x) h + v(x) with λ(x) in (−1, 1) or in (0, 1). First, one unit with the weights set by hand reads 100,000 \
                      random bits. With --long, 8 such units with each range are trained on sequences of 40 bits (batches of 64, Adam at 0.01, 4000 steps, 5 \
                      seeds), and tested on up to 256 bits: the share of wrong answers at the last step.",
            formula: r"h \leftarrow (1 - 2x)\,h + x, \qquad x \in \{0, 1\}",
            sources: &[Source {
                text: "R. Grazzi, J. Siems, A. Zela, J. K. H. Franke, F. Hutter, M. Pontil 2025, Unlocking state-tracking in linear RNNs through negative eigenvalues, ICLR",
                url: "https://arxiv.org/abs/2411.12537",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let mut jobs = vec![Job::new("E29", "exact").cost(0.2), Job::new("E29", "slopes").cost(0.1)];
        if scope.long {
            for part in ["negative", "positive"] {
                jobs.extend(scope.seeds(5).map(|seed| Job::new("E29", part).seed(seed).cost(4.0)));
            }
        }
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let rng = job.rng();
        if job.part == "exact" {
            let batch = Parity::new(LONG)?.sample::<f64>(1, &mut rng.stream(0))?;
            let seen =
                exact()?.evaluate(batch.run(), batch.target(), &CrossEntropy, &mut exact()?.workspace())?;
            let ones = batch.x.sum();
            let wrong = (1.0 - seen.accuracy.unwrap_or(0.0)) * LONG as f64;
            return Ok(Numbers::new().value("wrong", wrong).value("ones", ones));
        }
        if job.part == "slopes" {
            // The chain rule of the unit against differences, in a network of both ranges.
            let mut worst = 0.0f64;
            for negative in [true, false] {
                let mut model =
                    Model::<f64>::new(Selective { negative }, 1, &[3], 2, Bias::Single, &mut rng.stream(1))?;
                let batch = Parity::new(6)?.sample::<f64>(3, &mut rng.stream(2))?;
                let mut ws = model.workspace();
                model.loss_and_gradients(batch.run(), batch.target(), &CrossEntropy, &mut ws)?;
                let gradient: Vec<f64> = ws.blocks().flat_map(|block| block.as_slice().to_vec()).collect();
                let mut at = 0;
                for block in 0..2 {
                    let count = model.blocks().nth(block).map_or(0, rnn_core::Params::len);
                    for k in 0..count {
                        let mut by = |step: f64| -> Result<f64> {
                            if let Some(block) = model.blocks_mut().nth(block) {
                                block.as_mut_slice()[k] += step;
                            }
                            Ok(model.loss(batch.run(), batch.target(), &CrossEntropy, &mut ws)?)
                        };
                        let (up, down) = (by(1e-5)?, by(-2e-5)?);
                        by(1e-5)?;
                        worst = worst.max(((up - down) / 2e-5 - gradient[at]).abs());
                        at += 1;
                    }
                }
            }
            return Ok(Numbers::new().value("worst", worst));
        }
        let unit = Selective { negative: job.part == "negative" };
        let mut model = Model::<f32>::new(unit, 1, &[HIDDEN], 2, Bias::Single, &mut rng.stream(0))?;
        let (task, mut draws) = (Parity::new(TRAINED)?, rng.stream(1));
        let held = task.sample::<f32>(TEST, &mut rng.stream(2))?;
        let mut ws = model.workspace();
        let draw = |batch: &mut _| refill(&task, BATCH, &mut draws, batch);
        fit(&mut model, CrossEntropy, PLAN, draw, |model| {
            let seen = model.evaluate(held.run(), held.target(), &CrossEntropy, &mut ws)?;
            Ok((seen.loss, false))
        })?;
        let mut wrong = Vec::new();
        for length in TESTED {
            let batch = Parity::new(length)?.sample::<f32>(TEST, &mut rng.stream(3))?;
            let seen = model.evaluate(batch.run(), batch.target().last(), &CrossEntropy, &mut ws)?;
            wrong.push(1.0 - seen.accuracy.unwrap_or(0.0));
        }
        Ok(Numbers::new().with("wrong", wrong))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let exact = results.one("exact")?;
        let mut findings = vec![
            Finding::near(
                "wrong answers of the exact unit in 100,000 steps",
                exact.get("wrong")?,
                0.0,
                1e-6,
                "A count, from a share: every product is with 1 or −1, so that nothing is rounded.",
            ),
            Finding::near(
                "the largest difference of a derivative of the unit from differences of the loss",
                results.one("slopes")?.get("worst")?,
                0.0,
                1e-8,
                "Central differences with steps of 1e-5 have an error of about 1e-10.",
            ),
        ];
        let mut text = vec![format!(
            "The unit h ← (1 − 2x) h + x reads {:.0} ones among 100,000 bits and gives {:.0} wrong answers: with eigenvalues of exactly 1 and −1 the state is never \
             worn down.",
            exact.get("ones")?,
            exact.get("wrong")?
        )];
        let mut figure = None;
        if results.has("negative") {
            let lengths = TESTED.map(|length| length as f64);
            let mut panel = LinePlot::new(
                "Wrong answers at the last step",
                Axis::log("length"),
                Axis::linear("share").range(-0.02, 0.7),
            );
            for (index, (part, range)) in
                [("negative", "(−1, 1)"), ("positive", "(0, 1)")].into_iter().enumerate()
            {
                for (at, (_, numbers)) in results.part(part).enumerate() {
                    let line = Line::new(format!("eigenvalues in {range}"), lengths, numbers.list("wrong")?)
                        .color(index)
                        .marker(Marker::Circle);
                    panel = panel.line(if at == 0 { line } else { line.unlabelled() });
                }
                for (k, length) in TESTED.into_iter().enumerate().filter(|(k, _)| [0, 3].contains(k)) {
                    let wrong: Result<Vec<f64>> =
                        results.part(part).map(|(_, numbers)| Ok(numbers.list("wrong")?[k])).collect();
                    findings.push(Finding::observation(
                        format!("the share of wrong answers at {length} bits, eigenvalues in {range}"),
                        wrong?,
                        "1/2 is a coin. The paper finds that models with eigenvalues in [0, 1] do not learn parity.",
                    ));
                }
            }
            text.push("Trained on 40 bits, the units that may turn a state around are compared with those that may not in the figure.".to_owned());
            figure = Some((
                Figure::new("Parity").panel(panel.horizontal("a coin", 0.5)),
                "The share of wrong answers after so many bits, one line for each seed; training had 40 bits.".to_owned(),
            ));
        }
        Ok(Conclusion { findings, figure, text })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;

    use super::*;

    /// The exact network, by hand, on four bits.
    #[test]
    fn four_bits() {
        let model = exact().unwrap();
        let x = Array3::from_shape_vec((1, 4, 1), vec![1.0, 0.0, 1.0, 1.0]).unwrap();
        let answers = model.predict(x.view()).unwrap();
        assert_eq!(answers.column_of(1), [1.0, 1.0, 0.0, 1.0]);
    }

    trait Column {
        fn column_of(&self, output: usize) -> Vec<f64>;
    }

    impl Column for Array3<f64> {
        fn column_of(&self, output: usize) -> Vec<f64> {
            self.indexed_iter().filter(|((.., o), _)| *o == output).map(|(_, &y)| y).collect()
        }
    }
}
