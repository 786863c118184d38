//! Recurrent networks to and from files.
//!
//! - [`save`], [`load`]: safetensors files with PyTorch's names, which describe the model that they hold. [`load_into`]:
//!   into a model that exists already. [`Loader`]: models with cells of the caller's own.
//! - [`load_state_dict`]: files that PyTorch wrote.
//! - [`save_state`], [`load_state`]: the state of a stream, from which it goes on.
//! - [`save_checkpoint`], [`load_checkpoint`]: training that was stopped and goes on with the same bits.
//! - [`export_onnx`]: models for other runtimes.
//!
//! A file is written whole or not at all. An [`Error`] names the file, and its [`Fault`] names the tensor, what was expected
//! and what was found. A model that was to be overwritten is then unchanged.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod architecture;
mod archive;
mod checkpoint;
mod element;
mod error;
mod loader;
mod model;
mod onnx;
mod state;
mod state_dict;
mod tensors;
mod training;

pub use checkpoint::{Progress, load_checkpoint, load_checkpoint_into, save_checkpoint};
pub use element::Element;
pub use error::{Error, Fault, Result};
pub use loader::{Loader, load, load_stack};
pub use model::{Network, SaveOptions, load_into, save, save_with};
pub use onnx::{OnnxOptions, export_onnx, export_onnx_with};
pub use state::{load_state, save_state};
pub use state_dict::{LoadOptions, load_stack_state_dict, load_state_dict};

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
