//! Singular values of the way back from the last state.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array2, Array3, Axis, array, s};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{
    BurnIn, Error, JacobianProduct, driven_lyapunov_exponents, fan, ln_singular_values, norms_by_timestep,
    pass, singular_values,
};
use rnn_core::{
    Bias, Cell, Elman, Error as NetworkError, Gru, Init, Lstm, Model, Mse, Parameters, Random, Stack, Target,
};

const TIME: usize = 25;

fn model(cell: impl Into<Cell<f64>>, hidden: usize, init: Init) -> Model<f64> {
    let mut rng = Pcg64Dxsm::seed_from_u64(3);
    let mut model = Model::zeros(cell, 2, &[hidden], 1, Bias::Single).unwrap();
    model.initialize(Init::PyTorch, &mut rng).unwrap();
    model.initialize(init, &mut rng).unwrap();
    model
}

fn input(time: usize) -> Array3<f64> {
    let mut x = Array3::zeros((1, time, 2));
    Pcg64Dxsm::seed_from_u64(4).fill_normal(x.as_slice_mut().unwrap());
    x
}

fn all(time: usize) -> Vec<usize> {
    (1..=time).collect()
}

/// Would catch: a product in the wrong order, a step too many or too few.
#[test]
fn at_every_timestep_it_is_the_product_of_the_later_jacobians() {
    for cell in [Cell::from(Elman::tanh()), Lstm.into(), Gru.into()] {
        let model = model(cell, 4, Init::Orthogonal { gain: 1.3 });
        let mut ws = model.rnn.workspace();
        model.rnn.forward(input(TIME).view(), &mut ws).unwrap();
        let fan = fan(&model.rnn, &ws, 0, 0, &all(TIME)).unwrap();
        let n = fan.ln_sigma.ncols();
        assert!(fan.ln_sigma.row(TIME - 1).iter().all(|&ln| ln == 0.0), "no step, no change");
        for t in [1, 7, TIME - 1] {
            let mut forward = JacobianProduct::identity(n);
            for later in t + 1..=TIME {
                forward.multiply(model.rnn.step_jacobian(&ws, 0, 0, later).unwrap().view()).unwrap();
            }
            for (one, other) in forward.ln_singular_values().iter().zip(fan.ln_sigma.row(t - 1)) {
                assert!((one - other).abs() < 1e-9 * (1.0 + one.abs()), "t = {t}: {one} {other}");
            }
        }
        // One step, by a decomposition of the matrix itself.
        let last = model.rnn.step_jacobian(&ws, 0, 0, TIME).unwrap();
        for (sigma, ln) in singular_values(last.view()).unwrap().iter().zip(fan.ln_sigma.row(TIME - 2)) {
            assert!((sigma.ln() - ln).abs() < 1e-9 || *sigma < 1e-12, "{} {ln}", sigma.ln());
        }
        // From s_0 on forwards, the other function of this crate, with the first step taken off.
        let from_zero = ln_singular_values(&model.rnn, &ws, 0, 0).unwrap();
        let sum = |row: ndarray::ArrayView1<'_, f64>| row.sum();
        let first = singular_values(model.rnn.step_jacobian(&ws, 0, 0, 1).unwrap().view()).unwrap();
        let first: f64 = first.iter().map(|sigma| sigma.ln()).sum();
        let rest = sum(from_zero.row(TIME - 1)) - first;
        if rest.is_finite() {
            assert!((rest - sum(fan.ln_sigma.row(0))).abs() < 1e-7 * (1.0 + rest.abs()), "determinants");
        }
    }
}

/// The exponents of the QR steps over the same timesteps have the same sum: both are means of ln |det J_t|. In a network whose
/// Jacobians all have the same orthogonal eigenvectors, each one is the same.
#[test]
fn exponents_are_those_of_the_other_method() {
    let model = model(Elman::tanh(), 5, Init::Orthogonal { gain: 1.1 });
    let x = input(TIME);
    let mut ws = model.rnn.workspace();
    model.rnn.forward(x.view(), &mut ws).unwrap();
    let exponents = fan(&model.rnn, &ws, 0, 0, &all(TIME)).unwrap().exponents();
    let burn_in = BurnIn { state: 1, directions: 0 };
    let other = driven_lyapunov_exponents(&model.rnn, x.index_axis(Axis(0), 0), None, burn_in).unwrap();
    let sum: f64 = other[0].by_column.iter().sum();
    assert_eq!(other[0].steps, TIME - 1);
    assert!((exponents.iter().sum::<f64>() - sum).abs() < 1e-9, "{exponents:?} {other:?}");

    let mut diagonal = Stack::<f64>::zeros(Elman::identity(), 2, &[3], Bias::None).unwrap();
    let w = Array2::from_diag(&array![1.2, 0.9, 0.5]);
    diagonal.set_parameter("weight_hh_l0", w.view().into_dyn()).unwrap();
    let mut ws = diagonal.workspace();
    diagonal.forward(x.view(), &mut ws).unwrap();
    let exponents = fan(&diagonal, &ws, 0, 0, &all(TIME)).unwrap().exponents();
    let other = driven_lyapunov_exponents(&diagonal, x.index_axis(Axis(0), 0), None, burn_in).unwrap();
    for (one, other) in exponents.iter().zip(other[0].sorted()) {
        assert!((one - other).abs() < 1e-12, "{one} {other}");
    }
}

