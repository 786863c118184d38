//! rnn-data
