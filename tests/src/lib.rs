//! Nothing here: the tests of the whole pipeline, of the notebook and of conformance are in `tests/`.
