//! E35: networks made sick on purpose, their diagnosis, and whether the remedy lets them learn.

use ndarray::{Array2, Axis, Slice};
use rnn_analysis::{Condition, DiagnoseOptions, Remedy, diagnose};
use rnn_core::{Batch, Bias, Cell, Init, Model, Mse, Parameters, Sgd, Timesteps, Trainer, Training};
use rnn_data::{CumulativeAverage, PortableRng, Task};
use rnn_plot::{Axis as PlotAxis, Figure, Line, LinePlot, Marker};

use super::training::{Plan, fit, refill};
use crate::error::{Error, Result};
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

const TIME: usize = 30;
const BATCH: usize = 32;
const PLAN: Plan = Plan { steps: 300, every: 300, rate: 3e-3, clip: 1.0 };
/// The learning rate that is too large.
const WILD: f64 = 50.0;
/// Networks of each condition, without --long and with it.
const FEW: usize = 2;
const MANY: usize = 8;
/// Healthy networks.
const HEALTHY: usize = 20;
/// Healthy networks that are looked at after training.
const TRAINED: usize = 10;

/// The experiment.
#[derive(Debug)]
pub(super) struct Diagnosed;

fn cell(name: &str) -> Result<Cell<f32>> {
    name.parse().map_err(|error: rnn_core::cell::NameError| Error::Other(error.to_string()))
}

fn network(name: &str, hidden: usize, rng: &PortableRng) -> Result<Model<f32>> {
    Ok(Model::new(cell(name)?, 1, &[hidden], 1, Bias::Single, &mut rng.stream(0))?)
}

/// Multiplies the recurrent parameters whose names begin so.
fn times(model: &mut Model<f32>, name: &str, factor: f32) {
    for (known, mut array) in model.rnn.params_mut().iter_mut() {
        if known.starts_with(name) {
            array.mapv_inplace(|x| factor * x);
        }
    }
}

fn set(model: &mut Model<f32>, name: &str, value: f32) {
    if let Some(mut array) = model.rnn.params_mut().get_mut(name) {
        array.fill(value);
    }
}

/// Sets the bias of one gate.
fn gate(model: &mut Model<f32>, gate: &str, value: f32) {
    let layer = &model.rnn.layers()[0];
    let (hidden, gates) = (layer.hidden, layer.cell.form().gates);
    let at = gates.iter().position(|known| known.name == gate);
    if let (Some(at), Some(mut bias)) = (at, model.rnn.params_mut().get_mut("bias_l0")) {
        bias.slice_axis_mut(Axis(0), Slice::from(at * hidden..(at + 1) * hidden)).fill(value);
    }
}

