//! `cargo xtask explore` as browsers, programs and those who mean harm find it. No time is held against anything: waits are
//! bounded by [`HANG`] only so that a test that hangs fails.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

mod client;
mod command;
mod crowd;
mod gate;
mod hostile;
mod limits;
mod program;
mod served;

use std::time::Duration;

use rnn_explore::{Query, explore};

/// When something hangs.
const HANG: Duration = Duration::from_secs(30);

/// A training that takes longer than any test.
const ENDLESS: &str = "c=lstm&n=64&t=200&l=3&o=all&k=2000";

/// What the API answers to this query, computed without a server.
fn expected(query: &str) -> String {
    let Query { settings, notices } = query.parse().unwrap();
    let view = serde_json::to_string(&explore(&settings).unwrap()).unwrap();
    format!("{{\"view\":{view},\"notices\":{}}}", serde_json::to_string(&notices).unwrap())
}
