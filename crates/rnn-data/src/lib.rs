//! Sequence tasks to train recurrent networks on, and the random streams that they and the networks are drawn from.
//!
//! # The parts
//!
//! - [`Task`]: a recipe for batches. [`Task::sample`] makes one, [`Task::batches`] a source for
//!   [`train`](rnn_core::train()).
//! - [`PortableRng`]: the generator to use: the same numbers on every machine, and independent child streams.
//! - [`TorchRng`]: PyTorch's numbers, to repeat what a PyTorch program did.
//!
//! # The tasks
//!
//! | Task | Inputs | Targets | Loss of the best constant, all and last of T timesteps |
//! |---|---|---|---|
//! | [`CumulativeAverage`] | x_t ~ N(0, 1) | y_t = (x_1 + … + x_t) / t | (1/T) Σ 1/t and 1/T |
//!
//! Shapes are `(batch, time, features)`, every random draw takes its generator as an argument, and equal seeds give equal
//! numbers.
//!
//! # Example
//!
//! ```
//! use std::ops::ControlFlow;
//! use rnn_core::{Adam, Bias, Elman, Mse, RegressionModel, Timesteps, Training, train};
//! use rnn_data::{CumulativeAverage, PortableRng, Task};
//!
//! let mut rng = PortableRng::new(0);
//! let mut model = RegressionModel::<f32, _>::new(Elman::tanh(), 1, &[16], 1, Bias::Single, &mut rng)?;
//! let task = CumulativeAverage::new(10)?;
//! let source = task.batches(32, 300, &mut rng)?;
//! let mut last = f32::NAN;
//! train(&mut model, source, &Training { loss: Mse::all(), clip: None }, &mut Adam::new(0.01), |report| {
//!     last = report.loss;
//!     ControlFlow::Continue(())
//! })?;
//! assert!(f64::from(last) < 0.2 * task.baseline(Timesteps::All), "it remembers");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod batches;
mod cumulative_average;
mod error;
mod portable;
mod task;
mod torch;

pub use batches::Batches;
pub use cumulative_average::CumulativeAverage;
pub use error::{Error, Result};
pub use portable::PortableRng;
pub use task::Task;
pub use torch::TorchRng;

/// Runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
