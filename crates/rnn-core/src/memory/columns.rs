//! Groups of buffers with one row for each sequence: columns of a table whose rows are cut, split and shared together.

use crate::Real;

/// Over which rows a column reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// One block of rows: room for the step at hand.
    Step,
    /// One block for each timestep.
    Steps,
}

/// Defines a group of columns: the type that owns the buffers, the rows of one step to be written, and the same rows to be
/// read. Each column is one line: its name, the field of [`Widths`](crate::network::layer::Widths) that says how wide it
/// is, and its [`Span`].
macro_rules! columns {
    (
        $(#[$doc:meta])* $name:ident, $(#[$rows_doc:meta])* $rows:ident, $(#[$view_doc:meta])* $view:ident;
        $($(#[$column_doc:meta])* $column:ident: $width:ident, $span:ident;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub(crate) struct $name<F> {
            $($(#[$column_doc])* pub(crate) $column: Vec<F>,)*
        }

        $(#[$rows_doc])*
        #[derive(Debug)]
        pub(crate) struct $rows<'a, F> {
            $($(#[$column_doc])* pub(crate) $column: &'a mut [F],)*
        }

        $(#[$view_doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $view<'a, F> {
            $($(#[$column_doc])* pub(crate) $column: &'a [F],)*
        }

        impl<F: Real> $name<F> {
            /// Makes every column fit `blocks` blocks of `batch` rows. Allocates only if a column grows beyond what it
            /// ever held.
            pub(crate) fn resize(&mut self, widths: &Widths, batch: usize, blocks: usize) {
                $(
                    let blocks_here = if Span::$span == Span::Step { blocks.min(1) } else { blocks };
                    fit(&mut self.$column, blocks_here * batch * widths.$width);
                )*
            }

            /// How many numbers there is memory for.
            pub(crate) fn capacity(&self) -> usize {
                0 $(+ self.$column.capacity())*
            }

            /// The first `rows` of `batch` rows of block `t`.
            pub(crate) fn rows(&mut self, widths: &Widths, batch: usize, t: usize, rows: usize) -> $rows<'_, F> {
                $rows {
                    $($column: {
                        let t = if Span::$span == Span::Step { 0 } else { t };
                        &mut self.$column[t * batch * widths.$width..][..rows * widths.$width]
                    },)*
                }
            }

            /// As [`rows`](Self::rows), to be read.
            #[allow(dead_code, reason = "only the record of steps forward is read step by step")]
            pub(crate) fn view(&self, widths: &Widths, batch: usize, t: usize, rows: usize) -> $view<'_, F> {
                $view {
                    $($column: {
                        let t = if Span::$span == Span::Step { 0 } else { t };
                        &self.$column[t * batch * widths.$width..][..rows * widths.$width]
                    },)*
                }
            }

            /// Rows `from` to `to` of every column that reaches over all steps; nothing of the others.
            pub(crate) fn range(&self, widths: &Widths, from: usize, to: usize) -> $view<'_, F> {
                $view {
                    $($column: if Span::$span == Span::Step {
                        &[]
                    } else {
                        &self.$column[from * widths.$width..to * widths.$width]
                    },)*
                }
            }

            /// Copies row `row` of every column of `from` that reaches over all steps into the first `rows` rows here.
            #[allow(dead_code, reason = "only the record of steps forward is repeated")]
            pub(crate) fn repeat(&mut self, from: &Self, widths: &Widths, row: usize, rows: usize) {
                $(if Span::$span == Span::Steps && widths.$width > 0 {
                    let from = &from.$column[row * widths.$width..][..widths.$width];
                    let to = self.$column[..rows * widths.$width].chunks_exact_mut(widths.$width);
                    to.for_each(|to| to.copy_from_slice(from));
                })*
            }

            /// Sets rows `rows ..` of block `t` to 0 in every column that reaches over all steps.
            pub(crate) fn clear_rest(&mut self, widths: &Widths, batch: usize, t: usize, rows: usize) {
                $(if Span::$span == Span::Steps {
                    self.$column[(t * batch + rows) * widths.$width..(t + 1) * batch * widths.$width].fill(F::zero());
                })*
            }
        }

        impl<'a, F> $rows<'a, F> {
            /// The first `row` of `rows` rows, and the others.
            #[allow(dead_code, reason = "not every group is split")]
            pub(crate) fn split(self, row: usize, rows: usize) -> (Self, Self) {
                $(let $column = cut_mut(self.$column, row, rows);)*
                ($rows { $($column: $column.0,)* }, $rows { $($column: $column.1,)* })
            }
        }

        impl<'a, F> $view<'a, F> {
            /// The first `row` of `rows` rows, and the others.
            #[allow(dead_code, reason = "not every group is split")]
            pub(crate) fn split(self, row: usize, rows: usize) -> (Self, Self) {
                $(let $column = cut(self.$column, row, rows);)*
                ($view { $($column: $column.0,)* }, $view { $($column: $column.1,)* })
            }
        }
    };
}
pub(crate) use columns;

/// The first `row` of `rows` equal rows, and the others.
pub(crate) fn cut<F>(data: &[F], row: usize, rows: usize) -> (&[F], &[F]) {
    data.split_at(data.len() / rows * row)
}

/// As [`cut`].
pub(crate) fn cut_mut<F>(data: &mut [F], row: usize, rows: usize) -> (&mut [F], &mut [F]) {
    data.split_at_mut(data.len() / rows * row)
}

/// Makes a buffer this long; if it must grow, it takes memory for exactly as much.
pub(crate) fn fit<F: Real>(buffer: &mut Vec<F>, size: usize) {
    buffer.reserve_exact(size.saturating_sub(buffer.len()));
    buffer.resize(size, F::zero());
}
