//! The commands as a user runs them, in one binary.

mod bench;
mod diagnose;
mod experiments;
mod explore;
mod gradcheck;
mod output;
mod report;
mod site;
