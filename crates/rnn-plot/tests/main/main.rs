//! The tests of the public interface.

mod files;
mod pictures;
mod svg;
