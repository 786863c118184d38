//! Cells that PyTorch does not have, against a few lines of PyTorch each:
//!
//! ```python
//! import torch
//! from torch.nn.functional import layer_norm, hardsigmoid
//! torch.set_default_dtype(torch.float64)
//!
//! def ramp(seed, *shape):  # k ↦ ((k · 7 + seed) mod 11 − 5) / 10, in the order of memory
//!     n = torch.tensor(shape).prod().item()
//!     return (((torch.arange(n) * 7 + seed) % 11 - 5) / 10).reshape(shape)
//!
//! def run(cell, gates, c, ih, hh):
//!     x, h = ramp(1, 2, 3, 2), torch.zeros(2, 3)
//!     c = torch.zeros(2, 3) if c else None
//!     n = 3 * gates
//!     w_ih, w_hh, b_ih, b_hh = ramp(2, n, 2), ramp(3, n, 3), ramp(4, n), ramp(5, n)
//!     g_ih, o_ih, g_hh, o_hh, g_c, o_c = ramp(6, n) + 1, ramp(7, n), ramp(8, n) + 1, ramp(9, n), ramp(10, 3) + 1, ramp(11, 3)
//!     for t in range(3):
//!         a, u = x[:, t] @ w_ih.T + b_ih, h @ w_hh.T + b_hh
//!         if ih: a = layer_norm(a, (n,), g_ih, o_ih)
//!         if hh: u = layer_norm(u, (n,), g_hh, o_hh)
//!         h, c = cell(a, u, h, c, lambda c: layer_norm(c, (3,), g_c, o_c))
//!     print(cell.__name__, h.tolist(), None if c is None else c.tolist())
//!
//! def lstm(a, u, h, c, ln):
//!     i, f, g, o = (a + u).chunk(4, 1)
//!     c = f.sigmoid() * c + i.sigmoid() * g.tanh()
//!     return o.sigmoid() * ln(c).tanh(), c
//!
//! def gru(a, u, h, c, ln):
//!     (a_r, a_z, a_n), (u_r, u_z, u_n) = a.chunk(3, 1), u.chunk(3, 1)
//!     r, z = (a_r + u_r).sigmoid(), (a_z + u_z).sigmoid()
//!     return (1 - z) * (a_n + r * u_n).tanh() + z * h, c
//!
//! def elman(a, u, h, c, ln):
//!     return (a + u).tanh(), c
//!
//! def hard_lstm(a, u, h, c, ln):  # as keras.layers.LSTM(recurrent_activation="hard_sigmoid")
//!     i, f, g, o = (a + u).chunk(4, 1)
//!     c = hardsigmoid(f) * c + hardsigmoid(i) * g.tanh()
//!     return hardsigmoid(o) * c.tanh(), c
//!
//! run(lstm, 4, True, True, True); run(gru, 3, False, True, True); run(elman, 1, False, True, True)
//! run(hard_lstm, 4, True, False, False)
//! ```

#![allow(clippy::unreadable_literal, reason = "as Python prints them")]

use ndarray::{Array3, ArrayD};
use rnn_core::cell::{HardSigmoid, Tanh};
use rnn_core::{Bias, Cell, Elman, Gru, Lstm, Options, Parameters, Stack};

/// The numbers of the snippet.
fn ramp(seed: usize, len: usize) -> Vec<f64> {
    (0..len).map(|k| (((k * 7 + seed) % 11) as f64 - 5.0) / 10.0).collect()
}

/// Two biases and normalization, with PyTorch's ε.
fn normalized() -> Options {
    Options::from(Bias::Double).layer_norm(1e-5)
}

/// h_T and c_T of both sequences, one after the other.
fn run(cell: impl Into<Cell<f64>>, options: Options) -> (Vec<f64>, Vec<f64>) {
    let mut rnn = Stack::zeros(cell, 2, &[3], options).expect("no size is 0");
    let names: Vec<String> = rnn.named().map(|(name, _)| name.to_owned()).collect();
    for (at, name) in names.iter().enumerate() {
        let shape = rnn.parameter(name).expect("it is there").shape().to_vec();
        let shift = if name.starts_with("gain") { 1.0 } else { 0.0 };
        let values = ramp(at + 2, shape.iter().product()).into_iter().map(|x| x + shift).collect();
        rnn.set_parameter(name, &ArrayD::from_shape_vec(shape, values).expect("as many")).expect("finite");
    }
    let x = Array3::from_shape_vec((2, 3, 2), ramp(1, 12)).expect("as many");
    let mut ws = rnn.workspace();
    rnn.forward(x.view(), &mut ws).expect("finite");
    let last = ws.final_state();
    let c = last.layers[0].c.iter().flatten().copied().collect();
    (last.layers[0].h.iter().copied().collect(), c)
}

