//! The tests of the public interface, in one binary.

mod confusions;
mod lessons;
mod memory;
mod positions;
mod remedies;
mod robust;
mod sentences;
mod snippets;
mod torch;
mod views;
