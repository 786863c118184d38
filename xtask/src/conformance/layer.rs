//! Family `layer`: forward and backward through recurrent layers, from any state, with every gradient.
//!
//! The loss is a sum of outputs and of final states with random weights, so those weights are its derivatives.

use ndarray::{ArrayView, Dimension, Ix3};
use rnn_core::{Real, Run};

use crate::conformance::checks::Checks;
use crate::conformance::fixture::Fixture;
use crate::conformance::network::Network;
use crate::conformance::outcome::Stop;
use crate::conformance::states;

/// The only loss of this family.
const LOSS: &str = "sum(output*w_output) + sum(h_n*w_h_n) [+ sum(c_n*w_c_n)]";

pub(super) fn check<F: Real>(fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
    let network = Network::<F>::read(&fixture.case)?;
    let state_given = fixture.case.flag("given_state")?;
    match fixture.case.text("loss")? {
        None | Some(LOSS) => {}
        Some(unknown) => return Err(Stop::unsupported(format!("loss {unknown:?}"))),
    }
    fixture.case.all_read("key of the case:")?;

    let rnn = network.stack(fixture)?;
    let x = fixture.array::<F, Ix3, 3>("x", [network.batch, network.time, network.input])?;
    // Zeros are written out as well, but a file without them says the same.
    let initial = if state_given || fixture.has("h0") {
        states::read(fixture, &network, &rnn, "h0", "c0")?
    } else {
        rnn.zero_state(network.batch)
    };
    let mut ws = rnn.workspace();
    let lengths = network.lengths(fixture)?;
    let run = Run::over(x.view()).from_state(&initial);
    rnn.forward(lengths.as_ref().map_or(run, |lengths| run.lengths(lengths)), &mut ws)?;
    let last = ws.final_state();
    checks.compare(fixture, "output", ws.output().into_dyn())?;
    checks.compare(fixture, "h_n", states::hidden(&last).into_dyn().view())?;
    if let Some(c_n) = states::cell(&last) {
        checks.compare(fixture, "c_n", c_n.into_dyn().view())?;
    }

    let d_output = fixture.array::<F, Ix3, 3>("w_output", [network.batch, network.time, rnn.output()])?;
    let d_last = states::read(fixture, &network, &rnn, "w_h_n", "w_c_n")?;
    let mut loss = dot(ws.output(), d_output.view());
    for (layer, d_layer) in last.layers.iter().zip(&d_last.layers) {
        loss += dot(layer.h.view(), d_layer.h.view());
        if let (Some(c), Some(d_c)) = (&layer.c, &d_layer.c) {
            loss += dot(c.view(), d_c.view());
        }
    }
    checks.compare_number(fixture, "loss", loss)?;

    rnn.backward(d_output.view(), Some(&d_last), &mut ws)?;
    for (name, gradient) in ws.gradients().iter() {
        checks.compare_if_there(fixture, &format!("grad.{name}"), gradient)?;
    }
    checks.compare_if_there(fixture, "grad.x", ws.d_input().into_dyn())?;
    let d_initial = ws.d_initial();
    checks.compare_if_there(fixture, "grad.h0", states::hidden(&d_initial).into_dyn().view())?;
    if let Some(d_c0) = states::cell(&d_initial) {
        checks.compare_if_there(fixture, "grad.c0", d_c0.into_dyn().view())?;
    }
    states::compare_gradients(fixture, checks, &network, &ws)
}

/// The sum of all products, in double precision: it belongs to the check, not to the network.
fn dot<F: Real, D: Dimension>(a: ArrayView<'_, F, D>, b: ArrayView<'_, F, D>) -> f64 {
    let in_double = |x: &F| x.to_f64().unwrap_or(f64::NAN);
    a.iter().zip(&b).map(|(a, b)| in_double(a) * in_double(b)).sum()
}
