//! Family `loss`: the value and the gradient of each loss.

use ndarray::{Array3, Ix3};
use rnn_core::{BinaryCrossEntropy, Counted, CrossEntropy, Huber, L1, Loss, Mse, Real, Timesteps, Truth};

use crate::conformance::checks::Checks;
use crate::conformance::fixture::Fixture;
use crate::conformance::keys::required;
use crate::conformance::outcome::Stop;

pub(super) fn check<F: Real>(fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
    let case = &fixture.case;
    let losses = case.texts("losses")?;
    let shape = [
        required("batch", case.size("batch")?)?,
        required("seq_len", case.size("seq_len")?)?,
        required("classes", case.size("classes")?)?,
    ];
    if let Some(reduction) = case.text("reduction")?
        && !reduction.starts_with("mean")
    {
        return Err(Stop::unsupported(format!("reduction {reduction:?}")));
    }
    case.all_read("key of the case:")?;
    // What the libraries have is checked before the rest is named.
    let mut missing = Vec::new();
    for name in losses {
        let Some(Named { loss, over, prediction, target }) = named::<F>(name) else {
            missing.push(name);
            continue;
        };
        let prediction = fixture.array::<F, Ix3, 3>(prediction, shape)?;
        let mut gradient = Array3::zeros(prediction.dim());
        let (values, classes);
        let truth = match target {
            "classes" => {
                classes = fixture.classes(target, [shape[0], shape[1]])?;
                Truth::Classes(classes.view())
            }
            target => {
                values = fixture.array::<F, Ix3, 3>(target, shape)?;
                Truth::Values(values.view())
            }
        };
        let counted = Counted::new(over);
        truth.check(shape[2], &counted)?;
        loss.check_target(truth, shape[2], &counted)?;
        let value = loss.evaluate(prediction.view(), truth, &counted, gradient.view_mut());
        checks.compare_number(fixture, &format!("{name}.loss"), value.to_f64().unwrap_or(f64::NAN))?;
        checks.compare(fixture, &format!("{name}.grad"), gradient.into_dyn().view())?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Stop::unsupported(format!("losses {}", missing.join(", "))))
}

/// A loss, and the tensors that it is a function of.
struct Named<F> {
    loss: Box<dyn Loss<F>>,
    over: Timesteps,
    prediction: &'static str,
    target: &'static str,
}

/// The loss that a name means: what it is, for Huber's with δ, and `_last` if only the last timestep counts.
fn named<F: Real>(name: &str) -> Option<Named<F>> {
    let (base, over) = match name.strip_suffix("_last") {
        Some(base) => (base, Timesteps::Last),
        None => (name, Timesteps::All),
    };
    let of = |loss, prediction, target| Some(Named { loss, over, prediction, target });
    match base {
        "mse" => of(Box::new(Mse), "pred", "target"),
        "l1" => of(Box::new(L1), "pred", "target"),
        "cross_entropy" => of(Box::new(CrossEntropy), "logits", "classes"),
        "bce_with_logits" => of(Box::new(BinaryCrossEntropy), "logits", "binary_target"),
        huber => {
            let delta = huber.strip_prefix("huber_delta")?.parse().ok()?;
            of(Box::new(Huber { delta }), "pred", "target")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_losses() {
        let known = |name| named::<f64>(name).is_some();
        for name in ["mse", "l1_last", "huber_delta1", "huber_delta0.5_last", "cross_entropy_last"] {
            assert!(known(name), "{name}");
        }
        for name in
            ["", "_last", "mse_first", "huber_delta", "huber_deltax", "hinge", "cross_entropy_last_last"]
        {
            assert!(!known(name), "{name}");
        }
    }
}
