//! E23: the learning dynamics of one linear unit, and the largest stable learning rate.

use ndarray::{Array3, array};
use rnn_analysis::Curvature;
use rnn_core::{Batch, Bias, Elman, Error as NetworkError, Model, Mse, Optimizer, Parameters, Random, Sgd};
use rnn_data::{CumulativeAverage, Task};
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use super::spread::mean_and_error;
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// The weights of the teacher.
const TEACHERS: [f64; 4] = [0.9, 0.95, 0.99, 0.999];

/// Steps of gradient descent.
const DESCENT: usize = 4000;

/// Timesteps of the simulations, and the first ones, which are left out.
const TIME: usize = 20_000;
const BURN_IN: usize = 500;

/// The weights at which the loss is simulated, for a teacher of 0.9.
const STUDENTS: [f64; 6] = [0.0, 0.3, 0.6, 0.8, 0.88, 0.95];

/// The network that is trained by gradient descent: units, sequences, timesteps, steps, and how often its curvature is computed.
const UNITS: usize = 16;
const SEQUENCES: usize = 32;
const LENGTH: usize = 10;
const EPOCHS: usize = 2000;
const EVERY: usize = 50;

/// Its learning rates.
const RATES: [f64; 2] = [0.1, 0.2];

/// The experiment.
#[derive(Debug)]
pub(super) struct LearningDynamics;

