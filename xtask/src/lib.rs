//! What `cargo xtask` can do, as functions that tests can call.

#![deny(unsafe_code)]

pub mod conformance;
pub mod report;
