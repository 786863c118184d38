//! One step forward of a layer, for some sequences.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Real;
use crate::cell::units::{self, Size};
use crate::cell::{InputProduct, Recurrence};
use crate::kernel::multiply::multiply_strided;
use crate::kernel::parallel::Rows;
use crate::kernel::reduce::all_finite;
use crate::kernel::{Matrix, Store, multiply};
use crate::memory::columns::{cut, cut_mut};
use crate::memory::tape::{Nudge, Packed, RecordRows};
use crate::network::layer::{Layer, Split, norm};

/// What all steps forward of a pass share.
#[derive(Clone, Copy)]
pub(crate) struct Forward<'a, F: Real> {
    pub(crate) layer: &'a Layer<F>,
    /// The transposed weights.
    pub(crate) packed: &'a Packed<F>,
    pub(crate) p: Split<&'a [F]>,
    /// Zeros in the place of a bias that the layer lacks.
    pub(crate) no_bias: &'a [F],
    /// Set if a number of the new state is not finite: checked in the step, while the state is still in the cache.
    pub(crate) overflow: &'a AtomicBool,
}

/// What one step reads and writes. Every array is (rows, width), row by row.
pub(crate) struct Inputs<'a, F> {
    pub(crate) rows: usize,
    pub(crate) x: &'a [F],
    /// What W_hh is multiplied with: h_{t−1}, or with dropout on the recurrence, h_{t−1} under its mask.
    pub(crate) h_read: &'a [F],
    pub(crate) h_prev: &'a [F],
    pub(crate) c_prev: &'a [F],
    /// Out: h_t and c_t.
    pub(crate) h: &'a mut [F],
    pub(crate) c: &'a mut [F],
    /// Out: what the step back needs.
    pub(crate) record: RecordRows<'a, F>,
}

/// A step of some sequences.
pub(crate) struct Step<'a, F: Real> {
    forward: Forward<'a, F>,
    inputs: Inputs<'a, F>,
}

impl<'a, F: Real> Forward<'a, F> {
    pub(crate) fn on(self, inputs: Inputs<'a, F>) -> Step<'a, F> {
        Step { forward: self, inputs }
    }

    /// Adds a nudge to h_t or c_t of the step that was just taken, and computes again what follows within the step.
    pub(crate) fn nudge(
        &self,
        nudge: &Nudge<F>,
        rows: usize,
        h: &mut [F],
        c: &mut [F],
        mut record: RecordRows<'_, F>,
    ) {
        let widths = self.layer.widths;
        let (h, c) = (&mut h[..rows * widths.output], &mut c[..rows * widths.cell]);
        let moved = if nudge.cell { &mut *c } else { &mut *h };
        moved.iter_mut().zip(&nudge.by).for_each(|(to, &by)| *to += by);
        if !nudge.cell {
            return;
        }
        if self.layer.form.reads_cell && widths.norm_c == 0 {
            let out = if widths.raw > 0 { &mut *record.raw } else { &mut *h };
            self.layer.cell.units.read(self.layer.size(rows), self.p.own, c, record.saved, out);
        }
        self.read_normalized(rows, h, c, &mut record);
        if widths.carried > 0 {
            // Of h̃_t, what was read from c_t is new, and the nudge is added to it.
            let by = nudge.by.chunks_exact(widths.cell);
            for ((raw, c), by) in
                record.raw.chunks_exact_mut(widths.raw).zip(c.chunks_exact_mut(widths.cell)).zip(by)
            {
                if self.layer.form.reads_cell {
                    raw.iter_mut().zip(by).for_each(|(raw, &by)| *raw += by);
                    c[..widths.raw].copy_from_slice(raw);
                } else {
                    raw.copy_from_slice(&c[..widths.raw]);
                }
            }
        }
        self.project(rows, h, &record);
    }

    /// Normalizes c_t and reads h̃_t from the result, in a layer that does so.
    fn read_normalized(&self, rows: usize, h: &mut [F], c: &mut [F], record: &mut RecordRows<'_, F>) {
        let Self { layer, p, .. } = self;
        let widths = layer.widths;
        if widths.norm_c > 0 {
            norm::forward(
                norm::Part { rows, width: widths.norm_c, of: widths.norm_c, first: 0, inverse: 3 },
                layer.layer_norm,
                (p.gain_c, p.offset_c),
                norm::Source::From { x: c, of: widths.cell, first: widths.carried },
                record.read_c,
                record.hat_c,
                record.inverses,
            );
            let size = Size { carried: false, ..layer.size(rows) };
            let out = if widths.raw > 0 { &mut *record.raw } else { &mut *h };
            layer.cell.units.read(size, p.own, record.read_c, record.saved, out);
            if widths.carried > 0 {
                for (c, raw) in c.chunks_exact_mut(widths.cell).zip(record.raw.chunks_exact(widths.raw)) {
                    c[..widths.raw].copy_from_slice(raw);
                }
            }
        }
    }

    /// h_t from h̃_t, in a layer with a projection.
    fn project(&self, rows: usize, h: &mut [F], record: &RecordRows<'_, F>) {
        let widths = self.layer.widths;
        if widths.raw > 0 {
            multiply(h, Store::Set, Matrix::rows_of(record.raw, rows, widths.raw), &self.packed.w_hr);
        }
    }
}

impl<F: Real> Rows for Step<'_, F> {
    fn rows(&self) -> usize {
        self.inputs.rows
    }

