//! Family `regression`: a recurrent network with a linear head and the mean squared error.

use ndarray::Ix3;
use rnn_core::{Cell, Mse, Parameters, Real};

use crate::conformance::checks::Checks;
use crate::conformance::fixture::Fixture;
use crate::conformance::network::{Network, Visitor, mean_squared_error};
use crate::conformance::outcome::Stop;
use crate::conformance::states;

pub(super) fn check(fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
    let network = Network::read(&fixture.case)?;
    let outputs = fixture.case.size("output_size")?.unwrap_or(1);
    let loss = mean_squared_error(&fixture.case)?;
    fixture.case.all_read("key of the case:")?;
    network.visit(fixture.float, RegressionCase { fixture, checks, network: &network, outputs, loss })
}

struct RegressionCase<'a, 'f> {
    fixture: &'a Fixture<'f>,
    checks: &'a mut Checks,
    network: &'a Network,
    outputs: usize,
    loss: Mse,
}

impl Visitor for RegressionCase<'_, '_> {
    fn visit<F: Real>(self, cell: C) -> Result<(), Stop> {
        let Self { fixture, checks, network, outputs, loss } = self;
        let model = network.model::<F, C>(fixture, "", outputs, cell)?;
        let x = fixture.array::<F, Ix3, 3>("x", [network.batch, network.time, network.input])?;
        let y = fixture.array::<F, Ix3, 3>("y", [network.batch, network.time, outputs])?;
        let mut ws = model.workspace();
        let value = model.loss_and_gradients(x.view(), y.view(), &loss, &mut ws)?;

        checks.compare(fixture, "hidden", ws.rnn.output().into_dyn())?;
        checks.compare(fixture, "pred", ws.prediction().into_dyn())?;
        checks.compare_number(fixture, "loss", value.to_f64().unwrap_or(f64::NAN))?;
        for (name, gradient) in ws.named() {
            checks.compare_if_there(fixture, &format!("grad.{name}"), gradient)?;
        }
        states::compare_gradients(fixture, checks, network, &ws.rnn)
    }
}
