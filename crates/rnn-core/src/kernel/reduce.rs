//! Passes over whole buffers: sums with a fixed order, and the search for what is not finite.

use pulp::NullaryFnOnce;

use crate::Real;
use crate::kernel::lanes::LANES;
use crate::kernel::simd;

/// Σ xᵢ², in interleaved partial sums that are added at the end: the same bits on every processor.
pub(crate) fn sum_of_squares<F: Real>(values: &[F]) -> F {
    struct Op<'a, F>(&'a [F]);
    impl<F: Real> NullaryFnOnce for Op<'_, F> {
        type Output = F;
        #[inline(always)]
        fn call(self) -> F {
            fold(self.0, |sum, x| sum + x * x)
        }
    }
    simd::dispatch(Op(values))
}

/// Whether every value is finite: 0 · x is 0 exactly then, and NaN otherwise.
pub(crate) fn all_finite<F: Real>(values: &[F]) -> bool {
    values.is_empty() || simd::dispatch(AllFinite(values))
}

struct AllFinite<'a, F>(&'a [F]);

impl<F: Real> NullaryFnOnce for AllFinite<'_, F> {
    type Output = bool;

    #[inline(always)]
    fn call(self) -> bool {
        fold(self.0, |sum, x| sum + F::zero() * x) == F::zero()
    }
}

/// How many partial sums [`fold`] has: enough that none waits for itself.
const SUMS: usize = 4 * LANES;

#[inline(always)]
fn fold<F: Real>(values: &[F], step: impl Fn(F, F) -> F) -> F {
    let mut sums = [F::zero(); SUMS];
    let (chunks, rest) = values.as_chunks::<SUMS>();
    for chunk in chunks {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum = step(*sum, x);
        }
    }
    for (sum, &x) in sums.iter_mut().zip(rest) {
        *sum = step(*sum, x);
    }
    total(std::array::from_fn(|i| (sums[i] + sums[i + LANES]) + (sums[i + 2 * LANES] + sums[i + 3 * LANES])))
}

/// The sum of all lanes, in pairs at distances 8, 4, 2 and 1.
#[inline(always)]
pub(crate) fn total<F: Real>(sums: [F; LANES]) -> F {
    let eight: [F; 8] = std::array::from_fn(|i| sums[i] + sums[i + 8]);
    let four: [F; 4] = std::array::from_fn(|i| eight[i] + eight[i + 4]);
    (four[0] + four[2]) + (four[1] + four[3])
}

/// How many columns [`column_sums`] adds up at once.
const COLUMNS: usize = 2 * LANES;

/// `sums[j] = Σᵢ rows[i, j]` over the rows of a row-major matrix.
pub(crate) fn column_sums<F: Real>(rows: &[F], sums: &mut [F]) {
    struct Op<'a, F>(&'a [F], &'a mut [F]);
    impl<F: Real> NullaryFnOnce for Op<'_, F> {
        type Output = ();
        #[inline(always)]
        fn call(self) {
            let Self(rows, sums) = self;
            let width = sums.len();
            if let [sum] = sums {
                *sum = fold(rows, |sum, x| sum + x);
                return;
            }
            // Some columns at a time, whose sums stay in registers all the way down.
            let (blocks, rest) = sums.as_chunks_mut::<COLUMNS>();
            let whole = blocks.len() * COLUMNS;
            for (k, block) in blocks.iter_mut().enumerate() {
                let mut sums = [F::zero(); COLUMNS];
                for row in rows.chunks_exact(width) {
                    let row: &[F; COLUMNS] = row[k * COLUMNS..].first_chunk().expect("a whole block");
                    for (sum, &x) in sums.iter_mut().zip(row) {
                        *sum += x;
                    }
                }
                *block = sums;
            }
            rest.fill(F::zero());
            if rest.is_empty() {
                return;
            }
            for row in rows.chunks_exact(width) {
                for (sum, &x) in rest.iter_mut().zip(&row[whole..]) {
                    *sum += x;
                }
            }
        }
    }
    if !sums.is_empty() {
        simd::dispatch(Op(rows, sums));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_searches_are_right_for_every_length() {
        for n in 0..200 {
            let values: Vec<f64> = (0..n).map(|i| f64::from(i) - 20.0).collect();
            assert_eq!(sum_of_squares(&values), values.iter().map(|x| x * x).sum());
            assert!(all_finite(&values));
            for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                for at in 0..values.len() {
                    let mut values = values.clone();
                    values[at] = bad;
                    assert!(!all_finite(&values), "{bad} at {at} of {n}");
                }
            }
        }
    }

    #[test]
    fn columns_are_summed() {
        let mut sums = [9.0; 3];
        column_sums(&[1.0, 2.0, 3.0, 10.0, 20.0, 30.0], &mut sums);
        assert_eq!(sums, [11.0, 22.0, 33.0]);
        column_sums(&[] as &[f64], &mut sums);
        assert_eq!(sums, [0.0; 3]);
        for width in [31, 32, 33, 70] {
            let rows: Vec<f64> = (0..3 * width).map(|i| f64::from(i as u32)).collect();
            let mut sums = vec![f64::NAN; width];
            column_sums(&rows, &mut sums);
            let want: Vec<f64> =
                (0..width).map(|j| rows[j] + rows[width + j] + rows[2 * width + j]).collect();
            assert_eq!(sums, want);
        }
    }
}
