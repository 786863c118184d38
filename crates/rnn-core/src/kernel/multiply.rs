//! A product whose right factor is packed.

use pulp::{NullaryFnOnce, Scalar128b, Simd, WithSimd};

use crate::Real;
use crate::kernel::cast::slice_mut;
use crate::kernel::matrix::{Matrix, Store};
use crate::kernel::panels::{Panels, Right, panel_width};
use crate::kernel::tile::tile;
use crate::kernel::vectors::Vectors;
use crate::kernel::{parallel, simd};
use crate::real::is;

/// Rows of the left factor that meet every panel before the next rows do: they stay in the second-level cache.
const ROW_BLOCK: usize = 64;

/// `c = a b`, `c += a b` or `c = bias + a b`, with `c` row-major, (a.rows, b.cols).
///
/// Every element is summed over k in order, by itself: whether the rows of `a` are given in one call or in many, the
/// bits are the same.
///
/// # Panics
/// If the sizes do not fit.
pub fn multiply<F: Real>(c: &mut [F], store: Store<'_, F>, a: Matrix<'_, F>, b: &Panels<F>) {
    multiply_right(c, store, a, b.right());
}

/// [`multiply`], into the first columns of the rows of `c`, which begin `c_stride` numbers apart. The last row may end after
/// its columns.
///
/// # Panics
/// As [`multiply`].
pub(crate) fn multiply_strided<F: Real>(
    c: &mut [F],
    c_stride: usize,
    store: Store<'_, F>,
    a: Matrix<'_, F>,
    b: &Panels<F>,
) {
    assert_eq!(a.cols, b.rows(), "({} x {}) times ({} x {})", a.rows, a.cols, b.rows(), b.cols());
    let needed = a.rows.saturating_sub(1).checked_mul(c_stride).and_then(|last| last.checked_add(b.cols()));
    assert!(c_stride >= b.cols() && needed.is_some_and(|n| n <= c.len()), "{} rows of {c_stride}", a.rows);
    into_columns(c, c_stride, store, a, b.right());
}

/// [`multiply`], its rows shared among the threads if there is enough work: the same bits.
///
/// # Panics
/// As [`multiply`].
pub(crate) fn multiply_shared<F: Real>(c: &mut [F], store: Store<'_, F>, a: Matrix<'_, F>, b: &Panels<F>) {
    let tasks = parallel::tasks(a.rows, parallel::work(&[a.rows, a.cols, b.cols()]), 1);
    parallel::enter(tasks, || parallel::run(tasks, Share { c, store, a, b }));
}

/// Some rows of a product.
struct Share<'a, F> {
    c: &'a mut [F],
    store: Store<'a, F>,
    a: Matrix<'a, F>,
    b: &'a Panels<F>,
}

impl<F: Real> parallel::Rows for Share<'_, F> {
    fn rows(&self) -> usize {
        self.a.rows
    }

    fn split(self, row: usize, _: usize) -> (Self, Self) {
        let Self { c, store, a, b } = self;
        let (c0, c1) = c.split_at_mut(row * b.cols());
        let (a0, a1) = a.cut(row);
        (Self { c: c0, store, a: a0, b }, Self { c: c1, store, a: a1, b })
    }

    fn run(self) {
        multiply(self.c, self.store, self.a, self.b);
    }
}

/// [`multiply`], with any right factor that can be read by panels.
pub(super) fn multiply_right<F: Real>(c: &mut [F], store: Store<'_, F>, a: Matrix<'_, F>, b: Right<'_, F>) {
    let (m, k, n) = (a.rows, a.cols, b.cols);
    assert_eq!(k, b.rows, "({m} x {k}) times ({} x {n})", b.rows);
    assert_eq!(Some(c.len()), m.checked_mul(n), "the product of ({m} x {k}) and ({k} x {n})");
    into_columns(c, n, store, a, b);
}

/// The product in the first columns of the rows of `c`, which are `c_stride` numbers apart.
pub(super) fn into_columns<F: Real>(
    c: &mut [F],
    c_stride: usize,
    store: Store<'_, F>,
    a: Matrix<'_, F>,
    b: Right<'_, F>,
) {
    if let Store::Bias(bias) = store {
        assert_eq!(bias.len(), b.cols, "a bias for each column");
    }
    if a.rows == 0 || b.cols == 0 {
        return;
    }
    if a.cols > 0 && is::<F, f32>() {
        single(Tiles { c: slice_mut(c), c_stride, store: store.cast(), a: a.cast(), b: b.cast() });
    } else if a.cols > 0 && is::<F, f64>() {
        double(Tiles { c: slice_mut(c), c_stride, store: store.cast(), a: a.cast(), b: b.cast() });
    } else {
        simd::dispatch(Plain { c, c_stride, store, a, b });
    }
}

/// Not generic, so that it is compiled once, in this crate, and not again in every one that has a network.
fn single(tiles: Tiles<'_, '_, f32>) {
    simd::dispatch(tiles);
}

/// As [`single`].
fn double(tiles: Tiles<'_, '_, f64>) {
    simd::dispatch(tiles);
}

