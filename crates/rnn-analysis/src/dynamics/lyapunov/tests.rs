//! QR steps on Jacobians made by hand.

use ndarray::{Array1, array};

use super::*;

/// The columns of the Hilbert matrix depend on each other but for 1e-10: one pass of Gram–Schmidt leaves them that far
/// from orthogonal.
#[test]
fn columns_that_are_nearly_dependent_become_orthogonal() {
    let mut directions = Directions::new(8, 8, 0);
    directions.q.vectors = Array2::from_shape_fn((8, 8), |(i, j)| 1.0 / (i + j + 1) as f64);
    directions.orthonormalize();
    let gram = directions.q.vectors.dot(&directions.q.vectors.t());
    assert!((&gram - &Array2::<f64>::eye(8)).iter().all(|off| off.abs() < 1e-14), "{gram}");
}

fn exponents(jacobians: impl Iterator<Item = Array2<f64>>, n: usize, burn_in: usize) -> Vec<f64> {
    let mut directions = Directions::new(n, n, burn_in);
    jacobians.for_each(|jacobian| directions.step(jacobian.view()));
    let steps = (directions.taken - burn_in) as f64;
    directions.sums.iter().map(|sum| sum / steps).collect()
}

/// Would catch: a QR decomposition that loses rows of tiny slopes to rounding. With rows 1e-40 apart, the eigenvalues of
/// D W are d_k times the ratio of two leading minors of W, to the last bit.
#[test]
fn rows_of_very_different_size_keep_their_digits() {
    let w = array![[0.7, -1.1, 0.4], [1.3, 0.2, -0.6], [-0.5, 0.9, 1.7]];
    let minors = [0.7, 0.7 * 0.2 + 1.1 * 1.3];
    let determinant =
        0.7 * (0.2 * 1.7 + 0.6 * 0.9) + 1.1 * (1.3 * 1.7 - 0.6 * 0.5) + 0.4 * (1.3 * 0.9 + 0.2 * 0.5);
    let slopes = [1.0, 1e-40, 1e-80f64];
    let ratios: [f64; 3] = [minors[0], minors[1] / minors[0], determinant / minors[1]];
    let want: Vec<f64> = slopes.iter().zip(ratios).map(|(slope, ratio)| (slope * ratio.abs()).ln()).collect();
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        // The same network, its units named otherwise.
        let jacobian = Array2::from_shape_fn((3, 3), |(i, j)| slopes[order[i]] * w[[order[i], order[j]]]);
        let got = exponents(std::iter::repeat_n(jacobian, 200), 3, 100);
        for (got, want) in got.iter().zip(&want) {
            assert!((got - want).abs() < 1e-12, "{order:?}: {got} {want}");
        }
    }
}

/// Would catch: −∞, or an exponent of rounding errors, for a saturated tanh network: Σ λ_i is the mean of
/// Σ ln φ′(z_i) + ln |det W|, most of which comes from slopes below ε.
#[test]
fn saturated_networks_have_finite_exponents() {
    const STEPS: usize = 300;
    for seed in 0..40u32 {
        // Eight units, weights of standard deviation 6/√8 from a linear congruential generator.
        let mut state = u64::from(seed) + 1;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        };
        let w = Array2::from_shape_fn((8, 8), |_| uniform() * 12f64.sqrt() * 6.0 / 8f64.sqrt());
        let mut h = Array1::from_shape_fn(8, |_| uniform());
        let (mut jacobians, mut want) = (Vec::new(), 0.0);
        let ln_det: f64 = crate::singular_values(w.view()).unwrap().iter().map(|x| x.ln()).sum();
        for _ in 0..STEPS {
            let z = w.dot(&h);
            // sech² z without cancellation.
            let slope = z.mapv(|z: f64| {
                let e = (-2.0 * z.abs()).exp();
                4.0 * e / (1.0 + e).powi(2)
            });
            want += ln_det + slope.iter().map(|slope| slope.ln()).sum::<f64>();
            jacobians.push(&w * &slope.insert_axis(Axis(1)));
            h = z.mapv(f64::tanh);
        }
        want /= STEPS as f64;
        let got = exponents(jacobians.into_iter(), 8, 0);
        let sum: f64 = got.iter().sum();
        assert!((sum - want).abs() < 1e-9 * want.abs(), "seed {seed}: {sum} {want}: {got:?}");
    }
}
