//! Cycles of piecewise-linear networks whose cycles are known, and certificates of fixed points.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Cycle, Error, certify, cycles, cycles_within, fixed_points};
use rnn_core::{
    Bias, Cell, Elman, Gru, Leaky, Parameters, Random, Stack,
    cell::{Relu, Tanh},
};

fn network(cell: impl Into<Cell<f64>>, w_hh: &Array2<f64>, bias: &[f64]) -> Stack<f64> {
    let mut rnn = Stack::zeros(cell, 1, &[w_hh.ncols()], Bias::Single).unwrap();
    rnn.set_parameter("weight_hh_l0", w_hh.view().into_dyn()).unwrap();
    rnn.set_parameter("bias_l0", Array1::from(bias.to_vec()).view().into_dyn()).unwrap();
    rnn
}

fn all(rnn: &Stack<f64>, length: usize) -> Vec<Cycle> {
    cycles(rnn, Array1::zeros(rnn.input()).view(), length).unwrap()
}

/// s ↦ 1 + left · s for s < 0 and 1 − right · s for s > 0, as two units relu(s) and relu(−s).
fn skew_tent(left: f64, right: f64) -> Stack<f64> {
    network(Elman::relu(), &array![[-right, -left], [right, left]], &[1.0, -1.0])
}

fn stable(rnn: &Stack<f64>, length: usize) -> Vec<Cycle> {
    all(rnn, length).into_iter().filter(Cycle::is_stable).collect()
}

/// The full tent map has 2ᵏ points of period k, so (1/k) Σ_{d | k} μ(d) 2^{k/d} cycles of length k: 2, 1, 2, 3, 6, 9, 18, 30, 56, 99, …
#[test]
fn the_tent_map_has_as_many_cycles_as_necklaces() {
    let rnn = skew_tent(2.0, 2.0);
    for (k, count) in [2, 1, 2, 3, 6, 9, 18, 30, 56, 99, 186, 335].into_iter().enumerate() {
        let length = k + 1;
        let found = all(&rnn, length);
        assert_eq!(found.len(), count, "length {length}");
        for cycle in found {
            // Each step multiplies by ±2.
            assert_eq!(cycle.length(), length);
            assert!((cycle.eigenvalues[0].norm() / 2f64.powi(length as i32) - 1.0).abs() < 1e-9);
            assert!(cycle.eigenvalues[1].norm() < 1e-6 && !cycle.is_stable());
            follows(&rnn, &cycle);
        }
    }
}

/// Where left < 1 and right is large, a skew tent map has one stable cycle and, next to it, none but unstable ones: with left = 0.3 and
/// right = 20, the orbit of s = 1 climbs from −19 to 0 in steps: 1 → −19 → −4.7 → −0.41 → 0.877.
#[test]
fn a_skew_tent_map_has_a_stable_cycle_of_known_length() {
    for (left, right) in [(0.3, 20.0), (0.5, 6.0), (0.4, 3.0), (0.7, 8.0)] {
        // Follow the map: if it settles on a cycle, the same must be found, and be the only stable one.
        let mut s = 0.5;
        let step = |s: f64| if s > 0.0 { 1.0 - right * s } else { 1.0 + left * s };
        for _ in 0..10_000 {
            s = step(s);
        }
        let (start, mut length) = (s, 0);
        for k in 1..=12 {
            s = step(s);
            if length == 0 && (s - start).abs() < 1e-9 {
                length = k;
            }
        }
        let rnn = skew_tent(left, right);
        for k in 1..=8 {
            let found = stable(&rnn, k);
            assert_eq!(found.len(), usize::from(k == length), "{left} {right}: length {k} of {length}");
            for cycle in &found {
                follows(&rnn, cycle);
            }
        }
    }
}

/// A rotation by 1/k within one region of a leaky relu network has the fixed point alone; an inverted one has a cycle on the border.
#[test]
fn a_leaky_network_is_piecewise_linear_too() {
    // c ← (1 − α) c + α (w relu(c) + b): with w = −9 and α = 0.5 the map is 0.5 c + 0.5 b below 0 and −4 c + 0.5 b above.
    let leaky = Leaky { alpha: 0.5, activation: Relu };
    let rnn = network(leaky, &array![[-9.0]], &[2.0]);
    let points = all(&rnn, 1);
    assert_eq!(points.len(), 1);
    assert!((points[0].states[[0, 0]] - 0.2).abs() < 1e-14 && !points[0].is_stable());
    assert!((points[0].eigenvalues[0].re + 4.0).abs() < 1e-14);
    // c_1 > 0, c_2 = 1 − 4 c_1 < 0, c_1 = 1 + 0.5 c_2: c_1 = 1.5 / 3 and c_2 = −1, with the eigenvalue −2.
    let two = all(&rnn, 2);
    assert_eq!(two.len(), 1);
    let mut states = two[0].states.column(0).to_vec();
    states.sort_by(f64::total_cmp);
    assert!((states[0] + 1.0).abs() < 1e-14 && (states[1] - 0.5).abs() < 1e-14);
    assert!((two[0].eigenvalues[0].re + 2.0).abs() < 1e-13);
    follows(&rnn, &two[0]);
    // α = 1 is an Elman cell, but for its state.
    let elman = skew_tent(2.0, 2.0);
    let w = elman.weight_hh(0).to_owned();
    let same = network(Leaky { alpha: 1.0, activation: Relu }, &w, &[1.0, -1.0]);
    for length in 1..=5 {
        assert_eq!(all(&same, length).len(), all(&elman, length).len());
    }
}

