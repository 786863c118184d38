//! Which gate of a GRU keeps.

use super::lstm::forget;
use super::numbers::{Number, left, rate, share, view};
use super::{Form, Source};
use crate::sentence::number::{number, percent};

const KEEPS: &str = "c=gru&t=60&z=z1";
const REPLACES: &str = "c=gru&t=60&z=z0";
const NO_RESET: &str = "c=gru&t=60&z=r0";

pub(super) const LESSON: Source = Source {
    id: "gru",
    title: "Which gate of a GRU keeps",
    query: "c=gru&t=60",
    question: &[
        "A GRU has two gates between 0 and 1, r and z: h_t = (1 − z) ∘ n + z ∘ h_{t−1}, where n = tanh(W_in x_t + b + r ∘ (W_hn h_{t−1} + b′)). Untrained, {left} of the gradient is left after 59 steps back.",
        "You may hold one gate at 0 or at 1. Which one keeps the gradient as it is?",
    ],
    prediction: Form::Choice {
        options: &[
            "The reset gate r, at 1",
            "The reset gate r, at 0",
            "The update gate z, at 1",
            "The update gate z, at 0",
        ],
        right: 2,
    },
    reveal: "With z = 1 the state is only copied: h_t = h_{t−1}, and the whole gradient arrives at timestep 1. With r = 0, {left_no_reset} is left, with z = 0 {left_replaces}, and with r = 1 {left_reset}.",
    explanation: &[
        "z is the [[highway]] of a GRU: along it a gradient is multiplied by z and nothing else. Here z is {z} on average, so each step back keeps about half, and a little comes back by other paths: a step back multiplies by {rate}. The reset gate only decides how much of the old state goes into the candidate n, which is a path through W_hn and a slope.",
        "A gate that keeps everything lets nothing in: [with z = 1](c=gru&t=60&z=z1) ‖h_60‖ is {state}. A network needs z near 1 for most units at most timesteps, and lower where something is worth writing down.",
        "The letter depends on the author. Here, as in PyTorch and in Cho et al. 2014, z near 1 keeps; in Chung et al. 2014 it is 1 − z that keeps.",
    ],
    table: None,
    tries: &[
        "Hold each: [r = 0](c=gru&t=60&z=r0), [r = 1](c=gru&t=60&z=r1), [z = 0](c=gru&t=60&z=z0), [z = 1](c=gru&t=60&z=z1).",
        "[The LSTM with f = 1](c=lstm&t=60&z=f1): c is kept in full, and still something comes in through i ∘ g. That is what the GRU cannot do: its one gate lets in what it does not keep.",
    ],
    references: &[
        "Cho et al. 2014, Learning phrase representations using RNN encoder–decoder for statistical machine translation, EMNLP.",
        "Chung, Gulcehre, Cho and Bengio 2014, Empirical evaluation of gated recurrent neural networks on sequence modeling, arXiv:1412.3555.",
    ],
    numbers: &[
        Number { name: "left", said: "1.1 · 10⁻¹⁴", of: |e| Ok(share(left(e, LESSON.query)?)) },
        Number {
            name: "left_no_reset", said: "1.6 · 10⁻¹⁶ of it", of: |e| Ok(percent(left(e, NO_RESET)?))
        },
        Number {
            name: "left_replaces", said: "3.9 · 10⁻³¹ of it", of: |e| Ok(percent(left(e, REPLACES)?))
        },
        Number {
            name: "left_reset",
            said: "2.3 · 10⁻⁹ of it",
            of: |e| Ok(percent(left(e, "c=gru&t=60&z=r1")?)),
        },
        Number { name: "z", said: "0.488", of: |e| forget(e, LESSON.query) },
        Number { name: "rate", said: "0.580", of: |e| rate(e, LESSON.query) },
        Number { name: "state", said: "0", of: |e| Ok(number(view(e, KEEPS)?.layers[0].hidden[59])) },
    ],
};
