//! Online learning against back-propagation through time. `PROPTEST_CASES` sets the number of random networks.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array2, Axis};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Online, OnlineRule, online_gradient};
use rnn_core::{Bias, Cell, Elman, Error as NetworkError, Lstm, Options, Random, Stack};

fn cases(cases: u32) -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() { default } else { ProptestConfig { cases, ..default } }
}

struct Setting {
    rnn: Stack<f64>,
    x: Array2<f64>,
    d_output: Array2<f64>,
}

/// A network with as many features as units, which every cell can have, in one sequence of random inputs and gradients.
fn setting(
    cell: Cell<f64>,
    layers: &[usize],
    time: usize,
    options: impl Into<Options>,
    seed: u64,
) -> Setting {
    let mut rng = Pcg64Dxsm::seed_from_u64(seed);
    let mut rnn = Stack::zeros(cell, layers[0], layers, options).unwrap();
    rng.fill_uniform(-0.7, 0.7, rnn.params_mut().as_mut_slice());
    let mut normal = |features| {
        let mut array = Array2::zeros((time, features));
        rng.fill_normal(array.as_slice_mut().unwrap());
        array
    };
    let (x, d_output) = (normal(layers[0]), normal(rnn.output()));
    Setting { rnn, x, d_output }
}

impl Setting {
    fn by_back_propagation(&self) -> Vec<f64> {
        let mut ws = self.rnn.workspace();
        self.rnn.forward(self.x.view().insert_axis(Axis(0)), &mut ws).unwrap();
        self.rnn.backward(self.d_output.view().insert_axis(Axis(0)), None, &mut ws).unwrap();
        ws.gradients().as_slice().to_vec()
    }

    fn online(&self, rule: OnlineRule) -> Vec<f64> {
        online_gradient(&self.rnn, self.x.view(), self.d_output.view(), rule).unwrap()
    }
}

/// ‖a − b‖ / ‖b‖; 0 where a is b, as where all units are dead and both are 0.
fn off(a: &[f64], b: &[f64]) -> f64 {
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|x| x * x).sum::<f64>().sqrt();
    let distance = norm(&mut a.iter().zip(b).map(|(a, b)| a - b));
    if distance == 0.0 { 0.0 } else { distance / norm(&mut b.iter().copied()) }
}

proptest! {
    #![proptest_config(cases(28))]

    /// 28 networks of each of 18 cells are 504.
    #[test]
    fn real_time_recurrent_learning_is_back_propagation(seed in any::<u64>(), n in 1usize..=5, time in 1usize..=30) {
        for cell in Cell::<f64>::all() {
            let name = cell.to_string();
            let setting = setting(cell, &[n], time, Bias::Double, seed);
            let off = off(&setting.online(OnlineRule::Rtrl), &setting.by_back_propagation());
            prop_assert!(off < 1e-12, "{name}: {off:e}");
        }
    }
}

/// Paths through several layers, learned initial states, norms and projections are paths like others.
#[test]
fn options_and_layers_are_followed() {
    let plain = Options::from(Bias::Single);
    for (name, layers, options) in [
        ("gru", &[3, 3][..], plain.learned_initial(true)),
        ("lstm", &[3, 2], plain.learned_initial(true)),
        ("lstm", &[4], plain.projection(2)),
        ("rnn-tanh", &[3], plain.layer_norm(1e-5)),
        ("leaky(alpha=0.3, activation=tanh)", &[3, 3], plain),
        ("lstm", &[3], plain.zoneout(0.2, 0.3)),
    ] {
        let setting = setting(name.parse().unwrap(), layers, 12, options, 7);
        let off = off(&setting.online(OnlineRule::Rtrl), &setting.by_back_propagation());
        assert!(off < 1e-12, "{name}: {off:e}");
    }
}

