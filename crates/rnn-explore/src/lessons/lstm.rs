//! An LSTM's gradient vanishes too, slower.

use super::numbers::{Number, left, rate, view};
use super::{Form, Source};
use crate::error::Error;
use crate::explorer::Explorer;
use crate::sentence::number::{number, percent};

const OPEN: &str = "c=lstm&t=60&f=5";

pub(super) const LESSON: Source = Source {
    id: "lstm",
    title: "How far an LSTM carries",
    query: "c=lstm&t=60",
    question: &[
        "An LSTM keeps a second state beside h: c_t = f ∘ c_{t−1} + i ∘ g, with gates f and i between 0 and 1. It was made so that gradients do not vanish.",
        "This one has PyTorch’s initialization and is not trained; the loss is at timestep 60. Draw what is left of its gradient.",
    ],
    prediction: Form::Curve { least: -16, most: 2 },
    reveal: "At timestep 1, {left} is left: each step back multiplies by {rate} on average. It vanishes, though slower than in the tanh network of the same size, where it is {rate_tanh}.",
    explanation: &[
        "On the way back along c a gradient is multiplied by the forget gate, and by nothing else: no matrix, no slope. But f is {f} on average here, since its bias was drawn around 0, and σ(0) is one half. The product of f over timesteps 2 to 60 is {kept} for the median unit. This is the [[highway]], with a toll; what arrives beyond that came through the gates and h.",
        "The forget bias lifts the toll. With [a bias of 1](c=lstm&t=60&f=1), f is {f_1} and {left_1} is left; with [3](c=lstm&t=60&f=3), {f_3} and {left_3}; with [5](c=lstm&t=60&f=5), {f_5} and {left_5}.",
        "At a bias of 5 the gradient of h does not fall evenly. On the first two steps back, out of h_60 and into c, it is multiplied by {exit} and {second}; from there to timestep 1 it becomes {rest} times as long. What is lost at the exit is lost once, not at every step. ‖dL/dc_t‖, which does not have to leave, is {cell} times as long at timestep 1 as at timestep 60.",
    ],
    table: None,
    tries: &[
        "[Two hundred timesteps](c=lstm&t=200): {left_200} is left. “An LSTM carries hundreds of steps” is true of one that has learned to, or was initialized to.",
        "[A bias of 5 and 200 timesteps](c=lstm&t=200&f=5): {left_200_5} is left.",
        "[A negative bias](c=lstm&t=60&f=-3): an LSTM that forgets.",
    ],
    references: &[
        "Hochreiter and Schmidhuber 1997, Long short-term memory, Neural Computation 9(8). There was no forget gate yet: c was kept in full.",
        "Gers, Schmidhuber and Cummins 2000, Learning to forget, Neural Computation 12(10), added it.",
        "Jozefowicz, Zaremba and Sutskever 2015, An empirical exploration of recurrent network architectures, ICML, recommend a forget bias of 1.",
    ],
    numbers: &[
        Number { name: "left", said: "2.1 · 10⁻¹³ of it", of: |e| Ok(percent(left(e, LESSON.query)?)) },
        Number { name: "rate", said: "0.610", of: |e| rate(e, LESSON.query) },
        Number { name: "rate_tanh", said: "0.422", of: |e| rate(e, "t=60") },
        Number { name: "f", said: "0.499", of: |e| forget(e, LESSON.query) },
        Number {
            name: "kept",
            said: "1.76 · 10⁻¹⁸",
            of: |e| {
                let gates = view(e, LESSON.query)?.gates;
                let kept = gates.iter().find_map(|gate| gate.kept);
                Ok(number(kept.map_or(f64::NAN, |[_, median, _]| median)))
            },
        },
        Number { name: "f_1", said: "0.726", of: |e| forget(e, "c=lstm&t=60&f=1") },
        Number {
            name: "left_1", said: "3.3 · 10⁻⁶ of it", of: |e| Ok(percent(left(e, "c=lstm&t=60&f=1")?))
        },
        Number { name: "f_3", said: "0.947", of: |e| forget(e, "c=lstm&t=60&f=3") },
        Number { name: "left_3", said: "2.1%", of: |e| Ok(percent(left(e, "c=lstm&t=60&f=3")?)) },
        Number { name: "f_5", said: "0.992", of: |e| forget(e, OPEN) },
        Number { name: "left_5", said: "11%", of: |e| Ok(percent(left(e, OPEN)?)) },
        Number { name: "exit", said: "0.121", of: |e| between(e, 58, 59) },
        Number { name: "second", said: "0.417", of: |e| between(e, 57, 58) },
        Number { name: "rest", said: "2.15", of: |e| between(e, 0, 57) },
        Number {
            name: "cell",
            said: "2.57",
            of: |e| {
                let gradient = view(e, OPEN)?.layers.swap_remove(0).cell_gradient;
                Ok(number(gradient.map_or(f64::NAN, |of| of[0] / of[59])))
            },
        },
        Number {
            name: "left_200", said: "2.6 · 10⁻⁴¹ of it", of: |e| Ok(percent(left(e, "c=lstm&t=200")?))
        },
        Number { name: "left_200_5", said: "0.77%", of: |e| Ok(percent(left(e, "c=lstm&t=200&f=5")?)) },
    ],
};

/// The mean of the gate that keeps.
pub(super) fn forget(explorer: &Explorer, query: &str) -> Result<String, Error> {
    let view = view(explorer, query)?;
    let gate = view.gates.iter().find(|gate| gate.kept.is_some());
    Ok(number(gate.map_or(f64::NAN, |gate| gate.mean.iter().sum::<f64>() / gate.mean.len() as f64)))
}

/// ‖dL/dh‖ at one index as a multiple of that at another, with a forget bias of 5.
fn between(explorer: &Explorer, at: usize, over: usize) -> Result<String, Error> {
    let gradient = &view(explorer, OPEN)?.layers[0].gradient;
    Ok(number(gradient[at] / gradient[over]))
}
