//! Fixed points of networks whose fixed points are known.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array1, Array2, Array3, array};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Error, FixedPoint, fixed_points};
use rnn_core::{
    Bias, Cell, Elman, Gru, LayerState, Leaky, Lstm, Parameters, Random, Run, Stack, State, cell::Tanh,
};

fn network(cell: impl Into<Cell<f64>>, w_hh: &Array2<f64>, bias: &[f64]) -> Stack<f64> {
    let mut rnn = Stack::zeros(cell, 1, &[w_hh.ncols()], Bias::Single).unwrap();
    rnn.set_parameter("weight_hh_l0", w_hh.view().into_dyn()).unwrap();
    rnn.set_parameter("bias_l0", Array1::from(bias.to_vec()).view().into_dyn()).unwrap();
    rnn
}

fn starts(n: usize, size: f64) -> Array2<f64> {
    let mut starts = Array2::zeros((40, n));
    Pcg64Dxsm::seed_from_u64(9).fill_uniform(-size, size, starts.as_slice_mut().unwrap());
    starts
}

fn find(rnn: &Stack<f64>, size: f64) -> Vec<FixedPoint> {
    let n = rnn.layers()[0].state_width();
    fixed_points(rnn, array![0.0].view(), starts(n, size).view()).unwrap()
}

/// h = W h + b has one fixed point, (I − W)⁻¹ b, with the eigenvalues of W. Would catch: a Jacobian or a sign that is wrong.
#[test]
fn a_linear_network_has_one() {
    let found = find(&network(Elman::identity(), &array![[0.5, 1.0], [0.0, -0.25]], &[1.0, 2.5]), 100.0);
    let [point] = &found[..] else { panic!("{found:?}") };
    // (0.5, −1; 0, 1.25) h = b.
    assert!((&point.state - &array![6.0, 2.0]).iter().all(|off| off.abs() < 1e-12), "{point:?}");
    assert!((point.eigenvalues[0].re - 0.5).abs() < 1e-14 && (point.eigenvalues[1].re + 0.25).abs() < 1e-14);
    assert!(point.is_stable());
    let found = find(&network(Elman::identity(), &array![[0.0, -1.5], [1.5, 0.0]], &[1.0, 0.0]), 10.0);
    assert!(found.len() == 1 && !found[0].is_stable());
    assert!((found[0].eigenvalues[0].norm() - 1.5).abs() < 1e-13);
}

/// Two units that do not see each other, h = tanh(2 h) each: three fixed points each, nine together, four of them stable.
#[test]
fn a_pair_of_switches_has_nine() {
    let found = find(&network(Elman::tanh(), &array![[2.0, 0.0], [0.0, 2.0]], &[0.0, 0.0]), 1.2);
    assert_eq!(found.len(), 9, "{found:?}");
    assert_eq!(found.iter().filter(|point| point.is_stable()).count(), 4);
    for point in &found {
        for &h in &point.state {
            assert!(
                (h - (2.0 * h).tanh()).abs() < 1e-14
                    && (h.abs() < 1e-12 || (h.abs() - 0.957_504).abs() < 1e-6)
            );
        }
        let expected: f64 = point.state.iter().map(|h| 2.0 * (1.0 - h * h)).fold(0.0, f64::max);
        assert!((point.eigenvalues[0].norm() - expected).abs() < 1e-10);
    }
}

/// An LSTM without weights whose biases hold c = f c + i g: c = i g / (1 − f), h = o tanh c.
#[test]
fn a_state_of_h_and_c_has_fixed_points_too() {
    let bias = [0.3, 1.0, 0.7, -0.4];
    let found = find(&network(Lstm, &Array2::zeros((4, 1)), &bias), 3.0);
    let [point] = &found[..] else { panic!("{found:?}") };
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let c = sigmoid(0.3) * 0.7f64.tanh() / (1.0 - sigmoid(1.0));
    assert!((point.state[1] - c).abs() < 1e-13 && (point.state[0] - sigmoid(-0.4) * c.tanh()).abs() < 1e-13);
    assert!((point.eigenvalues[0].re - sigmoid(1.0)).abs() < 1e-13 && point.is_stable());
}

