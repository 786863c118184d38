//! Shapes, sizes, and parts that belong to another network.

use ndarray::{Array2, Array3, array};
use rnn_core::{
    Adam, Bias, Elman, Error, Gru, Linear, Lstm, Model, Mse, Optimizer, Options, Parameters, Run, Stack,
};

use super::{assert_names, model, noise};

#[test]
fn zero_sizes() {
    let zeros = |input, hidden: &[usize]| Stack::<f64>::zeros(Gru, input, hidden, Bias::None);
    assert_names(zeros(0, &[3]), &["the input size is 0"]);
    assert_names(zeros(1, &[]), &["the number of layers is 0"]);
    assert_names(zeros(1, &[3, 0]), &["the hidden size is 0"]);
    assert_names(Linear::<f64>::zeros(0, 1), &["the input size of the head is 0"]);
    assert_names(Model::<f64>::zeros(Gru, 1, &[3], 0, Bias::None), &["the output size is 0"]);

    let model = model::<f64>(Gru, &[3]);
    assert_names(model.predict(Array3::zeros((0, 4, 2)).view()), &["the batch size is 0"]);
    assert_names(model.predict(Array3::zeros((4, 0, 2)).view()), &["the number of timesteps is 0"]);
    // The error type is public: a caller can match on it.
    assert!(matches!(zeros(0, &[3]), Err(Error::ZeroSize { what: "the input size" })));
}

/// As PyTorch refuses them.
#[test]
fn projections_to_nothing_or_to_no_less() {
    let zeros =
        |size, hidden: &[usize]| Stack::<f64>::zeros(Lstm, 2, hidden, Options::default().projection(size));
    assert_names(zeros(0, &[3]), &["projection of 3 hidden units to 0"]);
    assert_names(zeros(3, &[4, 3]), &["projection of 3 hidden units to 3", "fewer"]);
    assert_eq!(zeros(9, &[3]).err(), Some(Error::Projection { size: 9, hidden: 3 }));
    assert_names(zeros(3, &[0]), &["the hidden size is 0"]);
    assert_eq!(zeros(2, &[4, 3]).expect("fewer than either").output(), 2);
}

#[test]
fn shapes_of_inputs_and_targets() {
    let model = model::<f64>(Elman::tanh(), &[3]);
    let mut ws = model.workspace();
    assert_names(
        model.forward(noise((4, 5, 3)).view(), &mut ws),
        &["x (batch, time, features)", "[4, 5, 3]", "expected [4, 5, 2]"],
    );
    let mut gradients = |y| model.loss_and_gradients(noise((4, 5, 2)).view(), noise(y).view(), &Mse, &mut ws);
    for wrong in [(3, 5, 2), (4, 6, 2), (4, 5, 1)] {
        let found = format!("{:?}", [wrong.0, wrong.1, wrong.2]);
        assert_names(gradients(wrong), &["y (batch, time, outputs)", &found, "expected [4, 5, 2]"]);
    }
}

#[test]
fn shapes_of_states() {
    let rnn = model::<f64>(Lstm, &[3, 4]).rnn;
    let mut ws = rnn.workspace();
    let x = noise((5, 2, 2));
    let mut forward = |state: &_| rnn.forward(Run::over(x.view()).from_state(state), &mut ws);

    forward(&rnn.zero_state(5)).unwrap();
    assert_names(
        forward(&rnn.zero_state(1)),
        &["h of layer 0 in the initial state", "[1, 3]", "expected [5, 3]"],
    );
    let mut state = rnn.zero_state(5);
    state.layers[1].c = Some(Array2::zeros((5, 3)));
    assert_names(forward(&state), &["c of layer 1 in the initial state", "[5, 3]", "expected [5, 4]"]);
    let mut state = rnn.zero_state(5);
    state.layers.pop();
    assert_names(forward(&state), &["the initial state has 1 entries for 2 layers"]);
}

#[test]
fn states_with_and_without_c() {
    let x = noise((5, 2, 2));
    let lstm = model::<f64>(Lstm, &[3, 4]).rnn;
    let mut state = lstm.zero_state(5);
    state.layers[1].c = None;
    assert_names(
        lstm.forward(Run::over(x.view()).from_state(&state), &mut lstm.workspace()),
        &["layer 1 has no cell state c", "needs one"],
    );

    let elman = model::<f64>(Elman::tanh(), &[3]).rnn;
    let mut state = elman.zero_state(5);
    state.layers[0].c = Some(Array2::zeros((5, 3)));
    assert_names(
        elman.forward(Run::over(x.view()).from_state(&state), &mut elman.workspace()),
        &["layer 0 has a cell state c", "needs none"],
    );
}

