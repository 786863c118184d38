//! Why the largest eigenvalue misleads about the first steps.

use super::numbers::{Number, left, rate, rho, view};
use super::{Form, Source};
use crate::error::Error;
use crate::explorer::Explorer;
use crate::sentence::number::{number, percent};
use crate::view::radius;

const NORMAL: &str = "a=identity&b=0&n=2&t=100&i=identity&g=0.9";

pub(super) const LESSON: Source = Source {
    id: "non-normal",
    title: "Why the largest eigenvalue misleads",
    query: "a=identity&b=0&n=2&t=100&i=nonnormal",
    question: &[
        "Two linear units: W_hh has {rho} twice on its diagonal, {above} above it and 0 below, so that both eigenvalues are {rho}. What does the gradient of the last loss do on its way back from timestep 100?",
    ],
    prediction: Form::Choice {
        options: &[
            "It shrinks with every step back.",
            "It grows for some steps, then it vanishes.",
            "It grows all the way to timestep 1.",
        ],
        right: 1,
    },
    reveal: "It grows for {steps} steps back, to {peak} times its length, and only then it shrinks. At timestep 1, {left} is left.",
    explanation: &[
        "W_hh is the eigenvalue times the identity, plus a matrix N that moves one unit’s value to the other: N² = 0. Of k products only two terms remain: λᵏ times the identity, and k λ^{k−1} N. The factor k grows while λ^{k−1} falls; their product is largest after nine and after ten steps, and λ wins in the end.",
        "The eigenvalue is right about the long run and silent about the start. What bounds a single step is the largest singular value, [[σ|sigma]] = {sigma}. Where σ is larger than [[ρ|rho]], the matrix is [[non-normal]].",
        "A random W_hh is not normal either. [One with 16 units](a=identity&t=60&i=critical) has ρ = {random_rho} and σ = {random_sigma}.",
    ],
    table: None,
    tries: &[
        "[The same eigenvalues with a normal W_hh](a=identity&b=0&n=2&t=100&i=identity&g=0.9): σ = ρ, and every step back multiplies by {normal}.",
        "[A larger λ](a=identity&b=0&n=2&t=100&i=nonnormal&g=1.1): ρ = {larger}. Does it come down again?",
    ],
    references: &[],
    numbers: &[
        Number { name: "rho", said: "0.900", of: |e| rho(e, LESSON.query) },
        Number { name: "above", said: "5", of: |e| Ok(format!("{:.0}", above(e)?)) },
        Number { name: "steps", said: "9", of: |e| Ok(peak(e)?.0.to_string()) },
        Number { name: "peak", said: "9.48", of: |e| Ok(number(peak(e)?.1)) },
        Number { name: "left", said: "0.77%", of: |e| Ok(percent(left(e, LESSON.query)?)) },
        Number { name: "sigma", said: "5.16", of: |e| Ok(number(sigma(e, LESSON.query)?)) },
        Number {
            name: "random_rho",
            said: "1.00",
            of: |e| {
                let view = view(e, "a=identity&t=60&i=critical")?;
                Ok(format!("{:.2}", radius(&view.spectrum.weights[0].eigenvalues)))
            },
        },
        Number {
            name: "random_sigma",
            said: "1.73",
            of: |e| Ok(number(sigma(e, "a=identity&t=60&i=critical")?)),
        },
        Number { name: "normal", said: "0.900", of: |e| rate(e, NORMAL) },
        Number {
            name: "larger",
            said: "0.990",
            of: |e| rho(e, "a=identity&b=0&n=2&t=100&i=nonnormal&g=1.1"),
        },
    ],
};

/// After how many steps back the gradient is longest, and how long it is then.
fn peak(explorer: &Explorer) -> Result<(usize, f64), Error> {
    let view = view(explorer, LESSON.query)?;
    let gradient = &view.layers[0].gradient;
    let last = gradient.len() - 1;
    let longest = gradient.iter().copied().fold(0.0, f64::max);
    let at = gradient.iter().position(|&norm| norm == longest).unwrap_or(last);
    Ok((last - at, longest / gradient[last]))
}

fn sigma(explorer: &Explorer, query: &str) -> Result<f64, Error> {
    Ok(view(explorer, query)?.spectrum.weights[0].singular_values[0])
}

/// The element above the diagonal of W_hh. The squares of all elements add up to those of the singular values.
fn above(explorer: &Explorer) -> Result<f64, Error> {
    let view = view(explorer, LESSON.query)?;
    let w_hh = &view.spectrum.weights[0];
    let squares: f64 = w_hh.singular_values.iter().map(|sigma| sigma.powi(2)).sum();
    Ok((squares - 2.0 * radius(&w_hh.eigenvalues).powi(2)).sqrt())
}
