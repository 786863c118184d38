//! Nothing here: the tests of the whole pipeline, of the notebook and of conformance are in `tests/`.

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
