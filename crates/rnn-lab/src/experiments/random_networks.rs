//! What several experiments on random networks share.

use ndarray::{Array1, Array2, ArrayView2};
use rnn_core::{Bias, Cell, Parameters, Random, Stack};
use rnn_data::PortableRng;

use crate::error::Result;

/// An n x n matrix of independent normal entries with standard deviation g/√n.
pub(super) fn gaussian(n: usize, gain: f64, rng: &mut PortableRng) -> Array2<f64> {
    let mut w = Array2::zeros((n, n));
    rng.fill_normal(w.as_slice_mut().expect("rows in memory"));
    w * (gain / (n as f64).sqrt())
}

/// n independent normal numbers.
pub(super) fn normals(n: usize, deviation: f64, rng: &mut PortableRng) -> Array1<f64> {
    let mut out = vec![0.0; n];
    rng.fill_normal(&mut out);
    Array1::from(out) * deviation
}

/// A layer of this cell with this W_hh, one input that has no effect, and no bias.
pub(super) fn autonomous(cell: impl Into<Cell<f64>>, w: ArrayView2<'_, f64>) -> Result<Stack<f64>> {
    let mut rnn = Stack::zeros(cell, 1, &[w.ncols()], Bias::None)?;
    rnn.set_parameter("weight_hh_l0", w.into_dyn())?;
    Ok(rnn)
}

/// φ′(z) of tanh, without cancellation.
pub(super) fn tanh_slope(z: f64) -> f64 {
    let e = libm::exp(-2.0 * z.abs());
    4.0 * e / ((1.0 + e) * (1.0 + e))
}

/// ln φ′(z) of tanh.
pub(super) fn ln_tanh_slope(z: f64) -> f64 {
    let e = libm::exp(-2.0 * z.abs());
    2.0 * std::f64::consts::LN_2 - 2.0 * z.abs() - 2.0 * libm::log1p(e)
}

pub(super) fn norm(v: &Array1<f64>) -> f64 {
    v.dot(v).sqrt()
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The middle one of the values, or the mean of the two in the middle; NaN for none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

/// The standard deviation of a sample; 0 for a single number.
pub(super) fn deviation(values: &[f64]) -> f64 {
    let center = mean(values);
    let squares: f64 = values.iter().map(|x| (x - center) * (x - center)).sum();
    (squares / (values.len() as f64 - 1.0).max(1.0)).sqrt()
}

/// The slope of the straight line through (0, y_0), (1, y_1), … with the least squares.
pub(super) fn slope(y: &[f64]) -> f64 {
    let center = (y.len() as f64 - 1.0) / 2.0;
    let offset = |k: usize| k as f64 - center;
    let along: f64 = y.iter().enumerate().map(|(k, y)| offset(k) * y).sum();
    along / (0..y.len()).map(|k| offset(k) * offset(k)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_slope_and_a_sample_its_spread() {
        assert!((slope(&[1.0, 3.0, 5.0, 7.0]) - 2.0).abs() < 1e-15);
        assert_eq!((mean(&[1.0, 2.0, 3.0]), deviation(&[1.0, 2.0, 3.0]), deviation(&[4.0])), (2.0, 1.0, 0.0));
        assert_eq!((median(&[3.0, 1.0, 2.0]), median(&[4.0, 1.0, 2.0, 3.0])), (2.0, 2.5));
        assert!((tanh_slope(0.7) - (1.0 - 0.7f64.tanh().powi(2))).abs() < 1e-15);
        assert!((ln_tanh_slope(-0.7) - tanh_slope(0.7).ln()).abs() < 1e-15);
    }
}
