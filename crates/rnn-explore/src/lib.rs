//! The gradient explorer: what a page with sliders shows of a recurrent network and its gradients.
//!
//! # The parts
//!
//! - [`Settings`]: the position of every control; [`Query`]: the same in the address of the page; [`limits`]: how far each
//!   goes; [`presets`]: settings with a lesson.
//! - [`explore`]: from settings to a [`View`], a pure function. [`Explorer`]: the same with a memory of trained networks.
//! - [`View`]: every number and sentence on the page. [`rnn_core`] and [`rnn_analysis`] compute them.
//! - [`page`]: the page itself, HTML with everything in it, to be served or put into a file.
//!
//! ```
//! use rnn_explore::{Settings, explore};
//!
//! let view = explore(&Settings { weight_scale: 2.0, ..Settings::default() })?;
//! println!("{}", view.sentences.gradient);
//! assert_eq!(view.layers[0].gradient.len(), 10);
//! # Ok::<(), rnn_explore::Error>(())
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod error;
mod explorer;
mod look;
mod network;
pub mod page;
mod sentence;
mod settings;
mod snippet;
mod task;
mod view;

pub use error::Error;
pub use explorer::{Explorer, explore};
pub use sentence::number::number;
pub use settings::preset::{Preset, presets};
pub use settings::{
    CellKind, InitKind, LossOver, Nonlinearity, Query, QueryError, Settings, TaskKind, limits,
};
pub use view::{
    Gate, Jacobian, LayerNorms, Matrix, Prediction, Reach, Sentences, Spectrum, Terms, Training, View,
};

/// The example of the README is a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
