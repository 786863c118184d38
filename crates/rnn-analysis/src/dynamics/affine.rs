//! The affine part of a layer: what stands inside of its activation.

use ndarray::{Array1, Array2, ArrayView1, Ix1, Ix2};
use rnn_core::{Real, Stack};

use crate::error::{Error, Result};
use crate::flow::number;

/// z = W_hh h + W_ih x + b of one layer.
pub(super) struct Affine {
    /// W_hh, (n, n).
    pub(super) w: Array2<f64>,
    /// W_ih, (n, features).
    pub(super) w_ih: Array2<f64>,
    /// The biases: none, one or two.
    pub(super) biases: Vec<Array1<f64>>,
    /// x.
    pub(super) x: Array1<f64>,
}

impl Affine {
    /// The affine part of a network of one layer with one gate and no other options than biases, that reads `x`.
    pub(super) fn of<F: Real>(
        stack: &Stack<F>,
        x: ArrayView1<'_, F>,
        what: &'static str,
        needs: &'static str,
    ) -> Result<Self> {
        let [layer] = stack.layers() else {
            return Err(Error::NoFixedPoints { why: "the network has one layer and one direction" });
        };
        let unsuited = || Error::UnsuitedCell { cell: layer.cell.name().to_string(), what, needs };
        let named = |name: &str| stack.params().get(name);
        let matrix = |name: &str| {
            let array = named(name)?.into_dimensionality::<Ix2>().ok()?;
            Some(array.mapv(number))
        };
        let (Some(w), Some(w_ih)) = (matrix("weight_hh_l0"), matrix("weight_ih_l0")) else {
            return Err(unsuited());
        };
        let mut biases = Vec::new();
        for (name, array) in stack.params().iter() {
            match name {
                "weight_hh_l0" | "weight_ih_l0" => {}
                "bias_l0" | "bias_ih_l0" | "bias_hh_l0" => {
                    let bias = array.into_dimensionality::<Ix1>().map_err(|_| unsuited())?;
                    biases.push(bias.mapv(number));
                }
                // A learned initial state does not change the step.
                _ if name.starts_with("h_0") || name.starts_with("c_0") => {}
                _ => return Err(unsuited()),
            }
        }
        if w.nrows() != w.ncols() {
            return Err(unsuited());
        }
        if x.len() != w_ih.ncols() {
            return Err(Error::InputSize { features: w_ih.ncols(), given: x.len() });
        }
        let x = x.mapv(number);
        let all = w.iter().chain(&w_ih).chain(biases.iter().flatten());
        for (what, value) in all.map(|v| ("a parameter", v)).chain(x.iter().map(|v| ("an entry of x", v))) {
            if !value.is_finite() {
                return Err(Error::OutOfRange { what, value: *value, range: "finite" });
            }
        }
        Ok(Self { w, w_ih, biases, x })
    }

    /// n.
    pub(super) fn units(&self) -> usize {
        self.w.nrows()
    }

    /// W_ih x + b, rounded.
    pub(super) fn offset(&self) -> Array1<f64> {
        self.biases.iter().fold(self.w_ih.dot(&self.x), |sum, bias| sum + bias)
    }
}
