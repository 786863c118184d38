//! Numbers worked out elsewhere: by a notebook on recurrent networks, and by hand. They catch what gradients cannot
//! see, because the backward pass would follow: a swapped gate, a forgotten bias, a different loss.

use ndarray::{Array3, ArrayD, ArrayView3, array};
use rnn_core::{
    Bias, Cell, Counted, Elman, Gru, LayerState, Loss, Lstm, Model, Mse, Parameters, Run, Stack, State, Truth,
};

/// Values are quoted to four decimal places.
const QUOTED: f64 = 1e-4;
/// For arithmetic that is written out.
const EXACT: f64 = 1e-14;

/// Two sequences of four timesteps with two features.
fn x() -> Array3<f64> {
    array![
        [[0.1, 0.15], [0.2, 0.25], [0.3, 0.35], [0.4, 0.45]],
        [[-0.1, -1.5], [-0.2, -2.5], [-0.3, -3.5], [-0.4, -0.45]]
    ]
}

/// Every unit of sequence b at timestep t must be `want[b][t]`.
#[track_caller]
fn assert_each_unit(found: ArrayView3<'_, f64>, want: [[f64; 4]; 2]) {
    for ((b, t, unit), value) in found.indexed_iter() {
        let want = want[b][t];
        assert!(
            (value - want).abs() < QUOTED,
            "sequence {b}, timestep {t}, unit {unit}: {value}, not {want}"
        );
    }
}

#[track_caller]
fn assert_close(found: f64, want: f64) {
    assert!((found - want).abs() < EXACT, "{found}, not {want}");
}

fn shapes<F: rnn_core::Real>(parameters: &impl Parameters<F>) -> Vec<(String, Vec<usize>)> {
    parameters.named().map(|(name, array)| (name.to_owned(), array.shape().to_vec())).collect()
}

/// The only test in which one number can be followed through the whole network: h = tanh(0.1 · 1 + 0.1 · 0 + 0.1).
/// A second bias would make it tanh 0.3.
#[test]
fn one_unit_one_step() {
    let mut rnn = Stack::<f32>::zeros(Elman::tanh(), 1, &[1], Bias::Single).unwrap();
    rnn.fill(0.1);
    let mut ws = rnn.workspace();
    rnn.forward(array![[[1.0]]].view(), &mut ws).unwrap();
    assert!((f64::from(ws.output()[[0, 0, 0]]) - 0.197_375_327_348_709_1).abs() < 3e-8);

    let mut rnn = Stack::<f32>::zeros(Elman::tanh(), 1, &[1], Bias::Double).unwrap();
    rnn.fill(0.1);
    rnn.forward(array![[[1.0]]].view(), &mut ws).expect_err("two biases are another layout");
    let mut ws = rnn.workspace();
    rnn.forward(array![[[1.0]]].view(), &mut ws).unwrap();
    assert!((f64::from(ws.output()[[0, 0, 0]]) - 0.3f64.tanh()).abs() < 3e-8);
}

/// An activation applied to a network that should have none, or a bias too many, would show here.
#[test]
fn identity_network_of_three_units() {
    let mut rnn = Stack::<f64>::zeros(Elman::identity(), 2, &[3], Bias::Single).unwrap();
    rnn.fill(-0.1);
    assert_eq!(rnn.parameter_count(), 18);
    let mut ws = rnn.workspace();
    rnn.forward(x().view(), &mut ws).unwrap();
    assert_each_unit(ws.output(), [[-0.1250, -0.1075, -0.1328, -0.1452], [0.0600, 0.1520, 0.2344, -0.0853]]);
}

#[test]
fn tanh_network_with_a_head() {
    let mut model = Model::<f64>::zeros(Elman::tanh(), 2, &[3], 4, Bias::Single).unwrap();
    model.fill(-0.1);
    assert_eq!(model.parameter_count(), 34);
    let mut ws = model.workspace();
    model.forward(x().view(), &mut ws).unwrap();
    assert_each_unit(
        ws.prediction(),
        [[-0.0627, -0.0678, -0.0604, -0.0567], [-0.1180, -0.1453, -0.1692, -0.0748]],
    );
    assert_each_unit(
        ws.rnn.output(),
        [[-0.1244, -0.1073, -0.1320, -0.1444], [0.0599, 0.1509, 0.2305, -0.0840]],
    );
    assert_eq!(model.predict(x().view()).unwrap(), ws.prediction());
}

