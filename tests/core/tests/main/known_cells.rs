//! Cells beyond PyTorch's three, by hand: one step from a state that is not zero, with another number for each gate and each
//! place, so that no two can change places unseen.

use ndarray::{Array2, ArrayD, array};
use rnn_core::{
    Bias, Cell, GruResetBefore, LayerState, Lstm, MinimalGated, Options, Parameters, PeepholeLstm, Run,
    Stack, State,
};

/// For arithmetic that is written out.
const EXACT: f64 = 1e-14;

#[track_caller]
fn assert_close(found: f64, want: f64) {
    assert!((found - want).abs() < EXACT, "{found}, not {want}");
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// The final state of a step of `units` units with x = 2; `parameters` are all that there are, in their order.
fn one_step(
    cell: impl Into<Cell<f64>>,
    (units, options): (usize, Options),
    parameters: &[(&str, &[f64])],
    h: &[f64],
    c: &[f64],
) -> LayerState<f64> {
    let mut rnn = Stack::zeros(cell, 1, &[units], options).expect("sizes that fit");
    let names: Vec<String> = rnn.named().map(|(name, _)| name.to_owned()).collect();
    assert!(names.iter().eq(parameters.iter().map(|(name, _)| name)), "{names:?}");
    for &(name, values) in parameters {
        let shape = rnn.parameter(name).expect("its name").shape().to_vec();
        rnn.set_parameter(name, &ArrayD::from_shape_vec(shape, values.to_vec()).expect("its size"))
            .expect("finite");
    }
    let row = |x: &[f64]| Array2::from_shape_vec((1, x.len()), x.to_vec()).expect("one row");
    let state = LayerState { h: row(h), c: (!c.is_empty()).then(|| row(c)) };
    let mut ws = rnn.workspace();
    rnn.forward(Run::over(array![[[2.0]]].view()).from_state(&State { layers: vec![state] }), &mut ws)
        .expect("finite");
    ws.final_state().layers.remove(0)
}

/// The pre-activations of `lstm_by_hand` in `known_values.rs`, 0.01, −0.62, 0.35 and 1.32, and what the gates see of c.
#[test]
fn peepholes() {
    let state = one_step(
        PeepholeLstm,
        (1, Bias::Double.into()),
        &[
            ("weight_ih_l0", &[0.1, -0.2, 0.3, 0.4]),
            ("weight_hh_l0", &[0.5, 0.6, 0.7, -0.8]),
            ("bias_ih_l0", &[0.01, 0.02, 0.03, 0.04]),
            ("bias_hh_l0", &[0.05, 0.06, 0.07, 0.08]),
            ("weight_ci_l0", &[0.9]),
            ("weight_cf_l0", &[-0.7]),
            ("weight_co_l0", &[1.1]),
        ],
        &[-0.5],
        &[0.8],
    );
    let (i, f) = (logistic(0.01 + 0.9 * 0.8), logistic(-0.62 - 0.7 * 0.8)); // 0.674805, 0.235052
    let c = f * 0.8 + i * 0.35f64.tanh(); // 0.188042 + 0.226988 = 0.415030
    let o = logistic(1.32 + 1.1 * c); // of the new c: 0.855268
    assert_close(state.c.as_ref().unwrap()[[0, 0]], c);
    assert_close(state.h[[0, 0]], o * c.tanh());
    assert!((c - 0.415_030).abs() < 1e-6 && (o - 0.855_268).abs() < 1e-6, "the comments: {c}, {o}");
}

/// Two units, one number out; the values are those of `torch.nn.LSTM(1, 2, proj_size=1)`.
#[test]
fn projection() {
    let state = one_step(
        Lstm,
        (2, Options::from(Bias::Double).projection(1)),
        &[
            ("weight_ih_l0", &[0.1, 0.2, -0.2, 0.3, 0.3, -0.1, 0.4, 0.6]),
            ("weight_hh_l0", &[0.5, -0.3, 0.6, 0.2, 0.7, 0.9, -0.8, 0.1]),
            ("bias_ih_l0", &[0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08]),
            ("bias_hh_l0", &[-0.05, 0.06, -0.07, 0.08, 0.09, 0.1, 0.11, -0.12]),
            ("weight_hr_l0", &[0.25, -1.5]),
        ],
        &[-0.5],
        &[0.8, -0.4],
    );
    // z = 2 W_ih + b_ih − 0.5 W_hh + b_hh: i −0.09, 0.63; f −0.74, 0.62; g 0.39, −0.49; o 1.38, 1.11
    let c = [
        logistic(-0.74) * 0.8 + logistic(-0.09) * 0.39f64.tanh(),
        logistic(0.62) * -0.4 + logistic(0.63) * (-0.49f64).tanh(),
    ];
    let h = 0.25 * (logistic(1.38) * c[0].tanh()) - 1.5 * (logistic(1.11) * c[1].tanh());
    let found = state.c.unwrap();
    assert_close(found[[0, 0]], c[0]);
    assert_close(found[[0, 1]], c[1]);
    assert_close(state.h[[0, 0]], h);
    assert_eq!(state.h.dim(), (1, 1));
    // PyTorch's own activations are off by some hundred units in the last place here.
    let torch = [0.435_733_459_288_989_2, -0.556_458_855_309_464_9, 0.652_044_284_212_570_2];
    for (found, torch) in [c[0], c[1], h].into_iter().zip(torch) {
        assert!((found - torch).abs() < 1e-12, "{found}, in PyTorch {torch}");
    }
}

/// The pre-activations of `gru_by_hand` in `known_values.rs`: r 0.06, z −0.57, a_n 0.63. W_hn sees r h, and r does not
/// scale its bias: 0.63 − 0.6 (0.514996 · (−0.5)) + 0.07 = 0.854499.
#[test]
fn reset_before_the_product() {
    let state = one_step(
        GruResetBefore,
        (1, Bias::Double.into()),
        &[
            ("weight_ih_l0", &[0.1, -0.2, 0.3]),
            ("weight_hh_l0", &[0.4, 0.5, -0.6]),
            ("bias_ih_l0", &[0.01, 0.02, 0.03]),
            ("bias_hh_l0", &[0.05, 0.06, 0.07]),
        ],
        &[-0.5],
        &[],
    );
    let (r, z) = (logistic(0.06), logistic(-0.57)); // 0.514996, 0.361237
    let n = (0.63 - 0.6 * (r * -0.5) + 0.07).tanh(); // 0.693412
    let h = (1.0 - z) * n + z * -0.5; // 0.442926 − 0.180618 = 0.262308
    assert_close(state.h[[0, 0]], h);
    assert!((h - 0.262_308).abs() < 1e-6, "the comment: {h}");
}

/// f has the pre-activation 0.06 of r above, and n is as above; f takes n, 1 − f keeps h.
#[test]
fn minimal_gated() {
    let state = one_step(
        MinimalGated,
        (1, Bias::Double.into()),
        &[
            ("weight_ih_l0", &[0.1, 0.3]),
            ("weight_hh_l0", &[0.4, -0.6]),
            ("bias_ih_l0", &[0.01, 0.03]),
            ("bias_hh_l0", &[0.05, 0.07]),
        ],
        &[-0.5],
        &[],
    );
    let f = logistic(0.06);
    let n = (0.63 - 0.6 * (f * -0.5) + 0.07).tanh();
    let h = (1.0 - f) * -0.5 + f * n; // −0.242502 + 0.357104 = 0.114602
    assert_close(state.h[[0, 0]], h);
    assert!((h - 0.114_602).abs() < 1e-6, "the comment: {h}");
}

/// A unit's gates take the rows of their names, and W_hn reads all units: h = 1 for unit 0 only, x and biases silent.
#[test]
fn which_unit_reads_which() {
    let mut rnn = Stack::zeros(GruResetBefore, 1, &[2], Bias::None).expect("sizes that fit");
    // r of unit 0 is σ(2), z of both σ(0) = 1/2, n of unit 1 reads r h of unit 0 with weight 3.
    let w_hh = array![[2.0, 9.0], [9.0, 9.0], [0.0, 9.0], [0.0, 9.0], [0.0, 9.0], [3.0, 9.0]];
    rnn.set_parameter("weight_hh_l0", w_hh.view().into_dyn()).expect("it fits");
    let state = State { layers: vec![LayerState { h: array![[1.0, 0.0]], c: None }] };
    let mut ws = rnn.workspace();
    rnn.forward(Run::over(array![[[0.0]]].view()).from_state(&state), &mut ws).expect("finite");
    assert_close(ws.output()[[0, 0, 0]], 0.5);
    assert_close(ws.output()[[0, 0, 1]], 0.5 * (3.0 * logistic(2.0)).tanh());
}