#[test]
fn backward_needs_a_forward_pass_and_its_shape() {
    let rnn = model::<f64>(Lstm, &[3]).rnn;
    let mut ws = rnn.workspace();
    assert_names(
        rnn.backward(noise((5, 2, 3)).view(), None, &mut ws),
        &["holds no record of a forward pass"],
    );
    rnn.forward(noise((5, 2, 2)).view(), &mut ws).unwrap();
    assert_names(
        rnn.backward(noise((5, 3, 3)).view(), None, &mut ws),
        &["d_output (batch, time, hidden)", "[5, 3, 3]", "expected [5, 2, 3]"],
    );
    assert_names(
        rnn.backward(noise((5, 2, 3)).view(), Some(&rnn.zero_state(4)), &mut ws),
        &["h of layer 0 in the gradient of the final state", "[4, 3]", "expected [5, 3]"],
    );
}

/// A workspace that was never used can be looked at: it is empty.
#[test]
fn views_of_an_unused_workspace_are_empty() {
    let model = model::<f64>(Lstm, &[3]);
    let ws = model.workspace();
    assert!(ws.prediction().is_empty() && ws.d_prediction().is_empty() && ws.rnn.d_input().is_empty());
    for view in [ws.rnn.hidden(0), ws.rnn.cell(0), ws.rnn.d_hidden(0), ws.rnn.d_cell(0)] {
        assert!(view.is_empty());
    }
    assert!(ws.rnn.final_state().layers[0].h.is_empty());
}

#[test]
fn workspace_of_another_model() {
    let (small, large) = (model::<f64>(Gru, &[3]), model::<f64>(Gru, &[4]));
    let x = noise((5, 2, 2));
    assert_names(
        small.forward(x.view(), &mut large.workspace()),
        &["the workspace", "was made for other parameters"],
    );
    assert_names(
        small.rnn.backward(noise((5, 2, 3)).view(), None, &mut large.rnn.workspace()),
        &["the workspace was made for other parameters"],
    );
    // Same parameters in another order of layers, and the same layers under another head.
    let (a, b) = (model::<f64>(Gru, &[3, 4]), model::<f64>(Gru, &[4, 3]));
    assert_names(a.rnn.forward(x.view(), &mut b.rnn.workspace()), &["the workspace"]);
    let other_head = Model::<f64>::zeros(Gru, 2, &[3], 5, Bias::Double).unwrap();
    assert_names(small.forward(x.view(), &mut other_head.workspace()), &["the workspace of the head"]);
    // A model of the same shape is no other model.
    small.forward(x.view(), &mut model::<f64>(Gru, &[3]).workspace()).unwrap();
}

#[test]
fn optimizer_and_gradient_of_another_model() {
    let (mut small, mut large) = (model::<f64>(Gru, &[3]), model::<f64>(Gru, &[4]));
    let mut adam = Adam::new(0.1);
    assert_names(
        adam.step(&mut small, &large.workspace()),
        &["the gradient was made for other parameters", "71 numbers here", "106 there"],
    );
    let gradients = small.workspace();
    adam.step(&mut small, &gradients).unwrap();
    let gradients = large.workspace();
    assert_names(
        adam.step(&mut large, &gradients),
        &["the optimizer was made for other parameters", "106 numbers here", "71 there"],
    );
}

#[test]
fn unknown_parameters() {
    let mut model = model::<f64>(Gru, &[3]);
    assert!(model.parameter("weight_ih_l1").is_none());
    assert_names(
        model.set_parameter("weight_ih_l1", &array![1.0].into_dyn()),
        &["\"weight_ih_l1\"", "weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, head.weight, head.bias"],
    );
    assert_names(
        model.set_parameter("bias_hh_l0", &array![1.0].into_dyn()),
        &["bias_hh_l0 has shape [1], expected [9]"],
    );
    let mut values = Array2::ones((9, 2));
    values[[4, 1]] = f64::NAN;
    assert_names(
        model.set_parameter("weight_ih_l0", &values.into_dyn()),
        &["NaN in parameter weight_ih_l0[4, 1]"],
    );
}
