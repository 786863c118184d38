//! The right factor of a product, packed so that the product reads it in one stream.

use crate::Real;
use crate::kernel::aligned::{Aligned, LINE};
use crate::kernel::matrix::Matrix;

/// How many columns a panel has: two cache lines, 32 of `f32` and 16 of `f64`. The same on every processor, so that
/// the layout does not depend on it.
pub(super) const fn panel_width<F>() -> usize {
    let size = size_of::<F>();
    if size == 0 || size > 2 * LINE { 1 } else { 2 * LINE / size }
}

/// A matrix cut into panels of a few columns each, row after row within a panel; the last panel is filled up with
/// zeros.
///
/// A weight that many products share, W_hh of every timestep say, is packed once for all of them.
///
/// ```
/// use rnn_core::kernel::{Matrix, Panels, Store, multiply};
///
/// let mut w = Panels::new();
/// w.pack(Matrix::rows_of(&[1.0, 2.0, 3.0, 4.0], 2, 2).t()); // [[1, 3], [2, 4]]
/// let mut y = [0.0; 2];
/// multiply(&mut y, Store::Set, Matrix::rows_of(&[1.0, 10.0], 1, 2), &w);
/// assert_eq!(y, [21.0, 43.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Panels<F> {
    rows: usize,
    cols: usize,
    data: Aligned<F>,
}

impl<F: Real> Default for Panels<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Real> Panels<F> {
    /// A 0 x 0 matrix.
    pub fn new() -> Self {
        Self { rows: 0, cols: 0, data: Aligned::new() }
    }

    /// Copies `matrix`. Allocates only if it is larger than any before.
    ///
    /// # Panics
    /// If the copy, whose columns are a multiple of the width of a panel, is larger than any memory.
    pub fn pack(&mut self, matrix: Matrix<'_, F>) {
        (self.rows, self.cols) = (matrix.rows, matrix.cols);
        pack(matrix, self.data.resize(packed_len::<F>(matrix.rows, matrix.cols)));
    }

    /// Rows of the matrix.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns of the matrix.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// How many numbers there is memory for.
    pub(crate) fn capacity(&self) -> usize {
        self.data.capacity()
    }

    /// The panels, for a product.
    pub(super) fn right(&self) -> Right<'_, F> {
        Right::packed(self.data.as_slice(), self.rows, self.cols)
    }
}

/// A right factor as the innermost loop reads it: `panel_width` columns at a time, without end checks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Right<'a, F> {
    pub(super) data: &'a [F],
    pub(super) rows: usize,
    pub(super) cols: usize,
    /// From a row to the next one, within a panel.
    pub(super) row_stride: usize,
    /// From a panel to the next one.
    pub(super) panel_stride: usize,
}

impl<'a, F> Right<'a, F> {
    /// Over what [`pack`] wrote.
    pub(super) fn packed(data: &'a [F], rows: usize, cols: usize) -> Self {
        let width = panel_width::<F>();
        // A matrix without columns may have any number of rows, and no panel.
        Self { data, rows, cols, row_stride: width, panel_stride: rows.saturating_mul(width) }
    }

    /// A matrix as it lies, if its rows are contiguous and no panel is narrower than the others.
    pub(super) fn as_it_lies(matrix: Matrix<'a, F>) -> Option<Self> {
        let Matrix { data, rows, cols, row_stride, col_stride } = matrix;
        let width = panel_width::<F>();
        (col_stride == 1 && cols.is_multiple_of(width)).then_some(Self {
            data,
            rows,
            cols,
            row_stride,
            panel_stride: width,
        })
    }
}

/// How many numbers a packed matrix takes.
///
/// # Panics
/// If more than can be counted.
pub(super) fn packed_len<F>(rows: usize, cols: usize) -> usize {
    if rows == 0 || cols == 0 {
        return 0;
    }
    let len = cols.checked_next_multiple_of(panel_width::<F>()).and_then(|cols| cols.checked_mul(rows));
    len.unwrap_or_else(|| panic!("a packed {rows} x {cols} matrix is larger than any memory"))
}

/// Writes the panels of `matrix` to `out`, which is as long as [`packed_len`] says.
pub(super) fn pack<F: Real>(matrix: Matrix<'_, F>, out: &mut [F]) {
    /// Rows of a transposed matrix that are gathered at a time, so that what is read and written stays in the cache.
    const ROWS: usize = 16;
    let width = panel_width::<F>();
    let Matrix { data, rows, cols, row_stride, col_stride } = matrix;
    if out.is_empty() {
        return;
    }
    for (q, panel) in out.chunks_exact_mut(rows * width).enumerate() {
        let from = q * width;
        let filled = (cols - from).min(width);
        if filled < width {
            panel.fill(F::zero());
        }
        if col_stride == 1 {
            for (p, to) in panel.chunks_exact_mut(width).enumerate() {
                to[..filled].copy_from_slice(&data[p * row_stride + from..][..filled]);
            }
            continue;
        }
        for (block, to) in panel.chunks_mut(ROWS * width).enumerate() {
            let rows = to.len() / width;
            for j in 0..filled {
                let column = &data[block * ROWS * row_stride + (from + j) * col_stride..];
                for (p, to) in to.chunks_exact_mut(width).enumerate().take(rows) {
                    to[j] = column[p * row_stride];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_where_the_layout_says() {
        let width = panel_width::<f64>();
        for (rows, cols) in [(0, 5), (5, 0), (1, 1), (3, width), (17, width + 1), (40, 3 * width - 1)] {
            let data: Vec<f64> = (0..rows * cols).map(|i| i as f64 + 1.0).collect();
            let of_columns: Vec<f64> =
                (0..rows * cols).map(|i| data[(i % rows.max(1)) * cols + i / rows.max(1)]).collect();
            for matrix in [Matrix::rows_of(&data, rows, cols), Matrix::rows_of(&of_columns, cols, rows).t()] {
                let mut out = vec![f64::NAN; packed_len::<f64>(rows, cols)];
                pack(matrix, &mut out);
                for (at, &value) in out.iter().enumerate() {
                    let (q, p, j) = (at / (rows * width), at / width % rows, at % width);
                    let col = q * width + j;
                    let want = if col < cols { data[p * cols + col] } else { 0.0 };
                    assert_eq!(value, want, "({p}, {col}) of {rows} x {cols}");
                }
            }
        }
    }

    #[test]
    fn panels_shrink_and_grow() {
        let mut panels = Panels::new();
        for (rows, cols) in [(2, 3), (40, 50), (1, 1), (0, 0), (3, 2)] {
            let data: Vec<f32> = (0..rows * cols).map(|i| i as f32).collect();
            panels.pack(Matrix::rows_of(&data, rows, cols));
            assert_eq!((panels.rows(), panels.cols()), (rows, cols));
            assert_eq!(panels.right().data.len(), packed_len::<f32>(rows, cols));
            assert_eq!(panels.right().data.first(), data.first());
        }
    }
}
