//! The tests of the public interface, in one binary.

mod back;
mod dynamics;
mod paths;
mod spectrum;
mod sweep;