/// The definition, for any float.
struct Plain<'a, 'c, F> {
    c: &'c mut [F],
    c_stride: usize,
    store: Store<'a, F>,
    a: Matrix<'a, F>,
    b: Right<'a, F>,
}

impl<F: Real> NullaryFnOnce for Plain<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { c, c_stride, store, a, b } = self;
        let width = panel_width::<F>();
        for i in 0..a.rows {
            let row = &mut c[i * c_stride..][..b.cols];
            for (q, c) in row.chunks_mut(width).enumerate() {
                let panel = b.data.get(q * b.panel_stride..).unwrap_or_default();
                let mut sums = [F::zero(); PLAIN_WIDTH];
                // A panel in pieces of a fixed width, whose sums stay in registers.
                for (s, c) in c.chunks_mut(PLAIN_WIDTH).enumerate() {
                    let sums = &mut sums[..c.len()];
                    sums.fill(F::zero());
                    for p in 0..a.cols {
                        let x = a.at(i, p);
                        let b = &panel[p * b.row_stride + s * PLAIN_WIDTH..][..c.len()];
                        for (sum, &y) in sums.iter_mut().zip(b) {
                            *sum += x * y;
                        }
                    }
                    store.columns(q * width + s * PLAIN_WIDTH).put(c, sums);
                }
            }
        }
    }
}

/// Columns that [`Plain`] sums at a time.
const PLAIN_WIDTH: usize = 32;

/// The fast path, for the floats that vector instructions know.
pub(super) struct Tiles<'a, 'c, T> {
    pub(super) c: &'c mut [T],
    pub(super) c_stride: usize,
    pub(super) store: Store<'a, T>,
    pub(super) a: Matrix<'a, T>,
    pub(super) b: Right<'a, T>,
}

impl<T: Vectors> WithSimd for Tiles<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        if S::IS_SCALAR { self.run::<_, false>(Scalar128b) } else { self.run::<S, { simd::FUSED }>(simd) }
    }
}

impl<T: Vectors> Tiles<'_, '_, T> {
    #[inline(always)]
    pub(super) fn run<S: Simd, const FUSED: bool>(mut self, simd: S) {
        let rows = self.a.rows;
        for block in (0..rows).step_by(ROW_BLOCK) {
            let height = (rows - block).min(ROW_BLOCK);
            // With one or two rows, panels side by side keep enough sums in flight.
            let side_by_side = match height {
                1 => 4,
                2 => 2,
                _ => 1,
            };
            let panels = self.b.cols.div_ceil(panel_width::<T>());
            let mut q = 0;
            while q < panels {
                let count = (panels - q).min(side_by_side);
                self.rows::<S, FUSED>(simd, (block, height), (q, count));
                q += count;
            }
        }
    }

    /// Some rows under some panels, tile after tile.
    #[inline(always)]
    fn rows<S: Simd, const FUSED: bool>(&mut self, simd: S, rows: (usize, usize), panels: (usize, usize)) {
        let (mut from, end) = (rows.0, rows.0 + rows.1);
        // As many sums as fit in the registers, beside the factors.
        let tallest = if S::REGISTER_COUNT >= 32 { 8 } else { 6 };
        let mut tiles = rows.1.div_ceil(tallest);
        while from < end {
            // Tiles of about the same height: a lower one at the end would be slow.
            let height = (end - from).div_ceil(tiles);
            tiles -= 1;
            match (height, panels.1) {
                (1, 4) => self.tile::<S, FUSED, 1, 4>(simd, from, panels.0),
                (1, 3) => self.tile::<S, FUSED, 1, 3>(simd, from, panels.0),
                (1, 2) => self.tile::<S, FUSED, 1, 2>(simd, from, panels.0),
                (1, _) => self.tile::<S, FUSED, 1, 1>(simd, from, panels.0),
                (2, 2) => self.tile::<S, FUSED, 2, 2>(simd, from, panels.0),
                (2, _) => self.tile::<S, FUSED, 2, 1>(simd, from, panels.0),
                (3, _) => self.tile::<S, FUSED, 3, 1>(simd, from, panels.0),
                (4, _) => self.tile::<S, FUSED, 4, 1>(simd, from, panels.0),
                (5, _) => self.tile::<S, FUSED, 5, 1>(simd, from, panels.0),
                (6, _) => self.tile::<S, FUSED, 6, 1>(simd, from, panels.0),
                (7, _) => self.tile::<S, FUSED, 7, 1>(simd, from, panels.0),
                _ => self.tile::<S, FUSED, 8, 1>(simd, from, panels.0),
            }
            from += height;
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const FUSED: bool, const ROWS: usize, const PANELS: usize>(
        &mut self,
        simd: S,
        row: usize,
        panel: usize,
    ) {
        let Self { c, c_stride, store, a, b } = self;
        let column = panel * panel_width::<T>();
        tile::<T, S, FUSED, ROWS, PANELS>(
            simd,
            Matrix { data: &a.data[row * a.row_stride..], ..*a },
            Right { data: &b.data[panel * b.panel_stride..], ..*b },
            &mut c[row * *c_stride + column..],
            *c_stride,
            (b.cols - column).min(PANELS * panel_width::<T>()),
            store.columns(column),
        );
    }
}