/// Whatever is found is a fixed point, and is listed once, for cells and inputs at random.
#[test]
fn what_is_found_is_fixed() {
    let mut rng = Pcg64Dxsm::seed_from_u64(5);
    for cell in
        [Cell::from(Elman::tanh()), Elman::relu().into(), Elman::sigmoid().into(), Gru.into(), Lstm.into()]
    {
        for _ in 0..5 {
            let mut rnn = Stack::<f64>::zeros(cell.clone(), 2, &[3], Bias::Single).unwrap();
            rng.fill_normal(rnn.params_mut().as_mut_slice());
            let n = rnn.layers()[0].state_width();
            let x = array![0.5, -1.0];
            let found = fixed_points(&rnn, x.view(), starts(n, 1.0).view()).unwrap();
            for (k, point) in found.iter().enumerate() {
                let of = |from: usize, to: usize| {
                    point.state.slice(ndarray::s![from..to]).to_owned().insert_axis(ndarray::Axis(0))
                };
                let c = (n > 3).then(|| of(3, 6));
                let state = State { layers: vec![LayerState { h: of(0, 3), c }] };
                let x = Array3::from_shape_fn((1, 50, 2), |(_, _, j)| x[j]);
                let mut ws = rnn.workspace();
                rnn.forward(Run::over(x.view()).from_state(&state), &mut ws).unwrap();
                let after = ws.state_after(if point.is_stable() { 50 } else { 1 });
                let off = (&after.layers[0].h - &state.layers[0].h).fold(0f64, |most, x| most.max(x.abs()));
                assert!(off < 1e-9, "{off} {point:?}");
                for other in &found[..k] {
                    let apart = (&other.state - &point.state).fold(0f64, |most, x| most.max(x.abs()));
                    assert!(apart > 1e-7, "{point:?} twice");
                }
            }
        }
    }
}

/// With an eigenvalue of 1 and no bias, a whole line is fixed: no point of it is listed.
#[test]
fn a_continuum_is_left_out() {
    assert_eq!(find(&network(Elman::identity(), &array![[1.0, 0.0], [0.0, 0.5]], &[0.0, 0.0]), 1.0), []);
    assert_eq!(find(&network(Elman::identity(), &Array2::eye(2), &[1.0, 0.0]), 1.0), [], "none exists");
}

#[test]
fn what_has_no_fixed_points_of_its_own_is_refused() {
    let of = |rnn: &Stack<f64>, x: &Array1<f64>, n: usize| {
        fixed_points(rnn, x.view(), starts(n, 1.0).view()).unwrap_err()
    };
    let two = Stack::<f64>::zeros(Elman::tanh(), 1, &[2, 2], Bias::None).unwrap();
    assert!(matches!(of(&two, &array![0.0], 2), Error::NoFixedPoints { .. }));
    let leaky = Stack::<f64>::zeros(Leaky { alpha: 0.5, activation: Tanh }, 1, &[2], Bias::None).unwrap();
    assert!(matches!(of(&leaky, &array![0.0], 2), Error::NoFixedPoints { .. }));
    let one = Stack::<f64>::zeros(Elman::tanh(), 1, &[2], Bias::None).unwrap();
    assert!(matches!(of(&one, &array![0.0], 3), Error::StateSize { state: 2, columns: 3, .. }));
    assert!(matches!(of(&one, &array![0.0, 1.0], 2), Error::Network(_)));
    assert!(matches!(of(&one, &array![f64::NAN], 2), Error::Network(_)));
    assert_eq!(fixed_points(&one, array![0.0].view(), Array2::zeros((0, 2)).view()).unwrap(), []);
}