impl Experiment for LearningDynamics {
    fn about(&self) -> About {
        About {
            id: "E23",
            name: "learning-dynamics",
            question: "How large may the learning rate be if a unit is to learn a long memory?",
            why: "One linear unit learns from another, and both read the same white noise. Everything about this is known in closed \
                  form: the loss as a function of the weight, its curvature, and so the learning rate from which on gradient \
                  descent leaves the solution. It falls like the third power of 1 − a². For a memory of ten steps the rate may be \
                  0.008, for one of a thousand 8 in a billion. No clipping and no gate is involved: it is the sensitivity of the \
                  stationary state that grows.",
            setting: "Teachers a = 0.9, 0.95, 0.99 and 0.999. Gradient descent on the closed-form loss from a small distance, 4000 \
                      steps with 0.98 and 1.02 times the largest stable rate. For a = 0.9, the loss at six weights and the curvature \
                      at the solution are measured on networks that read 20,000 timesteps of noise, with 10 seeds; the curvature \
                      is a product with the Hessian through all timesteps. \
                      At the end a tanh network of 16 units learns the cumulative average of 32 sequences by gradient descent over \
                      all of them.",
            formula: r"L(w) = \tfrac12 \left[ \frac{1}{1-w^2} - \frac{2}{1-aw} + \frac{1}{1-a^2} \right], \qquad \eta_c = \frac{2}{L''(a)} = \frac{2 (1-a^2)^3}{1+a^2}",
            sources: &[Source {
                text: "Derived here. For curvature and memory see N. Zucchet, A. Orvieto 2024, Recurrent neural networks: vanishing and \
                       exploding gradients are not the end of the story, NeurIPS",
                url: "https://arxiv.org/abs/2405.21064",
            }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let descent = TEACHERS.into_iter().map(|a| Job::new("E23", "descent").with("a", a).cost(0.01));
        let noise = scope.seeds(10).map(|seed| Job::new("E23", "noise").seed(seed).cost(0.2));
        let edge = |rate: f64| {
            scope.seeds(3).map(move |seed| Job::new("E23", "edge").with("rate", rate).seed(seed).cost(1.5))
        };
        descent.chain(noise).chain(RATES.into_iter().flat_map(edge)).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        match job.part {
            "noise" => noise(job),
            "edge" => edge(job),
            _ => Ok(descent(job.get("a"))),
        }
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let mut findings = Vec::new();
        let mut panel = LinePlot::new(
            "Gradient descent near the solution",
            Axis::linear("step").range(0.0, 400.0),
            Axis::log("distance from a / first distance"),
        );
        for (job, numbers) in results.part("descent") {
            let a = job.get("a");
            let (below, above) = (numbers.list("below")?, numbers.list("above")?);
            let rate = stable_rate(a);
            findings.push(Finding::at_most(
                format!("distance from a = {a} after {DESCENT} steps with 0.98 η_c = {:.3e}, over the first distance", 0.98 * rate),
                below.last().copied().unwrap_or(f64::NAN),
                1e-3,
                "The distance is multiplied by 1 − 1.96 = −0.96 at each step, until rounding of w stops it.",
            ));
            findings.push(Finding::at_least(
                format!("largest distance from a = {a} with 1.02 η_c, over the first distance"),
                above.iter().copied().fold(0.0, f64::max),
                1000.0,
                "The distance is multiplied by −1.04 at each step, until the loss is no longer a parabola.",
            ));
            if a == TEACHERS[0] {
                let steps: Vec<f64> = (0..400).map(f64::from).collect();
                panel = panel.line(Line::new("0.98 η_c", &steps, &below[..400])).line(Line::new(
                    "1.02 η_c",
                    &steps,
                    &above[..400],
                ));
            }
        }
        let a = TEACHERS[0];
        let mut simulated = Vec::new();
        for (k, w) in STUDENTS.into_iter().enumerate() {
            let values: Vec<f64> = results
                .part("noise")
                .map(|(_, numbers)| Ok(numbers.list("loss")?[k]))
                .collect::<Result<_>>()?;
            let (mean, error) = mean_and_error(&values);
            simulated.push(mean);
            findings.push(Finding::near(
                format!("loss of a unit with w = {w}"),
                mean,
                loss(a, w),
                3.0 * error,
                "Three standard errors over the seeds.",
            ));
        }
        let curvatures = results.values("noise", "curvature")?;
        let (mean, error) = mean_and_error(&curvatures);
        findings.push(Finding::near(
            "curvature of the loss at w = a = 0.9, from a Hessian–vector product",
            mean,
            2.0 / stable_rate(a),
            3.0 * error,
            "Three standard errors over the seeds, around (1 + a²) / (1 − a²)³.",
        ));
        let w: Vec<f64> = (-40..=97).map(|k| f64::from(k) / 100.0).collect();
        let exact: Vec<f64> = w.iter().map(|&w| loss(a, w)).collect();
        let landscape =
            LinePlot::new("Loss for a = 0.9", Axis::linear("w"), Axis::log("L(w)").range(1e-3, 20.0))
                .line(Line::new("closed form", w, exact))
                .line(Line::new("simulated", STUDENTS, simulated).marker(Marker::Circle).unconnected());
        let mut settled = Vec::new();
        let mut edge = LinePlot::new(
            "A tanh network of 16 units",
            Axis::linear("step of gradient descent"),
            Axis::log("largest curvature"),
        );
        for (color, rate) in RATES.into_iter().enumerate() {
            let mut ends = Vec::new();
            for (k, (_, numbers)) in
                results.part("edge").filter(|(job, _)| job.get("rate") == rate).enumerate()
            {
                let curvature = numbers.list("curvature")?;
                let steps: Vec<f64> = (0..curvature.len()).map(|k| (k * EVERY) as f64).collect();
                let line = Line::new(format!("η = {rate}"), steps, curvature).color(color);
                edge = edge.line(if k == 0 { line } else { line.unlabelled() });
                ends.push(curvature[curvature.len() - 1] * rate / 2.0);
            }
            edge = edge.horizontal(format!("2 / {rate}"), 2.0 / rate);
            settled.push(format!("{:.2} (η = {rate})", mean_and_error(&ends).0));
            findings.push(Finding::observation(
                format!("largest curvature of a tanh network after {EPOCHS} steps, over 2 / η, η = {rate}"),
                ends,
                "Cohen and coauthors (2021) find that in training by gradient descent the curvature often rises to about 2 / η and stays there.",
            ));
        }
        let rates: Vec<String> =
            TEACHERS.into_iter().map(|a| format!("{:.3e} for a = {a}", stable_rate(a))).collect();
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Curvature and the learning rate").panel(landscape).panel(panel).panel(edge),
                "Above: the loss as a function of the weight, and simulations of it. Below: the distance from the solution with a \
                 learning rate 2% below and 2% above the largest stable one. Last: the largest curvature of a tanh network in training by \
                 gradient descent, and the curvature at which its learning rate is the largest stable one."
                    .to_owned(),
            )),
            text: vec![
                format!(
                "The largest stable learning rates are {}. The curvature at the solution is the mean square of dh/dw, since the error \
                 is 0 there: the curse of memory and the limit of the learning rate are one thing.",
                rates.join(", ")
            ),
                format!(
                    "In a network that is not linear the curvature changes on the way. Trained by gradient descent over one batch, the \
                     tanh network moves into regions of ever larger curvature, until its learning rate is the largest stable one: after \
                     {EPOCHS} steps the curvature is {} times 2 / η. There it stays.",
                    settled.join(" and ")
                ),
            ],
        })
    }
}

