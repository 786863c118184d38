//! Views of the inside of a network: gates, gradients, Jacobians, and the check of every gradient.

pub mod gradcheck;
pub(crate) mod jacobian;
pub(crate) mod xray;
