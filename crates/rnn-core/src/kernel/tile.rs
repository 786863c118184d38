//! The innermost loop of every product: a few rows of the result, as wide as a few registers, summed over k in
//! registers. The only `unsafe` arithmetic of the crate.

use pulp::Simd;

use crate::kernel::matrix::{Matrix, Store};
use crate::kernel::panels::{Right, panel_width};
use crate::kernel::vectors::{Vectors, lanes};

/// The most numbers that a register holds.
const MOST_LANES: usize = 16;

/// Registers side by side in a pass over a panel.
const WIDE: usize = 2;

/// Rows `0 .. ROWS` of c, under the first `PANELS` panels of `b`: c is row-major with `c_stride` numbers a row, and
/// `width` of its columns are under the panels.
///
/// Each element of a b is one chain of multiply-adds over k = 0, 1, .. from zero, whatever the sizes are and wherever the
/// element lies: the same bits from every call that has it, on every processor with a fused multiply-add.
#[inline(always)]
pub(super) fn tile<T: Vectors, S: Simd, const FUSED: bool, const ROWS: usize, const PANELS: usize>(
    simd: S,
    a: Matrix<'_, T>,
    b: Right<'_, T>,
    c: &mut [T],
    c_stride: usize,
    width: usize,
    store: Store<'_, T>,
) {
    let panel = panel_width::<T>();
    let (lanes, k) = (lanes::<T, S>(), b.rows);
    // Known at compile time, all but k.
    assert!(panel.is_multiple_of(WIDE * lanes) && lanes <= MOST_LANES && ROWS > 0 && PANELS > 0 && k > 0);
    debug_assert!(width <= PANELS * panel);
    let a_last = last((ROWS, a.row_stride), (k, a.col_stride));
    assert!(a_last.is_some_and(|at| at < a.data.len()), "a has these rows");
    let b_last = last((PANELS, b.panel_stride), (k, b.row_stride)).and_then(|at| at.checked_add(panel - 1));
    assert!(b_last.is_some_and(|at| at < b.data.len()), "b has these panels");

    for from in (0..panel).step_by(WIDE * lanes) {
        let mut sums = [[[T::splat(simd, T::zero()); WIDE]; PANELS]; ROWS];
        let (mut a_p, mut b_p) = (a.data.as_ptr(), b.data[from..].as_ptr());
        for _ in 0..k {
            // SAFETY: a_p is at element (0, p) of a for some p < k, so the furthest element read through it is
            // (ROWS − 1, p), which the second assertion above found to lie in the slice, for the largest p. b_p is at
            // row p and column `from` of the first panel; the furthest element read is in the last panel, in the same
            // row and at the latest in its last column, because WIDE · lanes divides the panel, and `from`; the last
            // assertion found that one to lie in the slice. A register is as large as `lanes` numbers, valid for any bits, and
            // is read without regard to alignment.
            unsafe {
                let mut right = [[T::splat(simd, T::zero()); WIDE]; PANELS];
                for (q, right) in right.iter_mut().enumerate() {
                    for (v, right) in right.iter_mut().enumerate() {
                        *right =
                            b_p.add(q * b.panel_stride + v * lanes).cast::<T::Register<S>>().read_unaligned();
                    }
                }
                for (i, sums) in sums.iter_mut().enumerate() {
                    let left = T::splat(simd, *a_p.add(i * a.row_stride));
                    for (sums, right) in sums.iter_mut().zip(right) {
                        for (sum, right) in sums.iter_mut().zip(right) {
                            *sum = T::fma::<S, FUSED>(simd, left, right, *sum);
                        }
                    }
                }
            }
            // Past the end after the last row: computed, never read through.
            a_p = a_p.wrapping_add(a.col_stride);
            b_p = b_p.wrapping_add(b.row_stride);
        }
        for q in 0..PANELS {
            let at = q * panel + from;
            let count = width.saturating_sub(at);
            let sums: [_; ROWS] = std::array::from_fn(|i| sums[i][q]);
            if count >= WIDE * lanes {
                put_all(simd, &mut c[at..], c_stride, store.columns(at), sums);
            } else if count > 0 {
                put_some::<T, S, ROWS>(&mut c[at..], c_stride, count, store.columns(at), sums);
            }
        }
    }
}

/// Where the last of `rows` times `columns` numbers lies that are so far apart, if that can be counted.
#[inline(always)]
fn last((rows, row_stride): (usize, usize), (columns, column_stride): (usize, usize)) -> Option<usize> {
    (rows - 1).checked_mul(row_stride)?.checked_add((columns - 1).checked_mul(column_stride)?)
}

/// The sums of a pass, over as many columns of c.
#[inline(always)]
fn put_all<T: Vectors, S: Simd, const ROWS: usize>(
    simd: S,
    c: &mut [T],
    c_stride: usize,
    store: Store<'_, T>,
    sums: [[T::Register<S>; WIDE]; ROWS],
) {
    let lanes = lanes::<T, S>();
    let bias = match store {
        Store::Bias(bias) => std::array::from_fn(|v| T::load::<S>(&bias[v * lanes..])),
        _ => [T::splat(simd, T::zero()); WIDE],
    };
    for (i, sums) in sums.into_iter().enumerate() {
        let c = &mut c[i * c_stride..][..WIDE * lanes];
        for (v, sum) in sums.into_iter().enumerate() {
            let c = &mut c[v * lanes..];
            let sum = match store {
                Store::Set => sum,
                Store::Add => T::plus(simd, T::load::<S>(c), sum),
                Store::Bias(_) => T::plus(simd, bias[v], sum),
            };
            T::store::<S>(c, sum);
        }
    }
}

/// The same over the last `count` columns, where there are fewer than sums.
#[inline(always)]
fn put_some<T: Vectors, S: Simd, const ROWS: usize>(
    c: &mut [T],
    c_stride: usize,
    count: usize,
    store: Store<'_, T>,
    sums: [[T::Register<S>; WIDE]; ROWS],
) {
    let lanes = lanes::<T, S>();
    for (i, sums) in sums.into_iter().enumerate() {
        let mut row = [T::zero(); WIDE * MOST_LANES];
        for (v, sum) in sums.into_iter().enumerate() {
            T::store::<S>(&mut row[v * lanes..], sum);
        }
        store.put(&mut c[i * c_stride..][..count], &row);
    }
}
