//! Training moves a network to the edge.

use super::numbers::{Number, left, view};
use super::{Form, Source};
use crate::error::Error;
use crate::explorer::Explorer;
use crate::sentence::number::{number, percent};

const BEFORE: &str = "t=30";

pub(super) const LESSON: Source = Source {
    id: "edge",
    title: "What training does to the gradient",
    query: "t=30&k=500",
    question: &[
        "Before training, this tanh network has [[ρ|rho]] = {rho_before}, and {left_before} of the gradient of the loss at timestep 30 is left at timestep 1. The task is the average of all 30 inputs, which needs the first as much as the last.",
        "Now it is trained for {steps} steps, with that loss and clipped gradients. What does its gradient look like then?",
    ],
    prediction: Form::Curve { least: -12, most: 2 },
    reveal: "{left_after} is left, and each step back multiplies by {rate_after} on average; before, it was {rate_before}. ρ has risen to {rho_after}.",
    explanation: &[
        "The gradient that vanished was not zero: what the latest inputs taught moved W_hh, and with every step that ρ grew the gradient reached further back. Training took the network near the edge between [[vanishing]] and [[exploding]], where the average of 30 inputs can be remembered.",
        "ρ is above 1 now, and still the gradient does not explode: the slopes of tanh take away a factor of {slopes} at each step back, and W_hh gives {weights} in return. The product is near 1. In a linear network with this W_hh the gradient would explode.",
        "The loss of a batch went from {loss_before} to {loss_after}; the best guess that ignores the input has {baseline}.",
    ],
    table: None,
    tries: &[
        "Follow it: [untrained](t=30), [50 steps](t=30&k=50), [150 steps](t=30&k=150), [500 steps](t=30&k=500).",
        "Move the weight scale away from 1 in either direction: the trained network stands at a place where both is worse.",
        "[Sixty timesteps](t=60&k=500): does the gradient of the untrained network suffice to find the way?",
    ],
    references: &[],
    numbers: &[
        Number { name: "rho_before", said: "?", of: |e| rho(e, BEFORE) },
        Number { name: "rho_after", said: "?", of: |e| rho(e, LESSON.query) },
        Number { name: "left_before", said: "?", of: |e| Ok(percent(left(e, BEFORE)?)) },
        Number { name: "left_after", said: "?", of: |e| Ok(percent(left(e, LESSON.query)?)) },
        Number { name: "rate_before", said: "?", of: |e| rate(e, BEFORE) },
        Number { name: "rate_after", said: "?", of: |e| rate(e, LESSON.query) },
        Number {
            name: "steps",
            said: "500",
            of: |e| Ok(view(e, LESSON.query)?.training.losses.len().to_string()),
        },
        Number {
            name: "slopes",
            said: "?",
            of: |e| Ok(number(view(e, LESSON.query)?.layers[0].factors.map_or(f64::NAN, |of| of.slopes))),
        },
        Number {
            name: "weights",
            said: "?",
            of: |e| Ok(number(view(e, LESSON.query)?.layers[0].factors.map_or(f64::NAN, |of| of.weights))),
        },
        Number { name: "loss_before", said: "?", of: |e| Ok(number(view(e, LESSON.query)?.training.losses[0])) },
        Number {
            name: "loss_after",
            said: "?",
            of: |e| Ok(number(view(e, LESSON.query)?.training.losses[499])),
        },
        Number { name: "baseline", said: "?", of: |e| Ok(number(view(e, LESSON.query)?.baseline)) },
    ],
};

fn rho(explorer: &Explorer, query: &str) -> Result<String, Error> {
    let predicted = view(explorer, query)?.layers.swap_remove(0).predicted;
    Ok(number(predicted.map_or(f64::NAN, |predicted| predicted.radius)))
}

fn rate(explorer: &Explorer, query: &str) -> Result<String, Error> {
    Ok(number(view(explorer, query)?.layers[0].rate.unwrap_or(f64::NAN)))
}
