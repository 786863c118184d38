//! What is often believed about gradients, each with a link and the number that answers.

use ndarray::{Array1, Array2, ArrayView1, Ix2};
use serde::Serialize;

use super::clip::{clipping, truncation};
use super::lstm::forget;
use super::numbers::{Number, left, rate, rho, share, view};
use super::skip::state;
use super::text::{self, Text};
use crate::error::Error;
use crate::explorer::Explorer;
use crate::network::Network;
use crate::sentence::number::{number, percent};
use crate::settings::Query;
use crate::view::radius;

/// A belief, and the number that clears it up.
#[derive(Clone, Debug, Serialize)]
pub struct Confusion {
    /// The name, for tests and links.
    pub id: &'static str,
    /// What is believed.
    pub belief: &'static str,
    /// The settings that show otherwise.
    pub query: &'static str,
    /// The answer, with a link to the settings.
    pub answer: Text,
    /// How the numbers in the answer are computed.
    #[serde(skip)]
    pub numbers: &'static [Number],
}

/// Every confusion, in the order of the page.
///
/// ```
/// assert_eq!(rnn_explore::confusions().len(), 15);
/// ```
pub fn confusions() -> Vec<Confusion> {
    CONFUSIONS
        .iter()
        .map(|&Source { id, belief, query, answer, numbers }| Confusion {
            id,
            belief,
            query,
            answer: text::parse(answer, numbers),
            numbers,
        })
        .collect()
}

struct Source {
    id: &'static str,
    belief: &'static str,
    query: &'static str,
    answer: &'static str,
    numbers: &'static [Number],
}

