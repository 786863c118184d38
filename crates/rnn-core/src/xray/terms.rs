//! The gradient of every parameter, timestep by timestep.

use ndarray::{ArrayD, IxDyn};

use crate::Real;
use crate::cell::{Cell, History, Widths};
use crate::extent::Extent;
use crate::kernel::reduce::column_sums;
use crate::kernel::{Matrix, Scratch, Store, product};
use crate::stack::Stack;
use crate::workspace::Workspace;

/// The sums of the whole pass, taken over one timestep at a time, by the same code.
pub(super) fn terms<F: Real, C: Cell<F>>(
    stack: &Stack<F, C>,
    ws: &Workspace<F>,
    k: usize,
    names: &[(String, Vec<usize>)],
) -> Vec<(String, ArrayD<F>)> {
    let (layer, tape) = (&stack.layers()[k], &ws.tapes[k]);
    let &Extent { batch, time, .. } = &ws.extent;
    let Widths { gates, hidden, cell, saved, split, back } = tape.widths;
    let x = ws.input_of(k);
    let h_read = tape.dropped.all_read().unwrap_or(&tape.h);
    let d_u: &[F] = if split { &tape.d_u } else { &tape.d_a };
    let mut scratch = Scratch::new();
    let mut all = vec![F::zero(); time * layer.parameter_count()];
    for (t, theta) in all.chunks_exact_mut(layer.parameter_count()).enumerate() {
        let rows = |buffer: &'_ [F], width: usize| -> std::ops::Range<usize> {
            debug_assert!(buffer.len() >= (t + 1) * batch * width);
            t * batch * width..(t + 1) * batch * width
        };
        let d = layer.split_mut(theta);
        let d_a = &tape.d_a[rows(&tape.d_a, gates)];
        let x = Matrix::rows_of(&x[rows(x, layer.input)], batch, layer.input);
        product(d.w_ih, Store::Set, Matrix::rows_of(d_a, batch, gates).t(), x, &mut scratch);
        column_sums(d_a, d.b_ih);
        layer.cell.accumulate(History {
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
    }
    let mut first = 0;
    let named = names.iter().map(|(name, shape)| {
        let size: usize = shape.iter().product();
        let axes: Vec<usize> = std::iter::once(time).chain(shape.iter().copied()).collect();
        let at = first;
        first += size;
        let mut steps = all.chunks_exact(layer.parameter_count()).flat_map(|theta| &theta[at..at + size]);
        let next = |_| *steps.next().expect("as many numbers as the shape says");
        (name.clone(), ArrayD::from_shape_fn(IxDyn(&axes), next))
    });
    named.filter(|(name, _)| !name.starts_with("initial_")).collect()
}
