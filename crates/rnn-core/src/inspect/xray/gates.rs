//! The gates of a layer, and the gradients at them.

use ndarray::{Array2, Array4, ArrayView4, ShapeBuilder};

use crate::Real;
use crate::cell::Look;
use crate::inspect::xray::{LayerXray, SATURATED};
use crate::memory::workspace::Workspace;
use crate::network::extent::Extent;
use crate::network::stack::Stack;

/// All but the terms.
pub(super) fn gates<F: Real>(stack: &Stack<F>, ws: &Workspace<F>, k: usize) -> LayerXray<F> {
    let (layer, tape, extent) = (&stack.layers()[k], &ws.tapes[k], &ws.extent);
    let widths = tape.widths;
    let rows = extent.batch * extent.time;
    let after = |states: &'_ [F], width: usize| -> std::ops::Range<usize> {
        let first = extent.batch * width;
        debug_assert_eq!(states.len(), first + rows * width);
        first..states.len()
    };
    let room = || vec![F::zero(); rows * widths.gates];
    let [mut value, mut slope, mut gradient] = [room(), room(), room()];
    let told = layer.cell.steps.look(Look {
        rows,
        hidden: layer.hidden,
        saved: &tape.saved,
        h_prev: &tape.h[..rows * widths.hidden],
        c_prev: &tape.c[..rows * widths.cell],
        h: &tape.h[after(&tape.h, widths.hidden)],
        c: &tape.c[after(&tape.c, widths.cell)],
        d_h: &tape.d_h[after(&tape.d_h, widths.hidden)],
        d_c: &tape.d_c[after(&tape.d_c, widths.cell)],
        d_a: &tape.d_a,
        value: &mut value,
        slope: &mut slope,
        gradient: &mut gradient,
    });
    let blocks = widths.gates / layer.hidden;
    let gates = if told { layer.cell.steps.gates() } else { &[] };
    let arranged = |rows: &[F], blocks| by_gate(rows, blocks, layer.hidden, extent);
    let slope = arranged(&slope, gates.len());
    LayerXray {
        gates,
        activation: arranged(&value, gates.len()),
        d_activation: arranged(&gradient, gates.len()),
        d_a: arranged(&tape.d_a, blocks),
        saturation: saturation(&slope, extent),
        slope,
        terms: Vec::new(),
    }
}

/// Time-major rows of one block for each gate as (gate, batch, time, unit), zeros past every sequence's end.
fn by_gate<F: Real>(rows: &[F], gates: usize, hidden: usize, extent: &Extent) -> Array4<F> {
    let &Extent { batch, time, .. } = extent;
    let shape = (gates, batch, time, hidden);
    if gates == 0 {
        return Array4::zeros(shape);
    }
    let width = rows.len() / (batch * time);
    let strides = (hidden, width, batch * width, 1);
    let view = ArrayView4::from_shape(shape.strides(strides), rows).expect("a row for each timestep");
    let mut array = view.to_owned();
    for b in 0..batch {
        array.slice_mut(ndarray::s![.., b, extent.length(b).., ..]).fill(F::zero());
    }
    array
}

fn saturation<F: Real>(slope: &Array4<F>, extent: &Extent) -> Array2<f64> {
    let (gates, batch, time, hidden) = slope.dim();
    let limit = F::of(SATURATED);
    Array2::from_shape_fn((gates, time), |(gate, t)| {
        let going = || (0..batch).filter(|&b| t < extent.length(b));
        let of = |b| slope.slice(ndarray::s![gate, b, t, ..]).iter().filter(|s| s.abs() < limit).count();
        let all = going().count() * hidden;
        if all == 0 { 0.0 } else { going().map(of).sum::<usize>() as f64 / all as f64 }
    })
}
