//! Lyapunov exponents and products of Jacobians against closed forms.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::f64::consts::TAU;

use ndarray::{Array1, Array2, Array3, ArrayView2, Axis, array, concatenate, s};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{
    BurnIn, Error, JacobianProduct, LyapunovSpectrum, driven_lyapunov_exponents, eigenvalues, entropy_rate,
    kaplan_yorke_dimension, ln_singular_values, lyapunov_exponents, singular_values,
};
use rnn_core::{
    Bias, Cell, Elman, Error as NetworkError, Gru, LayerState, Lstm, Parameters, Place, Random, Run, Stack,
    State,
};

fn noise(seed: u64, len: usize, size: f64) -> Vec<f64> {
    let mut out = vec![0.0; len];
    Pcg64Dxsm::seed_from_u64(seed).fill_normal(&mut out);
    out.iter().map(|x| x * size).collect()
}

/// n x n numbers of standard deviation g/√n.
fn random(seed: u64, n: usize, g: f64) -> Array2<f64> {
    Array2::from_shape_vec((n, n), noise(seed, n * n, g / (n as f64).sqrt())).unwrap()
}

/// A network without input or bias.
fn network(cell: impl Into<Cell<f64>>, w_hh: ArrayView2<'_, f64>) -> Stack<f64> {
    let mut rnn = Stack::zeros(cell, 1, &[w_hh.ncols()], Bias::None).unwrap();
    rnn.set_parameter("weight_hh_l0", w_hh.into_dyn()).unwrap();
    rnn
}

/// A state of one sequence with random h, and c = 0.
fn state_of(rnn: &Stack<f64>, seed: u64) -> State<f64> {
    let mut state = rnn.zero_state(1);
    for layer in &mut state.layers {
        let h = noise(seed, layer.h.len(), 0.5);
        layer.h.iter_mut().zip(h).for_each(|(to, x)| *to = x);
    }
    state
}

fn exponents(rnn: &Stack<f64>, steps: usize, burn_in: BurnIn) -> LyapunovSpectrum {
    lyapunov_exponents(rnn, Some(&state_of(rnn, 1)), steps, burn_in).unwrap().remove(0)
}

fn orthogonal(seed: u64, n: usize) -> Array2<f64> {
    let mut q = random(seed, n, 1.0);
    for j in 0..n {
        for _ in 0..2 {
            for i in 0..j {
                let along = q.row(i).dot(&q.row(j));
                let before = q.row(i).to_owned();
                q.row_mut(j).scaled_add(-along, &before);
            }
        }
        let norm = q.row(j).dot(&q.row(j)).sqrt();
        q.row_mut(j).mapv_inplace(|x| x / norm);
    }
    q
}

/// Every J_t of a run of one layer.
fn jacobians(rnn: &Stack<f64>, x: &Array3<f64>, initial: &State<f64>) -> Vec<Array2<f64>> {
    let mut ws = rnn.workspace();
    rnn.forward(Run::over(x.view()).from_state(initial), &mut ws).unwrap();
    (1..=x.dim().1).map(|t| rnn.step_jacobian(&ws, 0, 0, t).unwrap()).collect()
}

fn ln_determinant(matrix: ArrayView2<'_, f64>) -> f64 {
    singular_values(matrix).unwrap().iter().map(|s| s.ln()).sum()
}

