//! Lanczos's method for the largest eigenvalue of a symmetric map.

use faer::{Mat, Side};
use rnn_core::Error as NetworkError;

use super::{LargestCurvature, dot};
use crate::error::{Error, Result};
use crate::words::Words;

/// An orthonormal basis of v, H v, H² v, …, and the tridiagonal matrix of H in it.
pub(super) struct Lanczos {
    /// The basis; the last vector waits for its product.
    basis: Vec<Vec<f64>>,
    /// The diagonal.
    alpha: Vec<f64>,
    /// Beside it.
    beta: Vec<f64>,
    products: usize,
}

impl Lanczos {
    pub(super) fn new(start: Vec<f64>, products: usize) -> Result<Self> {
        if products == 0 {
            return Err(NetworkError::ZeroSize { what: "the number of products with the Hessian" }.into());
        }
        Ok(Self { basis: vec![start], alpha: Vec::new(), beta: Vec::new(), products })
    }

    /// The vector whose product is wanted.
    pub(super) fn direction(&self) -> &[f64] {
        &self.basis[self.alpha.len()]
    }

    /// Takes the product of [`direction`](Self::direction). Returns the largest eigenvalue if it is found to this
    /// tolerance, or if this was the last product.
    pub(super) fn extend(&mut self, product: Vec<f64>, tolerance: f64) -> Result<Option<LargestCurvature>> {
        self.alpha.push(dot(&product, self.direction()));
        let mut rest = product;
        // Twice, so that rounding does not bring back directions that were found.
        for _ in 0..2 {
            for v in &self.basis {
                let along = dot(&rest, v);
                rest.iter_mut().zip(v).for_each(|(x, v)| *x -= along * v);
            }
        }
        let beta = dot(&rest, &rest).sqrt();
        let k = self.alpha.len();
        let entry = |i: usize, j: usize| match i.abs_diff(j) {
            0 => self.alpha[i],
            1 => self.beta[i.min(j)],
            _ => 0.0,
        };
        let eigen = Mat::from_fn(k, k, entry).self_adjoint_eigen(Side::Lower);
        let eigen = eigen.map_err(|_| Error::NoConvergence { what: "eigenvalues", rows: k, columns: k })?;
        // In ascending order.
        let (value, vector) = (eigen.S()[k - 1], eigen.U().col(k - 1));
        let scale = self.alpha.iter().chain(&self.beta).fold(0.0, |most: f64, x| most.max(x.abs()));
        let whole = beta <= 1e-14 * scale || k == self.basis[0].len();
        let residual = if whole { 0.0 } else { beta * vector[k - 1].abs() };
        if residual <= tolerance * value.abs() || k == self.products {
            let mut direction = vec![0.0; self.basis[0].len()];
            for (v, j) in self.basis.iter().zip(0..k) {
                direction.iter_mut().zip(v).for_each(|(to, v)| *to += vector[j] * v);
            }
            let length = dot(&direction, &direction).sqrt();
            direction = direction.into_iter().map(|x| x / length).collect();
            return Ok(Some(LargestCurvature { value, direction, residual, products: k }));
        }
        self.basis.push(rest.into_iter().map(|x| x / beta).collect());
        self.beta.push(beta);
        Ok(None)
    }
}

/// A drawn vector of length 1.
pub(super) fn start(len: usize) -> Vec<f64> {
    let mut words = Words::new(0);
    let v: Vec<f64> = (0..len).map(|_| words.uniform()).collect();
    let length = dot(&v, &v).sqrt();
    v.into_iter().map(|x| x / length).collect()
}
