//! The tests of the public interface, in one binary.

mod dynamics;
mod spectrum;
mod sweep;
