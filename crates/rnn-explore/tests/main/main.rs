//! The tests of the public interface, in one binary.

mod memory;
mod positions;
mod robust;
mod sentences;
mod snippets;
mod views;
