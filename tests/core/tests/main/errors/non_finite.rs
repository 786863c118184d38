//! NaN and infinity, where they come from.

use ndarray::{Array3, array};
use rnn_core::cell::{Form, Gate, Gradient, Name};
use rnn_core::{
    Adam, Bias, Counted, Elman, Error, Gru, Loss, Lstm, Model, Mse, Parameters, Place, Run, Sgd, Stack,
    Target, Trainer, Training, Truth, Unit, tanh,
};

use super::{assert_names, flat, model, noise};

#[test]
fn in_what_is_given() {
    let model = model::<f64>(Lstm, &[3]);
    let mut ws = model.workspace();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let text = bad.to_string();
        let (mut x, mut y) = (noise((3, 4, 2)), noise((3, 4, 2)));
        x[[2, 1, 0]] = bad;
        assert_names(model.forward(x.view(), &mut ws), &[&text, "in x[2, 1, 0]"]);
        let x = noise((3, 4, 2));
        // The first timestep: a target that does not count is not looked at.
        y[[1, 0, 1]] = bad;
        let last = Target::values(y.view()).last();
        model.loss_and_gradients(x.view(), last, &Mse, &mut ws).unwrap();
        assert_names(model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws), &[&text, "in y[1, 0, 1]"]);
        let transposed = y.view().permuted_axes([1, 0, 2]);
        let x = noise((4, 3, 2));
        assert_names(
            model.loss_and_gradients(x.view(), transposed, &Mse, &mut ws),
            &[&text, "in y[0, 1, 1]"],
        );
    }
}

#[test]
fn in_states_and_their_gradients() {
    let rnn = model::<f64>(Lstm, &[3, 4]).rnn;
    let mut ws = rnn.workspace();
    let x = noise((2, 4, 2));
    let mut state = rnn.zero_state(2);
    state.layers[1].c.as_mut().unwrap()[[1, 3]] = f64::NAN;
    assert_names(
        rnn.forward(Run::over(x.view()).from_state(&state), &mut ws),
        &["NaN in c of the initial state[1, 1, 3]"],
    );

    rnn.forward(x.view(), &mut ws).unwrap();
    let mut d_output = noise((2, 4, 4));
    assert_names(
        rnn.backward(d_output.view(), Some(&state), &mut ws),
        &["NaN in the gradient of the final c[1, 1, 3]"],
    );
    d_output[[0, 3, 2]] = f64::INFINITY;
    assert_names(rnn.backward(d_output.view(), None, &mut ws), &["inf in d_output[0, 3, 2]"]);
}

/// An infinity saturates a tanh: no state shows it, so the parameters themselves have to be looked at.
#[test]
fn in_a_parameter() {
    for bad in [f64::NAN, f64::INFINITY] {
        let mut model = model::<f64>(Elman::tanh(), &[3, 4]);
        let names: Vec<_> = model.named().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let mut with_bad = model.clone();
            let mut array = with_bad.blocks_mut().find_map(|block| block.get_mut(&name)).unwrap();
            *array.iter_mut().nth(1).unwrap() = bad;
            assert_names(
                with_bad.predict(Array3::ones((2, 4, 2)).view()),
                &[&format!("{bad} in parameter {name}["), "1]"],
            );
        }
        model.predict(Array3::ones((2, 4, 2)).view()).unwrap();
        model.fill(bad);
        assert_names(model.predict(noise((2, 4, 2)).view()), &["in parameter weight_ih_l0[0, 0]"]);
    }
}

/// h grows by 1e10 a timestep: 1e10, 1e20, 1e30, and 1e40 is more than an f32 holds. In the layer above, which only
/// copies, nothing is finite from the same timestep on; the cause is named, not the effect.
#[test]
fn in_an_exploding_network() {
    let mut rnn = Stack::<f32>::zeros(Elman::identity(), 1, &[2, 1], Bias::None).unwrap();
    rnn.set_parameter("weight_hh_l0", &array![[0.0, 0.0], [0.0, 1e10]].into_dyn()).unwrap();
    rnn.set_parameter("weight_ih_l0", &array![[0.0], [1e10]].into_dyn()).unwrap();
    rnn.set_parameter("weight_ih_l1", &array![[1.0, 1.0]].into_dyn()).unwrap();
    let mut ws = rnn.workspace();
    let mut x = Array3::zeros((3, 6, 1));
    x[[1, 0, 0]] = 1.0;
    let error = rnn.forward(x.view(), &mut ws).unwrap_err();
    let place = Place::HiddenState { layer: 0, timestep: 4, batch: 1, unit: 1 };
    assert_eq!(error, Error::NonFinite { place, value: "inf".to_owned() });
    assert_names(
        Err::<(), _>(error),
        &["inf in the hidden state of layer 0 at timestep 4, sequence 1, unit 1"],
    );
    // What led there can be looked at.
    assert_eq!(ws.hidden(0)[[1, 2, 1]], 1e30);
    assert_eq!(ws.hidden(0)[[1, 3, 1]], f32::INFINITY);
}

