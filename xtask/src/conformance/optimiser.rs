//! Family `optimiser`: a whole training run, from given parameters on given batches.

use std::collections::BTreeMap;

use ndarray::{Array1, Array3, ArrayView3, Axis, Ix4};
use rnn_core::{
    Adam, AdamW, Mse, Optimizer, Parameters, Real, RmsProp, Sgd, Target, Timesteps, clip_global_norm,
    clip_value, global_norm,
};

use crate::conformance::checks::Checks;
use crate::conformance::fixture::Fixture;
use crate::conformance::keys::{Keys, required};
use crate::conformance::network::{Network, counted_timesteps};
use crate::conformance::outcome::Stop;

/// How PyTorch may be told to compute the same numbers in another way, or other numbers: only "off" is understood.
const SWITCHES: [&str; 5] = ["capturable", "differentiable", "foreach", "fused", "maximize"];

pub(super) fn check<F: Real>(fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
    let case = &fixture.case;
    let network = Network::<F>::read(case)?;
    let method = Method::read(case)?;
    let steps = required("steps", case.size("steps")?)?;
    let over = counted_timesteps(case)?;
    // PyTorch's side of the fixtures clips if the number is not zero.
    let clip_norm = case.number("clip_grad_norm")?.filter(|&bound| bound != 0.0);
    let clip_value = case.number("clip_grad_value")?.filter(|&bound| bound != 0.0);
    case.all_read("key of the case:")?;
    let kind = method.kind;
    let run = Run { method, steps, over, clip_norm, clip_value };
    match kind {
        Kind::Sgd => train(fixture, checks, &network, run, Sgd::new(0.0)),
        Kind::Adam => train(fixture, checks, &network, run, Adam::new(0.0)),
        Kind::AdamW => train(fixture, checks, &network, run, AdamW::new(0.0)),
        Kind::RmsProp => train(fixture, checks, &network, run, RmsProp::new(0.0)),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sgd,
    Adam,
    AdamW,
    RmsProp,
}

/// An optimizer and all its settings, by the names of `OptimizerState`.
#[derive(Clone, Debug, PartialEq)]
struct Method {
    kind: Kind,
    settings: BTreeMap<String, f64>,
}

impl Method {
    /// The optimizer of a case; what is left out has PyTorch's default.
    fn read(case: &Keys) -> Result<Self, Stop> {
        let name = required("optimiser", case.text("optimiser")?)?;
        let options = case.object("options")?;
        let decoupled = name == "Adam" && options.flag("decoupled_weight_decay")?;
        let (kind, default) = match name {
            "SGD" => (Kind::Sgd, Sgd::<f64>::new(1e-3).snapshot()),
            "Adam" if decoupled => (Kind::AdamW, AdamW::<f64>::new(1e-3).snapshot()),
            "Adam" => (Kind::Adam, Adam::<f64>::new(1e-3).snapshot()),
            "AdamW" => (Kind::AdamW, AdamW::<f64>::new(1e-3).snapshot()),
            "RMSprop" => (Kind::RmsProp, RmsProp::<f64>::new(1e-2).snapshot()),
            unknown => return Err(Stop::unsupported(format!("optimizer {unknown}"))),
        };
        let mut settings = default.settings;
        for (name, value) in &mut settings {
            let given = match name.as_str() {
                "beta_1" => options.pair("betas")?.map(|betas| betas.0),
                "beta_2" => options.pair("betas")?.map(|betas| betas.1),
                "amsgrad" | "centered" | "nesterov" => Some(f64::from(u8::from(options.flag(name)?))),
                // Adam decays nothing by default, coupled or not.
                "weight_decay" if decoupled => Some(options.number(name)?.unwrap_or(0.0)),
                _ => options.number(name)?,
            };
            *value = given.unwrap_or(*value);
        }
        for switch in SWITCHES {
            if options.flag(switch)? {
                return Err(Stop::unsupported(format!("option {switch} of {name}")));
            }
        }
        options.all_read(&format!("option of {name}:"))?;
        Ok(Self { kind, settings })
    }
}

/// A training run.
#[derive(Clone, Debug)]
struct Run {
    method: Method,
    steps: usize,
    over: Timesteps,
    clip_norm: Option<f64>,
    clip_value: Option<f64>,
}

fn train<F: Real>(
    fixture: &Fixture<'_>,
    checks: &mut Checks,
    network: &Network<F>,
    run: Run,
    mut optimizer: impl Optimizer<F>,
) -> Result<(), Stop> {
    let mut model = network.model(fixture, "init.", 1)?;
    let mut state = optimizer.snapshot();
    state.settings = run.method.settings;
    optimizer.restore(state)?;

    let shape = [run.steps, network.batch, network.time, network.input];
    let batches = fixture.array::<F, Ix4, 4>("x", shape)?;
    let (mut losses, mut norms) = (Array1::zeros(run.steps), Array1::zeros(run.steps));
    let mut ws = model.workspace();
    for (step, x) in batches.outer_iter().enumerate() {
        let y = cumulative_average(x);
        let target = Target::values(y.view()).over(run.over);
        losses[step] = model.loss_and_gradients(x, target, &Mse, &mut ws)?;
        norms[step] = match run.clip_norm {
            Some(bound) => clip_global_norm(&mut ws, F::of(bound))?,
            None => global_norm(&ws),
        };
        if let Some(bound) = run.clip_value {
            clip_value(&mut ws, F::of(bound))?;
        }
        optimizer.step(&mut model, &ws)?;
    }

    checks.compare(fixture, "loss", losses.into_dyn().view())?;
    let norms = norms.into_dyn();
    if run.clip_norm.is_some() {
        checks.compare(fixture, "grad_norm", norms.view())?;
    } else {
        checks.compare_if_there(fixture, "grad_norm", norms.view())?;
    }
    for (name, parameter) in model.named() {
        checks.compare(fixture, &format!("final.{name}"), parameter)?;
    }
    Ok(())
}

/// The task of these cases: the mean of x_1 .. x_t at each timestep. Sums are in double precision, as PyTorch's are.
fn cumulative_average<F: Real>(x: ArrayView3<'_, F>) -> Array3<F> {
    let mut y = x.to_owned();
    for mut sequence in y.lanes_mut(Axis(1)) {
        let mut sum = 0.0;
        for (t, value) in sequence.iter_mut().enumerate() {
            sum += value.to_f64().unwrap_or(f64::NAN);
            *value = F::of(sum) / F::of((t + 1) as f64);
        }
    }
    y
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_target_is_the_mean_so_far() {
        let x = array![[[1.0], [2.0], [6.0]], [[0.0], [-1.0], [1.0]]];
        assert_eq!(cumulative_average(x.view()), array![[[1.0], [1.5], [3.0]], [[0.0], [-0.5], [0.0]]]);
    }

    #[test]
    fn options_are_read_or_named() {
        let read = |json: &str| Method::read(&Keys::parse(&format!("{{\"optimiser\": {json}}}")).unwrap());
        let settings = |json: &str| {
            let Method { kind, settings } = read(json).unwrap();
            (kind, settings.into_values().collect::<Vec<_>>())
        };
        // In the order of their names.
        let nesterov =
            r#""SGD", "options": {"lr": 0.1, "momentum": 0.9, "nesterov": true, "maximize": false}"#;
        assert_eq!(settings(nesterov), (Kind::Sgd, vec![0.0, 0.1, 0.9, 1.0, 0.0]));
        let (kind, adam) = settings(r#""Adam", "options": {"foreach": null, "betas": [0.8, 0.99]}"#);
        assert_eq!((kind, adam), (Kind::Adam, vec![0.0, 0.8, 0.99, 1e-8, 1e-3, 0.0]));
        assert_eq!(settings(r#""AdamW""#), (Kind::AdamW, vec![0.0, 0.9, 0.999, 1e-8, 1e-3, 0.01]));
        let decoupled = r#""Adam", "options": {"decoupled_weight_decay": true, "amsgrad": true}"#;
        assert_eq!(settings(decoupled), (Kind::AdamW, vec![1.0, 0.9, 0.999, 1e-8, 1e-3, 0.0]));
        let centered = r#""RMSprop", "options": {"centered": true, "alpha": 0.5}"#;
        assert_eq!(settings(centered), (Kind::RmsProp, vec![0.5, 1.0, 1e-8, 1e-2, 0.0, 0.0]));
        for (options, reason) in [
            (r#""SGD", "options": {"maximize": true}"#, "option maximize of SGD"),
            (r#""RMSprop", "options": {"capturable": true}"#, "option capturable of RMSprop"),
            (r#""SGD", "options": {"betas": [0.9, 0.99]}"#, "unknown option of SGD: betas = [0.9,0.99]"),
            (r#""Adam", "options": {"decay": 1}"#, "unknown option of Adam: decay = 1"),
            (r#""Adagrad""#, "optimizer Adagrad"),
        ] {
            assert_eq!(read(options), Err(Stop::unsupported(reason)));
        }
        assert!(matches!(read(r#""SGD", "options": {"lr": "0.1"}"#), Err(Stop::Broken(_))));
    }
}
