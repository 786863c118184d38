//! The plane of a state of two numbers.

use serde::Serialize;

/// The states of a network of one layer whose state is two numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plane {
    /// The names of the two numbers, as `h_1` and `h_2`.
    pub axes: [&'static str; 2],
    /// s_1 to s_T of the shown sequence.
    pub trajectory: Vec<[f64; 2]>,
    /// The fixed points with an input of 0 that were found.
    pub fixed: Vec<Fixed>,
    /// How many states the search started from.
    pub starts: usize,
}

/// One fixed point.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fixed {
    /// The state.
    pub at: [f64; 2],
    /// The eigenvalues of the step Jacobian there, as (real, imaginary), the largest magnitude first.
    pub eigenvalues: Vec<[f64; 2]>,
    /// Whether states near it come ever nearer: both eigenvalues are inside the unit circle.
    pub stable: bool,
}
