//! What clipping loses, and what truncation loses.

use super::numbers::{Number, left, view};
use super::{Form, Source};
use crate::error::Error;
use crate::explorer::Explorer;
use crate::sentence::number::{number, percent};
use crate::view::Truncation;

const GROWS: &str = "a=identity&w=2.5&b=0&t=30&r=10";
const VANISHES: &str = "t=60&r=10";

pub(super) const LESSON: Source = Source {
    id: "clip",
    title: "Clipping and truncation",
    query: "a=identity&w=2.5&b=0&t=30",
    question: &[
        "In this linear network the gradient explodes: at timestep 1 it is {left} times as long as at timestep 30, and the gradient of all parameters has norm {norm}. Training clips it to {limit}.",
        "What does clipping change about the early timesteps?",
    ],
    prediction: Form::Choice {
        options: &[
            "It cuts them off: only the last timesteps still count.",
            "Nothing but the length: every timestep keeps its share.",
            "It makes dL/dh_t equally long at all timesteps.",
        ],
        right: 1,
    },
    reveal: "The whole gradient is multiplied by one number, {limit} / {norm}. Its direction stays, and so does every share in it.",
    explanation: &[
        "Clipping by the norm is a remedy for the size of a step, not for the gradient: dL/dh_1 is still {left} times as long as dL/dh_30. Nor does clipping bring back what has vanished: it makes nothing longer.",
        "Truncation is another thing. With [windows of 10 timesteps](a=identity&w=2.5&b=0&t=30&r=10), no gradient crosses the border of a window. What is left out is {lost} of the length of the gradient here, and the cosine between the two gradients is {cosine}: the direction changes.",
        "Where the gradient vanishes by itself, there is little to leave out. In [the tanh network with 60 timesteps](t=60&r=10), windows of 10 lose {lost_tanh}. It is no harm to truncate a gradient that does not reach further than the window, and no help either: what lies further back is not learned, with or without the border.",
    ],
    table: None,
    tries: &[
        "[Windows of 5](a=identity&w=2.5&b=0&t=30&r=5) lose {lost_5}.",
        "[Windows of 3 in the tanh network](t=60&r=3) lose {lost_3}.",
        "[No clipping](a=identity&w=2.5&b=0&t=30&q=off): train one step, and look at the loss.",
    ],
    references: &[
        "Pascanu, Mikolov and Bengio 2013, On the difficulty of training recurrent neural networks, arXiv:1211.5063, section 3.2: clipping by the norm.",
        "Williams and Peng 1990, An efficient gradient-based algorithm for on-line training of recurrent network trajectories, Neural Computation 2(4): truncation.",
    ],
    numbers: &[
        Number { name: "left", said: "3.51 · 10⁵", of: |e| Ok(number(left(e, LESSON.query)?)) },
        Number {
            name: "norm",
            said: "5.01 · 10¹¹",
            of: |e| Ok(number(view(e, LESSON.query)?.clipping.norm)),
        },
        Number {
            name: "limit",
            said: "1",
            of: |e| Ok(number(view(e, LESSON.query)?.clipping.limit.unwrap_or(f64::NAN))),
        },
        Number { name: "lost", said: "59%", of: |e| lost(e, GROWS) },
        Number {
            name: "cosine",
            said: "0.886",
            of: |e| Ok(number(truncation(e, GROWS)?.map_or(f64::NAN, |of| of.cosine))),
        },
        Number { name: "lost_tanh", said: "0.0083%", of: |e| lost(e, VANISHES) },
        Number { name: "lost_5", said: "75%", of: |e| lost(e, "a=identity&w=2.5&b=0&t=30&r=5") },
        Number { name: "lost_3", said: "2.1%", of: |e| lost(e, "t=60&r=3") },
    ],
};

fn truncation(explorer: &Explorer, query: &str) -> Result<Option<Truncation>, Error> {
    Ok(view(explorer, query)?.truncation)
}

/// ‖G − G_r‖ / ‖G‖.
pub(super) fn lost(explorer: &Explorer, query: &str) -> Result<String, Error> {
    Ok(percent(truncation(explorer, query)?.map_or(f64::NAN, |of| of.lost)))
}
