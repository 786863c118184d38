//! Sequence tasks to train recurrent networks on, the random streams that they and the networks are drawn from, and series
//! read from files.
//!
//! # The parts
//!
//! - [`Task`]: a recipe for batches. [`Task::sample`] makes one, [`Task::batches`] a source for
//!   [`train`](rnn_core::train()).
//! - [`PortableRng`]: the generator to use: the same numbers on every machine, and independent child streams.
//! - [`TorchRng`]: PyTorch's numbers, to repeat what a PyTorch program did.
//! - [`series`]: a column of numbers over time from a file, however that is written; [`text`]: its bytes as text.
//!
//! # The tasks
//!
//! | Task | Inputs | Targets | Chance, over all and at the last of T timesteps | After |
//! |---|---|---|---|---|
//! | [`CumulativeAverage`] | x_t ~ N(0, 1) | y_t = (x_1 + … + x_t) / t | (1/T) Σ 1/t and 1/T | |
//! | [`AddingProblem`] | numbers of U(0, 1), two of them marked | their sum, at the end | 1/6 | Hochreiter & Schmidhuber 1997; Le et al. 2015 |
//! | [`CopyMemory`] | 10 of 8 symbols, T blanks and a delimiter | the symbols, in T + 20 timesteps | 10 ln 8 / (T + 20) and ln 8 nats | Arjovsky et al. 2016 |
//! | [`TemporalOrder`] | distractors, and X or Y at two places | which of the four orders, at the end | ln 4 nats | Hochreiter & Schmidhuber 1997; Pascanu et al. 2013 |
//! | [`DelayedRecall`] | x_t ~ U(−1, 1) | y_t = x_{t−d} | (T − d) / 3T and 1/3 | Jaeger 2001 |
//! | [`FlipFlop`] | pulses ±1 with probability p, on n inputs | the last pulse of each | (1/T) Σ (1 − (1 − p)ᵗ) and 1 − (1 − p)ᵀ | Sussillo & Barak 2013 |
//! | [`SineMixture`] | sums of K sines | the next value | K/2 | |
//! | [`Parity`] | bits | whether the ones so far are odd in number | ln 2 nats | Minsky & Papert 1969; Grazzi et al. 2025 |
//! | [`MackeyGlass`] | an orbit of the equation with delay 17 | its value n timesteps later | its variance | Mackey & Glass 1977 |
//! | [`Lorenz`] | an orbit of the system, a tenth of x, y, z | its state n timesteps later | the mean of their variances | Lorenz 1963 |
//!
//! Chance is the mean squared error of the best constant, or the cross-entropy of the best guess without memory, where the
//! targets are classes: [`Task::baseline`].
//!
//! Shapes are `(batch, time, features)`, every random draw takes its generator as an argument, and equal seeds give equal
//! numbers.
//!
//! # Example
//!
//! ```
//! use std::ops::ControlFlow;
//! use rnn_core::{Adam, Bias, Elman, Mse, Model, Timesteps, Training, train};
//! use rnn_data::{CumulativeAverage, PortableRng, Task};
//!
//! let mut rng = PortableRng::new(0);
//! let mut model = Model::<f32>::new(Elman::tanh(), 1, &[16], 1, Bias::Single, &mut rng)?;
//! let task = CumulativeAverage::new(10)?;
//! let source = task.batches(32, 300, &mut rng)?;
//! let mut last = f32::NAN;
//! train(&mut model, source, &Training::new(Mse), &mut Adam::new(0.01), |report, _| {
//!     last = report.loss;
//!     ControlFlow::Continue(())
//! })?;
//! assert!(f64::from(last) < 0.2 * task.baseline(Timesteps::All), "it remembers");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod adding_problem;
mod batches;
mod copy_memory;
mod cumulative_average;
mod delayed_recall;
mod draw;
mod error;
mod flip_flop;
mod lorenz;
mod mackey_glass;
mod orbit;
mod parity;
mod portable;
pub mod series;
mod sine_mixture;
mod task;
mod temporal_order;
pub mod text;
mod torch;

pub use adding_problem::AddingProblem;
pub use batches::Batches;
pub use copy_memory::CopyMemory;
pub use cumulative_average::CumulativeAverage;
pub use delayed_recall::DelayedRecall;
pub use error::{Error, Result};
pub use flip_flop::FlipFlop;
pub use lorenz::Lorenz;
pub use mackey_glass::MackeyGlass;
pub use parity::Parity;
pub use portable::PortableRng;
pub use sine_mixture::SineMixture;
pub use task::Task;
pub use temporal_order::TemporalOrder;
pub use torch::TorchRng;

/// Runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