fn assert_close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= tolerance, "{got} is not {want}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// h_t = W h_{t−1}: λ_i = ln |eigenvalue_i|. W has eigenvalues of known moduli, some of them complex pairs, in a
    /// basis that is not orthogonal. Within a pair the two columns turn for ever, so only their sum settles.
    #[test]
    fn a_linear_network_has_the_logarithms_of_its_eigenvalues(seed in any::<u64>(), pairs in 0usize..=3, reals in 1usize..=3) {
        let n = 2 * pairs + reals;
        let mut blocks = Array2::zeros((n, n));
        for k in 0..n {
            // One modulus for both of a pair, each less than the one before by a factor of 1.3.
            let place = if k < 2 * pairs { k / 2 } else { k - pairs };
            blocks[[k, k]] = 1.5 * 1.3f64.powf(-(place as f64));
        }
        for k in 0..pairs {
            let r = blocks[[2 * k, 2 * k]];
            let (sin, cos) = (0.3 + k as f64).sin_cos();
            blocks.slice_mut(s![2 * k..2 * k + 2, 2 * k..2 * k + 2]).assign(&(array![[cos, -sin], [sin, cos]] * r));
        }
        // W = M B M⁻¹ with M = Q (I + N / 4), N strictly lower triangular and nilpotent: M⁻¹ is a finite sum.
        let q = orthogonal(seed, n);
        let below = Array2::from_shape_vec((n, n), noise(seed ^ 1, n * n, 0.25)).unwrap();
        let strict = Array2::from_shape_fn((n, n), |(i, j)| if i > j { below[[i, j]] } else { 0.0 });
        let eye = Array2::<f64>::eye(n);
        let inverse = (0..n).fold(eye.clone(), |sum, _| &eye - &strict.dot(&sum));
        let w = q.dot(&(&eye + &strict)).dot(&blocks).dot(&inverse).dot(&q.t());

        let want: Vec<f64> = eigenvalues(w.view()).unwrap().iter().map(|z| z.norm().ln()).collect();
        // The longest run: growth by 1.5 at each step stays finite.
        let rnn = network(Elman::identity(), w.view());
        let mut initial = rnn.zero_state(1);
        initial.layers[0].h.fill(0.0);
        let burn_in = BurnIn { state: 0, directions: 300 };
        let got = lyapunov_exponents(&rnn, Some(&initial), 500, burn_in).unwrap().remove(0).by_column;
        for k in 0..pairs {
            let (got, want) = (got[2 * k] + got[2 * k + 1], want[2 * k] + want[2 * k + 1]);
            prop_assert!((got - want).abs() < 1e-6, "pair {k}: {got} {want}");
        }
        for k in 2 * pairs..n {
            prop_assert!((got[k] - want[k]).abs() < 1e-6, "{k}: {} {}", got[k], want[k]);
        }
    }

    /// Σ ln σ_i of a product is Σ ln |det J_t|, however far apart the σ_i are, and the largest is the norm.
    #[test]
    fn a_product_keeps_its_determinant(seed in any::<u64>(), n in 1usize..=9, g in 0.1f64..5.0) {
        let mut product = JacobianProduct::identity(n);
        let (mut want, mut plain) = (0.0, Array2::<f64>::eye(n));
        for t in 0..400 {
            let j = random(seed.wrapping_add(t), n, g);
            product.multiply(j.view()).unwrap();
            want += ln_determinant(j.view());
            let got: f64 = product.ln_singular_values().iter().sum();
            prop_assert!((got - want).abs() < 1e-9 * (1.0 + want.abs()), "t = {t}: {got} {want}");
            if t < 100 {
                plain = j.dot(&plain);
                let largest = singular_values(plain.view()).unwrap()[0].ln();
                prop_assert!((product.ln_singular_values()[0] - largest).abs() < 1e-10);
            }
        }
    }
}

/// E3. An orthogonal linear network keeps every length at any depth; a plain tanh network of the same weights does not.
#[test]
fn an_orthogonal_network_is_an_isometry() {
    let w = orthogonal(3, 64);
    let rnn = network(Elman::identity(), w.view());
    let mut ws = rnn.workspace();
    rnn.forward(Run::over(Array3::zeros((1, 200, 1)).view()).from_state(&state_of(&rnn, 1)), &mut ws)
        .unwrap();
    let ln_sigma = ln_singular_values(&rnn, &ws, 0, 0).unwrap();
    assert_eq!(ln_sigma.dim(), (200, 64));
    assert!(ln_sigma.iter().all(|x| x.abs() < 1e-11));
    assert!(exponents(&rnn, 1000, BurnIn::default()).by_column.iter().all(|x| x.abs() < 1e-13));
    assert!(exponents(&network(Elman::tanh(), w.view()), 300, BurnIn::from(50)).largest() < -1e-3);
}

