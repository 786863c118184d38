//! The gates of a layer, and the gradients at them.

use ndarray::{Array2, Array4, ArrayView4, ShapeBuilder};

use crate::Real;
use crate::cell::units::Looks;
use crate::error::{Error, Place, Result};
use crate::inspect::xray::{LayerXray, SATURATED};
use crate::kernel::{Matrix, Store, multiply};
use crate::memory::tape::Packed;
use crate::memory::workspace::Workspace;
use crate::network::extent::Extent;
use crate::network::stack::Stack;

/// All but the terms.
pub(super) fn gates<F: Real>(stack: &Stack<F>, ws: &Workspace<F>, k: usize) -> Result<LayerXray<F>> {
    let (layer, tape, extent) = (&stack.layers()[k], &ws.tapes[k], &ws.extent);
    let widths = &layer.widths;
    let (batch, rows) = (extent.batch, extent.batch * extent.time);
    let theta = stack.layer_parameters().nth(k).expect("a layer of this stack");
    let after = |states: &'_ [F], width: usize| -> Vec<F> { states[batch * width..].to_vec() };
    let room = || vec![F::zero(); rows * widths.gates];
    let [mut value, mut slope, mut gradient] = [room(), room(), room()];

    let mut packed = Packed::default();
    layer.pack_back(theta, &mut Vec::new(), &mut packed);
    // dL/dh of the units themselves, before the projection, and dL/dm of a gated recurrence: a pass does not keep them.
    let mut d_h = after(&tape.d_h, widths.output);
    if widths.raw > 0 {
        let d_out = Matrix::rows_of(&tape.adjoint.d_out, rows, widths.projected);
        d_h = vec![F::zero(); rows * widths.raw];
        multiply(&mut d_h, Store::Set, d_out, &packed.w_hr);
    }
    let mut d_m = vec![F::zero(); rows * widths.gated];
    if widths.gated > 0 {
        let d_u: &[F] = if widths.split > 0 { &tape.adjoint.d_u } else { &tape.adjoint.d_a };
        let first = widths.gates - layer.hidden;
        let d_n = Matrix::rows_of(d_u, rows, widths.gates).part((0, first), (rows, layer.hidden));
        multiply(&mut d_m, Store::Set, d_n, &packed.w_hn);
    }
    let h = if widths.raw > 0 { tape.record.raw.clone() } else { after(&tape.h, widths.output) };
    let unit_h = if widths.raw > 0 { &[] } else { &tape.h[..rows * widths.output] };
    let h_read = tape.dropped.all_read().unwrap_or(&tape.h);
    let looks = Looks {
        saved: &tape.record.saved,
        h_prev: unit_h,
        c_prev: &tape.c[..rows * widths.cell],
        h: &h,
        c: &after(&tape.c, widths.cell),
        d_h: &d_h,
        d_c: &after(&tape.d_c, widths.cell),
        h_read: if widths.gated > 0 { &h_read[..rows * widths.output] } else { &[] },
        d_m: &d_m,
        value: &mut value,
        slope: &mut slope,
        gradient: &mut gradient,
    };
    let told = layer.cell.units.look(layer.size(rows), layer.split(theta).own, looks);
    let gates: Vec<&'static str> =
        if told { layer.form.gates.iter().map(|gate| gate.name).collect() } else { Vec::new() };
    let blocks = widths.gates / layer.hidden;
    let arranged = |rows: &[F], blocks| by_gate(rows, blocks, layer.hidden, extent);
    let slope = arranged(&slope, gates.len());
    let [activation, d_activation] = [&value, &gradient].map(|rows| arranged(rows, gates.len()));
    for array in [&activation, &d_activation] {
        if let Some(((gate, batch, t, unit), bad)) = array.indexed_iter().find(|(_, x)| !x.is_finite()) {
            let place = Place::Gate { layer: k, gate: gates[gate], timestep: t + 1, batch, unit };
            return Err(Error::NonFinite { place, value: bad.to_string() });
        }
    }
    let of_gates = if widths.norm_a > 0 { &tape.adjoint.d_norm_a } else { &tape.adjoint.d_a };
    Ok(LayerXray {
        activation,
        d_activation,
        d_a: arranged(of_gates, blocks),
        saturation: saturation(&slope, extent),
        slope,
        gates,
        terms: Vec::new(),
    })
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
