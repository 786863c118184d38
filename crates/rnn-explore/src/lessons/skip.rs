//! A skip connection against a cell state.

use super::lstm::forget;
use super::numbers::{Number, SEEDS, by_seed, left, view};
use super::{Form, Source};
use crate::error::Error;
use crate::explorer::Explorer;
use crate::sentence::number::{number, percent};

const CELL: &str = "c=lstm&t=60&f=5";
const SMALL: &str = "c=residual&w=0.2&t=60";
const ANTISYMMETRIC: &str = "c=antisymmetric&t=60";

pub(super) const LESSON: Source = Source {
    id: "skip",
    title: "A skip connection against a cell state",
    query: "c=residual&t=60",
    question: &[
        "A residual cell adds to its state: h_t = h_{t−1} + tanh(W_ih x_t + W_hh h_{t−1} + b). Each step back therefore has a skip connection, on which a gradient passes unchanged. The loss is at timestep 60.",
        "How long is its gradient at timestep 1, compared with timestep 60?",
    ],
    prediction: Form::Choice {
        options: &[
            "Shorter: tanh takes something at each step.",
            "Just as long: the skip connection keeps it.",
            "Longer: the skip connection keeps it, and the other paths add to it.",
        ],
        right: 2,
    },
    reveal: "It is {left} times as long, and longer in {grows} of {seeds} draws.",
    explanation: &[
        "The [[step Jacobian]] is the identity plus the slopes times W_hh. The product of 59 of them is a sum over all paths that take or leave the skip connection at each step. On the path that always takes it, a gradient passes as it is. But the gradient is the sum over all paths, and the others add to it: an eigenvalue λ of the slopes times W_hh becomes 1 + λ, and where its real part is positive, the magnitude of that is above 1.",
        "The state grows too: ‖h_60‖ is {state}. Nothing in the cell can make it smaller but a tanh that happens to have the other sign.",
        "A cell state has a gate on the path: c_t = f ∘ c_{t−1} + i ∘ g. It is a skip connection that the network can close, unit by unit and step by step, and f is never above 1. In [an LSTM with a forget bias of 5](c=lstm&t=60&f=5), f is {f} on average, ‖h_60‖ is {state_cell}, and {left_cell} is left. What both have in common is that W_hh stands beside the path, and not on it.",
    ],
    table: None,
    tries: &[
        "[Smaller weights](c=residual&w=0.2&t=60): the gradient is {left_small} times as long.",
        "[An antisymmetric cell](c=antisymmetric&t=60) takes small steps with W_hh minus its transpose, whose eigenvalues have no real part: {left_antisymmetric} times.",
    ],
    references: &[
        "He, Zhang, Ren and Sun 2016, Identity mappings in deep residual networks, arXiv:1603.05027: skip connections between the layers of deep networks.",
        "Chang, Chen, Haber and Chi 2019, AntisymmetricRNN: a dynamical system view on recurrent neural networks, ICLR.",
    ],
    numbers: &[
        Number { name: "left", said: "32.1", of: |e| Ok(number(left(e, LESSON.query)?)) },
        Number { name: "grows", said: "20", of: grows },
        Number { name: "seeds", said: "20", of: |_| Ok(SEEDS.to_string()) },
        Number { name: "state", said: "177", of: |e| state(e, LESSON.query) },
        Number { name: "state_cell", said: "1.86", of: |e| state(e, CELL) },
        Number { name: "f", said: "0.992", of: |e| forget(e, CELL) },
        Number { name: "left_cell", said: "11%", of: |e| Ok(percent(left(e, CELL)?)) },
        Number { name: "left_small", said: "23.9", of: |e| Ok(number(left(e, SMALL)?)) },
        Number { name: "left_antisymmetric", said: "1.27", of: |e| Ok(number(left(e, ANTISYMMETRIC)?)) },
    ],
};

fn grows(explorer: &Explorer) -> Result<String, Error> {
    let all = by_seed(explorer, LESSON.query, |view| view.layers[0].ratio)?;
    Ok(all.into_iter().filter(|&left| left > 1.0).count().to_string())
}

/// ‖h_T‖.
pub(super) fn state(explorer: &Explorer, query: &str) -> Result<String, Error> {
    Ok(number(view(explorer, query)?.layers[0].hidden.last().copied().unwrap_or(f64::NAN)))
}