/// E5. W = [[0.9, 5], [0, 0.9]]: both eigenvalues are 0.9, yet ‖Wᵗ‖ grows up to t = 9 and is below 1 from t = 55 on.
/// Wᵗ = 0.9ᵗ [[1, b], [0, 1]] with b = 5t/0.9, and the singular values of [[1, b], [0, 1]] are e^±asinh(b/2).
#[test]
fn a_matrix_that_is_not_normal_grows_before_it_fades() {
    let rnn = network(Elman::identity(), array![[0.9, 5.0], [0.0, 0.9]].view());
    let mut ws = rnn.workspace();
    rnn.forward(Array3::zeros((1, 5000, 1)).view(), &mut ws).unwrap();
    let ln_sigma = ln_singular_values(&rnn, &ws, 0, 0).unwrap();
    for (t, row) in (1..).zip(ln_sigma.rows()) {
        let t = f64::from(t);
        let (rate, shear) = (t * 0.9f64.ln(), (2.5 * t / 0.9).asinh());
        assert_close(&row.to_vec(), &[rate + shear, rate - shear], 1e-10);
    }
    let first = ln_sigma.column(0);
    let peak = (0..5000).max_by(|&a, &b| first[a].total_cmp(&first[b])).unwrap();
    assert_eq!(peak + 1, 9);
    assert_eq!(first.iter().position(|&x| x < 0.0).unwrap() + 1, 55);
}

/// A symmetric W of n = 12 with eigenvalues from 3 to 1e-3, 400 steps: σ from 1e190 to 1e-1200.
#[test]
fn products_of_hundreds_of_steps_neither_overflow_nor_vanish() {
    let (n, steps) = (12, 400);
    let q = orthogonal(5, n);
    let lambda: Vec<f64> = (0..n).map(|k| 3.0 * (3000f64.ln() * -(k as f64) / 11.0).exp()).collect();
    let w = q.dot(&Array2::from_diag(&Array1::from(lambda.clone()))).dot(&q.t());
    let rnn = network(Elman::identity(), w.view());
    let mut ws = rnn.workspace();
    rnn.forward(Array3::zeros((1, steps, 1)).view(), &mut ws).unwrap();
    let ln_sigma = ln_singular_values(&rnn, &ws, 0, 0).unwrap();
    let want: Vec<f64> = lambda.iter().map(|x| x.ln() * steps as f64).collect();
    // n ε κ for each of the steps; κ = 3000.
    assert_close(&ln_sigma.row(steps - 1).to_vec(), &want, 12.0 * f64::EPSILON * 3000.0 * steps as f64);
    assert!(want[0] > 400.0 && want[n - 1] < -2700.0);
}

/// Relu units that are dead, weights that are zero, and a matrix of rank 1.
#[test]
fn directions_that_vanish_are_minus_infinity() {
    let never = f64::NEG_INFINITY;
    let dead = network(
        Elman::relu(),
        array![[0.5, 0.2, 0.1, 0.3], [0.1, 0.6, 0.2, 0.1], [-9.0, -9.0, -9.0, -9.0], [0.2, 0.3, 0.1, 0.4]]
            .view(),
    );
    let mut positive = dead.zero_state(1);
    positive.layers[0].h.fill(1.0);
    let mut ws = dead.workspace();
    dead.forward(Run::over(Array3::zeros((1, 300, 1)).view()).from_state(&positive), &mut ws).unwrap();
    let ln_sigma = ln_singular_values(&dead, &ws, 0, 0).unwrap();
    assert!(ln_sigma.column(3).iter().all(|&x| x == never), "{:?}", ln_sigma.column(3));
    assert!(ln_sigma.slice(s![.., ..3]).iter().all(|x| x.is_finite()));
    // What is left is the network of the other three.
    let three = array![[0.5, 0.2, 0.3], [0.1, 0.6, 0.1], [0.2, 0.3, 0.4]];
    let want: Vec<f64> = eigenvalues(three.view()).unwrap().iter().map(|z| z.norm().ln()).collect();
    let burn_in = BurnIn { state: 1, directions: 200 };
    let got = lyapunov_exponents(&dead, Some(&positive), 500, burn_in).unwrap().remove(0);
    assert_close(&got.by_column[..3], &want, 1e-9);
    assert_eq!(got.by_column[3], never);
    assert_close(&(ln_sigma.slice(s![-1, ..3]).to_owned() / 300.0).to_vec(), &want, 0.02);

    let none = network(Elman::tanh(), Array2::zeros((3, 3)).view());
    assert_eq!(exponents(&none, 10, BurnIn::default()).by_column, [never; 3]);
    let mut product = JacobianProduct::identity(2);
    for _ in 0..3 {
        product.multiply(array![[2.0, 2.0], [1.0, 1.0]].view()).unwrap();
    }
    assert_eq!(product.ln_singular_values()[1], never);
    assert!((product.ln_singular_values()[0] - 810f64.sqrt().ln()).abs() < 1e-14);
}

