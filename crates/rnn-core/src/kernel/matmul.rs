//! The one door to matrix products.
//!
//! `f32` and `f64` go to the `nano-gemm` crate, which dispatches over instruction sets at run time, is the fastest
//! that we measured at the sizes of small networks, and never allocates. It wants the right factor with contiguous
//! rows: whoever multiplies by a transposed weight packs it once per sequence ([`transpose`]). Other floats take a
//! plain triple loop.

use nano_gemm::Plan;
use pulp::NullaryFnOnce;

use crate::Real;
use crate::kernel::lanes::LANES;
use crate::kernel::simd;
use crate::real::is;

/// A matrix that lies in a slice: element `(i, j)` at `i * row_stride + j * col_stride`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matrix<'a, F> {
    data: &'a [F],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a, F> Matrix<'a, F> {
    /// The rows one after the other, as many as `data` holds.
    pub(crate) fn rows_of(data: &'a [F], rows: usize, cols: usize) -> Self {
        assert_eq!(data.len(), rows * cols, "a {rows} x {cols} matrix");
        Self { data, rows, cols, row_stride: cols, col_stride: 1 }
    }

    /// Its transpose: nothing moves.
    pub(crate) fn t(self) -> Self {
        Self {
            data: self.data,
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }
}

/// What happens to the values that the destination holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Into {
    /// c = a b.
    Set,
    /// c += a b.
    Add,
}

/// `c = a b` or `c += a b`, with `c` row-major, `(a.rows, b.cols)`.
///
/// # Panics
/// When the sizes do not fit.
pub(crate) fn product<F: Real>(c: &mut [F], into: Into, a: Matrix<'_, F>, b: Matrix<'_, F>) {
    let (m, k, n) = (a.rows, a.cols, b.cols);
    assert_eq!(k, b.rows, "({m} x {k}) times ({} x {n})", b.rows);
    assert_eq!(c.len(), m * n, "the product of ({m} x {k}) and ({k} x {n})");
    if c.is_empty() {
        return;
    }
    if k == 0 {
        if into == Into::Set {
            c.fill(F::zero());
        }
        return;
    }
    if n == 1 && a.col_stride == 1 && b.row_stride == 1 {
        return simd::dispatch(RowsTimesVector { y: c, into, a, x: &b.data[..k] });
    }
    // A column is its own transpose in memory: let the long side run along the vector registers.
    let (m, n, a, b) = if n == 1 { (1, m, b.t(), a.t()) } else { (m, n, a, b) };
    if is::<F, f32>() {
        nano_f32(m, k, n, c, into, a, b);
    } else if is::<F, f64>() {
        nano_f64(m, k, n, c, into, a, b);
    } else {
        plain(m, k, n, c, into, a, b);
    }
}

/// `out = in^T` for a row-major `(rows, cols)` matrix.
pub(crate) fn transpose<F: Copy>(matrix: &[F], rows: usize, cols: usize, out: &mut [F]) {
    assert_eq!((matrix.len(), out.len()), (rows * cols, rows * cols));
    for (j, column) in out.chunks_exact_mut(rows.max(1)).enumerate() {
        for (i, to) in column.iter_mut().enumerate() {
            *to = matrix[i * cols + j];
        }
    }
}

/// The definition, for any float; also what the fast paths are tested against.
fn plain<F: Real>(m: usize, k: usize, n: usize, c: &mut [F], into: Into, a: Matrix<'_, F>, b: Matrix<'_, F>) {
    for i in 0..m {
        let row = &mut c[i * n..][..n];
        if into == Into::Set {
            row.fill(F::zero());
        }
        for p in 0..k {
            let x = a.data[i * a.row_stride + p * a.col_stride];
            for (j, to) in row.iter_mut().enumerate() {
                *to += x * b.data[p * b.row_stride + j * b.col_stride];
            }
        }
    }
}

/// y = A x by dot products, each in sixteen partial sums.
struct RowsTimesVector<'a, 'c, F> {
    y: &'c mut [F],
    into: Into,
    a: Matrix<'a, F>,
    x: &'a [F],
}

impl<F: Real> NullaryFnOnce for RowsTimesVector<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (x_blocks, x_rest) = self.x.as_chunks::<LANES>();
        for (i, y) in self.y.iter_mut().enumerate() {
            let row = &self.a.data[i * self.a.row_stride..][..self.x.len()];
            let (blocks, rest) = row.as_chunks::<LANES>();
            let mut sums = [F::zero(); LANES];
            for (block, x) in blocks.iter().zip(x_blocks) {
                for lane in 0..LANES {
                    sums[lane] += block[lane] * x[lane];
                }
            }
            let eight: [F; 8] = std::array::from_fn(|i| sums[i] + sums[i + 8]);
            let four: [F; 4] = std::array::from_fn(|i| eight[i] + eight[i + 4]);
            let sum = (four[0] + four[2]) + (four[1] + four[3]);
            let dot = rest.iter().zip(x_rest).fold(sum, |sum, (&r, &x)| sum + r * x);
            *y = if self.into == Into::Add { *y + dot } else { dot };
        }
    }
}

