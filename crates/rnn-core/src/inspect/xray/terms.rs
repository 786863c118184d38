//! The gradient of every parameter, timestep by timestep.

use ndarray::{ArrayD, IxDyn};

use crate::Real;
use crate::kernel::Scratch;
use crate::memory::workspace::Workspace;
use crate::network::extent::Extent;
use crate::network::params::Params;
use crate::network::stack::Stack;

/// The sums of the whole pass, taken over one timestep at a time, by the same code. `each` sees the timestep, from 0, and
/// its terms, which are written over afterwards.
pub(super) fn each<F: Real>(
    stack: &Stack<F>,
    ws: &Workspace<F>,
    k: usize,
    mut each: impl FnMut(usize, &Params<F>),
) {
    let (layer, tape) = (&stack.layers()[k], &ws.tapes[k]);
    let &Extent { batch, time, .. } = &ws.extent;
    let x = ws.input_of(k);
    let mut scratch = Scratch::new();
    let names = stack.parameter_names().nth(k).expect("a layer of this stack");
    let mut terms = Params::zeros(names).expect("room for what the layer has once already");
    for t in 0..time {
        let theta = terms.as_mut_slice();
        theta.fill(F::zero());
        let sums = layer.sums(x, tape, batch, t * batch..(t + 1) * batch);
        sums.accumulate(layer, layer.split_mut(theta), &mut scratch);
        each(t, &terms);
    }
}

/// All of them: the name of each parameter, and (time, its shape). Learned initial states have none.
pub(super) fn all<F: Real>(stack: &Stack<F>, ws: &Workspace<F>, k: usize) -> Vec<(String, ArrayD<F>)> {
    let time = ws.extent.time;
    let names = stack.parameter_names().nth(k).expect("a layer of this stack");
    let mut all: Vec<(String, ArrayD<F>)> = names
        .into_iter()
        .filter(|(name, _)| !name.starts_with("initial_"))
        .map(|(name, shape)| {
            let axes: Vec<usize> = std::iter::once(time).chain(shape).collect();
            (name, ArrayD::zeros(IxDyn(&axes)))
        })
        .collect();
    each(stack, ws, k, |t, terms| {
        for ((_, all), (_, one)) in all.iter_mut().zip(terms.iter()) {
            all.index_axis_mut(ndarray::Axis(0), t).assign(&one);
        }
    });
    all
}