const CONFUSIONS: &[Source] = &[
    Source {
        id: "weight-gradient",
        belief: "dL/dW_hh is of ordinary size, so the gradient does not vanish.",
        query: "t=60",
        answer: "[Here](t=60) its norm is {total}, and {left} of the gradient of the state is left at timestep 1. The gradient of a weight is a sum over timesteps, and the last {latest} of {time} make up 99% of it: it hides what the others do not say.",
        numbers: &[
            Number { name: "total", said: "0.757", of: |e| Ok(number(w_hh(e, "t=60")?.0)) },
            Number { name: "left", said: "7.7 · 10⁻²³", of: |e| Ok(share(left(e, "t=60")?)) },
            Number { name: "latest", said: "3", of: |e| latest(e, "t=60") },
            Number { name: "time", said: "60", of: |e| Ok(w_hh(e, "t=60")?.1.len().to_string()) },
        ],
    },
    Source {
        id: "below-one",
        belief: "Every eigenvalue is below 1, so the gradient shrinks with every step back.",
        query: "a=identity&b=0&n=2&i=nonnormal",
        answer: "In the long run, yes. [Here](a=identity&b=0&n=2&i=nonnormal) both eigenvalues are {rho}, and after {steps} steps back the gradient is {grown} times as long: W_hh is [[non-normal]].",
        numbers: &[
            Number { name: "rho", said: "0.900", of: |e| rho(e, "a=identity&b=0&n=2&i=nonnormal") },
            Number {
                name: "steps",
                said: "9",
                of: |e| {
                    let view = view(e, "a=identity&b=0&n=2&i=nonnormal")?;
                    Ok((view.layers[0].gradient.len() - 1).to_string())
                },
            },
            Number {
                name: "grown",
                said: "9.48",
                of: |e| Ok(number(left(e, "a=identity&b=0&n=2&i=nonnormal")?)),
            },
        ],
    },
    Source {
        id: "above-one",
        belief: "ρ is above 1, so the gradient explodes.",
        query: "w=3&t=60",
        answer: "In a linear network. [Here](w=3&t=60) ρ is {rho}, and {left} of the gradient is left at timestep 1: the slopes of tanh take away more than W_hh gives.",
        numbers: &[
            Number { name: "rho", said: "1.94", of: |e| rho(e, "w=3&t=60") },
            Number { name: "left", said: "5.5 · 10⁻⁹", of: |e| Ok(share(left(e, "w=3&t=60")?)) },
        ],
    },
    Source {
        id: "relu",
        belief: "Relu does not saturate, so its gradient does not vanish.",
        query: "a=relu&t=60",
        answer: "The slopes of units that are on are 1, and those of the others 0. [Here](a=relu&t=60) {off} of the units are off on average, and {left} of the gradient is left at timestep 1; with [larger weights](a=relu&w=4&t=60) it is {grown} times as long.",
        numbers: &[
            Number {
                name: "off",
                said: "46%",
                of: |e| {
                    let off = &view(e, "a=relu&t=60")?.layers[0].saturated;
                    Ok(percent(off.iter().sum::<f64>() / off.len() as f64))
                },
            },
            Number { name: "left", said: "2.1 · 10⁻²²", of: |e| Ok(share(left(e, "a=relu&t=60")?)) },
            Number {
                name: "grown", said: "9.76 · 10¹⁰", of: |e| Ok(number(left(e, "a=relu&w=4&t=60")?))
            },
        ],
    },
    Source {
        id: "loss-everywhere",
        belief: "A loss at every timestep cures vanishing.",
        query: "t=60&o=all",
        answer: "[Here](t=60&o=all) ‖dL/dh_1‖ is {sum} of ‖dL/dh_60‖, and yet {left} of the gradient of the last loss is left at timestep 1. The early states hear from the losses beside them, not from the last.",
        numbers: &[
            Number { name: "sum", said: "17%", of: super::every_loss::first },
            Number { name: "left", said: "7.7 · 10⁻²³", of: |e| Ok(share(left(e, "t=60&o=all")?)) },
        ],
    },
    Source {
        id: "hundreds-of-steps",
        belief: "An LSTM carries a gradient over hundreds of steps.",
        query: "c=lstm&t=200",
        answer: "Not as it is initialized by default: [here](c=lstm&t=200) {left} is left after 199 steps back. With [a forget bias of 5](c=lstm&t=200&f=5) it is {open}.",
        numbers: &[
            Number {
                name: "left", said: "2.6 · 10⁻⁴¹ of it", of: |e| Ok(percent(left(e, "c=lstm&t=200")?))
            },
            Number { name: "open", said: "0.77%", of: |e| Ok(percent(left(e, "c=lstm&t=200&f=5")?)) },
        ],
    },
    Source {
        id: "a-quarter",
        belief: "The slope of a sigmoid is at most 1/4, so an LSTM loses three quarters of its gradient at every gate and step.",
        query: "c=lstm&t=60&f=5",
        answer: "Along c the gradient is multiplied by f itself, not by the slope of f. [Here](c=lstm&t=60&f=5) f is {f} on average, and a step back multiplies by {rate}; the slopes are on the other paths.",
        numbers: &[
            Number { name: "f", said: "0.992", of: |e| forget(e, "c=lstm&t=60&f=5") },
            Number { name: "rate", said: "0.963", of: |e| rate(e, "c=lstm&t=60&f=5") },
        ],
    },
    Source {
        id: "forget-bias",
        belief: "A forget bias of 1 is enough for any length.",
        query: "c=lstm&t=100&f=1",
        answer: "It is a matter of length. [Here](c=lstm&t=100&f=1) f is {f} on average; the product of f over timesteps 2 to 100 is {kept} for the median unit. Keeping half over that many steps takes f = 0.5^{1/99} = {needed}, a bias near {bias}.",
        numbers: &[
            Number { name: "f", said: "0.726", of: |e| forget(e, "c=lstm&t=100&f=1") },
            Number {
                name: "kept",
                said: "1.56 · 10⁻¹⁴",
                of: |e| {
                    let kept = view(e, "c=lstm&t=100&f=1")?.gates.iter().find_map(|gate| gate.kept);
                    Ok(number(kept.map_or(f64::NAN, |[_, median, _]| median)))
                },
            },
            Number { name: "needed", said: "0.993", of: |_| Ok(number(half())) },
            Number { name: "bias", said: "4.96", of: |_| Ok(number((half() / (1.0 - half())).ln())) },
        ],
    },
    Source {
        id: "gru-gate",
        belief: "The reset gate of a GRU decides how far its gradient reaches.",
        query: "c=gru&t=60&z=z1",
        answer: "With the update gate [z held at 1](c=gru&t=60&z=z1) the gradient at timestep 1 is {kept} times as long as at timestep 60. With [r held at 1](c=gru&t=60&z=r1), {reset} is left, and with [r at 0](c=gru&t=60&z=r0), {no_reset}. It is z that keeps.",
        numbers: &[
            Number { name: "kept", said: "1", of: |e| Ok(number(left(e, "c=gru&t=60&z=z1")?)) },
            Number {
                name: "reset",
                said: "2.3 · 10⁻⁹ of it",
                of: |e| Ok(percent(left(e, "c=gru&t=60&z=r1")?)),
            },
            Number {
                name: "no_reset",
                said: "1.6 · 10⁻¹⁶ of it",
                of: |e| Ok(percent(left(e, "c=gru&t=60&z=r0")?)),
            },
        ],
    },
    Source {
        id: "clipping",
        belief: "Clipping cures exploding and vanishing gradients.",
        query: "a=relu&w=4&t=60",
        answer: "It makes steps shorter. [Here](a=relu&w=4&t=60) it turns a norm of {norm} into {clipped}; the direction is the same, and what was small beside the rest still is. Where it vanishes, clipping does not help: in [this network](t=60) every part is multiplied by {scale}, and at timestep 1 {left} is left as before.",
        numbers: &[
            Number {
                name: "norm",
                said: "4.01 · 10²⁰",
                of: |e| clipping(e, "a=relu&w=4&t=60", |of| of.norm),
            },
            Number { name: "clipped", said: "1", of: |e| clipping(e, "a=relu&w=4&t=60", |of| of.clipped) },
            Number { name: "scale", said: "0.375", of: |e| clipping(e, "t=60", |of| of.clipped / of.norm) },
            Number { name: "left", said: "7.7 · 10⁻²³ of it", of: |e| Ok(percent(left(e, "t=60")?)) },
        ],
    },
    Source {
        id: "truncation",
        belief: "Truncated back-propagation loses little, since the gradient vanishes anyway.",
        query: "c=lstm&t=60&f=5&r=10",
        answer: "Where it vanishes. Windows of 10 timesteps lose {tanh} of the gradient of [a tanh network](t=60&r=10), and {lstm} of that of [an LSTM with a forget bias of 5](c=lstm&t=60&f=5&r=10): it is the part that teaches long memory.",
        numbers: &[
            Number { name: "tanh", said: "0.0083%", of: |e| Ok(percent(truncation(e, "t=60&r=10")?.lost)) },
            Number {
                name: "lstm",
                said: "75%",
                of: |e| Ok(percent(truncation(e, "c=lstm&t=60&f=5&r=10")?.lost)),
            },
        ],
    },
    Source {
        id: "retain-grad",
        belief: "After out, _ = nn.LSTM(…)(x) and out.retain_grad(), out.grad is dL/dh_t.",
        query: "c=lstm&t=60",
        answer: "PyTorch’s nn.LSTM is one operation: out.grad holds what reaches h_t through out alone, from the layers above, and not what comes back from later timesteps. With the loss at timestep 60 it is {direct} at timestep 1; [here](c=lstm&t=60) ‖dL/dh_1‖ is {total}. A loop over nn.LSTMCell shows it.",
        numbers: &[
            Number { name: "direct", said: "0", of: |e| direct(e, "c=lstm&t=60") },
            Number {
                name: "total",
                said: "2.52 · 10⁻¹⁴",
                of: |e| Ok(number(view(e, "c=lstm&t=60")?.layers[0].gradient[0])),
            },
        ],
    },
    Source {
        id: "which-matrix",
        belief: "The eigenvalues of the weight matrix say what a step back does.",
        query: "w=3&t=60",
        answer: "Of which matrix? [Here](w=3&t=60) ρ of W_hh is {rho}, and ρ of the step Jacobian at timestep 60, which is W_hh with its rows multiplied by the slopes, is {jacobian}. A step back multiplies by {rate} on average. W_ih enters through the slopes alone, and an LSTM has four blocks in W_hh, of which none is the step.",
        numbers: &[
            Number { name: "rho", said: "1.94", of: |e| rho(e, "w=3&t=60") },
            Number {
                name: "jacobian",
                said: "0.528",
                of: |e| {
                    let view = view(e, "w=3&t=60")?;
                    let at = view.spectrum.jacobians.iter().find(|of| of.timestep == 60);
                    Ok(number(at.map_or(f64::NAN, |of| radius(&of.eigenvalues))))
                },
            },
            Number { name: "rate", said: "0.724", of: |e| rate(e, "w=3&t=60") },
        ],
    },
    Source {
        id: "transpose",
        belief: "In hand-written back-propagation, W_hh or its transpose: the eigenvalues are the same.",
        query: "t=20",
        answer: "The eigenvalues are, and the lengths look plausible, but the gradient is another. [Here](t=20), with W_hh in place of its transpose, the gradient of W_hh differs from the right one by {error} of its length, and a comparison with finite differences shows it.",
        numbers: &[Number { name: "error", said: "35%", of: |e| Ok(percent(without_transpose(e, "t=20")?)) }],
    },
    Source {
        id: "skip",
        belief: "A skip connection and a cell state do the same.",
        query: "c=residual&t=60",
        answer: "A skip connection keeps everything and adds to it: in [a residual cell](c=residual&t=60) ‖h_60‖ is {state}, and the gradient at timestep 1 is {grown} times as long as at timestep 60. A cell state is multiplied by a gate, which can keep less: in [an LSTM with a forget bias of 5](c=lstm&t=60&f=5) f is {f} on average, and ‖h_60‖ is {bounded}.",
        numbers: &[
            Number { name: "state", said: "177", of: |e| state(e, "c=residual&t=60") },
            Number { name: "grown", said: "32.1", of: |e| Ok(number(left(e, "c=residual&t=60")?)) },
            Number { name: "f", said: "0.992", of: |e| forget(e, "c=lstm&t=60&f=5") },
            Number { name: "bounded", said: "1.86", of: |e| state(e, "c=lstm&t=60&f=5") },
        ],
    },
];

