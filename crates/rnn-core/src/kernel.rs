//! What the mathematics above runs on: the one door to matrix products, branch-free activations, the dispatch over
//! the processor's instruction sets. Nothing here knows what a network is.
//!
//! Bits: the activations and every element-by-element loop use separate multiplications and additions, so their
//! results do not depend on the instruction set. Matrix products use fused multiply-add where the processor has it.

pub(crate) mod lanes;
pub(crate) mod matmul;
pub(crate) mod reduce;
pub(crate) mod simd;
pub(crate) mod transcendental;
