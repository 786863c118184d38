//! What `cargo xtask` can do, as functions that tests can call.

#![deny(unsafe_code)]

pub mod bench;
pub mod conformance;
pub mod explore;
mod folder;
pub mod gradcheck;
mod measure;
mod module;
mod output;
mod progress;
pub mod python_checks;
pub mod report;
pub mod site;
