//! One step back through a layer, for some sequences.

use crate::Real;
use crate::cell::Recurrence;
use crate::cell::units;
use crate::kernel::parallel::Rows;
use crate::kernel::{Matrix, Store, multiply};
use crate::memory::columns::{cut, cut_mut};
use crate::memory::tape::{AdjointRows, Packed, RecordView};
use crate::network::layer::{Layer, Split, norm};

/// What all steps back of a pass share.
#[derive(Clone, Copy)]
pub(crate) struct Backward<'a, F: Real> {
    pub(crate) layer: &'a Layer<F>,
    pub(crate) packed: &'a Packed<F>,
    pub(crate) p: Split<&'a [F]>,
}

/// What one step reads and writes. Every array is (rows, width), row by row.
pub(crate) struct Given<'a, F> {
    pub(crate) rows: usize,
    /// What the step forward left.
    pub(crate) record: RecordView<'a, F>,
    /// What W_hh was multiplied with.
    pub(crate) h_read: &'a [F],
    pub(crate) h_prev: &'a [F],
    pub(crate) c_prev: &'a [F],
    /// dL/dh_t, total: through the output at t and through every later step and level.
    pub(crate) d_h: &'a [F],
    /// In: dL/dc_t through the later steps. Out: dL/dc_t, total, which is that and the part through h_t.
    pub(crate) d_c: &'a mut [F],
    /// To be added to: dL/dh_{t−1} and dL/dc_{t−1}.
    pub(crate) d_h_prev: &'a mut [F],
    pub(crate) d_c_prev: &'a mut [F],
    /// To be added to: dL/dh_read, where that is not h_{t−1}; else empty.
    pub(crate) d_h_read: &'a mut [F],
    pub(crate) adjoint: AdjointRows<'a, F>,
}

/// A step back of some sequences.
pub(crate) struct StepBack<'a, F: Real> {
    backward: Backward<'a, F>,
    given: Given<'a, F>,
}

impl<'a, F: Real> Backward<'a, F> {
    pub(crate) fn on(self, given: Given<'a, F>) -> StepBack<'a, F> {
        StepBack { backward: self, given }
    }

    /// dL/dc_{t−1} from dL/dh_{t−1}, for a layer whose h is a function of c: adds what goes through h, for every row.
    pub(crate) fn through_h(&self, rows: usize, c: &[F], d_h: &[F], d_c: &mut [F]) {
        let Self { layer, packed, p } = self;
        let widths = layer.widths;
        let mut d_raw = d_h.to_vec();
        if widths.raw > 0 {
            d_raw.resize(rows * widths.raw, F::zero());
            multiply(&mut d_raw, Store::Set, Matrix::rows_of(d_h, rows, widths.projected), &packed.w_hr);
        }
        if !layer.form.reads_cell {
            for (d_c, d_raw) in d_c.chunks_exact_mut(widths.cell).zip(d_raw.chunks_exact(widths.raw)) {
                d_c.iter_mut().zip(d_raw).for_each(|(to, &d)| *to += d);
            }
            return;
        }
        // Reading h again gives what its chain rule needs.
        let (units, size) = (&*layer.cell.units, layer.size(rows));
        let mut saved = vec![F::zero(); rows * widths.saved];
        let mut h = vec![F::zero(); rows * layer.hidden];
        if widths.norm_c == 0 {
            units.read(size, p.own, c, &mut saved, &mut h);
            units.read_back(size, p.own, &saved, &d_raw, d_c, true);
            return;
        }
        let part = norm::Part { rows, width: widths.norm_c, of: widths.norm_c, first: 0, inverse: 3 };
        let [mut y, mut hats, mut d_y] = [0, 1, 2].map(|_| vec![F::zero(); rows * widths.norm_c]);
        let mut inverses = vec![F::zero(); rows * norm::INVERSES];
        let source = norm::Source::From { x: c, of: widths.cell, first: widths.carried };
        let gain = (p.gain_c, p.offset_c);
        norm::forward(part, layer.layer_norm, gain, source, &mut y, &mut hats, &mut inverses);
        let alone = units::Size { carried: false, ..size };
        units.read(alone, p.own, &y, &mut saved, &mut h);
        units.read_back(alone, p.own, &saved, &d_raw, &mut d_y, false);
        let to = (d_c, widths.cell, widths.carried);
        norm::backward(part, p.gain_c, (&d_y, &hats, &inverses), to, true);
    }
}

impl<F: Real> Rows for StepBack<'_, F> {
    fn rows(&self) -> usize {
        self.given.rows
    }

    fn split(self, row: usize, _: usize) -> (Self, Self) {
        let Self { backward, given } = self;
        let (a, b) = given.split(row);
        (Self { backward, given: a }, Self { backward, given: b })
    }

