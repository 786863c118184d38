//! The tests of the public interface, in one binary.

mod memory;
mod positions;
mod remedies;
mod robust;
mod sentences;
mod snippets;
mod torch;
mod views;
