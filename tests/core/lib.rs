//! The tests of rnn-core are in the folder `tests`.
