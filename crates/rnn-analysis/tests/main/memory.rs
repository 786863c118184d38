//! Memory in closed form.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array1, Array2};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Error, fisher_memory, linear_memory, spectral_radius};
use rnn_core::Random;

fn random(seed: u64, n: usize, radius: f64) -> (Array2<f64>, Array1<f64>) {
    let mut rng = Pcg64Dxsm::seed_from_u64(seed);
    let (mut w, mut v) = (Array2::zeros((n, n)), Array1::zeros(n));
    rng.fill_normal(w.as_slice_mut().unwrap());
    rng.fill_normal(v.as_slice_mut().unwrap());
    let scale = radius / spectral_radius(w.view()).unwrap();
    (w * scale, v)
}

/// Units in a chain, each of which reads the one before with this gain.
fn chain(n: usize, gain: f64) -> (Array2<f64>, Array1<f64>) {
    let w = Array2::from_shape_fn((n, n), |(i, j)| if i == j + 1 { gain } else { 0.0 });
    (w, Array1::from_shape_fn(n, |i| f64::from(u8::from(i == 0))))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_capacity_is_the_number_of_units(seed in any::<u64>(), n in 1usize..=8, radius in 0.5f64..0.97) {
        let (w, v) = random(seed, n, radius);
        let memory = linear_memory(w.view(), v.view()).unwrap();
        prop_assert!((memory.total() - n as f64).abs() < 1e-9, "{}", memory.total());
        prop_assert!(memory.by_lag.iter().all(|m| (0.0..1.0 + 1e-12).contains(m)));
    }

    /// The sum over lags of v_kᵀ C⁻¹ v_k is 1 for a symmetric W, and at most n for any.
    #[test]
    fn the_fisher_memory_of_a_normal_network_is_one(seed in any::<u64>(), n in 1usize..=8, radius in 0.1f64..0.97) {
        let (w, v) = random(seed, n, radius);
        let v = &v / v.dot(&v).sqrt();
        let whole = fisher_memory(w.view(), v.view()).unwrap().total();
        prop_assert!(whole <= n as f64 + 1e-9, "{whole}");
        let symmetric = &w + &w.t();
        let symmetric = &symmetric * (radius / spectral_radius(symmetric.view()).unwrap());
        let total = fisher_memory(symmetric.view(), v.view()).unwrap().total();
        prop_assert!((total - 1.0).abs() < 1e-11, "{total}");
    }
}

#[test]
fn a_chain_remembers_each_lag() {
    let (w, v) = chain(6, 0.5);
    let memory = linear_memory(w.view(), v.view()).unwrap();
    assert_eq!(memory.by_lag.len(), 6);
    assert!(memory.by_lag.iter().all(|m| (m - 1.0).abs() < 1e-12));
    // J_k = αᵏ / Σ_{m ≤ k} αᵐ.
    for alpha in [1.0f64, 2.0, 4.0] {
        let (w, v) = chain(16, alpha.sqrt());
        let memory = fisher_memory(w.view(), v.view()).unwrap();
        for (k, got) in memory.by_lag.iter().enumerate() {
            let sum: f64 = (0..=k).map(|m| alpha.powi(m as i32)).sum();
            assert!((got - alpha.powi(k as i32) / sum).abs() < 1e-13, "α = {alpha}, k = {k}");
        }
        assert_eq!(memory.by_lag.len(), 16);
    }
}

/// v reaches a part of the units only.
#[test]
fn units_that_the_input_does_not_reach_remember_nothing() {
    let w = Array2::from_diag(&ndarray::array![0.9, 0.5, 0.3]);
    let memory = linear_memory(w.view(), ndarray::array![1.0, 2.0, 0.0].view()).unwrap();
    assert!((memory.total() - 2.0).abs() < 1e-12);
    let nothing = linear_memory(w.view(), Array1::zeros(3).view()).unwrap();
    assert_eq!(nothing.total(), 0.0);
}

#[test]
fn a_network_without_a_stationary_state_is_refused() {
    let (w, v) = random(1, 3, 1.0);
    assert!(matches!(linear_memory(w.view(), v.view()), Err(Error::Unstable { .. })));
    assert!(fisher_memory(w.view(), Array1::zeros(2).view()).is_err());
}
