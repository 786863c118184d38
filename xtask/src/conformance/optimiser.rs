//! Family `optimiser`: a whole training run, from given parameters on given batches.

use ndarray::{Array1, Array3, ArrayView3, Axis, Ix4};
use rnn_core::{Adam, Cell, Mse, Optimizer, Parameters, Real, RegressionModel, Sgd, Training, train_step};

use crate::conformance::checks::Checks;
use crate::conformance::fixture::Fixture;
use crate::conformance::keys::{Keys, required};
use crate::conformance::network::{Network, Visitor, mean_squared_error};
use crate::conformance::outcome::Stop;

/// PyTorch's learning rate where a case names none.
const DEFAULT_LR: f64 = 1e-3;

/// How PyTorch may be told to compute the same numbers in another way, or other numbers: only "off" is understood.
const SWITCHES: [&str; 6] =
    ["capturable", "decoupled_weight_decay", "differentiable", "foreach", "fused", "maximize"];

pub(super) fn check(fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
    let case = &fixture.case;
    let network = Network::read(case)?;
    let method = Method::read(case)?;
    let steps = required("steps", case.size("steps")?)?;
    let loss = mean_squared_error(case)?;
    // PyTorch's side of the fixtures clips if the number is not zero.
    let clip = case.number("clip_grad_norm")?.filter(|&max_norm| max_norm != 0.0);
    case.all_read("key of the case:")?;
    let training = Training { loss, clip };
    network
        .visit(fixture.float, OptimizerCase { fixture, checks, network: &network, method, steps, training })
}

/// An optimizer and its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Method {
    Sgd { lr: f64, momentum: f64, dampening: f64, nesterov: bool, weight_decay: f64 },
    Adam { lr: f64, betas: (f64, f64), eps: f64, weight_decay: f64, amsgrad: bool },
}

impl Method {
    /// The optimizer of a case; what is left out has PyTorch's default.
    fn read(case: &Keys) -> Result<Self, Stop> {
        let name = required("optimiser", case.text("optimiser")?)?;
        let options = case.object("options")?;
        let lr = options.number("lr")?.unwrap_or(DEFAULT_LR);
        let weight_decay = options.number("weight_decay")?.unwrap_or(0.0);
        let method = match name {
            "SGD" => {
                let momentum = options.number("momentum")?.unwrap_or(0.0);
                let dampening = options.number("dampening")?.unwrap_or(0.0);
                Self::Sgd { lr, momentum, dampening, nesterov: options.flag("nesterov")?, weight_decay }
            }
            "Adam" => {
                let defaults = Adam::<f64>::new(lr);
                let betas = options.pair("betas")?.unwrap_or(defaults.betas);
                let eps = options.number("eps")?.unwrap_or(defaults.eps);
                Self::Adam { lr, betas, eps, weight_decay, amsgrad: options.flag("amsgrad")? }
            }
            unknown => return Err(Stop::unsupported(format!("optimizer {unknown}"))),
        };
        for switch in SWITCHES {
            if options.flag(switch)? {
                return Err(Stop::unsupported(format!("option {switch} of {name}")));
            }
        }
        options.all_read(&format!("option of {name}:"))?;
        Ok(method)
    }
}

struct OptimizerCase<'a, 'f> {
    fixture: &'a Fixture<'f>,
    checks: &'a mut Checks,
    network: &'a Network,
    method: Method,
    steps: usize,
    training: Training<Mse>,
}

impl Visitor for OptimizerCase<'_, '_> {
    fn visit<F: Real, C: Cell<F>>(self, cell: C) -> Result<(), Stop> {
        let mut model = self.network.model::<F, C>(self.fixture, "init.", 1, cell)?;
        match self.method {
            Method::Sgd { lr, momentum, dampening, nesterov, weight_decay } => {
                let mut sgd = Sgd::new(lr);
                (sgd.momentum, sgd.dampening) = (momentum, dampening);
                (sgd.nesterov, sgd.weight_decay) = (nesterov, weight_decay);
                self.train(&mut model, sgd)
            }
            Method::Adam { lr, betas, eps, weight_decay, amsgrad } => {
                let mut adam = Adam::new(lr);
                (adam.betas, adam.eps) = (betas, eps);
                (adam.weight_decay, adam.amsgrad) = (weight_decay, amsgrad);
                self.train(&mut model, adam)
            }
        }
    }
}

impl OptimizerCase<'_, '_> {
    fn train<F: Real, C: Cell<F>>(
        self,
        model: &mut RegressionModel<F, C>,
        mut optimizer: impl Optimizer<F>,
    ) -> Result<(), Stop> {
        let Self { fixture, checks, network, steps, training, .. } = self;
        let batches = fixture.array::<F, Ix4, 4>("x", [steps, network.batch, network.time, network.input])?;
        let (mut losses, mut norms) = (Array1::zeros(steps), Array1::zeros(steps));
        let mut ws = model.workspace();
        for (step, x) in batches.outer_iter().enumerate() {
            let y = cumulative_average(x);
            (losses[step], norms[step]) = train_step(model, x, y.view(), &training, &mut optimizer, &mut ws)?;
        }

        checks.compare(fixture, "loss", losses.into_dyn().view())?;
        let norms = norms.into_dyn();
        if training.clip.is_some() {
            checks.compare(fixture, "grad_norm", norms.view())?;
        } else {
            checks.compare_if_there(fixture, "grad_norm", norms.view())?;
        }
        for (name, parameter) in model.named() {
            checks.compare(fixture, &format!("final.{name}"), parameter)?;
        }
        Ok(())
    }
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
        let read = |json: &str| Method::read(&Keys::parse(json).unwrap());
        let nesterov = r#"{"optimiser": "SGD", "options": {"lr": 0.1, "momentum": 0.9, "nesterov": true, "maximize": false}}"#;
        let sgd = Method::Sgd { lr: 0.1, momentum: 0.9, dampening: 0.0, nesterov: true, weight_decay: 0.0 };
        assert_eq!(read(nesterov), Ok(sgd));
        let adam =
            Method::Adam { lr: 1e-3, betas: (0.9, 0.999), eps: 1e-8, weight_decay: 0.0, amsgrad: false };
        assert_eq!(read(r#"{"optimiser": "Adam", "options": {"foreach": null}}"#), Ok(adam));
        for (options, reason) in [
            (r#""SGD", "options": {"maximize": true}"#, "option maximize of SGD"),
            (r#""SGD", "options": {"betas": [0.9, 0.99]}"#, "unknown option of SGD: betas = [0.9,0.99]"),
            (r#""Adam", "options": {"decay": 1}"#, "unknown option of Adam: decay = 1"),
            (r#""AdamW""#, "optimizer AdamW"),
        ] {
            assert_eq!(read(&format!(r#"{{"optimiser": {options}}}"#)), Err(Stop::unsupported(reason)));
        }
        assert!(matches!(read(r#"{"optimiser": "SGD", "options": {"lr": "0.1"}}"#), Err(Stop::Broken(_))));
    }
}
