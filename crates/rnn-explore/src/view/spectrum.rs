//! Eigenvalues and singular values.

use serde::Serialize;

/// Eigenvalues and singular values.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Spectrum {
    /// W_hh of the scaled network, or each gate's block of it, or the diagonal that stands in its place; none for a cell whose
    /// gates see the input alone.
    pub weights: Vec<Matrix>,
    /// ∂s_t/∂s_{t−1}, with s = h, or h and c: of the selected timestep, and of others in a small network.
    pub jacobians: Vec<Jacobian>,
}

/// One matrix.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Matrix {
    /// `W_hh`, or `W_hf` for a gate's block, `W_hh − W_hhᵀ` of an antisymmetric unit, `w` or `λ` for a diagonal.
    pub name: String,
    /// Eigenvalues as (real, imaginary), the largest magnitude first.
    pub eigenvalues: Vec<[f64; 2]>,
    /// Singular values, the largest first. Those that are rounding errors are 0.
    pub singular_values: Vec<f64>,
    /// How many of them are above 0: the rank.
    pub rank: usize,
}

/// The Jacobian of one step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Jacobian {
    /// t, from 1.
    pub timestep: usize,
    /// Eigenvalues as (real, imaginary), the largest magnitude first.
    pub eigenvalues: Vec<[f64; 2]>,
    /// Singular values, the largest first. Those that are rounding errors are 0.
    pub singular_values: Vec<f64>,
    /// How many of them are above 0: the rank.
    pub rank: usize,
}

/// The magnitude of the first eigenvalue, which is the largest.
pub(crate) fn radius(eigenvalues: &[[f64; 2]]) -> f64 {
    eigenvalues.first().map_or(0.0, |&[re, im]| libm::hypot(re, im))
}
