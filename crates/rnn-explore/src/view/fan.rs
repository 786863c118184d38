//! Singular values of the way back from the last state.

use serde::Serialize;

/// What the way back from s_T to s_t multiplies a gradient by, by direction, in the layer that is shown: the singular values
/// σ_i of ∂s_T/∂s_t.
///
/// Empty after an overflow.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Fan {
    /// The state s: `h`, `h and c`, or `c`.
    pub state: &'static str,
    /// The timesteps t at which singular values were computed, from 1, in ascending order.
    pub timesteps: Vec<usize>,
    /// ln σ_i: for each i, the largest first, its value at every timestep. NaN at the timesteps that were left out, and where σ is
    /// 0.
    pub ln_sigma: Vec<Vec<f64>>,
    /// The finite-time Lyapunov exponents: ln σ_i / (T − t) at the first of `timesteps`. NaN where σ is 0.
    pub exponents: Vec<f64>,
    /// How many singular values there are.
    pub of: usize,
}