/// A mean over another count (timesteps only, say) or a loss without its square would show here.
#[test]
fn mean_squared_error() {
    let prediction = array![[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]].into_shape_with_order((2, 3, 1)).unwrap();
    let target = array![[-1.1, -1.2, -1.3], [-1.4, -1.5, -1.6]].into_shape_with_order((2, 3, 1)).unwrap();
    let mut d = Array3::from_elem((2, 3, 1), f64::NAN);
    let truth = Truth::Values(target.view());
    let all = Mse.evaluate(prediction.view(), truth, &Counted::all(), d.view_mut());
    assert!((all - 3.0067).abs() < QUOTED);
    assert_close(d[[1, 2, 0]], 2.0 * 2.2 / 6.0);
    let last = Mse.evaluate(prediction.view(), truth, &Counted::last(), d.view_mut());
    assert!((last - 3.7).abs() < QUOTED);
    // Those of the loss that was evaluated first must not stay.
    assert_eq!([d[[0, 0, 0]], d[[0, 1, 0]]], [0.0, 0.0]);
    assert_close(d[[0, 2, 0]], 2.0 * 1.6 / 2.0);

    // Two outputs count as two numbers: (1 + 9) / 2, not 1 + 9.
    let (prediction, target) = (array![[[1.0, 3.0]]], Array3::zeros((1, 1, 2)));
    let mut d = Array3::zeros((1, 1, 2));
    let truth = Truth::Values(target.view());
    assert_close(Mse.evaluate(prediction.view(), truth, &Counted::all(), d.view_mut()), 5.0);
    assert_eq!(d, array![[[1.0, 3.0]]]);
}

/// A second layer that read x, or its own last state in place of the state below, would show here.
/// L = (ŷ − y)², ŷ = 0.1 h + 0.1, h = tanh(0.1 x + 0.1): dL/dx = 2 (ŷ − y) · 0.1 · (1 − h²) · 0.1.
#[test]
fn gradient_of_the_input_through_a_head() {
    let mut model = Model::<f64>::zeros(Elman::tanh(), 1, &[1], 1, Bias::Single).unwrap();
    model.fill(0.1);
    let (x, y) = (array![[[2.0]]], array![[[1.0]]]);
    let mut ws = model.workspace();
    model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws).unwrap();
    let h = 0.3f64.tanh();
    assert_close(ws.rnn.d_input()[[0, 0, 0]], 2.0 * (0.1 * h + 0.1 - 1.0) * 0.1 * (1.0 - h * h) * 0.1);
}

#[test]
fn two_layers() {
    let mut rnn = Stack::<f64>::zeros(Elman::tanh(), 2, &[3, 3], Bias::Single).unwrap();
    rnn.fill(-0.1);
    let mut ws = rnn.workspace();
    rnn.forward(x().view(), &mut ws).unwrap();
    let below = [[-0.1244, -0.1073, -0.1320, -0.1444], [0.0599, 0.1509, 0.2305, -0.0840]];
    assert_each_unit(ws.hidden(0), below);
    assert_each_unit(
        ws.output(),
        [[-0.0626, -0.0490, -0.0457, -0.0430], [-0.1174, -0.1096, -0.1354, -0.0342]],
    );
    let last = ws.final_state();
    for (layer, want) in [[-0.1444, -0.0840], [-0.0430, -0.0342]].into_iter().enumerate() {
        assert!(last.layers[layer].c.is_none());
        for ((b, _), h) in last.layers[layer].h.indexed_iter() {
            assert!((h - want[b]).abs() < QUOTED, "the last state of layer {layer}: {h}, not {}", want[b]);
        }
    }
}

/// PyTorch's names in PyTorch's order: files of parameters depend on them.
#[test]
fn names_and_shapes() {
    let named = |name: &str, shape: &[usize]| (name.to_owned(), shape.to_vec());
    let model = Model::<f64>::zeros(Lstm, 2, &[3, 4], 5, Bias::Double).unwrap();
    assert_eq!(
        shapes(&model),
        [
            named("weight_ih_l0", &[12, 2]),
            named("weight_hh_l0", &[12, 3]),
            named("bias_ih_l0", &[12]),
            named("bias_hh_l0", &[12]),
            named("weight_ih_l1", &[16, 3]),
            named("weight_hh_l1", &[16, 4]),
            named("bias_ih_l1", &[16]),
            named("bias_hh_l1", &[16]),
            named("head.weight", &[5, 4]),
            named("head.bias", &[5]),
        ]
    );
    // The gradient goes by the same names.
    assert_eq!(shapes(&model.workspace()), shapes(&model));
    let gru = Stack::<f64>::zeros(Gru, 2, &[3], Bias::Single).unwrap();
    assert_eq!(
        shapes(&gru),
        [named("weight_ih_l0", &[9, 2]), named("weight_hh_l0", &[9, 3]), named("bias_l0", &[9])]
    );
    let elman = Stack::<f64>::zeros(Elman::relu(), 2, &[3], Bias::None).unwrap();
    assert_eq!(shapes(&elman), [named("weight_ih_l0", &[3, 2]), named("weight_hh_l0", &[3, 3])]);
}

