//! The tests that need the whole workspace, in one binary.

mod conformance;
mod notebook;
mod promises;
mod python;
