//! What `cargo xtask` can do, as functions that tests can call.

#![deny(unsafe_code)]

mod article;
pub mod bench;
pub mod conformance;
pub mod diagnose;
pub mod experiments;
pub mod explore;
mod folder;
pub mod gradcheck;
mod measure;
mod module;
mod output;
mod progress;
pub mod python_checks;
pub mod report;
mod signals;
pub mod site;
