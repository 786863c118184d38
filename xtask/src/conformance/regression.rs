//! Family `regression`: a recurrent network with a linear head and the mean squared error.

use ndarray::Ix3;
use rnn_core::{Mse, Parameters, Real, Target};

use crate::conformance::checks::Checks;
use crate::conformance::fixture::Fixture;
use crate::conformance::network::{Network, counted_timesteps};
use crate::conformance::outcome::Stop;
use crate::conformance::states;

pub(super) fn check<F: Real>(fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
    let network = Network::<F>::read(&fixture.case)?;
    let outputs = fixture.case.size("output_size")?.unwrap_or(1);
    let over = counted_timesteps(&fixture.case)?;
    fixture.case.all_read("key of the case:")?;

    let model = network.model(fixture, "", outputs)?;
    let x = fixture.array::<F, Ix3, 3>("x", [network.batch, network.time, network.input])?;
    let y = fixture.array::<F, Ix3, 3>("y", [network.batch, network.time, outputs])?;
    let mut ws = model.workspace();
    let value = model.loss_and_gradients(x.view(), Target::values(y.view()).over(over), &Mse, &mut ws)?;

    checks.compare(fixture, "hidden", ws.rnn.output().into_dyn())?;
    checks.compare(fixture, "pred", ws.prediction().into_dyn())?;
    checks.compare_number(fixture, "loss", value.to_f64().unwrap_or(f64::NAN))?;
    for (name, gradient) in ws.named() {
        checks.compare_if_there(fixture, &format!("grad.{name}"), gradient)?;
    }
    states::compare_gradients(fixture, checks, &network, &ws.rnn)
}