    fn run(self) {
        let Self { backward: Backward { layer, packed, p }, given } = self;
        let Given { rows, record, h_read, h_prev, c_prev, d_h, d_c, d_h_prev, d_c_prev, d_h_read, adjoint } =
            given;
        let AdjointRows { d_a, d_u, d_own, d_out, d_norm_a, d_norm_u, d_norm_c, d_raw, d_m } = adjoint;
        let (widths, units, size) = (layer.widths, &*layer.cell.units, layer.size(rows));
        let gates = widths.gates;

        if widths.raw > 0 {
            d_out.copy_from_slice(d_h);
            multiply(d_raw, Store::Set, Matrix::rows_of(d_h, rows, widths.projected), &packed.w_hr);
        }
        if widths.carried > 0 {
            // h̃_t also acts on the next step: dL/dh̃_t is the sum, and stands in the first block of dL/dc_t.
            for (d_c, d_raw) in d_c.chunks_exact_mut(widths.cell).zip(d_raw.chunks_exact_mut(widths.raw)) {
                d_c.iter_mut().zip(d_raw).for_each(|(d_c, d_raw)| {
                    *d_c += *d_raw;
                    *d_raw = *d_c;
                });
            }
        }
        let d_unit: &[F] = if widths.raw > 0 { d_raw } else { d_h };
        if widths.norm_c > 0 {
            units.read_back(
                units::Size { carried: false, ..size },
                p.own,
                record.saved,
                d_unit,
                d_norm_c,
                false,
            );
            let part = norm::Part { rows, width: widths.norm_c, of: widths.norm_c, first: 0, inverse: 3 };
            let to = (&mut *d_c, widths.cell, widths.carried);
            norm::backward(part, p.gain_c, (d_norm_c, record.hat_c, record.inverses), to, true);
        }

        // With normalization, the unit's gradients are those of what was normalized.
        let normalized = widths.norm_a > 0;
        let (unit_a, unit_u) =
            if normalized { (&mut *d_norm_a, &mut *d_norm_u) } else { (&mut *d_a, &mut *d_u) };
        units.backward(
            size,
            p.own,
            units::Backward {
                saved: record.saved,
                h_prev: if layer.reads_h() { h_prev } else { &[] },
                c_prev,
                d_h: d_unit,
                reads: widths.norm_c == 0,
                d_c,
                d_a: unit_a,
                d_u: if layer.form.split { unit_u } else { &mut [] },
                d_h_prev: if layer.reads_h() && layer.form.uses_h { &mut *d_h_prev } else { &mut [] },
                d_c_prev,
                d_own,
            },
        );

        let first = gates - layer.hidden;
        let norm_u_back = |from: usize, width: usize, inverse: usize, d_y: &[F], d_u: &mut [F]| {
            let part = norm::Part { rows, width, of: gates, first: from, inverse };
            let to = (d_u, gates, from);
            norm::backward(part, &p.gain_u[from..][..width], (d_y, record.hat_u, record.inverses), to, false);
        };
        if layer.form.recurrence == Recurrence::Gated {
            if normalized {
                let d_y: &[F] = if layer.form.split { d_norm_u } else { d_norm_a };
                norm_u_back(first, layer.hidden, 2, d_y, d_u);
            }
            let d_n: &[F] = if widths.split > 0 { d_u } else { d_a };
            let d_n = Matrix::rows_of(d_n, rows, gates).part((0, first), (rows, layer.hidden));
            multiply(d_m, Store::Set, d_n, &packed.w_hn);
            let to = if d_h_read.is_empty() { &mut *d_h_prev } else { &mut *d_h_read };
            let (unit_a, unit_u) =
                if normalized { (&mut *d_norm_a, &mut *d_norm_u) } else { (&mut *d_a, &mut *d_u) };
            units.gate_back(size, record.saved, h_read, d_m, [unit_a, unit_u, to]);
        }
        if normalized {
            let part = norm::Part { rows, width: gates, of: gates, first: 0, inverse: 0 };
            norm::backward(part, p.gain_a, (d_norm_a, record.hat_a, record.inverses), (d_a, gates, 0), false);
            if layer.form.recurrent() {
                let width = if layer.form.gated() { first } else { gates };
                let d_y: &[F] = if layer.form.split { d_norm_u } else { d_norm_a };
                norm_u_back(0, width, 1, d_y, d_u);
            }
        }

        if layer.form.recurrent() {
            let d_u: &[F] = if widths.split > 0 { d_u } else { d_a };
            let to = if d_h_read.is_empty() { d_h_prev } else { d_h_read };
            let width = if layer.form.gated() { first } else { gates };
            let d_u = Matrix::rows_of(d_u, rows, gates).part((0, 0), (rows, width));
            multiply(to, Store::Add, d_u, &packed.w_hh);
        }
    }
}

impl<F> Given<'_, F> {
    /// The first `row` rows, and the others.
    fn split(self, row: usize) -> (Self, Self) {
        let rows = self.rows;
        let (record, adjoint) = (self.record.split(row, rows), self.adjoint.split(row, rows));
        let (h_read, h_prev) = (cut(self.h_read, row, rows), cut(self.h_prev, row, rows));
        let (c_prev, d_h) = (cut(self.c_prev, row, rows), cut(self.d_h, row, rows));
        let (d_c, d_h_prev) = (cut_mut(self.d_c, row, rows), cut_mut(self.d_h_prev, row, rows));
        let (d_c_prev, d_h_read) = (cut_mut(self.d_c_prev, row, rows), cut_mut(self.d_h_read, row, rows));
        (
            Self {
                rows: row,
                record: record.0,
                h_read: h_read.0,
                h_prev: h_prev.0,
                c_prev: c_prev.0,
                d_h: d_h.0,
                d_c: d_c.0,
                d_h_prev: d_h_prev.0,
                d_c_prev: d_c_prev.0,
                d_h_read: d_h_read.0,
                adjoint: adjoint.0,
            },
            Self {
                rows: rows - row,
                record: record.1,
                h_read: h_read.1,
                h_prev: h_prev.1,
                c_prev: c_prev.1,
                d_h: d_h.1,
                d_c: d_c.1,
                d_h_prev: d_h_prev.1,
                d_c_prev: d_c_prev.1,
                d_h_read: d_h_read.1,
                adjoint: adjoint.1,
            },
        )
    }
}