/// E13. A zero-weight LSTM forgets at the rate of its forget bias: ∂c_T/∂c_0 = σ(b)ᵀ.
#[test]
fn a_zero_weight_lstm_forgets_at_the_rate_of_its_bias() {
    const T: usize = 20;
    for b in [0.0, 1.0, 2.0, 5.0] {
        let mut rnn = Stack::<f64>::zeros(Lstm, 1, &[3], Bias::Single).unwrap();
        rnn.params_mut().get_mut("bias_l0").unwrap().slice_mut(s![3..6]).fill(b);
        let f = 1.0 / (1.0 + (-b).exp());
        let got = exponents(&rnn, 50, BurnIn { state: 0, directions: 1 }).sorted();
        assert_close(&got[..3], &[f.ln(); 3], 1e-13);
        assert_eq!(got[3..], [f64::NEG_INFINITY; 3]);

        let initial = rnn.zero_state(1);
        let all = jacobians(&rnn, &Array3::zeros((1, T, 1)), &initial);
        let whole = all.iter().skip(1).fold(all[0].clone(), |product, j| j.dot(&product));
        let power = f.powf(T as f64);
        for i in 0..3 {
            assert!((whole[[3 + i, 3 + i]] - power).abs() <= 1e-12 * power);
            // h_T = σ(0) tanh c_T at c_T = 0.
            assert!((whole[[i, 3 + i]] - 0.5 * power).abs() <= 1e-12 * power);
        }
        let mut ws = rnn.workspace();
        rnn.forward(Array3::zeros((1, T, 1)).view(), &mut ws).unwrap();
        let ln_sigma = ln_singular_values(&rnn, &ws, 0, 0).unwrap().row(T - 1).to_vec();
        assert_close(&ln_sigma[..3], &[(power * 1.25f64.sqrt()).ln(); 3], 1e-12);
        assert_eq!(ln_sigma[3..], [f64::NEG_INFINITY; 3]);
    }
}

/// λ_1 = ½ ln(g² E[φ′²]) with φ = tanh of a Gaussian of variance q = g² E[φ²], by the trapezoidal rule: the limit of
/// many units for the map h ← tanh(W h).
fn mean_field(g: f64) -> f64 {
    let mean = |f: &dyn Fn(f64) -> f64| {
        let (from, step) = (-12.0, 1e-3);
        let density = |z: f64| (-0.5 * z * z).exp() / TAU.sqrt();
        (0..=24_000).map(|k| from + step * f64::from(k)).map(|z| step * density(z) * f(z)).sum::<f64>()
    };
    let q = (0..200).fold(1.0f64, |q, _| g * g * mean(&|z| (q.sqrt() * z).tanh().powi(2)));
    0.5 * (g * g * mean(&|z| (1.0 - (q.sqrt() * z).tanh().powi(2)).powi(2))).ln()
}

