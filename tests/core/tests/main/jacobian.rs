//! Step Jacobians: against differences of one step, and against the backward pass.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod fine;

use ndarray::{Array1, Array2, Array3, ArrayView1, Axis, concatenate, s};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{
    Bias, Cell, Elman, Error, Gru, LayerState, Lstm, Parameters, Place, Random, Run, Stack, State, Workspace,
};

use crate::gradients::cells::TwoCells;

#[derive(Clone, Debug)]
struct Case {
    batch: usize,
    time: usize,
    hidden: Vec<usize>,
    bias: Bias,
    seed: u64,
}

const INPUT: usize = 2;

/// Units are worked on in blocks of sixteen: sizes below, at and above that.
fn any_case() -> impl Strategy<Value = Case> {
    let hidden = prop_oneof![4 => 1usize..=5, 1 => Just(16), 1 => Just(19)];
    let bias = prop::sample::select(vec![Bias::None, Bias::Single, Bias::Double]);
    (1usize..=3, 1usize..=4, prop::collection::vec(hidden, 1..=2), bias, any::<u64>())
        .prop_map(|(batch, time, hidden, bias, seed)| Case { batch, time, hidden, bias, seed })
}

/// A network with random parameters, run from a random state over a random input.
fn run(cell: impl Into<Cell<f64>>, case: &Case) -> (Stack<f64>, Array3<f64>, State<f64>, Workspace<f64>) {
    let mut rng = Pcg64Dxsm::seed_from_u64(case.seed);
    let mut fill = |out: &mut [f64], size: f64| rng.fill_uniform(-size, size, out);
    let mut rnn = Stack::zeros(cell, INPUT, &case.hidden, case.bias).unwrap();
    fill(rnn.params_mut().as_mut_slice(), 0.6);
    let mut x = Array3::zeros((case.batch, case.time, INPUT));
    fill(x.as_slice_mut().unwrap(), 1.0);
    let mut initial = rnn.zero_state(case.batch);
    for layer in &mut initial.layers {
        fill(layer.h.as_slice_mut().unwrap(), 1.0);
        if let Some(c) = &mut layer.c {
            fill(c.as_slice_mut().unwrap(), 1.0);
        }
    }
    let mut ws = rnn.workspace();
    rnn.forward(Run::over(x.view()).from_state(&initial), &mut ws).unwrap();
    (rnn, x, initial, ws)
}

/// One step of one layer as a function of its state, h and c one after the other.
struct OneStep {
    rnn: Stack<f64>,
    x: Array3<f64>,
    ws: Workspace<f64>,
}

impl OneStep {
    fn new(rnn: &Stack<f64>, layer: usize, x: ArrayView1<'_, f64>) -> Self {
        let whole = &rnn.layers()[layer];
        let mut one = Stack::zeros(whole.cell.clone(), whole.input, &[whole.hidden], whole.bias).unwrap();
        for (name, array) in rnn.params().iter() {
            if let Some(name) = name.strip_suffix(&format!("_l{layer}")) {
                one.set_parameter(&format!("{name}_l0"), array).unwrap();
            }
        }
        let ws = one.workspace();
        Self { rnn: one, x: x.to_owned().insert_axis(Axis(0)).insert_axis(Axis(0)), ws }
    }

    fn at(&mut self, state: &Array1<f64>) -> Array1<f64> {
        let hidden = self.rnn.output();
        let row = |part: ArrayView1<'_, f64>| part.to_owned().insert_axis(Axis(0));
        let c = (state.len() > hidden).then(|| row(state.slice(s![hidden..])));
        let initial = State { layers: vec![LayerState { h: row(state.slice(s![..hidden])), c }] };
        self.rnn.forward(Run::over(self.x.view()).from_state(&initial), &mut self.ws).unwrap();
        concatenate![Axis(0), self.ws.hidden(0).slice(s![0, 0, ..]), self.ws.cell(0).slice(s![0, 0, ..])]
    }

