//! The gradients of a layer's parameters: sums over timesteps of what the steps back left.

use std::ops::Range;

use crate::Real;
use crate::cell::{InputProduct, Recurrence};
use crate::kernel::reduce::column_sums;
use crate::kernel::{Matrix, Scratch, Store, product};
use crate::memory::tape::{AdjointView, RecordView, Tape};
use crate::network::layer::norm::{ColumnProducts, Columns};
use crate::network::layer::{Layer, Split};

/// What the sums over some rows need: those of all timesteps for a gradient, those of one for its term.
pub(crate) struct Sums<'a, F> {
    rows: usize,
    x: &'a [F],
    h_read: &'a [F],
    record: RecordView<'a, F>,
    adjoint: AdjointView<'a, F>,
}

impl<F: Real> Layer<F> {
    /// The sums over these rows of a tape that holds both passes.
    pub(crate) fn sums<'a>(
        &self,
        x: &'a [F],
        tape: &'a Tape<F>,
        batch: usize,
        rows: Range<usize>,
    ) -> Sums<'a, F> {
        let (widths, Range { start, end }) = (&self.widths, rows);
        debug_assert_eq!(tape.h.len() % (batch * widths.output), 0);
        let h_read = tape.dropped.all_read().unwrap_or(&tape.h);
        Sums {
            rows: end - start,
            x: &x[start * self.input..end * self.input],
            h_read: &h_read[start * widths.output..end * widths.output],
            record: tape.record.range(widths, start, end),
            adjoint: tape.adjoint.range(widths, start, end),
        }
    }

    /// The gradients of learned initial states: the sums over the batch of dL/dh_0 and dL/dc_0.
    pub(super) fn accumulate_initial(&self, tape: &Tape<F>, batch: usize, d_theta: &mut [F]) {
        let d = self.split_mut(d_theta);
        let learned = if tape.given { 0 } else { batch };
        column_sums(&tape.d_h[..learned * self.widths.output], d.h_0);
        column_sums(&tape.d_c[..learned * self.widths.cell], d.c_0);
    }
}

impl<F: Real> Sums<'_, F> {
    /// Sets the gradients of all parameters but learned initial states.
    pub(crate) fn accumulate(&self, layer: &Layer<F>, d: Split<&mut [F]>, scratch: &mut Scratch<F>) {
        let Self { rows, x, h_read, record, adjoint } = *self;
        let widths = &layer.widths;
        let gates = widths.gates;
        let d_a = Matrix::rows_of(adjoint.d_a, rows, gates);
        if layer.form.input == InputProduct::Full {
            product(d.w_ih, Store::Set, d_a.t(), Matrix::rows_of(x, rows, layer.input), scratch);
            column_sums(adjoint.d_a, d.b_ih);
        }
        let d_u: &[F] = if widths.split > 0 { adjoint.d_u } else { adjoint.d_a };
        let h_read = Matrix::rows_of(h_read, rows, widths.output);
        match layer.form.recurrence {
            Recurrence::None => {}
            Recurrence::Full => {
                product(d.w_hh, Store::Set, Matrix::rows_of(d_u, rows, gates).t(), h_read, scratch);
            }
            Recurrence::Antisymmetric => {
                product(d.w_hh, Store::Set, Matrix::rows_of(d_u, rows, gates).t(), h_read, scratch);
                d.w_hh
                    .chunks_exact_mut(layer.hidden * layer.hidden)
                    .for_each(|d| antisymmetrize(d, layer.hidden));
            }
            Recurrence::Gated => {
                let (d_u, first) = (Matrix::rows_of(d_u, rows, gates), gates - layer.hidden);
                let (d_first, d_last) = d.w_hh.split_at_mut(first * widths.output);
                product(d_first, Store::Set, d_u.part((0, 0), (rows, first)).t(), h_read, scratch);
                let m = Matrix::rows_of(record.m, rows, layer.hidden);
                product(d_last, Store::Set, d_u.part((0, first), (rows, layer.hidden)).t(), m, scratch);
            }
        }
        column_sums(d_u, d.b_hh);
        column_sums(adjoint.d_own, d.own);
        if widths.raw > 0 {
            let d_out = Matrix::rows_of(adjoint.d_out, rows, widths.projected);
            product(d.w_hr, Store::Set, d_out.t(), Matrix::rows_of(record.raw, rows, widths.raw), scratch);
        }
        let d_norm_u: &[F] = if layer.form.split { adjoint.d_norm_u } else { adjoint.d_norm_a };
        for (sums, plain, d, hat, width) in [
            (d.gain_a, d.offset_a, adjoint.d_norm_a, record.hat_a, widths.norm_a),
            (d.gain_u, d.offset_u, d_norm_u, record.hat_u, widths.norm_u),
            (d.gain_c, d.offset_c, adjoint.d_norm_c, record.hat_c, widths.norm_c),
        ] {
            if width > 0 {
                let columns = |rows| Columns { rows, width, first: 0 };
                ColumnProducts { x: columns(d), y: columns(hat), sums, plain }.run();
            }
        }
    }
}

/// G − Gᵀ in place: the gradient of W where W − Wᵀ is what the products read.
fn antisymmetrize<F: Real>(g: &mut [F], n: usize) {
    for i in 0..n {
        g[i * n + i] = F::zero();
        for j in 0..i {
            let d = g[i * n + j] - g[j * n + i];
            g[i * n + j] = d;
            g[j * n + i] = -d;
        }
    }
}
