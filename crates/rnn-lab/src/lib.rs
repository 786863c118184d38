//! A laboratory: the classical and the recent results on gradient flow and recurrent dynamics, computed and checked.
//!
//! Data flows one way:
//!
//! ```text
//! Experiment ──jobs──▶ Job ──run──▶ Numbers ──▶ Folder ──conclude──▶ Conclusion ──▶ report
//! ```
//!
//! - An [`Experiment`] is one file of [`experiments`]: the question, the jobs, and what the numbers say.
//! - A [`Job`] is a name, parameters and a seed. It runs alone, on one thread, and gives [`Numbers`].
//! - A [`Folder`] holds the result of each job in a file whose name follows from the job. A job is done if that file is
//!   there: there is no journal, and whoever finds the folder can go on.
//! - The [`engine`] runs the jobs that are not done: on threads, or on the ranks of MPI.
//! - A [`Conclusion`] is what the experiment finds: [`Finding`]s, which are checks or observations, and a figure.
//!
//! [`Sharded`] is another use of several processes: they train one model together.
//!
//! The same jobs give the same bytes, whoever runs them, in whichever order.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod engine;
mod error;
mod experiment;
pub mod experiments;
mod finding;
mod folder;
mod job;
mod numbers;
pub mod report;
mod sharded;

pub use error::{Error, Result};
pub use experiment::{About, Conclusion, Experiment, Results, Scope, Source};
pub use finding::{Expected, Finding};
pub use folder::{Claim, Failure, Folder, Lock, State};
pub use job::Job;
pub use numbers::Numbers;
pub use sharded::{Sharded, ShardedStep};

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
