//! What the mathematics runs on: matrix products, branch-free activations, the dispatch over the processor's
//! instruction sets, the threads. Nothing here knows what a network is.
//!
//! The products are public for cells written outside this crate. A weight that many products share is packed once
//! ([`Panels`], [`multiply`]); [`product`] takes any two matrices and packs what it must.
//!
//! # Bits
//! The activations and every element-by-element loop use separate multiplications and additions, so their results do
//! not depend on the instruction set. Every element of a product with packed factors is one chain of fused
//! multiply-adds, in the order of k: the same bits on every processor that has such an instruction, whatever the width
//! of its registers. A processor without one rounds twice.

mod aligned;
mod cast;
pub(crate) mod gathered;
pub(crate) mod lanes;
mod matrix;
pub(crate) mod multiply;
mod panels;
pub(crate) mod parallel;
pub(crate) mod product;
pub(crate) mod reduce;
pub(crate) mod simd;
#[cfg(test)]
mod tests;
mod tile;
pub(crate) mod transcendental;
mod vectors;

pub use matrix::{Matrix, Store};
pub use multiply::multiply;
pub use panels::Panels;
pub use product::{Scratch, product};