/// E15. Chaos begins at g = 1.
#[test]
fn random_networks_are_chaotic_above_a_gain_of_one() {
    const N: usize = 128;
    let largest = |g, seed, steps| {
        let burn_in = BurnIn { state: 200, directions: 50 };
        exponents(&network(Elman::tanh(), random(seed, N, g).view()), steps, burn_in).largest()
    };
    for seed in 0..2 {
        assert!(largest(0.9, seed, 100) < 0.0, "seed {seed}");
    }
    let mean = (0..3).map(|seed| largest(2.0, seed, 300)).sum::<f64>() / 3.0;
    let theory = mean_field(2.0);
    assert!(mean > 0.0 && (mean - theory).abs() < 0.06, "{mean} {theory}");
    // As experiments with this map have it.
    assert!((theory - 0.1547).abs() < 1e-3, "{theory}");
}

/// E17. Σ λ_i = mean of ln |det J_t|, and λ_1 is the rate at which two nearby runs part.
fn determinant_and_perturbation(cell: impl Into<Cell<f64>>, seed: u64, size: f64) {
    const STEPS: usize = 500;
    const BURN_IN: usize = 100;
    const APART: f64 = 1e-7;
    let mut rnn = Stack::zeros(cell, 2, &[8], Bias::Double).unwrap();
    let count = rnn.parameter_count();
    rnn.params_mut().as_mut_slice().copy_from_slice(&noise(seed, count, size));
    let initial = state_of(&rnn, seed);
    let x = Array2::from_shape_vec((STEPS, 2), noise(seed ^ 7, 2 * STEPS, 1.0)).unwrap();
    let spectrum = driven_lyapunov_exponents(&rnn, x.view(), Some(&initial), 0).unwrap().remove(0);
    assert_eq!(spectrum.steps, STEPS);
    let all = jacobians(&rnn, &x.clone().insert_axis(Axis(0)), &initial);
    let want = all.iter().map(|j| ln_determinant(j.view())).sum::<f64>() / STEPS as f64;
    let sum: f64 = spectrum.by_column.iter().sum();
    assert!((sum - want).abs() < 1e-9 * want.abs(), "{sum} {want}");

    // Two runs a distance of 1e-7 apart, brought back to it after every step.
    let burn_in = BurnIn { state: 0, directions: BURN_IN };
    let largest = driven_lyapunov_exponents(&rnn, x.view(), Some(&initial), burn_in).unwrap()[0].by_column[0];
    let flat = |state: &State<f64>| {
        let LayerState { h, c } = &state.layers[0];
        concatenate![Axis(0), h.row(0), c.as_ref().map_or_else(|| Array1::zeros(0), |c| c.row(0).to_owned())]
    };
    let whole = |state: &Array1<f64>| {
        let row = |part: ndarray::ArrayView1<'_, f64>| part.to_owned().insert_axis(Axis(0));
        let c = (state.len() > 8).then(|| row(state.slice(s![8..])));
        State { layers: vec![LayerState { h: row(state.slice(s![..8])), c }] }
    };
    let mut ws = rnn.workspace();
    let mut step = |state: &Array1<f64>, t: usize| {
        let x = x.slice(s![t..=t, ..]).insert_axis(Axis(0));
        rnn.forward(Run::over(x).from_state(&whole(state)), &mut ws).unwrap();
        flat(&ws.final_state())
    };
    let mut state = flat(&initial);
    let mut off = Array1::zeros(state.len());
    off[0] = APART;
    let mut sum = 0.0;
    for t in 0..STEPS {
        // A difference of both sides: its error is of second order in the distance.
        let (ahead, behind) = (step(&(&state + &off), t), step(&(&state - &off), t));
        state = step(&state, t);
        off = (ahead - behind) / 2.0;
        let grown = off.dot(&off).sqrt() / APART;
        off /= grown;
        sum += if t >= BURN_IN { grown.ln() } else { 0.0 };
    }
    let rate = sum / (STEPS - BURN_IN) as f64;
    assert!((rate - largest).abs() < 1e-3, "{rate} {largest}");
}

#[test]
fn exponents_agree_with_determinants_and_perturbations() {
    determinant_and_perturbation(Elman::tanh(), 11, 0.6);
    determinant_and_perturbation(Gru, 12, 0.6);
    determinant_and_perturbation(Lstm, 13, 0.6);
}

