//! How long a call takes, for `cargo xtask bench`.
//!
//! - `network`: the sizes of a network and its batch.
//! - `products`: the matrix products that its passes make, and their floating-point operations.
//! - `subject`: what is timed, as a closure that repeats itself.
//! - `sampler`: times it; `samples`: median and minimum.

pub(crate) mod network;
pub(crate) mod products;
pub(crate) mod sampler;
pub(crate) mod samples;
pub(crate) mod subject;