#[track_caller]
fn assert_are(found: &[f64], want: &[f64]) {
    assert_eq!(found.len(), want.len());
    for (found, want) in found.iter().zip(want) {
        assert!((found - want).abs() < 1e-13, "{found}, not {want}");
    }
}

/// c in place of LN(c) in h, LN(c) in place of c in the next c, or a variance over n − 1 would show here.
#[test]
fn layer_norm_of_lstm() {
    let (h, c) = run(Lstm, normalized());
    assert_are(
        &h,
        &[
            -0.1745704610621061,
            -0.057900955596502476,
            0.33103873454988675,
            -0.16085998029874926,
            0.05626637904351953,
            0.33439076960678077,
        ],
    );
    assert_are(
        &c,
        &[
            -0.7063899682251054,
            0.13160073113161844,
            1.6898289830090265,
            -0.8215885035211066,
            0.14781198299907997,
            1.4440320585377049,
        ],
    );
}

#[test]
fn layer_norm_of_gru() {
    let (h, _) = run(Gru, normalized());
    assert_are(
        &h,
        &[
            -0.8064442433048753,
            0.1956232146594879,
            0.6385840900714905,
            -0.7522236266319362,
            0.2316688850380405,
            0.5217391993072509,
        ],
    );
}

#[test]
fn layer_norm_of_elman() {
    let (h, _) = run(Elman::tanh(), normalized());
    assert_are(
        &h,
        &[
            0.5090102619803399,
            -0.9705698532693017,
            0.9877302155493188,
            0.5305635529632283,
            -0.9672828160473708,
            0.9873849497966181,
        ],
    );
}

#[test]
fn lstm_with_hard_gates() {
    let (h, c) = run(Lstm { gate: HardSigmoid, candidate: Tanh }, Bias::Double.into());
    assert_are(
        &h,
        &[
            -0.14810822723910722,
            0.24133564006316874,
            0.08495519490531109,
            -0.1468849145509848,
            0.23334475150688672,
            0.04183455951744904,
        ],
    );
    assert_are(
        &c,
        &[
            -0.40357095489759515,
            0.412729076165982,
            0.17751958012625838,
            -0.40710677784627036,
            0.4159686558939213,
            0.08770649354319093,
        ],
    );
}

/// Inputs and weights of 0: every row that is normalized has no variance. What is left is the offsets.
#[test]
fn no_variance() {
    let unbiased = normalized().bias(Bias::None);
    for time in [1, 4] {
        let mut rnn = Stack::<f32>::zeros(Lstm, 2, &[5], unbiased).expect("no size is 0");
        let mut ws = rnn.workspace();
        rnn.forward(Array3::zeros((2, time, 2)).view(), &mut ws).expect("finite");
        assert!(ws.output().iter().all(|&h| h == 0.0));
        rnn.fill(1.0);
        rnn.forward(Array3::ones((2, time, 2)).view(), &mut ws).expect("finite");
        rnn.backward(Array3::ones((2, time, 5)).view(), None, &mut ws).expect("finite");
        assert!(ws.gradients().get("offset_hh_l0").expect("it is there").iter().any(|&d| d != 0.0));
    }
}

/// A square that overflows is an error and not a normalized 0.
#[test]
fn too_large_to_normalize() {
    let mut rnn = Stack::<f32>::zeros(Gru, 1, &[2], normalized().bias(Bias::None)).expect("no size is 0");
    rnn.fill(1.0);
    rnn.set_parameter(
        "weight_ih_l0",
        &ArrayD::from_shape_vec(vec![6, 1], vec![1., 2., 3., 4., 5., 6.]).expect("6"),
    )
    .expect("finite");
    let mut ws = rnn.workspace();
    rnn.forward(Array3::from_elem((1, 1, 1), 1e18).view(), &mut ws).expect("finite");
    let error = rnn.forward(Array3::from_elem((1, 1, 1), 1e30).view(), &mut ws).expect_err("1e60 is no f32");
    assert_eq!(error.to_string(), "NaN in the hidden state of layer 0 at timestep 1, sequence 0, unit 0");
    for eps in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let options = Options::default().layer_norm(eps);
        Stack::<f32>::zeros(Gru, 1, &[2], options).expect_err("no ε");
    }
}
