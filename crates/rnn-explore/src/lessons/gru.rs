//! Which gate of a GRU keeps.

use super::lstm::forget;
use super::numbers::{Number, left, view};
use super::{Form, Source};
use crate::error::Error;
use crate::explorer::Explorer;
use crate::sentence::number::{number, percent};

const HELD: &str = "c=gru&t=60&z=z1";

pub(super) const LESSON: Source = Source {
    id: "gru",
    title: "Which gate of a GRU keeps",
    query: "c=gru&t=60",
    question: &[
        "A GRU has two gates, r and z: n_t = tanh(W_in x_t + r ∘ (W_hn h_{t−1})) without biases, and h_t = (1 − z) ∘ n_t + z ∘ h_{t−1}.",
        "Here {left} of the gradient of the loss at timestep 60 is left at timestep 1. Which gate has to be held at 1, so that all of it is left?",
    ],
    prediction: Form::Choice {
        options: &["The reset gate r.", "The update gate z.", "Both of them."],
        right: 1,
    },
    reveal: "With [z held at 1](c=gru&t=60&z=z1), {left_z1} is left. With [r held at 1](c=gru&t=60&z=r1), it is {left_r1}.",
    explanation: &[
        "Only one path from h_{t−1} to h_t has no matrix and no slope on it, and its factor is z: this is the [[highway]] of a GRU. As it is drawn, z is {z} on average, and the path loses about half at every step.",
        "r stands inside the tanh. It says how much of h_{t−1} the candidate n_t sees, on the path through W_hn. Held at [0](c=gru&t=60&z=r0) it closes that path, and {left_r0} is left; held at 1 it opens it, and what comes through has still passed W_hn and a slope at every step.",
        "But a gate at 1 keeps because it lets nothing in: ‖h_60‖ is {state_z1} and the largest ‖dL/dx_t‖ is {input_z1}. The network has a perfect memory of nothing. In between, with [a bias of 3](c=gru&t=60&f=3), z is {z_3} and {left_3} is left; with [5](c=gru&t=60&f=5), {z_5} and {left_5}. There the inputs have an effect of {input_5} at most, where it is {input} without the bias.",
    ],
    table: None,
    tries: &[
        "[z held at 0](c=gru&t=60&z=z0): {left_z0}. The cell is then an RNN with a reset gate.",
        "[An LSTM whose forget gate is held at 1](c=lstm&t=60&z=f1) keeps c and still lets in i ∘ g: the two are separate gates there.",
    ],
    references: &[
        "Cho et al. 2014, Learning phrase representations using RNN encoder-decoder for statistical machine translation, arXiv:1406.1078. There the roles of z and 1 − z are exchanged; here they are PyTorch’s.",
    ],
    numbers: &[
        Number { name: "left", said: "1.1 · 10⁻¹⁴ of it", of: |e| Ok(percent(left(e, LESSON.query)?)) },
        Number { name: "left_z1", said: "100%", of: |e| Ok(percent(left(e, HELD)?)) },
        Number {
            name: "left_r1",
            said: "2.3 · 10⁻⁹ of it",
            of: |e| Ok(percent(left(e, "c=gru&t=60&z=r1")?)),
        },
        Number {
            name: "left_r0",
            said: "1.6 · 10⁻¹⁶ of it",
            of: |e| Ok(percent(left(e, "c=gru&t=60&z=r0")?)),
        },
        Number {
            name: "left_z0",
            said: "3.9 · 10⁻³¹ of it",
            of: |e| Ok(percent(left(e, "c=gru&t=60&z=z0")?)),
        },
        Number { name: "z", said: "0.488", of: |e| forget(e, LESSON.query) },
        Number { name: "state_z1", said: "0", of: |e| state(e, HELD) },
        Number { name: "input_z1", said: "0", of: |e| input(e, HELD) },
        Number { name: "z_3", said: "0.952", of: |e| forget(e, "c=gru&t=60&f=3") },
        Number { name: "left_3", said: "7.2%", of: |e| Ok(percent(left(e, "c=gru&t=60&f=3")?)) },
        Number { name: "z_5", said: "0.993", of: |e| forget(e, "c=gru&t=60&f=5") },
        Number { name: "left_5", said: "68%", of: |e| Ok(percent(left(e, "c=gru&t=60&f=5")?)) },
        Number { name: "input_5", said: "4.97 · 10⁻⁴", of: |e| input(e, "c=gru&t=60&f=5") },
        Number { name: "input", said: "0.0279", of: |e| input(e, LESSON.query) },
    ],
};

/// ‖h_T‖.
pub(super) fn state(explorer: &Explorer, query: &str) -> Result<String, Error> {
    Ok(number(view(explorer, query)?.layers[0].hidden.last().copied().unwrap_or(f64::NAN)))
}

/// The largest ‖dL/dx_t‖.
fn input(explorer: &Explorer, query: &str) -> Result<String, Error> {
    Ok(number(view(explorer, query)?.sequence.input_gradient.iter().copied().fold(0.0, f64::max)))
}