#[test]
fn an_orthogonal_network_keeps_every_direction() {
    let mut rng = Pcg64Dxsm::seed_from_u64(1);
    let mut model = Model::<f64>::zeros(Elman::identity(), 2, &[16], 1, Bias::None).unwrap();
    model.initialize(Init::Orthogonal { gain: 1.0 }, &mut rng).unwrap();
    let mut ws = model.rnn.workspace();
    model.rnn.forward(input(200).view(), &mut ws).unwrap();
    for timesteps in [all(200), vec![1, 40, 41, 200], vec![1]] {
        let fan = fan(&model.rnn, &ws, 0, 0, &timesteps).unwrap();
        assert!(fan.ln_sigma.iter().all(|ln| ln.abs() < 1e-11));
        assert!(fan.exponents().iter().all(|ln| ln.abs() < 1e-13));
    }
}

/// Where W has rank 1, so has every product, and its one direction carries the whole gradient: from step to step σ_1 changes as
/// ‖dL_T/dh_t‖ does. With one unit, the gradient is σ itself.
#[test]
fn one_direction_carries_the_gradient() {
    for hidden in [1, 4] {
        let mut model = model(Elman::tanh(), hidden, Init::Orthogonal { gain: 1.0 });
        let w = Array2::from_shape_fn((hidden, hidden), |(i, j)| {
            (1.0 + 0.3 * i as f64) * if j % 2 == 0 { 0.6 } else { -0.5 }
        });
        model.set_parameter("weight_hh_l0", w.view().into_dyn()).unwrap();
        let (x, y) = (input(TIME), Array3::ones((1, TIME, 1)));
        let mut ws = model.workspace();
        pass(&model, x.view(), Target::values(y.view()).last(), &Mse, &mut ws).unwrap();
        let gradient = norms_by_timestep(ws.rnn.d_hidden(0));
        let fan = fan(&model.rnn, &ws.rnn, 0, 0, &all(TIME)).unwrap();
        let last = if hidden == 1 { TIME } else { TIME - 1 };
        for t in 1..last {
            let carried = fan.ln_sigma[[t - 1, 0]] - fan.ln_sigma[[last - 1, 0]];
            let measured = gradient[t - 1].ln() - gradient[last - 1].ln();
            assert!((carried - measured).abs() < 1e-10, "n = {hidden}, t = {t}: {carried} {measured}");
        }
    }
}

/// Whatever the loss, its gradient lies within the fan.
#[test]
fn gradients_lie_between_the_least_and_the_greatest() {
    for cell in [Cell::from(Elman::tanh()), Elman::relu().into(), Gru.into()] {
        let model = model(cell, 6, Init::Orthogonal { gain: 1.5 });
        let (x, y) = (input(TIME), Array3::ones((1, TIME, 1)));
        let mut ws = model.workspace();
        pass(&model, x.view(), Target::values(y.view()).last(), &Mse, &mut ws).unwrap();
        let gradient = norms_by_timestep(ws.rnn.d_hidden(0));
        let fan = fan(&model.rnn, &ws.rnn, 0, 0, &all(TIME)).unwrap();
        for t in 1..=TIME {
            let ln = gradient[t - 1].ln() - gradient[TIME - 1].ln();
            let row = fan.ln_sigma.row(t - 1);
            assert!(row[0] + 1e-9 >= ln && row[5] - 1e-9 <= ln, "t = {t}: {ln} outside {row}");
        }
    }
}

/// Would catch: products between two timesteps that are left out, or added twice. The largest values keep nearly all digits.
#[test]
fn timesteps_can_be_left_out() {
    let model = model(Elman::tanh(), 32, Init::Orthogonal { gain: 1.2 });
    let mut ws = model.rnn.workspace();
    model.rnn.forward(input(100).view(), &mut ws).unwrap();
    let every = fan(&model.rnn, &ws, 0, 0, &all(100)).unwrap();
    let chosen = [1, 2, 12, 24, 36, 48, 60, 72, 84, 96];
    let some = fan(&model.rnn, &ws, 0, 0, &chosen).unwrap();
    assert_eq!((some.timesteps.as_slice(), some.time), (&chosen[..], 100));
    for (row, t) in some.ln_sigma.rows().into_iter().zip(chosen) {
        let exact = every.ln_sigma.row(t - 1);
        let off = (&row - &exact).slice(s![..16]).fold(0f64, |most, x| most.max(x.abs()));
        assert!(off < 1e-8, "t = {t}: {off}");
    }
    assert!(fan(&model.rnn, &ws, 0, 0, &[100]).unwrap().exponents().is_empty());
    for wrong in [vec![0, 3], vec![3, 3], vec![5, 4], vec![101]] {
        let error = fan(&model.rnn, &ws, 0, 0, &wrong).unwrap_err();
        assert!(
            matches!(error, Error::Network(NetworkError::OutOfRange { what: "timestep", .. })),
            "{error}"
        );
    }
}