    fn split(self, row: usize, _: usize) -> (Self, Self) {
        let Self { forward, inputs } = self;
        let (a, b) = inputs.split(row);
        (Self { forward, inputs: a }, Self { forward, inputs: b })
    }

    fn run(self) {
        let Self { forward, inputs } = self;
        let Forward { layer, packed, p, no_bias, overflow } = forward;
        let Inputs { rows, x, h_read, h_prev, c_prev, h, c, mut record } = inputs;
        let (widths, units) = (layer.widths, &*layer.cell.units);
        let gates = widths.gates;

        if layer.form.input == InputProduct::Full {
            let store = if p.b_ih.is_empty() { Store::Set } else { Store::Bias(p.b_ih) };
            multiply(record.a, store, Matrix::rows_of(x, rows, layer.input), &packed.w_ih);
        } else {
            for (a, x) in record.a.chunks_exact_mut(gates).zip(x.chunks_exact(layer.input)) {
                a.chunks_exact_mut(layer.input).for_each(|a| a.copy_from_slice(x));
            }
        }
        let eps = layer.layer_norm;
        if widths.norm_a > 0 {
            let part = norm::Part { rows, width: gates, of: gates, first: 0, inverse: 0 };
            let gain = (p.gain_a, p.offset_a);
            norm::forward(part, eps, gain, norm::Source::InPlace, record.a, record.hat_a, record.inverses);
        }

        let b_hh = if p.b_hh.is_empty() { no_bias } else { p.b_hh };
        let normalize_u = |first: usize, width: usize, inverse: usize, record: &mut RecordRows<'_, F>| {
            if widths.norm_u > 0 {
                let part = norm::Part { rows, width, of: gates, first, inverse };
                let gain = (&p.gain_u[first..][..width], &p.offset_u[first..][..width]);
                norm::forward(
                    part,
                    eps,
                    gain,
                    norm::Source::InPlace,
                    record.u,
                    record.hat_u,
                    record.inverses,
                );
            }
        };
        let read = Matrix::rows_of(h_read, rows, widths.output);
        match layer.form.recurrence {
            Recurrence::None => {}
            Recurrence::Full | Recurrence::Antisymmetric => {
                multiply(record.u, Store::Bias(b_hh), read, &packed.w_hh);
                normalize_u(0, gates, 1, &mut record);
            }
            Recurrence::Gated => {
                let first = gates - layer.hidden;
                let (b_first, b_last) = b_hh.split_at(first);
                multiply_strided(record.u, gates, Store::Bias(b_first), read, &packed.w_hh);
                normalize_u(0, first, 1, &mut record);
                units.gate(layer.size(rows), record.a, record.u, h_read, record.m);
                let m = Matrix::rows_of(record.m, rows, layer.hidden);
                let last = &mut record.u[first..];
                multiply_strided(last, gates, Store::Bias(b_last), m, &packed.w_hn);
                normalize_u(first, layer.hidden, 2, &mut record);
            }
        }

        units.forward(
            layer.size(rows),
            p.own,
            units::Forward {
                a: record.a,
                u: record.u,
                h_prev: if layer.reads_h() { h_prev } else { &[] },
                c_prev,
                h: if widths.raw > 0 { &mut *record.raw } else { &mut *h },
                c: &mut *c,
                saved: record.saved,
            },
        );
        forward.read_normalized(rows, h, c, &mut record);
        forward.project(rows, h, &record);
        if !(all_finite(h) && all_finite(c)) {
            overflow.store(true, Ordering::Relaxed);
        }
    }
}

impl<F> Inputs<'_, F> {
    /// The first `row` rows, and the others.
    fn split(self, row: usize) -> (Self, Self) {
        let Self { rows, x, h_read, h_prev, c_prev, h, c, record } = self;
        let (x, h_read) = (cut(x, row, rows), cut(h_read, row, rows));
        let (h_prev, c_prev) = (cut(h_prev, row, rows), cut(c_prev, row, rows));
        let (h, c, record) = (cut_mut(h, row, rows), cut_mut(c, row, rows), record.split(row, rows));
        let part = |rows, x, h_read, h_prev, c_prev, h, c, record| Inputs {
            rows,
            x,
            h_read,
            h_prev,
            c_prev,
            h,
            c,
            record,
        };
        (
            part(row, x.0, h_read.0, h_prev.0, c_prev.0, h.0, c.0, record.0),
            part(rows - row, x.1, h_read.1, h_prev.1, c_prev.1, h.1, c.1, record.1),
        )
    }
}