/// What a gate has to be for its 99th power to be one half.
fn half() -> f64 {
    0.5f64.powf(1.0 / 99.0)
}

/// The norm of the gradient of W_hh, and its part from each timestep.
fn w_hh(explorer: &Explorer, query: &str) -> Result<(f64, Vec<f64>), Error> {
    let terms = view(explorer, query)?.terms;
    let w_hh = terms.into_iter().find(|terms| terms.name == "weight_hh_l0");
    Ok(w_hh.map_or((f64::NAN, Vec::new()), |terms| (terms.total, terms.along)))
}

/// How many of the latest timesteps make up 99% of the gradient of W_hh, and go on doing so however many more are taken.
fn latest(explorer: &Explorer, query: &str) -> Result<String, Error> {
    let (total, along) = w_hh(explorer, query)?;
    let sum = |count: usize| along.iter().rev().take(count).sum::<f64>();
    let enough =
        (1..=along.len()).rev().take_while(|&count| (sum(count) - total).abs() <= 0.01 * total).last();
    Ok(enough.unwrap_or(along.len()).to_string())
}

/// The norm of what reaches h_1 through the output of the layer alone.
fn direct(explorer: &Explorer, query: &str) -> Result<String, Error> {
    let _ = explorer;
    let Network { task, sequence, model, .. } = Network::new(&query.parse::<Query>()?.settings)?;
    let mut ws = model.workspace();
    model.loss_and_gradients(sequence.run(), sequence.target(), &task.loss(), &mut ws)?;
    Ok(number(rnn_analysis::norms_by_timestep(model.d_output(&ws).view())[0]))
}

