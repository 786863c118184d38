//! The memory of a pass: what is recorded on the way forward, and the gradients of the way back.

pub(crate) mod columns;
pub(crate) mod tape;
pub(crate) mod workspace;
