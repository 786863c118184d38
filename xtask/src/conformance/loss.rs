//! Family `loss`: the value and the gradient of each loss.

use ndarray::{Array3, Ix3};
use rnn_core::{Loss, Mse, Real};

use crate::conformance::checks::Checks;
use crate::conformance::fixture::{Fixture, Float};
use crate::conformance::keys::required;
use crate::conformance::outcome::Stop;

pub(super) fn check(fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
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
    match fixture.float {
        Float::F32 => compare::<f32>(fixture, checks, &losses, shape),
        Float::F64 => compare::<f64>(fixture, checks, &losses, shape),
    }
}

/// Checks the losses that the libraries have, and then names the others.
fn compare<F: Real>(
    fixture: &Fixture<'_>,
    checks: &mut Checks,
    losses: &[&str],
    shape: [usize; 3],
) -> Result<(), Stop> {
    let mut missing = Vec::new();
    for &name in losses {
        let loss = match name {
            "mse" => Mse::all(),
            "mse_last" => Mse::last(),
            unknown => {
                missing.push(unknown);
                continue;
            }
        };
        let prediction = fixture.array::<F, Ix3, 3>("pred", shape)?;
        let target = fixture.array::<F, Ix3, 3>("target", shape)?;
        let mut gradient = Array3::zeros(prediction.dim());
        let value = loss.evaluate(prediction.view(), target.view(), gradient.view_mut());
        checks.compare_number(fixture, &format!("{name}.loss"), value.to_f64().unwrap_or(f64::NAN))?;
        checks.compare(fixture, &format!("{name}.grad"), gradient.into_dyn().view())?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Stop::unsupported(format!("losses {}", missing.join(", "))))
}