/// One unit with a parameter of its own for each gate and each place, one step from a state that is not zero, so that
/// no two gates and no two biases can change places unseen.
fn one_step(
    cell: impl Into<Cell<f64>>,
    parameters: [&[f64]; 4],
    x: f64,
    h: f64,
    c: Option<f64>,
) -> State<f64> {
    let mut rnn = Stack::zeros(cell, 1, &[1], Bias::Double).expect("no size is 0");
    for (name, values) in ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].iter().zip(parameters)
    {
        let shape = rnn.parameter(name).expect("PyTorch's name").shape().to_vec();
        let array = ArrayD::from_shape_vec(shape, values.to_vec()).expect("one number a gate");
        rnn.set_parameter(name, &array).expect("finite");
    }
    let state = LayerState { h: array![[h]], c: c.map(|c| array![[c]]) };
    let mut ws = rnn.workspace();
    rnn.forward(Run::over(array![[[x]]].view()).from_state(&State { layers: vec![state] }), &mut ws)
        .expect("finite");
    ws.final_state()
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[test]
fn lstm_by_hand() {
    // x = 2, h = −0.5, c = 0.8; z = W_ih x + b_ih + W_hh h + b_hh for each gate:
    //   i:  0.1 · 2 + 0.01 + 0.5 · (−0.5) + 0.05 =  0.2 + 0.01 − 0.25 + 0.05 =  0.01
    //   f: −0.2 · 2 + 0.02 + 0.6 · (−0.5) + 0.06 = −0.4 + 0.02 − 0.30 + 0.06 = −0.62
    //   g:  0.3 · 2 + 0.03 + 0.7 · (−0.5) + 0.07 =  0.6 + 0.03 − 0.35 + 0.07 =  0.35
    //   o:  0.4 · 2 + 0.04 − 0.8 · (−0.5) + 0.08 =  0.8 + 0.04 + 0.40 + 0.08 =  1.32
    let parameters: [&[f64]; 4] = [
        &[0.1, -0.2, 0.3, 0.4],
        &[0.5, 0.6, 0.7, -0.8],
        &[0.01, 0.02, 0.03, 0.04],
        &[0.05, 0.06, 0.07, 0.08],
    ];
    let state = one_step(Lstm, parameters, 2.0, -0.5, Some(0.8));
    let (i, f, g, o) = (logistic(0.01), logistic(-0.62), 0.35f64.tanh(), logistic(1.32));
    // i = 0.502500, f = 0.349781, g = 0.336376, o = 0.789182
    let c = f * 0.8 + i * g; // 0.279825 + 0.169029 = 0.448854
    let h = o * c.tanh(); // 0.789182 · 0.420956 = 0.332211
    assert_close(state.layers[0].c.as_ref().unwrap()[[0, 0]], c);
    assert_close(state.layers[0].h[[0, 0]], h);
    assert!((c - 0.448_854).abs() < 1e-6 && (h - 0.332_211).abs() < 1e-6, "the comments: {c}, {h}");
}

#[test]
fn gru_by_hand() {
    // x = 2, h = −0.5; a = W_ih x + b_ih and u = W_hh h + b_hh for each gate:
    //   r:  0.1 · 2 + 0.01 =  0.21      0.4 · (−0.5) + 0.05 = −0.15    a + u =  0.06
    //   z: −0.2 · 2 + 0.02 = −0.38      0.5 · (−0.5) + 0.06 = −0.19    a + u = −0.57
    //   n:  0.3 · 2 + 0.03 =  0.63     −0.6 · (−0.5) + 0.07 =  0.37    only r scales u: its bias b_hn too
    let parameters: [&[f64]; 4] =
        [&[0.1, -0.2, 0.3], &[0.4, 0.5, -0.6], &[0.01, 0.02, 0.03], &[0.05, 0.06, 0.07]];
    let state = one_step(Gru, parameters, 2.0, -0.5, None);
    let (r, z) = (logistic(0.06), logistic(-0.57)); // 0.514996, 0.361236
    let n = (0.63 + r * 0.37).tanh(); // tanh 0.820548 = 0.675368
    let h = (1.0 - z) * n + z * -0.5; // 0.431400 − 0.180618 = 0.250782
    assert_close(state.layers[0].h[[0, 0]], h);
    assert!((h - 0.250_782).abs() < 1e-6, "the comment: {h}");
}

/// The Elman activations, each told from the others by one number; relu from both sides.
#[test]
fn elman_by_hand() {
    // z = 0.5 · 2 + 0.25 + 0.75 · (−0.5) + 0.125 = 1 + 0.25 − 0.375 + 0.125 = 1
    let parameters: [&[f64]; 4] = [&[0.5], &[0.75], &[0.25], &[0.125]];
    let h = |state: State<f64>| state.layers[0].h[[0, 0]];
    assert_close(h(one_step(Elman::identity(), parameters, 2.0, -0.5, None)), 1.0);
    assert_close(h(one_step(Elman::tanh(), parameters, 2.0, -0.5, None)), 1.0f64.tanh());
    assert_close(h(one_step(Elman::sigmoid(), parameters, 2.0, -0.5, None)), logistic(1.0));
    assert_close(h(one_step(Elman::relu(), parameters, 2.0, -0.5, None)), 1.0);
    // With x = −2: z = −1 + 0.25 − 0.375 + 0.125 = −1.
    assert_close(h(one_step(Elman::relu(), parameters, -2.0, -0.5, None)), 0.0);
    assert_close(h(one_step(Elman::identity(), parameters, -2.0, -0.5, None)), -1.0);
}
