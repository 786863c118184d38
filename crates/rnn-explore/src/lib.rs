//! The gradient explorer: what a page with sliders shows of a recurrent network and its gradients.
//!
//! # The parts
//!
//! - [`Settings`]: the position of every control. [`Query`] is its form in the address of the page, [`limits`] are the ranges
//!   of the controls, and [`presets`] are settings that show one effect each.
//! - [`explore`]: a pure function from settings to a [`View`]. [`Explorer`] is the same with a cache of trained networks.
//! - [`View`]: every number and sentence on the page. [`rnn_core`] and [`rnn_analysis`] compute the numbers.
//! - [`lessons`]: questions that the reader answers before the page does, and [`confusions`], each with the number that clears
//!   it up. [`glossary`] says what the words mean.
//! - [`map`]: what is left of the gradient at other positions of the two sliders.
//! - [`number`] and [`percent`]: numbers as the sentences write them. [`transport`] and [`lags`]: sentences about gradients of
//!   other networks.
//! - [`page`]: the page itself, one HTML document that a server or a file can hold.
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
mod lessons;
mod look;
mod map;
mod network;
pub mod page;
mod quantiles;
mod sentence;
mod settings;
mod snippet;
mod task;
mod view;

pub use error::Error;
pub use explorer::{Explorer, explore, map};
pub use lessons::confusions::{Confusion, confusions};
pub use lessons::glossary::glossary;
pub use lessons::{Ask, Lesson, Number, Piece, Table, Text, lessons};
pub use map::GradientMap;
pub use sentence::number::{number, percent};
pub use sentence::transport::{lags, transport};
pub use settings::preset::{Preset, presets};
pub use settings::{
    CellKind, Clamp, Edit, InitKind, LossOver, Nonlinearity, OptimizerKind, Query, QueryError, Settings,
    TaskKind, limits,
};
pub use view::{
    Band, Classes, Clipping, Factors, Fan, Fixed, Gate, Highway, Jacobian, Keeps, LayerNorms, Matrix, Plane,
    Prediction, Range, Reach, Sentences, Sequence, Spectrum, StepPart, Steps, Terms, Training, Truncation,
    Units, View,
};

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
