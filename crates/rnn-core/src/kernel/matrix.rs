//! What a product reads and how it writes.

use crate::Real;

/// A matrix that lies in a slice: element `(i, j)` at `i * row_stride + j * col_stride`.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, F> {
    pub(super) data: &'a [F],
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(super) row_stride: usize,
    pub(super) col_stride: usize,
}

impl<'a, F> Matrix<'a, F> {
    /// `rows` rows of `cols` numbers, one after the other.
    ///
    /// # Panics
    /// If `data` holds more or fewer numbers.
    pub fn rows_of(data: &'a [F], rows: usize, cols: usize) -> Self {
        assert_eq!(Some(data.len()), rows.checked_mul(cols), "a {rows} x {cols} matrix");
        Self { data, rows, cols, row_stride: cols, col_stride: 1 }
    }

    /// Its transpose: nothing moves.
    #[must_use]
    pub fn t(self) -> Self {
        Self {
            data: self.data,
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }

    /// The rows before `row`, and the others.
    pub(crate) fn cut(self, row: usize) -> (Self, Self)
    where
        F: Copy,
    {
        (self.part((0, 0), (row, self.cols)), self.part((row, 0), (self.rows - row, self.cols)))
    }

    /// The part from row `row` and column `col` on, of this size.
    pub(crate) fn part(self, (row, col): (usize, usize), (rows, cols): (usize, usize)) -> Self {
        debug_assert!(row + rows <= self.rows && col + cols <= self.cols);
        let data = if rows == 0 || cols == 0 {
            &[]
        } else {
            &self.data[row * self.row_stride + col * self.col_stride..]
        };
        Self { data, rows, cols, ..self }
    }

    /// Element `(i, j)`.
    #[inline(always)]
    pub(super) fn at(self, i: usize, j: usize) -> F
    where
        F: Copy,
    {
        self.data[i * self.row_stride + j * self.col_stride]
    }
}

/// What a product c of a and b becomes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Store<'a, F> {
    /// c = a b.
    Set,
    /// c = c + a b.
    Add,
    /// Every row of c = this row + that of a b.
    Bias(&'a [F]),
}

impl<F> Store<'_, F> {
    /// What it means for the columns from `j` on.
    #[inline(always)]
    pub(super) fn columns(self, j: usize) -> Self {
        match self {
            Store::Bias(bias) => Store::Bias(&bias[j..]),
            other => other,
        }
    }

    /// Writes a part of a row of c from the same part of a b.
    #[inline(always)]
    pub(super) fn put(self, c: &mut [F], sums: &[F])
    where
        F: Real,
    {
        match self {
            Store::Set => c.copy_from_slice(&sums[..c.len()]),
            Store::Add => c.iter_mut().zip(sums).for_each(|(c, &sum)| *c += sum),
            Store::Bias(bias) => {
                c.iter_mut().zip(bias.iter().zip(sums)).for_each(|(c, (&bias, &sum))| *c = bias + sum);
            }
        }
    }
}
