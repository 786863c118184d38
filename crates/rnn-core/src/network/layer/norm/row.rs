//! Normalization of one row, and its chain rule.

use pulp::NullaryFnOnce;

use crate::Real;
use crate::kernel::lanes::LANES;
use crate::kernel::reduce::total;
use crate::kernel::simd;

/// x̂ = (x − μ) / σ with μ = Σ x / n and σ² = Σ (x − μ)² / n + ε. Returns 1/σ: NaN if the sum of squares is too large for
/// a number, so that this does not pass for x̂ = 0.
pub(super) fn normalize<F: Real>(x: &[F], eps: F, hat: &mut [F]) -> F {
    simd::dispatch(Normalize { x, eps, hat })
}

/// y = gain ∘ x̂ + offset.
pub(super) fn scale<F: Real>(hat: &[F], (gain, offset): (&[F], &[F]), y: &mut [F]) {
    simd::dispatch(Scale { hat, gain, offset, y });
}

/// The chain rule through both: from dL/dy,
///
/// ```text
/// dL/dx = (1/σ) (d − mean(d) − x̂ mean(d ∘ x̂))      d = gain ∘ dL/dy
/// ```
pub(super) struct Back<'a, F> {
    pub(super) d_y: &'a [F],
    pub(super) gain: &'a [F],
    pub(super) hat: &'a [F],
    /// 1/σ.
    pub(super) inverse: F,
}

impl<F: Real> Back<'_, F> {
    /// Sets `d_x`, or adds to it.
    pub(super) fn run(self, d_x: &mut [F], add: bool) {
        simd::dispatch(BackOp { back: self, d_x, add });
    }
}

/// Adds rows of `width` numbers: `sums[j] += Σᵢ x[i, j] y[i, j]`, and `plain[j] += Σᵢ x[i, j]`. The rows lie in wider ones.
pub(in crate::network::layer) struct ColumnProducts<'a, F> {
    pub(in crate::network::layer) x: Columns<'a, F>,
    pub(in crate::network::layer) y: Columns<'a, F>,
    pub(in crate::network::layer) sums: &'a mut [F],
    pub(in crate::network::layer) plain: &'a mut [F],
}

/// The columns from `first` on of rows of `width` numbers.
#[derive(Clone, Copy)]
pub(in crate::network::layer) struct Columns<'a, F> {
    pub(in crate::network::layer) rows: &'a [F],
    pub(in crate::network::layer) width: usize,
    pub(in crate::network::layer) first: usize,
}

impl<F: Real> ColumnProducts<'_, F> {
    pub(in crate::network::layer) fn run(self) {
        simd::dispatch(self);
    }
}

struct Normalize<'a, F> {
    x: &'a [F],
    eps: F,
    hat: &'a mut [F],
}

impl<F: Real> NullaryFnOnce for Normalize<'_, F> {
    type Output = F;

    #[inline(always)]
    fn call(self) -> F {
        let Self { x, eps, hat } = self;
        let n = F::of(x.len() as f64);
        let mean = sum([x], |[x]| x) / n;
        for (hat, &x) in hat.iter_mut().zip(x) {
            *hat = x - mean;
        }
        let variance = sum([&*hat], |[d]| d * d) / n;
        let inverse = if variance.is_infinite() { F::nan() } else { F::one() / (variance + eps).sqrt() };
        for hat in hat {
            *hat *= inverse;
        }
        inverse
    }
}

struct Scale<'a, F> {
    hat: &'a [F],
    gain: &'a [F],
    offset: &'a [F],
    y: &'a mut [F],
}

impl<F: Real> NullaryFnOnce for Scale<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { hat, gain, offset, y } = self;
        for (((y, &hat), &gain), &offset) in y.iter_mut().zip(hat).zip(gain).zip(offset) {
            *y = gain * hat + offset;
        }
    }
}

struct BackOp<'a, 'b, F> {
    back: Back<'a, F>,
    d_x: &'b mut [F],
    add: bool,
}

impl<F: Real> NullaryFnOnce for BackOp<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { back: Back { d_y, gain, hat, inverse }, d_x, add } = self;
        let n = F::of(d_y.len() as f64);
        let mean = sum([d_y, gain], |[d, gain]| gain * d) / n;
        let slope = sum([d_y, gain, hat], |[d, gain, hat]| gain * d * hat) / n;
        for (((d_x, &d), &gain), &hat) in d_x.iter_mut().zip(d_y).zip(gain).zip(hat) {
            let through = inverse * (gain * d - mean - hat * slope);
            *d_x = if add { *d_x + through } else { through };
        }
    }
}

impl<F: Real> NullaryFnOnce for ColumnProducts<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { x, y, sums, plain } = self;
        sums.fill(F::zero());
        plain.fill(F::zero());
        for (x_row, y_row) in x.rows.chunks_exact(x.width).zip(y.rows.chunks_exact(y.width)) {
            let pairs = x_row[x.first..].iter().zip(&y_row[y.first..]);
            for ((sum, plain), (&x, &y)) in sums.iter_mut().zip(plain.iter_mut()).zip(pairs) {
                *sum += x * y;
                *plain += x;
            }
        }
    }
}

/// Σ over the entries of slices of one length, in sixteen interleaved sums: the same bits on every processor.
#[inline(always)]
fn sum<F: Real, const K: usize>(slices: [&[F]; K], term: impl Fn([F; K]) -> F) -> F {
    let mut sums = [F::zero(); LANES];
    let parts = slices.map(<[F]>::as_chunks::<LANES>);
    for i in 0..parts[0].0.len() {
        let blocks = parts.map(|(blocks, _)| &blocks[i]);
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum += term(blocks.map(|block| block[lane]));
        }
    }
    for i in 0..parts[0].1.len() {
        sums[i] += term(parts.map(|(_, rest)| rest[i]));
    }
    total(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Widths below, at and above a block of sixteen, and two blocks with a rest.
    #[test]
    fn a_normalized_row_has_mean_0_and_variance_1() {
        for n in [2, 15, 16, 17, 39] {
            let x: Vec<f64> = (0..n).map(|i| f64::from(i * i % 7) - 20.0).collect();
            let mut hat = vec![0.0; x.len()];
            let inverse = normalize(&x, 0.0, &mut hat);
            let mean = x.iter().sum::<f64>() / f64::from(n);
            let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
            assert!((inverse - 1.0 / variance.sqrt()).abs() < 1e-14, "{n}");
            assert!(hat.iter().sum::<f64>().abs() < 1e-12, "{n}");
            assert!((hat.iter().map(|x| x * x).sum::<f64>() / f64::from(n) - 1.0).abs() < 1e-13, "{n}");
        }
    }

    #[test]
    fn no_variance_is_no_nan_and_too_much_is_one() {
        let (mut hat, mut d_x) = ([1.0f32; 5], [f32::NAN; 5]);
        let inverse = normalize(&[2.0; 5], 1e-5, &mut hat);
        assert_eq!((hat, inverse), ([0.0; 5], 1e-5f32.sqrt().recip()));
        let d_y = [1.0, 0.0, 0.0, 0.0, 0.0];
        Back { d_y: &d_y, gain: &[1.0; 5], hat: &hat, inverse }.run(&mut d_x, false);
        assert!(d_x.iter().all(|d| d.is_finite()), "{d_x:?}");

        for large in [1e30, f32::INFINITY, f32::NAN] {
            let mut hat = [0.0; 2];
            assert!(normalize(&[large, 0.0f32], 1e-5, &mut hat).is_nan());
            assert!(hat.iter().all(|x| x.is_nan()), "{large}");
        }
    }
}
