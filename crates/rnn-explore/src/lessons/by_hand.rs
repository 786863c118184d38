//! Three timesteps by hand.

use ndarray::Array3;
use rnn_core::{Bias, Elman, Model, Mse, Parameters, Target};

use super::numbers::{Number, left};
use super::{Form, Rows, Source};
use crate::error::Error;
use crate::sentence::number::{number, percent};

const W: f64 = 0.5;

pub(super) const LESSON: Source = Source {
    id: "by-hand",
    title: "Three timesteps by hand",
    query: "a=identity&w=0.5&b=0&n=1&t=3&i=identity",
    question: &[
        "One linear unit reads three numbers: h_t = w (u_t + h_{t−1}), starting from 0, and y = h_3. The weight w is used at every timestep. What is dy/dw?",
    ],
    prediction: Form::Choice {
        options: &["u_3", "u_3 + w u_2 + w² u_1", "u_3 + 2 w u_2 + 3 w² u_1"],
        right: 2,
    },
    reveal: "Unrolled, y = w u_3 + w² u_2 + w³ u_1. The input u_1 passes w three times, and each of the three counts.",
    explanation: &[
        "Back-propagation through time takes each use of w on its own. Where only the w at t changes, h_t changes by u_t + h_{t−1} times as much, and y by dy/dh_t = w^{3−t} times that. The rows of the table are the three uses; together they are dy/dw.",
        "Two things are easily confused here. The gradient of the state, dy/dh_t, is a power of w and nothing else: with w = {w}, dL/dh_1 is {left} of dL/dh_3. The gradient of the weight is a sum over all uses, in which the last, u_3, has the factor 1 whatever w is. A weight’s gradient of ordinary size says nothing about the early states.",
    ],
    table: Some(Rows {
        caption: "dy/dw by the timestep at which w is used, and by the input that it passes on, for w = {w}",
        header: &["w used at", "of u_3", "of u_2", "of u_1"],
        rows: &[
            &["t = 3", "{33}", "{32}", "{31}"],
            &["t = 2", "{23}", "{22}", "{21}"],
            &["t = 1", "{13}", "{12}", "{11}"],
            &["dy/dw", "{3}", "{2}", "{1}"],
        ],
    }),
    tries: &[
        "[w = {small}](a=identity&w=0.1&b=0&n=1&t=3&i=identity): dL/dh_1 is {left_small} of dL/dh_3. [[Vanishing|vanishing]] is this, with more timesteps.",
        "[w = {large}](a=identity&w=2&b=0&n=1&t=3&i=identity): dL/dh_1 is {left_large} times dL/dh_3.",
        "[Twenty timesteps](a=identity&w=0.5&b=0&n=1&t=20&i=identity): {left_long} is left at timestep 1.",
    ],
    references: &[],
    numbers: &[
        Number { name: "w", said: "0.5", of: |_| Ok(W.to_string()) },
        Number { name: "left", said: "25%", of: |e| Ok(percent(left(e, LESSON.query)?)) },
        Number { name: "small", said: "0.1", of: |_| Ok(0.1.to_string()) },
        Number {
            name: "left_small",
            said: "1.0%",
            of: |e| Ok(percent(left(e, "a=identity&w=0.1&b=0&n=1&t=3&i=identity")?)),
        },
        Number { name: "large", said: "2", of: |_| Ok(2.0.to_string()) },
        Number {
            name: "left_large",
            said: "4",
            of: |e| Ok(number(left(e, "a=identity&w=2&b=0&n=1&t=3&i=identity")?)),
        },
        Number {
            name: "left_long",
            said: "1.9 · 10⁻⁶ of it",
            of: |e| Ok(percent(left(e, "a=identity&w=0.5&b=0&n=1&t=20&i=identity")?)),
        },
        Number { name: "33", said: "1", of: |_| term(3, 3) },
        Number { name: "32", said: "0.5", of: |_| term(3, 2) },
        Number { name: "31", said: "0.25", of: |_| term(3, 1) },
        Number { name: "23", said: "0", of: |_| term(2, 3) },
        Number { name: "22", said: "0.5", of: |_| term(2, 2) },
        Number { name: "21", said: "0.25", of: |_| term(2, 1) },
        Number { name: "13", said: "0", of: |_| term(1, 3) },
        Number { name: "12", said: "0", of: |_| term(1, 2) },
        Number { name: "11", said: "0.25", of: |_| term(1, 1) },
        Number { name: "3", said: "1", of: |_| sum(3) },
        Number { name: "2", said: "1", of: |_| sum(2) },
        Number { name: "1", said: "0.75", of: |_| sum(1) },
    ],
};

/// The part of dy/dw that comes from using w at `timestep` on what is left of an input of 1 at timestep `input`, alone.
fn parts(input: usize) -> Result<[f64; 3], Error> {
    let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[1], 1, Bias::None)?;
    model.fill(W);
    let one = ndarray::arr2(&[[1.0]]);
    model.set_parameter("head.weight", one.view().into_dyn())?;
    let mut u = Array3::zeros((1, 3, 1));
    u[[0, input - 1, 0]] = 1.0;
    let mut ws = model.workspace();
    // dL/dy of a squared error is 1 where the target is half below y.
    let y = model.predict(u.view())?[[0, 2, 0]];
    let target = Array3::from_elem((1, 3, 1), y - 0.5);
    model.loss_and_gradients(u.view(), Target::values(target.view()).last(), &Mse, &mut ws)?;
    let mut parts = [0.0; 3];
    model.rnn.each_term(0, &ws.rnn, |t, terms| {
        parts[t] = terms.iter().flat_map(|(_, term)| term.into_iter().copied()).sum();
    })?;
    Ok(parts)
}

fn term(timestep: usize, input: usize) -> Result<String, Error> {
    Ok(parts(input)?[timestep - 1].to_string())
}

fn sum(input: usize) -> Result<String, Error> {
    Ok(parts(input)?.iter().sum::<f64>().to_string())
}
