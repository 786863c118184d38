//! Gains: by how much larger weights must be so that the activation after them keeps the variance. The values of
//! `torch.nn.init.calculate_gain`.
//!
//! Those of the linear map and the rectifiers are derived, in He, Zhang, Ren and Sun 2015, *Delving deep into rectifiers*,
//! ICCV; the one of tanh is PyTorch's convention.

use std::f64::consts::SQRT_2;

/// Of no activation.
pub const LINEAR: f64 = 1.0;
/// Of σ, in PyTorch's convention: nothing is made up for.
pub const SIGMOID: f64 = 1.0;
/// Of tanh.
pub const TANH: f64 = 5.0 / 3.0;
/// Of max(x, 0), which leaves half of the mean square: √2.
pub const RELU: f64 = SQRT_2;

/// Of a rectifier with slope `a` below zero: √(2 / (1 + a²)).
///
/// ```
/// use rnn_core::init::gain;
/// assert_eq!(gain::leaky_relu(0.0), gain::RELU);
/// assert_eq!(gain::leaky_relu(1.0), gain::LINEAR);
/// ```
pub fn leaky_relu(a: f64) -> f64 {
    (2.0 / (1.0 + a * a)).sqrt()
}