/// A network with this sickness, the `at`-th of its kind.
fn sick(condition: Condition, at: usize, rng: &PortableRng) -> Result<Model<f32>> {
    let of = |names: &[&'static str]| names[at % names.len()];
    let hidden = 12 + 4 * (at % 3);
    let init = |model: &mut Model<f32>, init| model.rnn.initialize(init, &mut rng.stream(1));
    let made = |name: &'static str| network(name, hidden, rng).map(|model| (name, model));
    let (name, mut model) = match condition {
        Condition::Exploding => made(of(&["rnn-identity", "rnn-relu", "indrnn(activation=relu)"]))?,
        Condition::Chaotic => {
            let name = of(&["rnn-tanh", "gru", "lstm", "leaky(alpha=0.5, activation=tanh)"]);
            (name, network(name, 32 + 8 * (at % 2), rng)?)
        }
        Condition::Dead => made(of(&["rnn-relu", "indrnn(activation=relu)"]))?,
        Condition::Saturated => made(of(&["rnn-tanh", "gru", "lstm", "rnn-sigmoid", "lstm-peephole"]))?,
        Condition::TransientGrowth => made(of(&["rnn-identity", "rnn-tanh"]))?,
        Condition::Forgetting => made(of(&[
            "lstm",
            "gru",
            "minimal-gated",
            "lstm-coupled",
            "min-gru",
            "gru-reset-before",
            "min-lstm",
        ]))?,
        Condition::Vanishing => made(of(&["rnn-tanh", "rnn-relu", "rnn-identity", "rnn-sigmoid"]))?,
        _ => made(of(&["rnn-tanh", "rnn-identity"]))?,
    };
    match condition {
        Condition::Exploding => match name {
            "rnn-identity" => init(&mut model, Init::Critical { radius: 1.4 })?,
            "rnn-relu" => init(&mut model, Init::Identity { scale: 1.3 })?,
            _ => set(&mut model, "weight_h_l0", 1.3),
        },
        Condition::Chaotic => {
            times(&mut model, "weight_ih", 0.1);
            match name {
                "rnn-tanh" => init(&mut model, Init::Critical { radius: 3.0 })?,
                "gru" | "lstm" => times(&mut model, "weight_hh", 15.0),
                _ => init(&mut model, Init::Critical { radius: 8.0 })?,
            }
        }
        Condition::Dead => set(&mut model, "bias_l0", -10.0),
        Condition::Saturated => times(&mut model, "weight_ih", 300.0),
        Condition::TransientGrowth => {
            let n = model.rnn.layers()[0].hidden;
            let chain = Array2::from_shape_fn((n, n), |(i, j)| match j.wrapping_sub(i) {
                0 => 0.7,
                1 => 0.9,
                _ => 0.0,
            });
            model.set_parameter("weight_hh_l0", chain.view().into_dyn())?;
            times(&mut model, "weight_ih", 1e-4);
            times(&mut model, "bias", 0.0);
        }
        Condition::Forgetting => match name {
            "lstm" => gate(&mut model, "f", -4.0),
            "gru" | "gru-reset-before" => gate(&mut model, "z", -4.0),
            "minimal-gated" => gate(&mut model, "f", 4.0),
            "lstm-coupled" => gate(&mut model, "i", 4.0),
            "min-lstm" => {
                gate(&mut model, "f", -4.0);
                gate(&mut model, "i", 2.0);
            }
            _ => gate(&mut model, "z", 4.0),
        },
        Condition::Vanishing => init(&mut model, Init::Critical { radius: 0.2 })?,
        _ => init(&mut model, Init::Orthogonal { gain: 1.0 })?,
    }
    Ok(model)
}

/// The `at`-th healthy network.
fn healthy(at: usize, rng: &PortableRng) -> Result<Model<f32>> {
    let (name, init) = match at % 10 {
        0 | 1 => ("rnn-tanh", Init::Orthogonal { gain: 1.0 }),
        2 => ("rnn-relu", Init::Identity { scale: 1.0 }),
        3 => ("rnn-identity", Init::Orthogonal { gain: 1.0 }),
        4 => ("lstm", Init::ForgetBias(1.0)),
        5 => ("lstm", Init::ForgetBias(2.0)),
        6 => ("lstm", Init::Chrono { t_max: 30.0 }),
        7 => ("gru", Init::Chrono { t_max: 30.0 }),
        8 => ("lstm-peephole", Init::ForgetBias(2.0)),
        _ => ("gru-reset-before", Init::Chrono { t_max: 30.0 }),
    };
    let mut model = network(name, 12 + 4 * (at % 3), rng)?;
    model.rnn.initialize(init, &mut rng.stream(1))?;
    Ok(model)
}

/// The loss after training, over the baseline; 1000 for numbers that are not finite.
fn trained(
    mut model: Model<f32>,
    task: CumulativeAverage,
    sgd: Option<f64>,
    rng: &PortableRng,
) -> Result<f64> {
    let held = task.sample::<f32>(500, &mut rng.stream(3))?;
    let (mut draws, mut ws) = (rng.stream(4), model.workspace());
    let outcome = if let Some(rate) = sgd {
        let (mut trainer, mut sgd) = (Trainer::new(&model, Training::new(Mse)), Sgd::new(rate));
        let mut batch = Batch::empty();
        (0..PLAN.steps).try_for_each(|_| {
            refill(&task, BATCH, &mut draws, &mut batch)?;
            trainer.step(&mut model, batch.run(), batch.target(), &mut sgd)?;
            Ok(())
        })
    } else {
        let draw = |batch: &mut _| refill(&task, BATCH, &mut draws, batch);
        fit(&mut model, Mse, PLAN, draw, |_| Ok((0.0, false))).map(|_| ())
    };
    let loss = outcome.and_then(|()| Ok(model.loss(held.run(), held.target(), &Mse, &mut ws)?));
    match loss {
        Ok(loss) => Ok((f64::from(loss) / task.baseline(Timesteps::All)).min(1000.0)),
        Err(Error::Network(rnn_core::Error::NonFinite { .. })) => Ok(1000.0),
        Err(error) => Err(error),
    }
}

impl Experiment for Diagnosed {
    fn about(&self) -> About {
        About {
            id: "E35",
            name: "diagnose",
            question: "Can a program tell what is wrong with a network, and put it right?",
            why: "A network that does not learn says nothing about why. The numbers of this program do: how far a gradient reaches, whether states grow, whether \
                  units are flat or silent. Here networks are made sick in known ways, the program names the sickness from one batch, and its remedy is \
                  put to the test that counts: training.",
            setting: "Networks of 12 to 40 units and 15 cells are made to explode, be chaotic, dead, saturated, non-normal, forgetful or vanishing, or are given a \
                      learning rate of 50. The diagnosis sees 8 sequences of the cumulative average over 30 steps. Then the first remedy is applied, and \
                      300 steps of training follow (batches of 32; Adam at 0.003 and clipping to norm 1, or gradient descent at the rate that was \
                      proposed). 2 networks of each kind, with --long 8, and 20 healthy ones.",
            formula: "",
            sources: &[Source { text: "This program: rnn_analysis::diagnose", url: "" }],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let each = if scope.long { MANY } else { FEW };
        let mut jobs = Vec::new();
        for (kind, _) in Condition::ALL.iter().enumerate() {
            for at in 0..each {
                jobs.push(Job::new("E35", "sick").with("kind", kind as f64).with("at", at as f64).cost(1.5));
            }
        }
        jobs.extend((0..HEALTHY).map(|at| Job::new("E35", "healthy").with("at", at as f64).cost(0.1)));
        jobs.extend((0..TRAINED).map(|at| Job::new("E35", "trained").with("at", at as f64).cost(0.3)));
        jobs
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let (task, rng) = (CumulativeAverage::new(TIME)?, job.rng());
        let batch = task.sample::<f32>(8, &mut rng.stream(2))?;
        if job.part == "healthy" {
            let model = healthy(job.count("at"), &rng)?;
            let found = diagnose(&model, &batch, &Mse, &DiagnoseOptions::default().rate(1e-3))?;
            return Ok(Numbers::new().value("accused", f64::from(u8::from(!found.is_healthy()))));
        }
        if job.part == "trained" {
            let mut model = healthy(job.count("at"), &rng)?;
            let mut draws = rng.stream(4);
            fit(
                &mut model,
                Mse,
                PLAN,
                |batch| refill(&task, BATCH, &mut draws, batch),
                |_| Ok((0.0, false)),
            )?;
            let found = diagnose(&model, &batch, &Mse, &DiagnoseOptions::default())?;
            let kind = Condition::ALL.iter().position(|&condition| Some(condition) == found.condition());
            let share = found.evidence.loss / task.baseline(Timesteps::All);
            return Ok(Numbers::new()
                .value("kind", kind.map_or(-1.0, |kind| kind as f64))
                .value("share", share));
        }
        let condition = Condition::ALL[job.count("kind")];
        let mut model = sick(condition, job.count("at"), &rng)?;
        let rated = condition == Condition::LearningRate;
        let options = if rated { DiagnoseOptions::default().rate(WILD) } else { DiagnoseOptions::default() };
        let found = diagnose(&model, &batch, &Mse, &options)?;
        let named = found.condition() == Some(condition);
        let untreated = trained(model.clone(), task, rated.then_some(WILD), &rng)?;
        let remedy = found.symptoms.first().and_then(|symptom| symptom.remedy.clone());
        let treated = match &remedy {
            None => untreated,
            Some(remedy) => {
                remedy.apply(&mut model)?;
                let rate = if let Remedy::LearningRate { rate } = remedy {
                    Some(*rate)
                } else {
                    rated.then_some(WILD)
                };
                trained(model, task, rate, &rng)?
            }
        };
        let number = |yes: bool| f64::from(u8::from(yes));
        Ok(Numbers::new()
            .value("named", number(named))
            .value("remedy", number(remedy.is_some()))
            .value("untreated", untreated)
            .value("treated", treated))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let share = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let (named, treated) = (results.values("sick", "named")?, results.values("sick", "treated")?);
        let untreated = results.values("sick", "untreated")?;
        let below = |values: &[f64]| values.iter().filter(|&&x| x < 1.0).count() as f64 / values.len() as f64;
        let accused = results.values("healthy", "accused")?;
        let goal = "The goal that was set for the function before it was written.";
        let mut findings = vec![
            Finding::at_least(
                "the share of sick networks whose first symptom is the one they were given",
                share(&named),
                0.9,
                goal,
            ),
            Finding::near(
                "healthy networks that are accused of something",
                accused.iter().sum(),
                0.0,
                0.0,
                goal,
            ),
            Finding::at_least(
                "the share of sick networks below the baseline after remedy and training",
                below(&treated),
                0.8,
                goal,
            ),
        ];
        findings.push(Finding::observation(
            "what healthy networks are accused of after training, as the index of the condition (−1: nothing)",
            results.values("trained", "kind")?,
            "Training may make a network sick, or leave it with states that it is right to forget.",
        ));
        let better = treated.iter().zip(&untreated).map(|(with, without)| with / without).collect::<Vec<_>>();
        findings.push(Finding::observation(
            "the loss with remedy over that without, each network",
            better,
            "Below 1 the remedy helped in these few steps. The task is easy: many sick networks come below the baseline without one.",
        ));
        let (mut text, mut kinds, mut with, mut without) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (kind, condition) in Condition::ALL.into_iter().enumerate() {
            let of = |name: &str| -> Result<Vec<f64>> {
                let those = results.part("sick").filter(|(job, _)| job.count("kind") == kind);
                those.map(|(_, numbers)| numbers.get(name)).collect()
            };
            let (named, treated, untreated) = (of("named")?, of("treated")?, of("untreated")?);
            kinds.extend(vec![kind as f64; treated.len()]);
            findings.push(Finding::observation(
                format!("{condition}: the loss over the baseline after remedy and training"),
                treated.clone(),
                "Below 1 the network has learned something.",
            ));
            text.push(format!(
                "{condition}: {:.0} of {} are named; {:.0}% end below the baseline with the remedy, {:.0}% without it.",
                named.iter().sum::<f64>(),
                named.len(),
                100.0 * below(&treated),
                100.0 * below(&untreated)
            ));
            with.extend(treated);
            without.extend(untreated);
        }
        text.insert(
            0,
            format!(
                "Of {} sick networks {:.0}% are named rightly, and of {} healthy ones {:.0} are accused. After 300 steps of training {:.0}% of the sick networks are below \
                 the baseline if the remedy was applied first, and {:.0}% if it was not.",
                named.len(),
                100.0 * share(&named),
                accused.len(),
                accused.iter().sum::<f64>(),
                100.0 * below(&treated),
                100.0 * below(&untreated)
            ),
        );
        let beside: Vec<f64> = kinds.iter().map(|kind| kind + 0.25).collect();
        let panel = LinePlot::new(
            "After 300 steps",
            PlotAxis::linear("condition"),
            PlotAxis::log("loss over the baseline"),
        )
        .line(Line::new("without remedy", &kinds, without).marker(Marker::Square).unconnected())
        .line(Line::new("with remedy", &beside, with).marker(Marker::Circle).unconnected())
        .horizontal("baseline", 1.0);
        let names: Vec<String> = Condition::ALL.iter().enumerate().map(|(k, c)| format!("{k} {c}")).collect();
        let caption = format!(
            "The loss after training, over what predicting 0 costs; 1000 stands for numbers that are not finite. Conditions: {}.",
            names.join(", ")
        );
        Ok(Conclusion { findings, figure: Some((Figure::new("Sick networks").panel(panel), caption)), text })
    }
}
