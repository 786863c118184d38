//! rnn-plot