/// How far the gradient of W_hh of a tanh network is off, as a share of its length, where W_hh takes the place of its transpose
/// in the step back.
fn without_transpose(_: &Explorer, query: &str) -> Result<f64, Error> {
    let Network { task, sequence, model, .. } = Network::new(&query.parse::<Query>()?.settings)?;
    let mut ws = model.workspace();
    model.loss_and_gradients(sequence.run(), sequence.target(), &task.loss(), &mut ws)?;
    let states = ws.rnn.hidden(0);
    let states = states.index_axis(ndarray::Axis(0), 0);
    let own = model.d_output(&ws);
    let own = own.index_axis(ndarray::Axis(0), 0);
    let w_hh = model.rnn.weight_hh(0);
    let gradient = |matrix: ndarray::ArrayView2<'_, f64>| {
        let mut sum = Array2::<f64>::zeros(w_hh.raw_dim());
        let mut d_h = Array1::<f64>::zeros(w_hh.nrows());
        for t in (1..states.nrows()).rev() {
            d_h += &own.row(t);
            let slopes = states.row(t).mapv(|h| 1.0 - h * h);
            let d_z = &d_h * &slopes;
            sum += &outer(d_z.view(), states.row(t - 1));
            d_h = matrix.dot(&d_z);
        }
        sum
    };
    let length = |matrix: &Array2<f64>| matrix.iter().map(|x| x * x).sum::<f64>().sqrt();
    let (right, wrong) = (gradient(w_hh.t()), gradient(w_hh.view()));
    let known = ws.rnn.gradients().get("weight_hh_l0").and_then(|g| g.into_dimensionality::<Ix2>().ok());
    // The right one is that of the network itself.
    if known.is_none_or(|known| length(&(&right - &known)) > 1e-12 * length(&right)) {
        return Ok(f64::NAN);
    }
    Ok(length(&(wrong - &right)) / length(&right))
}

fn outer(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> Array2<f64> {
    Array2::from_shape_fn((a.len(), b.len()), |(row, column)| a[row] * b[column])
}