#[test]
fn in_a_prediction_and_in_the_loss() {
    let mut model = model::<f32>(Elman::identity(), &[3]);
    model.fill(0.0);
    model.set_parameter("weight_ih_l0", &array![[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]].into_dyn()).unwrap();
    model.set_parameter("head.weight", &array![[0.0, 0.0, 0.0], [1e30, 0.0, 0.0]].into_dyn()).unwrap();
    let mut x = Array3::zeros((2, 3, 2));
    x[[1, 2, 0]] = 1e30;
    assert_names(model.predict(x.view()), &["inf in prediction[1, 2, 1]"]);

    // 1e30 is a number; its square is not, in f32.
    x[[1, 2, 0]] = 1.0;
    let mut ws = model.workspace();
    let y = Array3::zeros((2, 3, 2));
    assert_names(model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws), &["inf in the loss"]);
}

/// States and loss can be finite and a derivative not: dL/dh_1 = 1e30 · 1e30 ŷ.
#[test]
fn in_a_gradient() {
    let mut rnn = Stack::<f32>::zeros(Elman::identity(), 1, &[1], Bias::None).unwrap();
    rnn.set_parameter("weight_hh_l0", &array![[1e30]].into_dyn()).unwrap();
    rnn.set_parameter("weight_ih_l0", &array![[1.0]].into_dyn()).unwrap();
    let mut ws = rnn.workspace();
    rnn.forward(array![[[1e-30], [0.0]]].view(), &mut ws).unwrap();
    let d = array![[[0.0], [1e20]]];
    assert_names(rnn.backward(d.view(), None, &mut ws), &["in the gradient of weight_ih_l0[0, 0]"]);
}

/// A loss of the caller's with a broken value.
struct Broken;

impl Loss<f64> for Broken {
    fn evaluate(
        &self,
        _: ndarray::ArrayView3<'_, f64>,
        _: Truth<'_, f64>,
        _: &Counted<'_>,
        mut d: ndarray::ArrayViewMut3<'_, f64>,
    ) -> f64 {
        d.fill(0.0);
        f64::NAN
    }
}

/// After any error the parameters are those before the step, bit by bit.
#[test]
fn a_failed_step_changes_nothing() {
    let mut model = model::<f64>(Gru, &[3]);
    let (x, y) = (noise((2, 4, 2)), noise((2, 4, 2)));
    let before = flat(&model);
    let mut adam = Adam::new(0.1);
    let mse = Training::new(Mse).clip(1.0);
    let mut trainer = Trainer::new(&model, mse);

    let mut bad = x.clone();
    bad[[0, 0, 0]] = f64::NAN;
    trainer.step(&mut model, bad.view(), y.view(), &mut adam).unwrap_err();
    trainer.step(&mut model, x.view(), bad.view(), &mut adam).unwrap_err();
    let mut broken = Trainer::new(&model, Training::new(Broken));
    assert_names(broken.step(&mut model, x.view(), y.view(), &mut adam), &["NaN in the loss"]);
    let mut clip = Trainer::new(&model, mse.clip(-1.0));
    clip.step(&mut model, x.view(), y.view(), &mut adam).unwrap_err();
    trainer.step(&mut model, x.view(), y.view(), &mut Sgd::new(-1.0)).unwrap_err();
    assert_eq!(flat(&model), before);
    assert_eq!(trainer.steps(), 0);

    // And the failures left nothing in the optimizer or the workspace: the next step is that of fresh ones.
    let mut fresh = model.clone();
    trainer.step(&mut model, x.view(), y.view(), &mut adam).unwrap();
    let mut fresh_trainer = Trainer::new(&fresh, mse);
    fresh_trainer.step(&mut fresh, x.view(), y.view(), &mut Adam::new(0.1)).unwrap();
    assert_eq!(flat(&model), flat(&fresh));
}

