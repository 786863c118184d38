//! The states of all layers as one tensor, (layers, batch, units), which is how fixtures hold them.

use ndarray::{Array, ArrayView, ArrayView2, ArrayView3, Axis, Dimension, Ix3, RemoveAxis, stack};
use rnn_core::{Real, Stack, State, Workspace};

use crate::conformance::checks::Checks;
use crate::conformance::fixture::Fixture;
use crate::conformance::network::Network;
use crate::conformance::outcome::Stop;

/// The state whose h and c are the tensors of these names.
pub(super) fn read<F: Real>(
    fixture: &Fixture<'_>,
    network: &Network<F>,
    rnn: &Stack<F>,
    h_name: &str,
    c_name: &str,
) -> Result<State<F>, Stop> {
    let mut state = rnn.zero_state(network.batch);
    let layer = &rnn.layers()[0];
    let shape = |width| [state_count(network), network.batch, width];
    let h = fixture.array::<F, Ix3, 3>(h_name, shape(layer.output()))?;
    for (layer, h) in state.layers.iter_mut().zip(h.outer_iter()) {
        layer.h.assign(&h);
    }
    if state.layers.iter().any(|layer| layer.c.is_some()) {
        let given = fixture.array::<F, Ix3, 3>(c_name, shape(layer.cell_width()))?;
        for (layer, given) in state.layers.iter_mut().zip(given.outer_iter()) {
            layer.c.iter_mut().for_each(|c| c.assign(&given));
        }
    }
    Ok(state)
}

/// How many states there are: one for each layer and direction.
fn state_count<F: Real>(network: &Network<F>) -> usize {
    network.layers * network.directions()
}

/// h of all layers.
pub(super) fn hidden<F: Real>(state: &State<F>) -> Array<F, Ix3> {
    let layers: Vec<ArrayView2<'_, F>> = state.layers.iter().map(|layer| layer.h.view()).collect();
    stacked(&layers)
}

/// c of all layers, for a cell that has one.
pub(super) fn cell<F: Real>(state: &State<F>) -> Option<Array<F, Ix3>> {
    let layers: Option<Vec<ArrayView2<'_, F>>> =
        state.layers.iter().map(|layer| layer.c.as_ref().map(|c| c.view())).collect();
    Some(stacked(&layers?))
}

/// Compares dL/dh_t and dL/dc_t of all layers and timesteps, (layers, batch, time, units), as far as the file has them.
pub(super) fn compare_gradients<F: Real>(
    fixture: &Fixture<'_>,
    checks: &mut Checks,
    network: &Network<F>,
    ws: &Workspace<F>,
) -> Result<(), Stop> {
    let directions = network.directions();
    let d_hidden: Vec<ArrayView3<'_, F>> =
        (0..ws.layers()).flat_map(|layer| apart(ws.d_hidden(layer), directions)).collect();
    checks.compare_if_there(fixture, "grad.h_t", stacked(&d_hidden).into_dyn().view())?;
    let d_cell: Vec<ArrayView3<'_, F>> =
        (0..ws.layers()).flat_map(|layer| apart(ws.d_cell(layer), directions)).collect();
    if d_cell.iter().all(|layer| layer.dim().2 == 0) {
        // No cell state, no gradient of it. A tensor that claims one is reported as not compared.
        return Ok(());
    }
    checks.compare_if_there(fixture, "grad.c_t", stacked(&d_cell).into_dyn().view())
}

/// The directions of a layer, whose units stand side by side.
fn apart<F>(states: ArrayView3<'_, F>, directions: usize) -> Vec<ArrayView3<'_, F>> {
    let width = states.dim().2 / directions;
    let (forward, backward) = states.split_at(Axis(2), width);
    if directions == 1 { vec![forward] } else { vec![forward, backward] }
}

/// The layers along a new first axis.
fn stacked<F: Real, D: Dimension<Larger: RemoveAxis>>(layers: &[ArrayView<'_, F, D>]) -> Array<F, D::Larger> {
    stack(Axis(0), layers).expect("a stack has layers, and all of them have the same hidden size here")
}