/// L(w).
fn loss(a: f64, w: f64) -> f64 {
    0.5 * (1.0 / (1.0 - w * w) - 2.0 / (1.0 - a * w) + 1.0 / (1.0 - a * a))
}

/// L′(w) = w / (1 − w²)² − a / (1 − a w)².
fn slope(a: f64, w: f64) -> f64 {
    let square = |x: f64| x * x;
    w / square(1.0 - w * w) - a / square(1.0 - a * w)
}

/// η_c.
fn stable_rate(a: f64) -> f64 {
    let square = 1.0 - a * a;
    2.0 * square * square * square / (1.0 + a * a)
}

/// The distances from the solution, over the first one, with a rate just below and just above η_c.
fn descent(a: f64) -> Numbers {
    // Small enough for the parabola, and far above the rounding of w: the loss changes its shape over 1 − a.
    let first = 1e-5 * (1.0 - a);
    let distances = |factor: f64| {
        let (mut w, mut all) = (a + first, Vec::with_capacity(DESCENT));
        for _ in 0..DESCENT {
            all.push((w - a).abs() / first);
            // One that has left does not come back into the range where L is defined.
            let next = w - factor * stable_rate(a) * slope(a, w);
            w = if next.abs() < 1.0 { next } else { w };
        }
        all
    };
    Numbers::new().with("below", distances(0.98)).with("above", distances(1.02))
}

/// The losses of units that read noise, and the curvature at the solution.
fn noise(job: &Job) -> Result<Numbers> {
    let a = TEACHERS[0];
    let mut x = Array3::<f64>::zeros((1, TIME, 1));
    x.iter_mut()
        .zip({
            let mut draws = vec![0.0; TIME];
            job.rng().fill_normal(&mut draws);
            draws
        })
        .for_each(|(to, from)| *to = from);
    let unit = |w: f64| -> Result<Model<f64>> {
        let mut model = Model::zeros(Elman::identity(), 1, &[1], 1, Bias::None)?;
        model.rnn.set_parameter("weight_ih_l0", array![[1.0]].view().into_dyn())?;
        model.rnn.set_parameter("weight_hh_l0", array![[w]].view().into_dyn())?;
        model.head.set_parameter("head.weight", array![[1.0]].view().into_dyn())?;
        Ok(model)
    };
    let mask = ndarray::Array2::from_shape_fn((1, TIME), |(_, t)| t >= BURN_IN);
    let batch = Batch::new(x.clone(), unit(a)?.predict(x.view())?).with_mask(mask);
    let mut losses = Vec::new();
    for w in STUDENTS {
        let model = unit(w)?;
        // The mean squared error has no factor of ½.
        losses.push(0.5 * model.loss(batch.run(), batch.target(), &Mse, &mut model.workspace())?);
    }
    // The parameters are W_ih, W_hh, and those of the head.
    let product = Curvature::new(&unit(a)?, &batch, Mse)?.hessian_vector(&[0.0, 1.0, 0.0, 0.0])?;
    Ok(Numbers::new().with("loss", losses).value("curvature", 0.5 * product[1]))
}

/// The largest curvature of the loss of a tanh network on the way of gradient descent over one batch.
fn edge(job: &Job) -> Result<Numbers> {
    let rng = job.rng();
    let task = CumulativeAverage::new(LENGTH)?;
    let mut model = Model::<f64>::new(Elman::tanh(), 1, &[UNITS], 1, Bias::Single, &mut rng.stream(0))?;
    let batch = task.sample::<f64>(SEQUENCES, &mut rng.stream(1))?;
    let mut sgd = Sgd::new(job.get("rate"));
    let mut ws = model.workspace();
    let (mut losses, mut curvatures) = (Vec::new(), Vec::new());
    for step in 0..=EPOCHS {
        if step % EVERY == 0 {
            match Curvature::new(&model, &batch, Mse)?.largest(20, 1e-3) {
                Err(rnn_analysis::Error::Network(NetworkError::NonFinite { .. })) => break,
                found => curvatures.push(found?.value),
            }
        }
        match model.loss_and_gradients(batch.run(), batch.target(), &Mse, &mut ws) {
            // A step too large can throw the parameters beyond the range of numbers: the way ends there.
            Err(NetworkError::NonFinite { .. }) => break,
            loss => losses.push(loss?),
        }
        sgd.step(&mut model, &ws)?;
    }
    Ok(Numbers::new().with("loss", losses).with("curvature", curvatures))
}