macro_rules! nano {
    ($name:ident, $float:ty, $plan:ident) => {
        /// Both matrices read as their transposes, which are column-major: cᵀ = bᵀ aᵀ.
        fn $name<F: Real>(
            m: usize,
            k: usize,
            n: usize,
            c: &mut [F],
            into: Into,
            a: Matrix<'_, F>,
            b: Matrix<'_, F>,
        ) {
            assert!(is::<F, $float>());
            let inside =
                |x: &Matrix<'_, F>| (x.rows - 1) * x.row_stride + (x.cols - 1) * x.col_stride < x.data.len();
            assert!(c.len() == m * n && inside(&a) && inside(&b), "the factors lie within their slices");
            assert!((a.rows, a.cols, b.rows, b.cols) == (m, k, k, n));
            let keep = if into == Into::Add { 1.0 } else { 0.0 };
            let plan =
                if b.col_stride == 1 { Plan::$plan(n, m, k) } else { return plain(m, k, n, c, into, a, b) };
            // SAFETY: F is $float, by the first assertion. The plan was made for these sizes, with unit strides along
            // n in c and b, as it is used. Every element that it touches, (i, j) of c for i < m and j < n, (i, p) of a
            // and (p, j) of b for p < k, lies in its slice by the second and third assertions; c is borrowed mutably,
            // so it overlaps neither a nor b.
            unsafe {
                plan.execute_unchecked(
                    n,
                    m,
                    k,
                    c.as_mut_ptr().cast::<$float>(),
                    1,
                    n.cast_signed(),
                    b.data.as_ptr().cast::<$float>(),
                    1,
                    b.row_stride.cast_signed(),
                    a.data.as_ptr().cast::<$float>(),
                    a.col_stride.cast_signed(),
                    a.row_stride.cast_signed(),
                    keep,
                    1.0,
                    false,
                    false,
                );
            }
        }
    };
}

nano!(nano_f32, f32, new_colmajor_lhs_and_dst_f32);
nano!(nano_f64, f64, new_colmajor_lhs_and_dst_f64);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A matrix with entries of few bits, so that sums of products are exact and every order gives the same bits.
    fn entries<F: Real>(count: usize, seed: u64) -> Vec<F> {
        let mut state = seed.wrapping_add(1);
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            F::of(((state >> 60) as f64 - 8.0) / 4.0)
        };
        (0..count).map(|_| next()).collect()
    }

    fn check<F: Real>(m: usize, k: usize, n: usize, transposed: (bool, bool), into: Into, seed: u64) {
        let (a, b) = (entries::<F>(m * k, seed), entries::<F>(k * n, seed.wrapping_add(77)));
        let a = if transposed.0 { Matrix::rows_of(&a, k, m).t() } else { Matrix::rows_of(&a, m, k) };
        let b = if transposed.1 { Matrix::rows_of(&b, n, k).t() } else { Matrix::rows_of(&b, k, n) };
        let mut got = entries::<F>(m * n, seed.wrapping_add(5));
        let mut want = got.clone();
        product(&mut got, into, a, b);
        plain(m, k, n, &mut want, into, a, b);
        assert_eq!(got, want, "{m} x {k} x {n}, transposed {transposed:?}, {into:?}");
    }

    proptest! {
        #[test]
        fn every_path_equals_the_definition(
            m in 0usize..40, k in 0usize..40, n in 0usize..40,
            transposed: (bool, bool), add: bool, seed: u64,
        ) {
            let into = if add { Into::Add } else { Into::Set };
            for (m, k, n) in [(m, k, n), (m, k, 1), (1, k, n), (m, 1, n)] {
                check::<f32>(m, k, n, transposed, into, seed);
                check::<f64>(m, k, n, transposed, into, seed);
            }
        }
    }

    #[test]
    fn old_values_are_overwritten_even_if_not_finite() {
        for (m, k, n) in [(3, 2, 5), (3, 2, 1), (3, 0, 5), (17, 3, 33)] {
            let (a, b) = (vec![1.0; m * k], vec![1.0; k * n]);
            let mut c = vec![f64::NAN; m * n];
            product(&mut c, Into::Set, Matrix::rows_of(&a, m, k), Matrix::rows_of(&b, k, n));
            assert_eq!(c, vec![k as f64; m * n]);
        }
    }

    #[test]
    fn transposing_twice_changes_nothing() {
        let x: Vec<f64> = entries(15, 3);
        let (mut y, mut z) = (vec![0.0; 15], vec![0.0; 15]);
        transpose(&x, 3, 5, &mut y);
        assert_eq!((y[0], y[1], y[3]), (x[0], x[5], x[1]));
        transpose(&y, 5, 3, &mut z);
        assert_eq!(x, z);
    }
}