    /// Column j is (8 (s(+ε) − s(−ε)) − (s(+2ε) − s(−2ε))) / 12ε, off by O(ε⁴).
    fn jacobian(&mut self, state: &Array1<f64>) -> Array2<f64> {
        const STEP: f64 = 1e-3;
        let n = state.len();
        let mut jacobian = Array2::zeros((n, n));
        for j in 0..n {
            let mut moved = |by: f64| {
                let mut state = state.clone();
                state[j] += by * STEP;
                self.at(&state)
            };
            let column = 8.0 * (moved(1.0) - moved(-1.0)) - (moved(2.0) - moved(-2.0));
            jacobian.column_mut(j).assign(&(column / (12.0 * STEP)));
        }
        jacobian
    }
}

/// Every step Jacobian of every layer and sequence, against differences.
fn check(cell: impl Into<Cell<f64>>, case: &Case) -> Result<(), TestCaseError> {
    let (rnn, x, initial, ws) = run(cell, case);
    for (layer, sequence) in (0..case.hidden.len()).flat_map(|k| (0..case.batch).map(move |b| (k, b))) {
        let mut jacobians = rnn.step_jacobians(&ws, layer, sequence).unwrap();
        prop_assert_eq!(jacobians.time(), case.time);
        for t in 1..=case.time {
            let (h, c) = (ws.hidden(layer), ws.cell(layer));
            let state = if t == 1 {
                let LayerState { h, c } = &initial.layers[layer];
                let c = c.as_ref().map_or_else(|| Array1::zeros(0), |c| c.row(sequence).to_owned());
                concatenate![Axis(0), h.row(sequence), c.view()]
            } else {
                concatenate![Axis(0), h.slice(s![sequence, t - 2, ..]), c.slice(s![sequence, t - 2, ..])]
            };
            let below = if layer == 0 { x.view() } else { ws.hidden(layer - 1) };
            let mut one = OneStep::new(&rnn, layer, below.slice(s![sequence, t - 1, ..]));
            let (found, claimed) = (one.jacobian(&state), jacobians.at(t).unwrap().to_owned());
            prop_assert_eq!(claimed.dim(), found.dim());
            for (at, &found) in found.indexed_iter() {
                let claimed = claimed[at];
                prop_assert!(
                    (claimed - found).abs() < 1e-10,
                    "layer {layer}, sequence {sequence}, t = {t}, {at:?}: claimed {claimed:e}, found {found:e}"
                );
            }
            // One step back of a single sequence makes the same of any gradient.
            let d = Array1::from_shape_fn(claimed.nrows(), |i| (i + t) as f64 % 3.0 - 0.7);
            let (product, expected) = (jacobians.transposed_times(t, d.view()).unwrap(), claimed.t().dot(&d));
            prop_assert!(
                product.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12),
                "{product} {expected}"
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn elman_tanh(case in any_case()) {
        check(Elman::tanh(), &case)?;
    }

    #[test]
    fn elman_sigmoid(case in any_case()) {
        check(Elman::sigmoid(), &case)?;
    }

    #[test]
    fn elman_identity(case in any_case()) {
        check(Elman::identity(), &case)?;
    }

    #[test]
    fn lstm(case in any_case()) {
        check(Lstm, &case)?;
    }

    #[test]
    fn gru(case in any_case()) {
        check(Gru, &case)?;
    }

    #[test]
    fn unit_of_a_user(case in any_case()) {
        check(TwoCells, &case)?;
    }

    /// For a loss of the final state of a single layer alone, dL/ds_0 = (J_T … J_1)ᵀ dL/ds_T.
    #[test]
    fn their_product_is_the_backward_pass(case in any_case()) {
        let case = Case { hidden: case.hidden[..1].to_vec(), ..case };
        let (rnn, _, d_final, mut ws) = run(TwoCells, &case);
        let mut d: Vec<Array1<f64>> = (0..case.batch)
            .map(|b| {
                let LayerState { h, c } = &d_final.layers[0];
                concatenate![Axis(0), h.row(b), c.as_ref().unwrap().row(b)]
            })
            .collect();
        for (b, d) in d.iter_mut().enumerate() {
            let mut jacobians = rnn.step_jacobians(&ws, 0, b).unwrap();
            for t in (1..=case.time).rev() {
                *d = jacobians.at(t).unwrap().t().dot(d);
            }
        }
        rnn.backward(Array3::zeros((case.batch, case.time, rnn.output())).view(), Some(&d_final), &mut ws).unwrap();
        let LayerState { h, c } = &ws.d_initial().layers[0];
        for (b, d) in d.iter().enumerate() {
            let want = concatenate![Axis(0), h.row(b), c.as_ref().unwrap().row(b)];
            let largest = want.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            prop_assert!((d - &want).iter().all(|off| off.abs() <= 1e-13 * largest), "{d} {want}");
        }
    }
}

#[test]
fn relu_of_dead_units_has_rows_of_zeros() {
    let mut rnn = Stack::<f64>::zeros(Elman::relu(), 1, &[2], Bias::Single).unwrap();
    rnn.fill(0.5);
    rnn.params_mut().get_mut("bias_l0").unwrap()[[1]] = -100.0;
    let mut ws = rnn.workspace();
    rnn.forward(Array3::ones((1, 4, 1)).view(), &mut ws).unwrap();
    assert_eq!(rnn.step_jacobian(&ws, 0, 0, 4).unwrap(), ndarray::array![[0.5, 0.5], [0.0, 0.0]]);
}

#[test]
fn what_is_not_there_is_named() {
    let case = Case { batch: 2, time: 5, hidden: vec![3, 4], bias: Bias::Double, seed: 1 };
    let (rnn, x, _, mut ws) = run(Lstm, &case);
    let message = |layer, sequence, t| rnn.step_jacobian(&ws, layer, sequence, t).unwrap_err().to_string();
    assert_eq!(message(2, 0, 1), "there is no layer 2; they run from 0 to 1");
    assert_eq!(message(0, 2, 1), "there is no sequence 2; they run from 0 to 1");
    assert_eq!(message(0, 0, 0), "there is no timestep 0; they run from 1 to 5");
    assert_eq!(message(1, 1, 6), "there is no timestep 6; they run from 1 to 5");

    let jacobian = |ws: &_| rnn.step_jacobian(ws, 0, 0, 1).unwrap_err();
    assert_eq!(jacobian(&rnn.workspace()), Error::NothingRecorded);
    rnn.infer(x.view(), &mut ws).unwrap();
    assert_eq!(jacobian(&ws), Error::NothingRecorded);
    let other = Stack::<f64>::zeros(Lstm, 2, &[3], Bias::Double).unwrap();
    assert!(matches!(jacobian(&other.workspace()), Error::OtherNetwork { .. }));
}

#[test]
fn an_element_that_is_not_finite_is_named() {
    // h_t = z with z = x_t + h_{t−1}: 1, 4 and 6, and a slope that is not finite at 4.
    let cusp = |z: f64| (z, if z == 4.0 { f64::INFINITY } else { 1.0 });
    let mut rnn = Stack::<f64>::zeros(Elman(cusp), 1, &[1], Bias::None).unwrap();
    rnn.fill(1.0);
    let mut ws = rnn.workspace();
    rnn.forward(ndarray::array![[[1.0], [3.0], [2.0]]].view(), &mut ws).unwrap();
    assert_eq!(rnn.step_jacobian(&ws, 0, 0, 3).unwrap()[[0, 0]], 1.0);
    let error = rnn.step_jacobian(&ws, 0, 0, 2).unwrap_err();
    let place = Place::StepJacobian { layer: 0, timestep: 2, batch: 0, row: 0, column: 0 };
    assert_eq!(error, Error::NonFinite { place, value: "inf".to_owned() });
    assert_eq!(
        error.to_string(),
        "inf in element (0, 0) of the step Jacobian of layer 0 at timestep 2, sequence 0"
    );
}
