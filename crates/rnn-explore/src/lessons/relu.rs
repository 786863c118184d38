//! Relu against tanh, over many seeds.

use super::numbers::{Number, SEEDS, by_seed, median, rate, view};
use super::{Form, Source};
use crate::error::Error;
use crate::explorer::Explorer;
use crate::sentence::number::{number, percent};
use crate::view::View;

const RELU: &str = "a=relu&w=4&t=60";
const TANH: &str = "w=4&t=60";

pub(super) const LESSON: Source = Source {
    id: "relu",
    title: "Relu against tanh",
    query: "a=relu&w=4&t=60",
    question: &[
        "The weights of the recurrent layer are four times as large as they were drawn, so that [[ρ|rho]] lies between {least_rho} and {most_rho} in {seeds} draws. The slope of relu is 1 where a unit is on and 0 where it is off; that of tanh is 1 at 0 and falls to 0 on both sides.",
        "The loss is at timestep 60. What happens to its gradient with relu, and what with tanh?",
    ],
    prediction: Form::Choice {
        options: &[
            "Both explode: ρ is above 1.",
            "Relu explodes, tanh vanishes.",
            "Tanh explodes, relu vanishes.",
            "Both vanish.",
        ],
        right: 1,
    },
    reveal: "In {relu_grows} of {seeds} draws the gradient of relu is longer at timestep 1 than at timestep 60 ({relu_median} times, in the median). With tanh, less than 1% is left in {tanh_vanishes} of {seeds} draws.",
    explanation: &[
        "A step back multiplies by the slopes, then by the transposed W_hh. The slopes of relu depend on the sign of a unit’s input and not on its size: here {off} of the units are off on average, and what the others carry is multiplied by W_hh in full. The mean factor of the slopes is {relu_slopes}, that of W_hh {relu_weights}; a step back multiplies by {relu_rate}.",
        "The slopes of tanh do depend on the size. Large weights drive the units towards −1 or 1, where tanh is flat: [here](w=4&t=60) {saturated} of them are [[saturated]] on average. The mean factor of the slopes is {slopes}, that of W_hh {weights}; a step back multiplies by {rate}.",
        "So ρ above 1 is no forecast for tanh, and slopes of at most 1 are no protection for relu.",
    ],
    table: None,
    tries: &[
        "[Tanh with the same weights](w=4&t=60), and [at a weight scale of 1](t=60).",
        "[Relu at a weight scale of 1](a=relu&t=60): now it vanishes.",
        "Hold relu as A, choose tanh, and press “New draw” a few times.",
    ],
    references: &[
        "Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS, on saturation.",
        "Le, Jaitly and Hinton 2015, A simple way to initialize recurrent networks of rectified linear units, arXiv:1504.00941.",
    ],
    numbers: &[
        Number { name: "seeds", said: "20", of: |_| Ok(SEEDS.to_string()) },
        Number { name: "least_rho", said: "1.97", of: |e| Ok(number(least(by_seed(e, TANH, rho)?))) },
        Number { name: "most_rho", said: "3.18", of: |e| Ok(number(most(by_seed(e, TANH, rho)?))) },
        Number { name: "relu_grows", said: "20", of: |e| count(e, RELU, |left| left > 1.0) },
        Number {
            name: "relu_median",
            said: "1.45 · 10¹⁴",
            of: |e| Ok(number(median(by_seed(e, RELU, left)?))),
        },
        Number { name: "tanh_vanishes", said: "18", of: |e| count(e, TANH, |left| left < 0.01) },
        Number { name: "saturated", said: "54%", of: |e| saturated(e, TANH) },
        Number { name: "slopes", said: "0.333", of: |e| factor(e, TANH, |of| of.slopes) },
        Number { name: "weights", said: "2.34", of: |e| factor(e, TANH, |of| of.weights) },
        Number { name: "rate", said: "0.780", of: |e| rate(e, TANH) },
        Number { name: "off", said: "52%", of: |e| saturated(e, RELU) },
        Number { name: "relu_slopes", said: "0.681", of: |e| factor(e, RELU, |of| of.slopes) },
        Number { name: "relu_weights", said: "2.25", of: |e| factor(e, RELU, |of| of.weights) },
        Number { name: "relu_rate", said: "1.54", of: |e| rate(e, RELU) },
    ],
};

fn rho(view: &View) -> f64 {
    view.layers[0].predicted.as_ref().map_or(f64::NAN, |predicted| predicted.radius)
}

fn left(view: &View) -> f64 {
    view.layers[0].ratio
}

fn least(values: Vec<f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}

fn most(values: Vec<f64>) -> f64 {
    values.into_iter().fold(f64::NEG_INFINITY, f64::max)
}

fn count(explorer: &Explorer, query: &str, holds: fn(f64) -> bool) -> Result<String, Error> {
    Ok(by_seed(explorer, query, left)?.into_iter().filter(|&left| holds(left)).count().to_string())
}

fn factor(explorer: &Explorer, query: &str, of: fn(&crate::view::Factors) -> f64) -> Result<String, Error> {
    Ok(number(view(explorer, query)?.layers[0].factors.as_ref().map_or(f64::NAN, of)))
}

fn saturated(explorer: &Explorer, query: &str) -> Result<String, Error> {
    let saturated = &view(explorer, query)?.layers[0].saturated;
    Ok(percent(saturated.iter().sum::<f64>() / saturated.len() as f64))
}
