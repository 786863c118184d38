//! The gradient of every parameter, timestep by timestep.

use ndarray::{ArrayD, IxDyn};

use crate::Real;
use crate::cell::{History, Widths};
use crate::kernel::reduce::column_sums;
use crate::kernel::{Matrix, Scratch, Store, product};
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
    let Widths { gates, hidden, cell, saved, split, back } = tape.widths;
    let x = ws.input_of(k);
    let h_read = tape.dropped.all_read().unwrap_or(&tape.h);
    let d_u: &[F] = if split { &tape.d_u } else { &tape.d_a };
    let mut scratch = Scratch::new();
    let mut terms = Params::zeros(stack.parameter_names().nth(k).expect("a layer of this stack"));
    for t in 0..time {
        let rows = |buffer: &'_ [F], width: usize| -> std::ops::Range<usize> {
            debug_assert!(buffer.len() >= (t + 1) * batch * width);
            t * batch * width..(t + 1) * batch * width
        };
        let theta = terms.as_mut_slice();
        theta.fill(F::zero());
        let d = layer.split_mut(theta);
        let d_a = &tape.d_a[rows(&tape.d_a, gates)];
        let x = Matrix::rows_of(&x[rows(x, layer.input)], batch, layer.input);
        product(d.w_ih, Store::Set, Matrix::rows_of(d_a, batch, gates).t(), x, &mut scratch);
        column_sums(d_a, d.b_ih);
        layer.cell.steps.accumulate(History {
            rows: batch,
            hidden: layer.hidden,
            d_u: &d_u[rows(d_u, gates)],
            h_read: &h_read[rows(h_read, hidden)],
            c_prev: &tape.c[rows(&tape.c, cell)],
            saved: &tape.saved[rows(&tape.saved, saved)],
            back: &tape.back[rows(&tape.back, back)],
            d_w_hh: d.w_hh,
            d_b_hh: d.b_hh,
            d_own: d.own,
            scratch: &mut scratch,
        });
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
