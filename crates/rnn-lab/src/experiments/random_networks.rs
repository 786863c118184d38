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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_tanh_is_that_of_its_value() {
        assert!((tanh_slope(0.7) - (1.0 - 0.7f64.tanh().powi(2))).abs() < 1e-15);
        assert!((ln_tanh_slope(-0.7) - tanh_slope(0.7).ln()).abs() < 1e-15);
    }
}
