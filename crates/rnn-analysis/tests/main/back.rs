//! One step back of a gradient, and where gradients arrive.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::Array3;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Error, Flow, gradient_by_lag, gradient_terms, step_factors};
use rnn_core::{Bias, Cell, Elman, Error as NetworkError, Gru, Lstm, Model, Mse, Options, Random, Target};

fn data(batch: usize, time: usize) -> (Array3<f64>, Array3<f64>) {
    let mut rng = Pcg64Dxsm::seed_from_u64(4);
    let (mut x, mut y) = (Array3::zeros((batch, time, 2)), Array3::zeros((batch, time, 1)));
    rng.fill_normal(x.as_slice_mut().unwrap());
    rng.fill_normal(y.as_slice_mut().unwrap());
    (x, y)
}

/// Would catch: a factor that is left out or counted twice, a timestep off by one, the layer above taken for W_hh.
#[test]
fn the_factors_of_a_step_add_up_to_it() {
    let mut rng = Pcg64Dxsm::seed_from_u64(3);
    let mut model = Model::<f64>::new(Elman::tanh(), 2, &[5, 4], 1, Bias::Single, &mut rng).unwrap();
    model.rnn.params_mut().as_mut_slice().iter_mut().for_each(|w| *w *= 2.0);
    let (x, y) = data(1, 12);
    let mut ws = model.workspace();
    for all in [true, false] {
        let target = Target::values(y.view());
        let target = if all { target } else { target.last() };
        model.loss_and_gradients(x.view(), target, &Mse, &mut ws).unwrap();
        let norms = Flow::of(&ws.rnn).grad_norm;
        for layer in 0..2 {
            let steps = step_factors(&model.rnn, &ws.rnn, layer, 0).unwrap();
            assert_eq!(steps.len(), 11);
            for (at, step) in steps.iter().enumerate() {
                let step = step.unwrap();
                let ratio = (norms[[layer, at]] / norms[[layer, at + 1]]).ln();
                assert!((step.slopes + step.weights + step.others - ratio).abs() < 1e-9);
                assert!(step.slopes < 0.0, "no slope of tanh is above 1");
                let alone = layer == 1 && !all;
                assert_eq!(step.others.abs() < 1e-12, alone, "layer {layer}: {step:?}");
            }
        }
    }
}

/// Would catch: infinities and NaN where a gradient ends.
#[test]
fn steps_of_a_gradient_that_is_zero_have_no_factors() {
    let mut rng = Pcg64Dxsm::seed_from_u64(3);
    let mut model = Model::<f64>::new(Elman::tanh(), 2, &[5], 1, Bias::Single, &mut rng).unwrap();
    model.rnn.params_mut().get_mut("weight_hh_l0").unwrap().fill(0.0);
    let (x, y) = data(1, 4);
    let mut ws = model.workspace();
    model.loss_and_gradients(x.view(), Target::values(y.view()).last(), &Mse, &mut ws).unwrap();
    assert_eq!(step_factors(&model.rnn, &ws.rnn, 0, 0).unwrap(), [None; 3]);
    let error = step_factors(&model.rnn, &ws.rnn, 0, 1).unwrap_err().to_string();
    assert!(error.contains("sequence 1"), "{error}");
}

/// Would catch: factors of steps that are not slopes times W_hh.
#[test]
fn gated_and_bidirectional_layers_have_no_such_factors() {
    let (x, y) = data(1, 4);
    let refused = |mut model: Model<f64>| {
        model.initialize(rnn_core::Init::PyTorch, &mut Pcg64Dxsm::seed_from_u64(3)).unwrap();
        let mut ws = model.workspace();
        model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws).unwrap();
        assert_eq!(step_factors(&model.rnn, &ws.rnn, 0, 0), Err(Error::NoStepFactors { layer: 0 }));
    };
    refused(Model::zeros(Lstm, 2, &[3], 1, Bias::Single).unwrap());
    refused(Model::zeros(Gru, 2, &[3], 1, Bias::Single).unwrap());
    refused(Model::zeros(Elman::tanh(), 2, &[3], 1, Options::default().bidirectional(true)).unwrap());
    refused(Model::zeros(Elman::tanh(), 2, &[3], 1, Options::default().recurrent_dropout(0.5)).unwrap());
}

/// The sum over lags is the sum over the matrix, and lag 0 is each loss at its own timestep.
#[test]
fn lags_hold_every_entry_of_the_reach_once() {
    let mut rng = Pcg64Dxsm::seed_from_u64(5);
    let model = Model::<f64>::new(Lstm, 2, &[4], 1, Bias::Double, &mut rng).unwrap();
    let (x, y) = data(2, 7);
    let mut ws = model.workspace();
    model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws).unwrap();
    let d_output = model.d_output(&ws);
    let reach = model.rnn.reach(d_output.view(), &mut ws.rnn).unwrap().remove(0);
    let lags = gradient_by_lag(reach.view());
    assert_eq!(lags.len(), 7);
    assert!((lags[0] - reach.diag().sum()).abs() < 1e-15);
    assert_eq!(lags[6], reach[[6, 0]]);
    assert!((lags.iter().sum::<f64>() - reach.sum()).abs() < 1e-14);
}

/// Would catch: the gradients of an earlier pass beside the states of a later one.
#[test]
fn a_forward_pass_alone_has_no_norms_of_gradients() {
    let model =
        Model::<f64>::zeros("gru".parse::<Cell<f64>>().unwrap(), 2, &[4, 3], 1, Bias::Double).unwrap();
    let (x, y) = data(2, 6);
    let mut ws = model.workspace();
    model.forward(x.view(), &mut ws).unwrap();
    let flow = Flow::of(&ws.rnn);
    assert_eq!((flow.hidden_norm.dim(), flow.grad_norm.dim()), ((2, 6), (2, 0)));
    model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws).unwrap();
    assert_eq!(Flow::of(&ws.rnn).grad_norm.dim(), (2, 6));
    model.forward(x.view(), &mut ws).unwrap();
    assert_eq!(Flow::of(&ws.rnn), flow);
}

/// Would catch: terms and factors of an earlier backward pass, of the states of a later forward pass.
#[test]
fn gradients_of_an_earlier_pass_have_no_terms() {
    let mut rng = Pcg64Dxsm::seed_from_u64(5);
    let model = Model::<f64>::new(Elman::tanh(), 2, &[4], 1, Bias::Single, &mut rng).unwrap();
    let (x, y) = data(2, 6);
    let mut ws = model.workspace();
    let none = Err(Error::Network(NetworkError::NothingRecorded));
    assert_eq!(gradient_terms(&model.rnn, &ws.rnn, 0), none);
    model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws).unwrap();
    assert_eq!(gradient_terms(&model.rnn, &ws.rnn, 0).unwrap()[0].norm.len(), 6);
    let (x, _) = data(1, 3);
    model.forward(x.view(), &mut ws).unwrap();
    let none = Err(Error::Network(NetworkError::NotDifferentiated));
    assert_eq!(gradient_terms(&model.rnn, &ws.rnn, 0), none);
    assert_eq!(step_factors(&model.rnn, &ws.rnn, 0, 0), Err(Error::Network(NetworkError::NotDifferentiated)));
    model.rnn.infer(x.view(), &mut ws.rnn).unwrap();
    assert_eq!(gradient_terms(&model.rnn, &ws.rnn, 0), Err(Error::Network(NetworkError::NothingRecorded)));
}
