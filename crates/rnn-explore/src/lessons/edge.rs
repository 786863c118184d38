//! Training moves a network to the edge.

use super::numbers::{Number, left, rate, rho, share, view};
use super::{Form, Source};
use crate::sentence::number::{number, percent, significant};
use crate::view::radius;

const BEFORE: &str = "t=30";

// Of a trained network, only digits that are the same on every processor are cited: training enlarges differences in the last bits.
pub(super) const LESSON: Source = Source {
    id: "edge",
    title: "What training does to the gradient",
    query: "t=30&k=500",
    question: &[
        "Before training, this tanh network has [[ρ|rho]] = {rho_before}, and {left_before} of the gradient of the loss at timestep 30 is left at timestep 1. The task is the average of all 30 inputs, which needs the first as much as the last.",
        "Now it is trained for {steps} steps, with that loss and clipped gradients. What does its gradient look like then?",
    ],
    prediction: Form::Curve { least: -12, most: 2 },
    reveal: "More than half is left, and each step back multiplies by about {rate_after} on average; before, it was {rate_before}. ρ has risen to about {rho_after}.",
    explanation: &[
        "At first the early inputs teach hardly anything: after 50 steps ρ is {rho_50}, lower than before, and {left_50} is left. But the gradient of the latest inputs moves W_hh too, and once ρ grows, each step reaches further back and teaches more: after 150 steps ρ is {rho_150} and {left_150} is left. In the end the network is near the edge between [[vanishing]] and [[exploding]], where 30 inputs can be remembered.",
        "ρ is above 1 now, and still the gradient does not explode: the slopes of tanh take away a factor of about {slopes} at each step back, and W_hh gives about {weights} in return. The product is near 1. In a linear network with this W_hh the gradient would explode.",
        "The loss of a batch went from {loss_before} to about {loss_after}; the best guess that ignores the input has {baseline}.",
    ],
    table: None,
    tries: &[
        "Follow it: [untrained](t=30), [50 steps](t=30&k=50), [150 steps](t=30&k=150), [500 steps](t=30&k=500).",
        "Move the weight scale to [0.8](w=0.8&t=30&k=500) and to [1.2](w=1.2&t=30&k=500): the loss on the sequence is below {loss_at} at 1, about {loss_less} at 0.8 and about {loss_more} at 1.2.",
        "[Sixty timesteps](t=60&k=500): 500 steps do not find the way. Less than {left_60} of the gradient is left.",
    ],
    references: &[],
    numbers: &[
        Number { name: "rho_before", said: "0.646", of: |e| rho(e, BEFORE) },
        Number {
            name: "rho_after",
            said: "1.4",
            of: |e| {
                let w_hh = view(e, LESSON.query)?.spectrum.weights.swap_remove(0);
                Ok(significant(radius(&w_hh.eigenvalues), 2))
            },
        },
        Number { name: "left_before", said: "3.9 · 10⁻¹²", of: |e| Ok(share(left(e, BEFORE)?)) },
        Number { name: "rate_before", said: "0.404", of: |e| rate(e, BEFORE) },
        Number {
            name: "rate_after",
            said: "0.98",
            of: |e| Ok(significant(view(e, LESSON.query)?.layers[0].rate.unwrap_or(f64::NAN), 2)),
        },
        Number { name: "rho_50", said: "0.585", of: |e| rho(e, "t=30&k=50") },
        Number {
            name: "left_50", said: "2.6 · 10⁻¹² of it", of: |e| Ok(percent(left(e, "t=30&k=50")?))
        },
        Number { name: "rho_150", said: "1.31", of: |e| rho(e, "t=30&k=150") },
        Number { name: "left_150", said: "0.059%", of: |e| Ok(percent(left(e, "t=30&k=150")?)) },
        Number {
            name: "left_60",
            said: "10⁻¹⁰",
            of: |e| Ok(if left(e, "t=60&k=500")? < 1e-10 { "10⁻¹⁰" } else { "another share" }.to_owned()),
        },
        Number {
            name: "loss_at",
            said: "0.001",
            of: |e| Ok(if view(e, LESSON.query)?.loss < 0.001 { "0.001" } else { "another loss" }.to_owned()),
        },
        Number {
            name: "loss_less",
            said: "0.02",
            of: |e| Ok(significant(view(e, "w=0.8&t=30&k=500")?.loss, 1)),
        },
        Number {
            name: "loss_more",
            said: "0.2",
            of: |e| Ok(significant(view(e, "w=1.2&t=30&k=500")?.loss, 1)),
        },
        Number {
            name: "steps",
            said: "500",
            of: |e| Ok(view(e, LESSON.query)?.training.losses.len().to_string()),
        },
        Number {
            name: "slopes",
            said: "0.76",
            of: |e| {
                Ok(significant(view(e, LESSON.query)?.layers[0].factors.map_or(f64::NAN, |of| of.slopes), 2))
            },
        },
        Number {
            name: "weights",
            said: "1.3",
            of: |e| {
                Ok(significant(view(e, LESSON.query)?.layers[0].factors.map_or(f64::NAN, |of| of.weights), 2))
            },
        },
        Number {
            name: "loss_before",
            said: "0.220",
            of: |e| Ok(number(view(e, LESSON.query)?.training.losses[0])),
        },
        Number {
            name: "loss_after",
            said: "0.002",
            of: |e| Ok(significant(view(e, LESSON.query)?.training.losses[499], 1)),
        },
        Number { name: "baseline", said: "0.0333", of: |e| Ok(number(view(e, LESSON.query)?.baseline)) },
    ],
};
