//! What the largest eigenvalue says of a linear network.

use super::numbers::{Number, left, rho, view};
use super::{Form, Source};
use crate::sentence::number::{number, percent};
use crate::view::View;

const EXPLODING: &str = "a=identity&b=0&t=60&i=critical&g=1.25";

pub(super) const LESSON: Source = Source {
    id: "eigenvalue",
    title: "What the largest eigenvalue says",
    query: "a=identity&b=0&t=60&i=critical&g=0.8",
    question: &[
        "In a linear network each step back multiplies the gradient by the same matrix, the transpose of W_hh. Its largest eigenvalue has the magnitude [[ρ|rho]] = {rho}. The loss is at timestep 60.",
        "How much of its gradient is left at each timestep before?",
    ],
    prediction: Form::Curve { least: -12, most: 2 },
    reveal: "At timestep 1, {left} is left. From timestep 21 back to timestep 1 each step multiplies the gradient by {late} on average.",
    explanation: &[
        "Take the gradient apart into eigenvectors of the transposed W_hh. A step back multiplies each part by its eigenvalue λ, so that |λ|ᵏ of it is left after k steps. In the long run the part with the largest |λ| is all there is: each step multiplies by ρ on average, and on a logarithmic axis the curve follows a straight line. It is the dotted line in the chart.",
        "With ρ below 1 the gradient [[vanishes|vanishing]]. With [ρ = {other}](a=identity&b=0&t=60&i=critical&g=1.25) it [[explodes|exploding]]: at timestep 1 it is {grown} times as long as at timestep 60. In between lies the [[critical]] network.",
        "Nothing else matters here: inputs and biases change the length of dL/dh_T, which is where the curve starts, and no step back. That is special about linear networks. With tanh each step also multiplies by the slopes of tanh, which are at most 1.",
    ],
    table: None,
    tries: &[
        "Move the weight scale until the curve neither rises nor falls. At the mark below the slider, {critical}, ρ is 1. Then take [another seed](a=identity&b=0&t=60&i=critical&g=0.8&s=1).",
        "[The same W_hh with tanh](b=0&t=60&i=critical&g=0.8): {left_tanh} is left.",
    ],
    references: &[
        "Hochreiter 1991, Untersuchungen zu dynamischen neuronalen Netzen, diploma thesis, Technische Universität München.",
        "Bengio, Simard and Frasconi 1994, Learning long-term dependencies with gradient descent is difficult, IEEE Transactions on Neural Networks 5(2).",
        "Pascanu, Mikolov and Bengio 2013, On the difficulty of training recurrent neural networks, ICML.",
    ],
    numbers: &[
        Number { name: "rho", said: "0.800", of: |e| rho(e, LESSON.query) },
        Number { name: "left", said: "1.8 · 10⁻⁶ of it", of: |e| Ok(percent(left(e, LESSON.query)?)) },
        Number { name: "late", said: "0.799", of: |e| Ok(number(late(&view(e, LESSON.query)?))) },
        Number { name: "other", said: "1.25", of: |e| rho(e, EXPLODING) },
        Number { name: "grown", said: "4.80 · 10⁵", of: |e| Ok(number(left(e, EXPLODING)?)) },
        Number {
            name: "critical",
            said: "1.25",
            of: |e| Ok(number(view(e, LESSON.query)?.critical_scale.unwrap_or(f64::NAN))),
        },
        Number {
            name: "left_tanh",
            said: "5.2 · 10⁻¹⁶ of it",
            of: |e| Ok(percent(left(e, "b=0&t=60&i=critical&g=0.8")?)),
        },
    ],
};

/// The mean factor of the steps from timestep 21 to timestep 1.
fn late(view: &View) -> f64 {
    let gradient = &view.layers[view.layer].gradient;
    (gradient[0] / gradient[20]).powf(1.0 / 20.0)
}
