//! What clipping and truncation do to a gradient.

use serde::Serialize;

/// What clipping to the limit of the settings does to the gradient of all parameters on the shown sequence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Clipping {
    /// ‖G‖; NaN after an overflow.
    pub norm: f64,
    /// The limit; `None` if gradients are not clipped.
    pub limit: Option<f64>,
    /// The norm afterwards.
    pub clipped: f64,
}

/// What truncated back-propagation leaves out of the gradient G of all parameters on the shown sequence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Truncation {
    /// The timesteps of a window.
    pub window: usize,
    /// ‖G − G_window‖ / ‖G‖; NaN if G is 0.
    pub lost: f64,
    /// The cosine of the angle between G and G_window; NaN if one of them is 0.
    pub cosine: f64,
}
