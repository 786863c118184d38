//! A loss at every timestep: does it cure vanishing, or hide it?

use super::numbers::{Number, left, share, view};
use super::{Form, Source};
use crate::error::Error;
use crate::explorer::Explorer;
use crate::sentence::number::{percent, steps};

const LAST: &str = "t=60";

pub(super) const LESSON: Source = Source {
    id: "every-loss",
    title: "A loss at every timestep",
    query: "t=60&o=all",
    question: &[
        "With the loss at the last of 60 timesteps, {left} of the gradient is left at timestep 1 of this tanh network. Now every timestep has a loss of its own, and ‖dL/dh_1‖ is {first} of ‖dL/dh_60‖.",
        "Has the network become better at learning from what was long ago?",
    ],
    prediction: Form::Choice {
        options: &[
            "Yes: the gradient no longer vanishes.",
            "A little: losses halfway pass gradients on to each other.",
            "No: each loss still reaches only a few steps back.",
        ],
        right: 2,
    },
    reveal: "Of all that the {losses} losses send back, at least 90% arrive within {near} of their loss. The gradient of the last one falls exactly as before: {left} is left.",
    explanation: &[
        "dL/dh_t is a sum over the losses at t and later. Near the start it is not small because h_1 has a loss right beside it, and not because anything came back from timestep 60. The norm of a sum over losses compares different losses; [[transport]] is about one.",
        "The matrix “How far each loss reaches” shows each loss for itself: a row is a loss, and it fades to the left from the diagonal. By [[lag]], {own} of the gradient stays at the timestep of its loss, and {far} travels ten steps or more.",
        "What the early losses do give is something to learn at all: they teach what a short memory can learn. They are no bridge to what a long one would need.",
    ],
    table: None,
    tries: &[
        "[The loss at the last timestep only](t=60): the same shape as that of the last loss alone.",
        "[No recurrence at all, W_hh = 0](w=0&o=all): nothing flows back, and dL/dh_t has no reason to be smaller at the start.",
        "[An orthogonal linear network](a=identity&b=0&t=60&i=orthogonal&o=all): every row of the matrix keeps its colour to the left edge.",
    ],
    references: &[],
    numbers: &[
        Number { name: "left", said: "7.7 · 10⁻²³", of: |e| Ok(share(left(e, LAST)?)) },
        Number { name: "first", said: "17%", of: first },
        Number { name: "losses", said: "60", of: |e| Ok(lags(e)?.len().to_string()) },
        Number { name: "near", said: "2 steps", of: near },
        Number { name: "own", said: "61%", of: |e| Ok(percent(of_all(e, 0..1)?)) },
        Number { name: "far", said: "0.0098%", of: |e| Ok(percent(of_all(e, 10..60)?)) },
    ],
};

/// ‖dL/dh_1‖ as a share of ‖dL/dh_60‖.
pub(super) fn first(explorer: &Explorer) -> Result<String, Error> {
    let gradient = &view(explorer, LESSON.query)?.layers[0].gradient;
    Ok(percent(gradient[0] / gradient[59]))
}

/// The sums of ‖dL_t/dh_{t−l}‖ by the lag l.
fn lags(explorer: &Explorer) -> Result<Vec<f64>, Error> {
    Ok(view(explorer, LESSON.query)?.reach.by_lag)
}

fn of_all(explorer: &Explorer, of: std::ops::Range<usize>) -> Result<f64, Error> {
    let lags = lags(explorer)?;
    Ok(lags[of].iter().sum::<f64>() / lags.iter().sum::<f64>())
}

/// "2 steps": the fewest lags that 90% of the gradient arrives within.
fn near(explorer: &Explorer) -> Result<String, Error> {
    let lags = lags(explorer)?;
    let enough = |&lag: &usize| lags[..=lag].iter().sum::<f64>() >= 0.9 * lags.iter().sum::<f64>();
    Ok(steps((0..lags.len()).find(enough).unwrap_or(lags.len())))
}
