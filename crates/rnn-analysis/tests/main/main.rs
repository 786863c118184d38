//! The tests of the public interface, in one binary.

mod back;
mod dynamics;
mod spectrum;
mod sweep;