/// Without a recurrent matrix a parameter acts on the state of its own unit alone, and the sparse approximation is exact.
#[test]
fn sparsity_loses_nothing_without_a_recurrent_matrix() {
    for cell in Cell::<f64>::all() {
        let recurrent = cell.form().recurrence != rnn_core::cell::Recurrence::None;
        let name = cell.to_string();
        let setting = setting(cell, &[4], 20, Bias::Double, 3);
        let [whole, sparse] = [OnlineRule::Rtrl, OnlineRule::SnAp1].map(|rule| setting.online(rule));
        let off = off(&sparse, &whole);
        assert_eq!(off < 1e-14, !recurrent, "{name}: {off:e}");
    }
}

/// The immediate derivative is that of back-propagation truncated to one timestep.
#[test]
fn the_immediate_derivative_is_truncated_to_one_timestep() {
    let s = setting(Lstm.into(), &[3], 8, Bias::Double, 5);
    let mut ws = s.rnn.workspace();
    s.rnn.forward(s.x.view().insert_axis(Axis(0)), &mut ws).unwrap();
    let mut want = vec![0.0; s.rnn.params().len()];
    let mut one = s.rnn.workspace();
    for t in 0..8 {
        let part = |array: &Array2<f64>| array.slice(ndarray::s![t..=t, ..]).to_owned().insert_axis(Axis(0));
        let state = ws.state_after(t);
        s.rnn.forward(rnn_core::Run::over(part(&s.x).view()).from_state(&state), &mut one).unwrap();
        s.rnn.backward(part(&s.d_output).view(), None, &mut one).unwrap();
        want.iter_mut().zip(one.gradients().as_slice()).for_each(|(sum, g)| *sum += g);
    }
    assert!(off(&s.online(OnlineRule::Immediate), &want) < 1e-14);
}

/// The mean of the estimates is the gradient: each entry within 4.5 standard errors, and the sum of the squares of their
/// distances in standard errors as large as it should be.
#[test]
fn the_estimate_of_rank_one_is_unbiased() {
    let setting = setting(Elman::tanh().into(), &[3], 6, Bias::Single, 9);
    let exact = setting.by_back_propagation();
    let mut online = Online::new(&setting.rnn, OnlineRule::Immediate).unwrap();
    let steps: Vec<_> = setting.x.rows().into_iter().map(|x| online.step(&setting.rnn, x).unwrap()).collect();
    let draws = 4000;
    let (mut sum, mut squares) = (vec![0.0; exact.len()], vec![0.0; exact.len()]);
    for seed in 0..draws {
        let rule = OnlineRule::Uoro { seed };
        let mut influence = rnn_analysis::Influence::new(rule, 3, exact.len());
        let mut gradient = vec![0.0; exact.len()];
        for (step, d) in steps.iter().zip(setting.d_output.rows()) {
            influence.advance(step);
            gradient.iter_mut().zip(influence.gradient(d)).for_each(|(sum, g)| *sum += g);
        }
        if seed == 0 {
            assert!(off(&gradient, &setting.online(rule)) < 1e-14, "the same draw");
        }
        for (k, g) in gradient.into_iter().enumerate() {
            sum[k] += g;
            squares[k] += g * g;
        }
    }
    let n = draws as f64;
    let z = |k: usize| {
        let (mean, square) = (sum[k] / n, squares[k] / n);
        (mean - exact[k]) / ((square - mean * mean) / n).sqrt()
    };
    let z: Vec<f64> = (0..exact.len()).map(z).collect();
    assert!(z.iter().all(|z| z.abs() < 4.5), "{z:?}");
    let mean_square = z.iter().map(|z| z * z).sum::<f64>() / z.len() as f64;
    assert!(mean_square < 2.5, "{mean_square}");
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let both = Options::default().bidirectional(true);
    let rnn = Stack::<f64>::zeros(Elman::tanh(), 2, &[2], both).unwrap();
    let error = Online::new(&rnn, OnlineRule::Rtrl).unwrap_err();
    assert_eq!(error, NetworkError::NoStream.into());
    let rnn = Stack::<f64>::zeros(Elman::tanh(), 2, &[2], Bias::None).unwrap();
    let wrong = Array2::zeros((4, 3));
    let error = online_gradient(&rnn, Array2::zeros((4, 2)).view(), wrong.view(), OnlineRule::Rtrl);
    assert!(error.unwrap_err().to_string().contains("[4, 2]"));
}