/// Every state of the cycle leads to the next one, and the cycle is no repetition of a shorter one.
fn follows(rnn: &Stack<f64>, cycle: &Cycle) {
    let w = rnn.weight_hh(0).to_owned();
    let bias = rnn.params().get("bias_l0").unwrap().into_dimensionality::<ndarray::Ix1>().unwrap().to_owned();
    let alpha = rnn.layers()[0].cell.name().number("alpha").ok();
    let size = cycle.states.fold(1.0, |most: f64, x| most.max(x.abs()));
    for t in 0..cycle.length() {
        let now = cycle.states.row(t).to_owned();
        let z = w.dot(&now.mapv(|x| x.max(0.0))) + &bias;
        let next = match alpha {
            None => z.mapv(|z| z.max(0.0)),
            Some(alpha) => &now * (1.0 - alpha) + z * alpha,
        };
        let want = cycle.states.row((t + 1) % cycle.length());
        assert!((&next - &want).iter().all(|off| off.abs() < 1e-9 * size), "{cycle:?}");
        for earlier in 0..t {
            let apart = (&cycle.states.row(t) - &cycle.states.row(earlier))
                .fold(0.0, |most: f64, x| most.max(x.abs()));
            assert!(apart > 0.0, "{cycle:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Random networks: whatever Newton's method finds from many states is in the enumeration, and what is enumerated is fixed.
    #[test]
    fn enumeration_misses_nothing_that_newton_finds(seed in any::<u64>(), n in 1usize..=5) {
        let mut rng = Pcg64Dxsm::seed_from_u64(seed);
        let mut rnn = Stack::<f64>::zeros(Elman::relu(), 2, &[n], Bias::Double).unwrap();
        rng.fill_normal(rnn.params_mut().as_mut_slice());
        let x = array![0.3, -0.8];
        let points = cycles(&rnn, x.view(), 1).unwrap();
        let mut starts = Array2::zeros((60, n));
        rng.fill_uniform(-1.0, 6.0, starts.as_slice_mut().unwrap());
        for found in fixed_points(&rnn, x.view(), starts.view()).unwrap() {
            let near = |cycle: &&Cycle| {
                (&cycle.states.row(0) - &found.state).iter().all(|off| off.abs() < 1e-6 * (1.0 + found.state[0].abs()))
            };
            prop_assert_eq!(points.iter().filter(near).count(), 1, "{:?} {:?}", found, points);
        }
        for cycle in &points {
            let again = fixed_points(&rnn, x.view(), cycle.states.view()).unwrap();
            prop_assert_eq!(again.len(), 1);
            prop_assert!((&again[0].state - &cycle.states.row(0)).iter().all(|off| off.abs() < 1e-8));
            for (a, b) in again[0].eigenvalues.iter().zip(&cycle.eigenvalues) {
                prop_assert!((a.norm() - b.norm()).abs() < 1e-5 * (1.0 + a.norm()));
            }
        }
    }

    /// Cycles of random networks go round.
    #[test]
    fn cycles_go_round(seed in any::<u64>(), n in 1usize..=3, length in 2usize..=4) {
        let mut rng = Pcg64Dxsm::seed_from_u64(seed);
        let mut rnn = Stack::<f64>::zeros(Elman::relu(), 1, &[n], Bias::Single).unwrap();
        rng.fill_normal(rnn.params_mut().as_mut_slice());
        rnn.params_mut().as_mut_slice().iter_mut().for_each(|x| *x *= 2.0);
        for cycle in &all(&rnn, length) {
            follows(&rnn, cycle);
        }
    }
}

/// With relu and no bias, 0 is fixed, and lies on the border of all regions.
#[test]
fn a_point_on_the_border_is_listed_once() {
    let rnn = network(Elman::relu(), &array![[0.5, -0.3], [0.2, -0.8]], &[0.0, 0.0]);
    let points = all(&rnn, 1);
    assert_eq!(points.len(), 1);
    assert_eq!(points[0].states, array![[0.0, 0.0]]);
    assert_eq!(all(&rnn, 2), []);
    // With an eigenvalue of 1, a ray of points: only the others are listed.
    assert!(all(&network(Elman::relu(), &array![[1.0]], &[0.0]), 1).len() <= 1);
}

#[test]
fn what_is_not_piecewise_linear_or_too_large_is_refused() {
    let refuse = |rnn: &Stack<f64>, length| cycles(rnn, Array1::zeros(1).view(), length).unwrap_err();
    for cell in [Cell::from(Elman::tanh()), Gru.into(), Leaky { alpha: 0.5, activation: Tanh }.into()] {
        let rnn = Stack::<f64>::zeros(cell, 1, &[2], Bias::None).unwrap();
        assert!(matches!(refuse(&rnn, 1), Error::UnsuitedCell { .. }));
    }
    let two = Stack::<f64>::zeros(Elman::relu(), 1, &[2, 2], Bias::None).unwrap();
    assert!(matches!(refuse(&two, 1), Error::NoFixedPoints { .. }));
    let one = skew_tent(2.0, 2.0);
    assert!(matches!(refuse(&one, 0), Error::OutOfRange { .. }));
    let fault = cycles_within(&one, array![0.0].view(), 100, 20_000);
    assert_eq!(fault, Err(Error::TooManyItineraries { length: 100, units: 2, limit: 20_000 }));
    let fault = cycles(&one, array![0.0, 1.0].view(), 1).unwrap_err();
    assert_eq!(fault, Error::InputSize { features: 1, given: 2 });
    assert!(matches!(cycles(&one, array![f64::NAN].view(), 1).unwrap_err(), Error::OutOfRange { .. }));
}

/// 0 and ±0.957504.
#[test]
fn the_fixed_points_of_a_switch_are_certified() {
    let rnn = network(Elman::tanh(), &array![[2.0]], &[0.0]);
    let x = array![0.0];
    // h ← tanh(2 h) shrinks errors by 0.17 in each step.
    let exact = (0..40).fold(1.0, |h: f64, _| (2.0 * h).tanh());
    assert!((exact - 0.957_504).abs() < 1e-6);
    for exact in [-exact, 0.0, exact] {
        let proof = certify(&rnn, x.view(), array![exact + 1e-13].view()).unwrap().unwrap();
        assert!(proof.low[0] <= exact + 1e-15 && exact - 1e-15 <= proof.high[0], "{proof:?}");
        assert!(
            proof.high[0] - proof.low[0] < 1e-12 && proof.radius >= 0.1 && proof.radius < 0.96,
            "{proof:?}"
        );
    }
    // Near no fixed point, at a fold, and on a continuum there is no proof.
    assert_eq!(certify(&rnn, x.view(), array![0.6].view()), Ok(None));
    let fold = network(Elman::tanh(), &array![[1.0]], &[0.0]);
    assert_eq!(certify(&fold, x.view(), array![0.0].view()), Ok(None));
}

/// What Newton's method finds in random networks is certified, with inputs and two biases.
#[test]
fn what_newton_finds_exists() {
    let mut proved = 0;
    for (seed, cell) in (0..12).zip([Elman::tanh().into(), Cell::from(Elman::sigmoid())].into_iter().cycle())
    {
        let mut rng = Pcg64Dxsm::seed_from_u64(seed);
        let mut rnn = Stack::<f64>::zeros(cell, 2, &[6], Bias::Double).unwrap();
        rng.fill_normal(rnn.params_mut().as_mut_slice());
        let mut starts = Array2::zeros((100, 6));
        rng.fill_uniform(-1.0, 1.0, starts.as_slice_mut().unwrap());
        let x = array![0.5, -1.0];
        for point in fixed_points(&rnn, x.view(), starts.view()).unwrap() {
            let proof = certify(&rnn, x.view(), point.state.view()).unwrap().unwrap();
            let off = (&proof.high - &proof.low).fold(0.0, |most: f64, x| most.max(*x));
            assert!(off < 1e-9, "{proof:?}");
            proved += 1;
        }
    }
    assert!(proved >= 12);
}

#[test]
fn a_certificate_needs_a_cell_that_it_knows() {
    let relu = Stack::<f64>::zeros(Elman::relu(), 1, &[2], Bias::None).unwrap();
    let fault = certify(&relu, array![0.0].view(), array![0.0, 0.0].view());
    assert!(matches!(fault, Err(Error::UnsuitedCell { .. })));
    let tanh = Stack::<f64>::zeros(Elman::tanh(), 1, &[2], Bias::None).unwrap();
    let fault = certify(&tanh, array![0.0].view(), array![0.0].view());
    assert_eq!(fault, Err(Error::StateSize { state: 2, rows: 1, columns: 1 }));
    let fault = certify(&tanh, array![0.0].view(), array![0.0, f64::NAN].view());
    assert!(matches!(fault, Err(Error::OutOfRange { .. })));
}
