//! How far the gradient of each loss reaches.

use serde::Serialize;

/// ‖dL_t/dh_k‖.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Reach {
    /// Row t, from 0, holds the entries of k = 0 .. t.
    pub norms: Vec<Vec<f64>>,
    /// The sum of ‖dL_t/dh_{t−l}‖ over t, for l = 0 .. T − 1.
    pub by_lag: Vec<f64>,
}