/// Zeros for input and no input are one; every layer has its own exponents; sorted is sorted.
#[test]
fn layers_inputs_and_float_types() {
    let mut rnn = Stack::<f64>::zeros(Elman::tanh(), 2, &[4, 3], Bias::Single).unwrap();
    let count = rnn.parameter_count();
    rnn.params_mut().as_mut_slice().copy_from_slice(&noise(21, count, 0.9));
    let autonomous = lyapunov_exponents(&rnn, None, 300, 10).unwrap();
    let driven = driven_lyapunov_exponents(&rnn, Array2::zeros((310, 2)).view(), None, 10).unwrap();
    assert_eq!(autonomous, driven);
    assert_eq!([autonomous[0].by_column.len(), autonomous[1].by_column.len()], [4, 3]);
    let sorted = autonomous[0].sorted();
    assert!(sorted.is_sorted_by(|a, b| a >= b) && sorted[0] == autonomous[0].largest());

    // A contracting network in single precision has the same exponents.
    let mut single = Stack::<f32>::zeros(Elman::tanh(), 2, &[4, 3], Bias::Single).unwrap();
    let params = rnn.params_mut().as_mut_slice();
    for x in params.iter_mut() {
        *x *= 0.3;
    }
    let single_params = single.params_mut().as_mut_slice().iter_mut();
    single_params.zip(&*params).for_each(|(to, &from)| *to = from as f32);
    let (double, single) = (
        lyapunov_exponents(&rnn, None, 300, 50).unwrap(),
        lyapunov_exponents(&single, None, 300, 50).unwrap(),
    );
    for (double, single) in double.iter().zip(&single) {
        assert_close(&single.by_column, &double.by_column, 1e-4);
    }
}

#[test]
fn dimension_and_entropy() {
    let never = f64::NEG_INFINITY;
    assert_eq!(kaplan_yorke_dimension(&[-2.0, 0.5, 0.25, -0.5]), 3.125);
    assert_eq!(kaplan_yorke_dimension(&[0.5, 0.1]), 2.0);
    assert_eq!(kaplan_yorke_dimension(&[0.0, -1.0]), 1.0);
    assert_eq!(kaplan_yorke_dimension(&[0.5, never, never]), 1.0);
    assert_eq!(kaplan_yorke_dimension(&[]), 0.0);
    assert!(kaplan_yorke_dimension(&[0.5, f64::NAN]).is_nan());
    assert_eq!(entropy_rate(&[0.5, never, 0.25, 0.0]), 0.75);
    assert!(entropy_rate(&[0.5, f64::NAN]).is_nan());
}

