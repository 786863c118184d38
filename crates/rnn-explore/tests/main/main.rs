//! The tests of the public interface, in one binary.

mod confusions;
mod lessons;
mod memory;
mod positions;
mod robust;
mod sentences;
mod snippets;
mod views;
