//! Recurrent networks to and from files.
//!
//! - [`save`], [`load`]: safetensors files with PyTorch's names, from which a model can be built again without anything
//!   else. [`load_into`]: into a model that is there already.
//! - [`load_state_dict`]: files that PyTorch wrote.
//! - [`export_onnx`]: for other runtimes.
//! - [`save_checkpoint`], [`load_checkpoint`]: a training that was stopped goes on with the same bits.
//!
//! A file is written whole or not at all. Whatever is wrong with one that is read is an [`Error`] that names the file, the
//! tensor, what was expected and what was found; a model that was to be overwritten is as before, then.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod architecture;
mod archive;
mod checkpoint;
mod element;
mod error;
mod model;
mod onnx;
mod state_dict;
mod tensors;
mod training;

pub use checkpoint::{Progress, load_checkpoint, load_checkpoint_into, save_checkpoint};
pub use element::Element;
pub use error::{Error, Fault, Result};
pub use model::{Model, SaveOptions, load, load_into, load_stack, save, save_with};
pub use onnx::export_onnx;
pub use state_dict::{LoadOptions, load_stack_state_dict, load_state_dict};

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
