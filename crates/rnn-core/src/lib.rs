//! Recurrent networks with back-propagation through time written by hand, generic over the float type.
//!
//! # The equations
//!
//! A layer maps inputs x_1 .. x_T to hidden states h_1 .. h_T. With a_t = W_ih x_t + b_ih and u_t = W_hh h_{t−1} + b_hh,
//!
//! ```text
//! Elman   h_t = φ(a_t + u_t)
//! LSTM    i, f, o = σ(a + u), g = tanh(a + u);    c_t = f c_{t−1} + i g;    h_t = o tanh c_t
//! GRU     r, z = σ(a + u), n = tanh(a_n + r u_n);    h_t = (1 − z) n + z h_{t−1}
//! ```
//!
//! and the gradients run back through the same steps; [`Layer`] has the derivation.
//!
//! # The parts
//!
//! - [`Unit`]: the scalar mathematics of one hidden unit: the one file to write for a new cell. [`Elman`],
//!   [`Lstm`](struct@crate::Lstm), [`Gru`](struct@crate::Gru) are units. [`Cell`]: one step of a whole batch; every unit is one.
//! - [`Layer`]: the loop over time. [`Stack`]: layers on top of each other, with their parameters.
//!   [`Model`]: a stack and a [`Linear`] head.
//! - [`Workspace`]: every state and every gradient of a run, dL/dh_t of each layer and timestep included. The caller
//!   owns it; a warm training step allocates nothing.
//! - [`StepJacobians`]: ∂s_t/∂s_{t−1} of any cell at any timestep of a run.
//! - [`Stream`]: inference one timestep at a time.
//! - [`Init`]: initial parameters by name; the module [`init`] says how rules compose.
//! - [`Params`], [`Parameters`]: named arrays in one block, under PyTorch's names.
//! - [`Target`], [`Loss`], [`Optimizer`], [`Schedule`]: what training minimizes, and how.
//! - [`train`], [`Trainer`], [`Dataset`], [`Validation`]: the loop around it.
//! - [`gradcheck`]: every gradient against differences, for a cell of your own too.
//! - [`Xray`]: gates and their gradients, the terms of the weight gradients, how far a loss reaches back.
//!
//! Shapes are `(batch, time, features)` everywhere. Numbers agree with PyTorch's: gates in its order, its bias vectors,
//! its initialization, its optimizers' arithmetic.
//!
//! # Example
//!
//! How does the gradient of a loss at the last timestep fade on its way back?
//!
//! ```
//! use ndarray::Array3;
//! use rand::SeedableRng;
//! use rnn_core::{Bias, Elman, Model, Mse, Target};
//!
//! let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
//! let model = Model::<f64>::new(Elman::tanh(), 1, &[16], 1, Bias::Single, &mut rng)?;
//! let (x, y) = (Array3::ones((1, 10, 1)), Array3::zeros((1, 10, 1)));
//! let mut ws = model.workspace();
//! model.loss_and_gradients(x.view(), Target::values(y.view()).last(), &Mse, &mut ws)?;
//! let norms: Vec<f64> = ws.rnn.d_hidden(0).outer_iter().next().unwrap().outer_iter()
//!     .map(|d| d.dot(&d).sqrt()).collect();
//! assert!(norms[0] < 0.1 * norms[9], "it vanishes");
//! # Ok::<(), rnn_core::Error>(())
//! ```

#![deny(missing_docs)]

pub mod cell;
mod error;
pub mod init;
mod inspect;
pub mod kernel;
mod memory;
mod network;
mod random;
mod real;
mod stream;
mod training;

pub use cell::{
    Activation, Antisymmetric, Cell, CoupledLstm, Elman, Gru, GruResetBefore, IndRnn, Leaky, LinearUnit,
    Lstm, MinGru, MinLstm, MinimalGated, PeepholeLstm, Residual, SLstm, Unit,
};
pub use error::{Error, Place, Result, StateFault};
pub use init::{Fan, Init, InitError, Weights};
pub use inspect::gradcheck;
pub use inspect::jacobian::StepJacobians;
pub use inspect::xray::{LayerXray, SATURATED, Xray};
pub use kernel::lanes::Lanes;
pub use memory::workspace::Workspace;
pub use network::bias::Bias;
pub use network::layer::Layer;
pub use network::linear::Linear;
pub use network::model::{Model, ModelWorkspace};
pub use network::noise::Noise;
pub use network::options::{Options, Zoneout};
pub use network::params::{Parameters, Params};
pub use network::readout::Readout;
pub use network::run::Run;
pub use network::stack::Stack;
pub use network::state::{LayerState, State};
pub use random::Random;
pub use real::{Real, sigmoid, tanh};
pub use stream::{Stream, StreamState};
pub use training::dataset::{Answers, Dataset, MiniBatches};
pub use training::early_stopping::{EarlyStopping, Verdict};
pub use training::evaluation::Evaluation;
pub use training::loss::{
    BinaryCrossEntropy, Counted, CrossEntropy, Huber, L1, Loss, Mse, TargetKind, Timesteps,
};
pub use training::optim::{
    Adam, AdamW, AdamWith, Optimizer, OptimizerState, RmsProp, Sgd, clip_global_norm, clip_value, global_norm,
};
pub use training::schedule::{Cosine, Curve, OneCycle, Schedule};
pub use training::target::{Target, Targets, Truth};
pub use training::train::{
    Batch, BatchIter, BatchSource, Fallible, StepReport, Tbptt, Trainer, Training, train,
};
pub use training::validation::Validation;

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
