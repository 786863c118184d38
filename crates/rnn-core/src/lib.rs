//! rnn-core
