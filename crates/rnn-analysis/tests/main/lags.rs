//! The gradient of a parameter by lag.

use ndarray::{Array3, Axis};
use rnn_analysis::{gradient_terms, gradient_terms_by_lag};
use rnn_core::{Bias, Elman, Gru, Lstm, Model, Mse, Parameters, Random, Target};

const T: usize = 6;

fn drawn(shape: (usize, usize, usize), seed: u64) -> Array3<f64> {
    let mut rng: rand_pcg::Pcg64Dxsm = rand::SeedableRng::seed_from_u64(seed);
    let mut x = Array3::zeros(shape);
    rng.fill_normal(x.as_slice_mut().expect("in one block"));
    x
}

#[test]
fn one_linear_unit_has_the_closed_form() {
    // h_k = w h_{k−1} + x_k and dL_t/dh_k = w^{t−k} dL_t/dh_t: G_{t,k} of W_ih is w^{t−k} dL_t/dh_t x_k.
    let w: f64 = -0.7;
    let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[1], 1, Bias::None).expect("a model");
    model.fill(1.0);
    model.rnn.set_parameter("weight_hh_l0", ndarray::array![[w]].view().into_dyn()).expect("a parameter");
    let (x, y) = (drawn((1, T, 1), 1), drawn((1, T, 1), 2));
    let mut ws = model.workspace();
    model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws).expect("a pass");
    let d = model.d_output(&ws);
    let found = gradient_terms_by_lag(&model.rnn, d.view(), 0, &mut ws.rnn).expect("terms");
    for lag in 0..T {
        let exact: f64 =
            (lag..T).map(|t| (w.powi(lag as i32) * d[[0, t, 0]] * x[[0, t - lag, 0]]).abs()).sum();
        assert!((found[0].norm[lag] - exact).abs() < 1e-14, "{lag}");
    }
}

#[test]
fn with_the_loss_at_the_end_lags_are_timesteps_in_reverse() {
    for cell in [rnn_core::Cell::from(Lstm), Gru.into()] {
        let mut rng: rand_pcg::Pcg64Dxsm = rand::SeedableRng::seed_from_u64(3);
        let model = Model::<f64>::new(cell, 2, &[3, 4], 1, Bias::Double, &mut rng).expect("a model");
        let (x, y) = (drawn((2, T, 2), 1), drawn((2, T, 1), 2));
        let mut ws = model.workspace();
        model.loss_and_gradients(x.view(), Target::values(y.view()).last(), &Mse, &mut ws).expect("a pass");
        let terms = gradient_terms(&model.rnn, &ws.rnn, 0).expect("terms");
        let d = model.d_output(&ws);
        let found = gradient_terms_by_lag(&model.rnn, d.view(), 0, &mut ws.rnn).expect("terms");
        for (by_lag, of) in found.iter().zip(&terms) {
            let reversed: Vec<f64> = of.norm.iter().rev().copied().collect();
            assert_eq!((&by_lag.name, &by_lag.norm), (&of.name, &reversed));
        }
        assert_eq!(
            gradient_terms(&model.rnn, &ws.rnn, 0).expect("terms"),
            terms,
            "the gradients are there again"
        );
    }
}

#[test]
fn without_a_loss_every_lag_is_0() {
    let model = Model::<f64>::zeros(Gru, 1, &[2], 1, Bias::None).expect("a model");
    let (x, y) = (drawn((1, T, 1), 1), Array3::zeros((1, T, 1)));
    let mut ws = model.workspace();
    model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws).expect("a pass");
    let d = model.d_output(&ws);
    assert!(d.index_axis(Axis(0), 0).iter().all(|&d| d == 0.0));
    let found = gradient_terms_by_lag(&model.rnn, d.view(), 0, &mut ws.rnn).expect("terms");
    assert!(!found.is_empty() && found.iter().all(|of| of.norm == [0.0; T]));
}
