//! What truncated back-propagation loses.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::ops::ControlFlow;

use ndarray::{Array3, array};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Error, truncation};
use rnn_core::{
    Batch, BatchIter, Bias, Cell, Elman, Gru, Lstm, Model, Mse, Parameters, Random, Sgd, Tbptt, Timesteps,
    Training, train,
};

const TIME: usize = 12;

fn batch(time: usize) -> Batch<f64> {
    let mut rng = Pcg64Dxsm::seed_from_u64(8);
    let (mut x, mut y) = (Array3::zeros((2, time, 1)), Array3::zeros((2, time, 1)));
    rng.fill_normal(x.as_slice_mut().unwrap());
    rng.fill_normal(y.as_slice_mut().unwrap());
    Batch::new(x, y)
}

fn model(cell: impl Into<Cell<f64>>) -> Model<f64> {
    Model::new(cell, 1, &[4, 3], 1, Bias::Double, &mut Pcg64Dxsm::seed_from_u64(2)).unwrap()
}

fn slice(model: &Model<f64>) -> Vec<f64> {
    model.blocks().flat_map(|block| block.as_slice().to_vec()).collect()
}

/// With the loss at the last timestep there is one window to learn from: one step of `Tbptt` by gradient descent with a rate
/// of 1 moves the parameters by exactly that gradient. Would catch: windows that begin elsewhere, or a state that is not
/// carried on.
#[test]
fn the_windows_are_those_of_training() {
    for cell in [Cell::from(Elman::tanh()), Lstm.into(), Gru.into()] {
        let (model, batch) = (model(cell), batch(TIME).counting(Timesteps::Last));
        let mut ws = model.workspace();
        model.loss_and_gradients(batch.run(), batch.target(), &Mse, &mut ws).unwrap();
        let whole: Vec<f64> = ws.blocks().flat_map(|block| block.as_slice().to_vec()).collect();
        for window in [1, 3, 5, 12, 20] {
            let mut trained = model.clone();
            let training = Training::new(Mse).truncated(Tbptt::every(window));
            let source = BatchIter(std::iter::once(batch.clone()));
            train(&mut trained, source, &training, &mut Sgd::new(1.0), |_, _| ControlFlow::Continue(()))
                .unwrap();
            let part: Vec<f64> =
                slice(&model).iter().zip(slice(&trained)).map(|(before, after)| before - after).collect();
            let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>().sqrt();
            let (a, b) = (norm(&mut whole.iter().copied()), norm(&mut part.iter().copied()));
            let lost = norm(&mut whole.iter().zip(&part).map(|(g, part)| g - part));
            let dot: f64 = whole.iter().zip(&part).map(|(g, part)| g * part).sum();
            let got = truncation(&model, &ws, batch.x.view(), window).unwrap();
            assert!(
                (got.whole - a).abs() < 1e-12 && (got.truncated - b).abs() < 1e-12,
                "{window}: {got:?} {a} {b} {lost}"
            );
            assert!((got.lost - lost).abs() < 1e-12 && (got.cosine - dot / (a * b)).abs() < 1e-10, "{got:?}");
            assert_eq!(got.lost == 0.0, window >= TIME, "{got:?}");
        }
    }
}

/// One linear unit h_t = w h_{t−1} + x_t with the loss at every timestep: the sum of the windows' own gradients.
#[test]
fn the_loss_is_that_of_the_whole_sequence() {
    let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[1], 1, Bias::None).unwrap();
    model.rnn.params_mut().as_mut_slice().copy_from_slice(&[1.0, 0.5]);
    model.set_parameter("head.weight", array![[1.0]].view().into_dyn()).unwrap();
    let x = Array3::from_shape_vec((1, 4, 1), vec![1.0, 1.0, 1.0, 1.0]).unwrap();
    let mut ws = model.workspace();
    model.loss_and_gradients(x.view(), Array3::zeros((1, 4, 1)).view(), &Mse, &mut ws).unwrap();
    let h = [1.0, 1.5, 1.75, 1.875];
    // dL/dŷ_t = h_t / 2, and dh_t/dw_hh = h_{t−1} + w dh_{t−1}/dw_hh, from 0 at the start of each window of two.
    let whole = [0.0, 1.0, 1.5 + 0.5, 1.75 + 0.5 * 2.0];
    let part = [0.0, 1.0, 1.5, 1.75 + 0.5 * 1.5];
    let lost: f64 = (0..4).map(|t| h[t] / 2.0 * (whole[t] - part[t])).sum();
    // The same for w_ih: dh_t/dw_ih = x_t + w dh_{t−1}/dw_ih.
    let whole = [1.0, 1.5, 1.75, 1.875];
    let part = [1.0, 1.5, 1.0, 1.5];
    let lost_ih: f64 = (0..4).map(|t| h[t] / 2.0 * (whole[t] - part[t])).sum();
    let got = truncation(&model, &ws, x.view(), 2).unwrap();
    assert!((got.lost - lost.hypot(lost_ih)).abs() < 1e-14, "{got:?} {lost} {lost_ih}");
}

#[test]
fn a_window_of_nothing_and_a_pass_without_a_way_back_are_refused() {
    let (model, batch) = (model(Elman::tanh()), batch(TIME));
    let mut ws = model.workspace();
    assert!(matches!(truncation(&model, &ws, batch.x.view(), 3).unwrap_err(), Error::Network(_)));
    model.loss_and_gradients(batch.run(), batch.target(), &Mse, &mut ws).unwrap();
    assert!(matches!(truncation(&model, &ws, batch.x.view(), 0).unwrap_err(), Error::NoWindow));
}
