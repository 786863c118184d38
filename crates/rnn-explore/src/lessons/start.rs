//! Three initializations with ρ = 1.

use super::numbers::{Number, SEEDS, by_seed, left, median};
use super::{Form, Source};
use crate::error::Error;
use crate::explorer::Explorer;
use crate::sentence::number::{number, percent};
use crate::view::View;

const GAUSSIAN: &str = "a=identity&b=0&t=100&i=critical";
const ORTHOGONAL: &str = "a=identity&b=0&t=100&i=orthogonal";
const IDENTITY: &str = "a=identity&b=0&t=100&i=identity";

pub(super) const LESSON: Source = Source {
    id: "start",
    title: "How to begin",
    query: "a=identity&b=0&t=100&i=critical",
    question: &[
        "Three linear networks, each with [[ρ|rho]] = 1: a Gaussian W_hh that was scaled to it, an orthogonal one, and the identity. The loss is at timestep 100.",
        "Which of them keep the length of its gradient exactly?",
    ],
    prediction: Form::Choice {
        options: &[
            "All three: ρ is 1.",
            "The orthogonal one and the identity.",
            "Only the identity.",
            "None: rounding errors add up.",
        ],
        right: 1,
    },
    reveal: "The orthogonal network and the identity keep it to within 10⁻¹² in all of {seeds} draws. With the Gaussian W_hh, between {least} and {most} of it is left, {median} in the median.",
    explanation: &[
        "What keeps every length is a matrix whose singular values are all 1, and that is what orthogonal means. The identity is one of them. In the [[critical]] Gaussian matrix only the largest eigenvalue lies on the unit circle; parts of the gradient along the others fade, and as the matrix is [[non-normal]], some parts may grow first.",
        "With tanh every step also multiplies by slopes below 1, and an orthogonal W_hh gives nothing in return: [here](b=0&t=100&i=orthogonal) {tanh} is left.",
        "Relu has slopes of exactly 1 where a unit is on. With the [identity and relu](a=relu&b=0&t=100&i=identity&task=adding) a unit that stays on keeps its gradient exactly: from timestep {flat} back to timestep 1 not a digit is lost.",
    ],
    table: None,
    tries: &[
        "[The Gaussian W_hh](a=identity&b=0&t=100&i=critical), [the orthogonal one](a=identity&b=0&t=100&i=orthogonal), [the identity](a=identity&b=0&t=100&i=identity): press “New draw” for each.",
        "[A gain of 1.05](a=identity&b=0&t=100&i=orthogonal&g=1.05), only 5% too much: the gradient is {grown} times as long after 99 steps back.",
    ],
    references: &[
        "Saxe, McClelland and Ganguli 2013, Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, arXiv:1312.6120, on orthogonal initialization.",
        "Le, Jaitly and Hinton 2015, A simple way to initialize recurrent networks of rectified linear units, arXiv:1504.00941, on the identity.",
    ],
    numbers: &[
        Number { name: "seeds", said: "20", of: exact },
        Number {
            name: "least",
            said: "1.7%",
            of: |e| gaussian(e, |all| all.into_iter().fold(f64::NAN, f64::min)),
        },
        Number {
            name: "most",
            said: "159%",
            of: |e| gaussian(e, |all| all.into_iter().fold(f64::NAN, f64::max)),
        },
        Number { name: "median", said: "43%", of: |e| gaussian(e, median) },
        Number {
            name: "tanh",
            said: "2.1 · 10⁻¹³ of it",
            of: |e| Ok(percent(left(e, "b=0&t=100&i=orthogonal")?)),
        },
        Number { name: "flat", said: "73", of: flat },
        Number {
            name: "grown",
            said: "125",
            of: |e| Ok(number(left(e, "a=identity&b=0&t=100&i=orthogonal&g=1.05")?)),
        },
    ],
};

fn ratio(view: &View) -> f64 {
    view.layers[0].ratio
}

fn gaussian(explorer: &Explorer, of: fn(Vec<f64>) -> f64) -> Result<String, Error> {
    Ok(percent(of(by_seed(explorer, GAUSSIAN, ratio)?)))
}

/// In how many draws both an orthogonal W_hh and the identity keep the length of the gradient.
fn exact(explorer: &Explorer) -> Result<String, Error> {
    let pairs = by_seed(explorer, ORTHOGONAL, ratio)?.into_iter().zip(by_seed(explorer, IDENTITY, ratio)?);
    let kept = pairs.filter(|(one, other)| (one - 1.0).abs() < 1e-12 && (other - 1.0).abs() < 1e-12).count();
    debug_assert!(kept <= SEEDS);
    Ok(kept.to_string())
}

/// The latest timestep from which back to timestep 1 the gradient of the network with relu is the same to the last bit.
fn flat(explorer: &Explorer) -> Result<String, Error> {
    let view = super::numbers::view(explorer, "a=relu&b=0&t=100&i=identity&task=adding")?;
    let gradient = &view.layers[0].gradient;
    Ok(gradient.iter().take_while(|&&norm| norm == gradient[0]).count().to_string())
}
