//! Training moves a network to the edge.

use super::numbers::{Number, left, rate, rho, share, view};
use super::{Form, Source};
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
        "At first the early inputs teach hardly anything: after 50 steps ρ is {rho_50}, lower than before, and {left_50} is left. But the gradient of the latest inputs moves W_hh too, and once ρ grows, each step reaches further back and teaches more: after 150 steps ρ is {rho_150} and {left_150} is left. In the end the network is near the edge between [[vanishing]] and [[exploding]], where 30 inputs can be remembered.",
        "ρ is above 1 now, and still the gradient does not explode: the slopes of tanh take away a factor of {slopes} at each step back, and W_hh gives {weights} in return. The product is near 1. In a linear network with this W_hh the gradient would explode.",
        "The loss of a batch went from {loss_before} to {loss_after}; the best guess that ignores the input has {baseline}.",
    ],
    table: None,
    tries: &[
        "Follow it: [untrained](t=30), [50 steps](t=30&k=50), [150 steps](t=30&k=150), [500 steps](t=30&k=500).",
        "Move the weight scale to [0.8](w=0.8&t=30&k=500) and to [1.2](w=1.2&t=30&k=500): the loss on the sequence is {loss_at} at 1, {loss_less} at 0.8 and {loss_more} at 1.2.",
        "[Sixty timesteps](t=60&k=500): 500 steps do not find the way. The loss of a batch is {loss_60}, and {left_60} of the gradient is left.",
    ],
    references: &[],
    numbers: &[
        Number { name: "rho_before", said: "0.646", of: |e| rho(e, BEFORE) },
        Number { name: "rho_after", said: "1.39", of: |e| rho(e, LESSON.query) },
        Number { name: "left_before", said: "3.9 · 10⁻¹²", of: |e| Ok(share(left(e, BEFORE)?)) },
        Number { name: "left_after", said: "57%", of: |e| Ok(percent(left(e, LESSON.query)?)) },
        Number { name: "rate_before", said: "0.404", of: |e| rate(e, BEFORE) },
        Number { name: "rate_after", said: "0.981", of: |e| rate(e, LESSON.query) },
        Number { name: "rho_50", said: "0.585", of: |e| rho(e, "t=30&k=50") },
        Number {
            name: "left_50", said: "2.6 · 10⁻¹² of it", of: |e| Ok(percent(left(e, "t=30&k=50")?))
        },
        Number { name: "rho_150", said: "1.31", of: |e| rho(e, "t=30&k=150") },
        Number { name: "left_150", said: "0.059%", of: |e| Ok(percent(left(e, "t=30&k=150")?)) },
        Number { name: "left_60", said: "1.3 · 10⁻¹⁸", of: |e| Ok(share(left(e, "t=60&k=500")?)) },
        Number {
            name: "loss_60",
            said: "0.0114",
            of: |e| Ok(number(view(e, "t=60&k=500")?.training.losses[499])),
        },
        Number { name: "loss_at", said: "2.10 · 10⁻⁵", of: |e| Ok(number(view(e, LESSON.query)?.loss)) },
        Number { name: "loss_less", said: "0.0238", of: |e| Ok(number(view(e, "w=0.8&t=30&k=500")?.loss)) },
        Number { name: "loss_more", said: "0.189", of: |e| Ok(number(view(e, "w=1.2&t=30&k=500")?.loss)) },
        Number {
            name: "steps",
            said: "500",
            of: |e| Ok(view(e, LESSON.query)?.training.losses.len().to_string()),
        },
        Number {
            name: "slopes",
            said: "0.764",
            of: |e| Ok(number(view(e, LESSON.query)?.layers[0].factors.map_or(f64::NAN, |of| of.slopes))),
        },
        Number {
            name: "weights",
            said: "1.28",
            of: |e| Ok(number(view(e, LESSON.query)?.layers[0].factors.map_or(f64::NAN, |of| of.weights))),
        },
        Number {
            name: "loss_before",
            said: "0.220",
            of: |e| Ok(number(view(e, LESSON.query)?.training.losses[0])),
        },
        Number {
            name: "loss_after",
            said: "0.00170",
            of: |e| Ok(number(view(e, LESSON.query)?.training.losses[499])),
        },
        Number { name: "baseline", said: "0.0333", of: |e| Ok(number(view(e, LESSON.query)?.baseline)) },
    ],
};
