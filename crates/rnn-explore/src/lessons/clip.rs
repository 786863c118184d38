//! What clipping and truncation lose.

use super::numbers::{Number, left, view};
use super::{Form, Source};
use crate::error::Error;
use crate::explorer::Explorer;
use crate::sentence::number::{number, percent};
use crate::view::{Clipping, Truncation};

pub(super) const LESSON: Source = Source {
    id: "clip",
    title: "Clipping and truncation",
    query: "a=identity&b=0&t=60&i=orthogonal&r=10",
    question: &[
        "The orthogonal W_hh of this linear network carries every gradient in full; over all parameters its norm is {norm}. Two things are commonly done to long gradients. Clipping multiplies a gradient that is longer than a limit, here {limit}, so that it is as long as the limit. Truncated back-propagation cuts the 60 timesteps into windows of {window} and lets no gradient pass from a window to the one before.",
        "Which of the two changes its direction?",
    ],
    prediction: Form::Choice { options: &["Clipping", "Truncation", "Both", "Neither"], right: 1 },
    reveal: "Clipping multiplies the whole gradient by one number, here {scale}, and changes nothing else. Truncation loses {lost} of it, ‖G − G_window‖ / ‖G‖, and the cosine of the angle between what is left and G is {cosine}.",
    explanation: &[
        "Clipping is made for steep places: the step gets shorter and still goes downhill. In [a relu network whose gradient explodes](a=relu&w=4&t=60) it brings a norm of {norm_relu} down to {limit}. It does nothing against [[vanishing]]: in [the tanh network](t=60) every part of the gradient is multiplied by {scale_tanh}, and at timestep 1 {left_tanh} is left as before.",
        "What truncation loses depends on what there was. In [the tanh network with windows of 10](t=60&r=10) it loses {lost_tanh}: beyond ten steps back there was next to nothing. In [an LSTM with a forget bias of 5](c=lstm&t=60&f=5&r=10) it loses {lost_lstm}. The better a network carries gradients, the more a window takes away, and it takes exactly the part that teaches about what is further back than the window.",
        "A truncated network still carries its state from window to window on the way forward. It can use what it remembers; it is not taught what to remember for longer than a window.",
    ],
    table: None,
    tries: &[
        "Change the window: [5](c=lstm&t=60&f=5&r=5), [10](c=lstm&t=60&f=5&r=10), [30](c=lstm&t=60&f=5&r=30), [60](c=lstm&t=60&f=5&r=60), which is all of it.",
        "Train the same network [with clipping](t=30&k=200) and [without](t=30&k=200&q=off).",
    ],
    references: &[
        "Pascanu, Mikolov and Bengio 2013, On the difficulty of training recurrent neural networks, ICML, on clipping the norm of a gradient.",
        "Williams and Peng 1990, An efficient gradient-based algorithm for on-line training of recurrent network trajectories, Neural Computation 2(4), on truncation.",
    ],
    numbers: &[
        Number { name: "norm", said: "1286", of: |e| clipping(e, LESSON.query, |of| of.norm) },
        Number {
            name: "limit",
            said: "1",
            of: |e| clipping(e, LESSON.query, |of| of.limit.unwrap_or(f64::NAN)),
        },
        Number {
            name: "scale",
            said: "7.78 · 10⁻⁴",
            of: |e| clipping(e, LESSON.query, |of| of.clipped / of.norm),
        },
        Number { name: "window", said: "10", of: |e| Ok(number(truncation(e, LESSON.query)?.window as f64)) },
        Number { name: "lost", said: "69%", of: |e| Ok(percent(truncation(e, LESSON.query)?.lost)) },
        Number { name: "cosine", said: "0.859", of: |e| Ok(number(truncation(e, LESSON.query)?.cosine)) },
        Number {
            name: "norm_relu",
            said: "4.01 · 10²⁰",
            of: |e| clipping(e, "a=relu&w=4&t=60", |of| of.norm),
        },
        Number { name: "scale_tanh", said: "0.375", of: |e| clipping(e, "t=60", |of| of.clipped / of.norm) },
        Number { name: "left_tanh", said: "7.7 · 10⁻²³ of it", of: |e| Ok(percent(left(e, "t=60")?)) },
        Number { name: "lost_tanh", said: "0.0083%", of: |e| Ok(percent(truncation(e, "t=60&r=10")?.lost)) },
        Number {
            name: "lost_lstm",
            said: "75%",
            of: |e| Ok(percent(truncation(e, "c=lstm&t=60&f=5&r=10")?.lost)),
        },
    ],
};

pub(super) fn clipping(explorer: &Explorer, query: &str, of: fn(Clipping) -> f64) -> Result<String, Error> {
    Ok(number(of(view(explorer, query)?.clipping)))
}

pub(super) fn truncation(explorer: &Explorer, query: &str) -> Result<Truncation, Error> {
    let none = Truncation { window: 0, lost: f64::NAN, cosine: f64::NAN };
    Ok(view(explorer, query)?.truncation.unwrap_or(none))
}