#[test]
fn errors_name_what_is_wrong() {
    let rnn = network(Elman::identity(), array![[1e10]].view());
    let message = |result: Result<Vec<LyapunovSpectrum>, Error>| result.unwrap_err().to_string();
    assert_eq!(
        message(lyapunov_exponents(&rnn, None, 0, 5)),
        "the number of steps is 0; it must be at least 1"
    );
    let x = Array2::<f64>::ones((5, 1));
    let none_left = "the number of timesteps after the burn-in is 0; it must be at least 1";
    assert_eq!(message(driven_lyapunov_exponents(&rnn, x.view(), None, 5)), none_left);
    let burn_in = BurnIn { state: 3, directions: 2 };
    assert_eq!(message(driven_lyapunov_exponents(&rnn, x.view(), None, burn_in)), none_left);
    let wrong = lyapunov_exponents(&rnn, Some(&rnn.zero_state(2)), 5, 0);
    assert!(message(wrong).contains("h of layer 0 in the initial state has shape [2, 1], expected [1, 1]"));

    // Overflow, long after the first chunk of steps: h_t = 2ᵗ leaves the range at t = 1024, in the burn-in or after it.
    let mut doubling = network(Elman::identity(), array![[2.0]].view());
    let mut one = doubling.zero_state(1);
    one.layers[0].h.fill(1.0);
    let place = Place::HiddenState { layer: 0, timestep: 1024, batch: 0, unit: 0 };
    let overflow = Err(Error::Network(NetworkError::NonFinite { place, value: "inf".to_owned() }));
    assert_eq!(lyapunov_exponents(&doubling, Some(&one), 2000, 7), overflow);
    assert_eq!(lyapunov_exponents(&doubling, Some(&one), 1, 2000), overflow);
    assert!(lyapunov_exponents(&doubling, Some(&one), 1000, 23).is_ok());
    let mut x = Array2::zeros((300, 1));
    x[[200, 0]] = f64::NAN;
    let place = Place::Given { array: "x", index: vec![0, 200, 0] };
    let given = Err(Error::Network(NetworkError::NonFinite { place, value: "NaN".to_owned() }));
    assert_eq!(driven_lyapunov_exponents(&doubling, x.view(), None, 3), given);
    doubling.params_mut().as_mut_slice()[1] = f64::INFINITY;
    assert!(message(lyapunov_exponents(&doubling, None, 5, 0)).contains("weight_hh_l0"));

    let mut product = JacobianProduct::identity(2);
    let wide = product.multiply(Array2::<f64>::zeros((2, 3)).view()).unwrap_err();
    assert_eq!(wide.to_string(), "a 2 x 3 Jacobian does not fit states of 2 numbers");
    let bad = product.multiply(array![[1.0, f64::NAN], [0.0, 1.0]].view()).unwrap_err();
    assert_eq!(bad.to_string(), "entry (0, 1) of the matrix is NaN");
    assert_eq!(product.ln_singular_values(), [0.0, 0.0]);
}

/// Numbers near both ends of the range.
#[test]
fn magnitudes_out_of_the_range_of_squares_are_right() {
    for scale in [1e-300_f64, 1e-160, 1e150, 1e300] {
        let mut product = JacobianProduct::identity(2);
        for _ in 0..3 {
            product.multiply((array![[0.0, -1.5], [1.5, 0.0]] * scale).view()).unwrap();
        }
        assert_close(&product.ln_singular_values(), &[3.0 * (1.5 * scale).ln(); 2], 1e-12);
        let rnn = network(Elman::identity(), (array![[3.0, 1.0], [0.0, 2.0]] * scale).view());
        let burn_in = BurnIn { state: 0, directions: 100 };
        let got = lyapunov_exponents(&rnn, None, 10, burn_in).unwrap().remove(0).by_column;
        assert_close(&got, &[(3.0 * scale).ln(), (2.0 * scale).ln()], 1e-11);
    }
}

/// Would catch: slopes 1 − h² of a rounded h, which are 0 for |z| > 19 and made exponents −∞ in 24 of 45 such networks.
/// Σ λ_i is the mean of Σ ln φ′(z_i) + ln |det W|, with φ′ = sech² computed from the pre-activation z.
#[test]
fn saturated_networks_have_the_exponents_of_their_slopes() {
    const STEPS: usize = 200;
    for seed in 0..45 {
        let w = random(seed, 8, 6.0);
        let rnn = network(Elman::tanh(), w.view());
        let initial = state_of(&rnn, seed);
        let got = lyapunov_exponents(&rnn, Some(&initial), STEPS, 0).unwrap().remove(0).by_column;
        let mut want = ln_determinant(w.view());
        let mut ws = rnn.workspace();
        rnn.forward(Run::over(Array3::zeros((1, STEPS, 1)).view()).from_state(&initial), &mut ws).unwrap();
        let states = ws.hidden(0);
        let states = states.index_axis(Axis(0), 0);
        let first = initial.layers[0].h.row(0);
        for h in std::iter::once(first).chain(states.outer_iter()).take(STEPS) {
            let z = w.dot(&h);
            let ln_slope = |z: &f64| 4f64.ln() - 2.0 * z.abs() - 2.0 * (-2.0 * z.abs()).exp().ln_1p();
            want += z.iter().map(ln_slope).sum::<f64>() / STEPS as f64;
        }
        let sum: f64 = got.iter().sum();
        assert!((sum - want).abs() < 1e-9 * want.abs(), "seed {seed}: {sum} {want}: {got:?}");
    }
}
