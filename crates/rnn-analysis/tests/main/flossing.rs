//! Gradients of Lyapunov exponents against closed forms and differences.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use faer::Mat;
use faer::linalg::solvers::DenseSolveCore;
use ndarray::Array2;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Error, driven_lyapunov_exponents, lyapunov_gradient};
use rnn_core::{Bias, Elman, Options, Parameters, Random, Stack};

fn setting(name: &str, n: usize, time: usize, options: impl Into<Options>) -> (Stack<f64>, Array2<f64>) {
    let mut rng = Pcg64Dxsm::seed_from_u64(3);
    let mut rnn = Stack::zeros(name.parse::<rnn_core::Cell<f64>>().unwrap(), 2, &[n], options).unwrap();
    rng.fill_uniform(-0.8, 0.8, rnn.params_mut().as_mut_slice());
    let mut x = Array2::zeros((time, 2));
    rng.fill_normal(x.as_slice_mut().unwrap());
    (rnn, x)
}

/// Σ λ_i = ln |det W|.
#[test]
fn the_sum_of_all_exponents_of_a_linear_network() {
    let n = 5;
    let (rnn, x) = setting("rnn-identity", n, 60, Bias::None);
    let found = lyapunov_gradient(&rnn, x.view(), None, n, |_| vec![1.0; n]).unwrap();
    let w = rnn.weight_hh(0);
    let inverse = Mat::from_fn(n, n, |i, j| w[[i, j]]).partial_piv_lu().inverse();
    for (k, got) in found.gradient.iter().enumerate() {
        let want = k.checked_sub(2 * n).map_or(0.0, |k| inverse[(k % n, k / n)]);
        assert!((got - want).abs() < 1e-9, "{k}: {got} {want}");
    }
}

/// Σ c_i λ_i with unequal weights, so that every column counts by itself, against differences of the exponents that the same
/// function and the recursion by Householder reflections give.
#[test]
fn gradients_are_differences_of_exponents() {
    for (name, k, options) in [
        ("rnn-tanh", 4, Options::from(Bias::Single)),
        ("rnn-tanh", 2, Options::from(Bias::Single)),
        ("gru", 4, Options::from(Bias::Double)),
        ("gru", 3, Options::from(Bias::Single).learned_initial(true)),
        ("lstm", 6, Options::from(Bias::Double)),
        ("lstm", 3, Options::from(Bias::Double).learned_initial(true)),
        ("leaky(alpha=0.4, activation=tanh)", 4, Options::from(Bias::Single)),
        ("min-gru", 4, Options::from(Bias::Single)),
    ] {
        let (rnn, x) = setting(name, 4, 15, options);
        let weights: Vec<f64> = (0..k).map(|i| 1.0 / (1.0 + i as f64)).collect();
        let found = lyapunov_gradient(&rnn, x.view(), None, k, |_| weights.clone()).unwrap();
        let value = |rnn: &Stack<f64>| {
            let at = lyapunov_gradient(rnn, x.view(), None, k, |_| vec![0.0; k]).unwrap().exponents;
            at.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>()
        };
        if !name.starts_with("leaky") {
            let initial = rnn.initial_state(1);
            let other = driven_lyapunov_exponents(&rnn, x.view(), Some(&initial), 0).unwrap().remove(0);
            for (a, b) in found.exponents.iter().zip(other.by_column) {
                assert!((a - b).abs() < 1e-11, "{name}: {a} {b}");
            }
        }
        for j in 0..rnn.parameter_count() {
            let h = 1e-4;
            let [up, down, far_up, far_down] = [h, -h, 2.0 * h, -2.0 * h].map(|h| {
                let mut moved = rnn.clone();
                moved.params_mut().as_mut_slice()[j] += h;
                value(&moved)
            });
            // Of fourth order in h.
            let want = (8.0 * (up - down) - (far_up - far_down)) / (12.0 * h);
            let got = found.gradient[j];
            assert!((got - want).abs() < 1e-6 * want.abs().max(1.0), "{name} k={k}, {j}: {got} {want}");
        }
    }
}

#[test]
fn what_has_no_gradient_is_refused() {
    let rnn = Stack::<f64>::zeros(Elman::tanh(), 2, &[3], Bias::None).unwrap();
    let x = Array2::zeros((4, 2));
    let one = |_: &[f64]| vec![1.0];
    let error = lyapunov_gradient(&rnn, x.view(), None, 1, one).unwrap_err();
    assert_eq!(error, Error::VanishedDirection { timestep: 1, column: 0 });
    assert!(lyapunov_gradient(&rnn, x.view(), None, 4, one).unwrap_err().to_string().contains('4'));
    assert!(lyapunov_gradient(&rnn, x.view(), None, 0, one).is_err());
}
