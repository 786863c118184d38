//! Family `jacobian`: the step Jacobians of one layer along a sequence, and the singular values of their products.

use ndarray::{Array2, Array3, Axis, Ix1, Ix2};
use rnn_analysis::ln_singular_values;
use rnn_core::{Real, Run};

use crate::conformance::checks::Checks;
use crate::conformance::fixture::Fixture;
use crate::conformance::network::Network;
use crate::conformance::outcome::Stop;

pub(super) fn check<F: Real>(fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
    let case = fixture.case.or("cell", "rnn").or("bias", bias_in_file(fixture));
    let network = Network::<F>::read(&case)?;
    // What the weights were drawn with; they are in the file.
    case.number("gain")?;
    case.all_read("key of the case:")?;
    if network.layers > 1 {
        return Err(Stop::unsupported(format!("jacobian of {} layers", network.layers)));
    }
    if network.batch > 1 {
        return Err(Stop::unsupported(format!("jacobian of {} sequences", network.batch)));
    }

    let stack = network.stack(fixture)?;
    let x = fixture.array::<F, Ix2, 2>("x", [network.time, network.input])?.insert_axis(Axis(0));
    let mut initial = stack.zero_state(1);
    for layer in &mut initial.layers {
        place_if_there(fixture, "h0", &mut layer.h)?;
        if let Some(c) = &mut layer.c {
            place_if_there(fixture, "c0", c)?;
        }
    }
    let mut ws = stack.workspace();
    stack.forward(Run::over(x.view()).from_state(&initial), &mut ws)?;

    let mut jacobians = stack.step_jacobians(&ws, 0, 0)?;
    let state = jacobians.state();
    let mut all = Array3::zeros((network.time, state, state));
    for (t, mut to) in all.axis_iter_mut(Axis(0)).enumerate() {
        to.assign(&jacobians.at(t + 1)?);
    }
    checks.compare_rows(fixture, "jacobians", all.into_dyn().view())?;
    let singular_values = ln_singular_values(&stack, &ws, 0, 0)?.mapv(f64::exp);
    checks.compare_rows(fixture, "singular_values", singular_values.into_dyn().view())
}

/// Which biases there are, by the tensors in the file: the cases of this family do not say.
pub(super) fn bias_in_file(fixture: &Fixture<'_>) -> &'static str {
    match (fixture.has("bias_l0"), fixture.has("bias_ih_l0")) {
        (true, _) => "single",
        (_, true) => "double",
        _ => "none",
    }
}

/// The initial state of one sequence, zeros if the file has none.
pub(super) fn place_if_there<F: Real>(
    fixture: &Fixture<'_>,
    name: &str,
    to: &mut Array2<F>,
) -> Result<(), Stop> {
    if fixture.has(name) {
        let given = fixture.array::<F, Ix1, 1>(name, [to.ncols()])?;
        to.row_mut(0).assign(&given);
    }
    Ok(())
}
