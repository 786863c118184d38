//! rnn-analysis
