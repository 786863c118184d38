//! The gradient explorer as a WebAssembly module: a query in, JSON out, no imports.
//!
//! [`Module`] answers as the explorer's server does. On WebAssembly the module's functions, which the README lists, hand
//! queries and answers over through its memory; elsewhere this is an ordinary library.

#![deny(unsafe_code)]
#![deny(missing_docs)]

#[cfg(target_family = "wasm")]
mod abi;
mod module;

pub use module::{Answer, Module, Outcome};