/// c doubles with each step, h = tanh c stays within ±1.
#[derive(Clone, Copy)]
struct Doubling;

impl Unit<f32> for Doubling {
    type Gates = [f32; 1];
    type State = [f32; 2];
    type Saved = [f32; 1];
    type Own = [f32; 0];
    const FORM: Form = Form::new(&[Gate::new("c")]).state_is_cell().ignores_h();

    fn name(&self) -> Name {
        Name::new("doubling")
    }

    fn forward(&self, _: [f32; 0], [a]: [f32; 1], [u]: [f32; 1], [_, c]: [f32; 2]) -> ([f32; 2], [f32; 1]) {
        ([0.0, 2.0 * c + a + u], [0.0])
    }

    fn read(&self, _: [f32; 0], [_, c]: [f32; 2], _: [f32; 1]) -> ([f32; 2], [f32; 1]) {
        let h = tanh(c);
        ([h, c], [h])
    }

    fn read_back(&self, _: [f32; 0], [h]: [f32; 1], d_h: f32) -> [f32; 2] {
        [0.0, d_h * (1.0 - h * h)]
    }

    fn backward(
        &self,
        _: [f32; 0],
        _: [f32; 1],
        _: [f32; 2],
        [_, d_c]: [f32; 2],
    ) -> Gradient<[f32; 1], [f32; 2], [f32; 0]> {
        Gradient { a: [d_c], u: [d_c], previous: [0.0, 2.0 * d_c], own: [] }
    }
}

#[test]
fn in_a_cell_state_that_hides_behind_a_finite_hidden_state() {
    let mut rnn = Stack::<f32>::zeros(Doubling, 1, &[1], Bias::None).unwrap();
    rnn.fill(1.0);
    let x = Array3::ones((1, 200, 1));
    // c_t is at least 2^(t−1), which leaves f32 at 2^128.
    assert_names(
        rnn.forward(x.view(), &mut rnn.workspace()),
        &["inf in the cell state of layer 0 at timestep 12", "sequence 0, unit 0"],
    );
}

/// After a failed run there are no results of an earlier one to be taken for its own, and looking does not panic.
#[test]
fn a_failed_run_leaves_no_stale_results() {
    let mut model = model::<f64>(Gru, &[3]);
    let mut ws = model.workspace();
    model.forward(noise((1, 2, 2)).view(), &mut ws).unwrap();
    let mut x = noise((4, 5, 2));
    x[[0, 0, 0]] = f64::NAN;
    model.forward(x.view(), &mut ws).unwrap_err();
    assert!(ws.prediction().iter().all(|y| y.is_nan()));
    let d_output = noise((4, 5, 3));
    assert_names(
        model.rnn.backward(d_output.view(), None, &mut ws.rnn),
        &["holds no record of a forward pass"],
    );

    model.rnn.params_mut().as_mut_slice()[0] = f64::NAN;
    model.forward(noise((6, 7, 2)).view(), &mut ws).unwrap_err();
    assert_eq!(ws.prediction().shape(), [6, 7, 2]);
    assert!(ws.prediction().iter().all(|y| y.is_nan()));
}

/// Entries of 1e23 are fine in f32, their squares are not: the norm is right all the same.
#[test]
fn squares_of_a_finite_gradient_may_overflow() {
    let mut model = Model::<f32>::zeros(Elman::identity(), 1, &[1], 1, Bias::None).unwrap();
    model.fill(1.0);
    let (x, y) = (Array3::from_elem((1, 1, 1), 1e5), Array3::from_elem((1, 1, 1), 1e18));
    for clip in [None, Some(1.0)] {
        let mut model = model.clone();
        let training = Training::new(Mse);
        let mut trainer = Trainer::new(&model, clip.map_or(training, |clip| training.clip(clip)));
        let step = trainer.step(&mut model, x.view(), y.view(), &mut Sgd::new(0.1)).unwrap();
        let norm = f64::from(step.gradient_norm);
        assert!((norm / (8f64.sqrt() * 1e23) - 1.0).abs() < 1e-6, "{norm}");
    }
}
