//! Departures from normality, numerical radii and pseudospectra of matrices where they are known.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array2, array};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{
    Error, Pseudospectrum, departure_from_normality, numerical_radius, singular_values, spectral_radius,
};
use rnn_core::Random;

fn random(n: usize, seed: u64) -> Array2<f64> {
    let mut matrix = Array2::zeros((n, n));
    Pcg64Dxsm::seed_from_u64(seed).fill_normal(matrix.as_slice_mut().unwrap());
    matrix
}

/// A Jordan block of size n with this eigenvalue.
fn jordan(n: usize, lambda: f64) -> Array2<f64> {
    Array2::from_shape_fn((n, n), |(i, j)| if i == j { lambda } else { f64::from(u8::from(j == i + 1)) })
}

#[test]
fn normal_matrices_depart_by_nothing() {
    let rotation = array![[0.6, -0.8], [0.8, 0.6]];
    let symmetric = {
        let a = random(7, 1);
        &a + &a.t()
    };
    let skew = {
        let a = random(6, 2);
        &a - &a.t()
    };
    let circulant = Array2::from_shape_fn((5, 5), |(i, j)| [1.0, -2.0, 0.5, 0.0, 3.0][(j + 5 - i) % 5]);
    for matrix in [rotation, symmetric, skew, circulant] {
        let size = matrix.iter().map(|x| x * x).sum::<f64>().sqrt();
        let departure = departure_from_normality(matrix.view()).unwrap();
        assert!(departure <= 1e-13 * size, "{departure} of {size}");
        let (w, rho) = (numerical_radius(matrix.view()).unwrap(), spectral_radius(matrix.view()).unwrap());
        assert!((w - rho).abs() < 1e-12 * rho, "for a normal matrix w = ρ: {w} {rho}");
    }
}

/// Size n: N has n − 1 ones, the numerical range is a disc of radius cos(π/(n + 1)) around λ.
#[test]
fn jordan_blocks() {
    for n in [2, 3, 6, 11] {
        for lambda in [0.0, 0.7, -1.3] {
            let block = jordan(n, lambda);
            let departure = departure_from_normality(block.view()).unwrap();
            assert!((departure - ((n - 1) as f64).sqrt()).abs() < 1e-6, "{departure}");
            let w = numerical_radius(block.view()).unwrap();
            let want = lambda.abs() + (std::f64::consts::PI / (n + 1) as f64).cos();
            assert!((w - want).abs() < 1e-12, "{n} {lambda}: {w} {want}");
        }
    }
    let scaled = array![[0.0, 1e-200], [0.0, 0.0]];
    assert!((numerical_radius(scaled.view()).unwrap() / 5e-201 - 1.0).abs() < 1e-12);
    assert!((departure_from_normality(scaled.view()).unwrap() / 1e-200 - 1.0).abs() < 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    /// ρ ≤ w ≤ ‖A‖ ≤ 2 w, ‖A²‖ ≤ 2 w², w(−A) = w(Aᵀ) = w(A), and w of a multiple.
    #[test]
    fn bounds_of_the_numerical_radius(seed in any::<u64>(), n in 1usize..=6) {
        let a = random(n, seed);
        let w = numerical_radius(a.view()).unwrap();
        // The two sides of Henrici's definition, and a multiple of an orthogonal matrix away from its own basis.
        let departure = departure_from_normality(a.view()).unwrap();
        let squares: f64 = a.iter().map(|x| x * x).sum();
        let spectral: f64 = rnn_analysis::eigenvalues(a.view()).unwrap().iter().map(rnn_analysis::Complex64::norm_sqr).sum();
        prop_assert!((departure * departure + spectral - squares).abs() < 1e-10 * squares);
        let norm = singular_values(a.view()).unwrap()[0];
        prop_assert!(spectral_radius(a.view()).unwrap() <= w * (1.0 + 1e-12));
        prop_assert!(w <= norm * (1.0 + 1e-12) && norm <= 2.0 * w * (1.0 + 1e-12));
        prop_assert!(singular_values(a.dot(&a).view()).unwrap()[0] <= 2.0 * w * w * (1.0 + 1e-12));
        prop_assert!((numerical_radius((-&a).view()).unwrap() - w).abs() < 1e-3 * w);
        prop_assert!((numerical_radius(a.t()).unwrap() - w).abs() < 1e-12 * w);
        prop_assert!((numerical_radius((&a * 3.0).view()).unwrap() - 3.0 * w).abs() < 1e-11 * w);
        // No unit vector does better.
        let x = random(n, seed ^ 1);
        for x in x.rows() {
            let quotient = x.dot(&a.dot(&x)).abs() / x.dot(&x);
            prop_assert!(quotient <= w * (1.0 + 1e-3));
        }
    }
}

/// σ_min(zI − A) of a 2 x 2 Jordan block is known: the smaller root of s² = (|z|² + ½ − ½ √(4|z|² + 1)).
#[test]
fn the_pseudospectrum_of_a_jordan_block() {
    let seen = Pseudospectrum::on_grid(jordan(2, 0.0).view(), [-1.0, 1.0], [-0.5, 1.0], [21, 16]).unwrap();
    for ((row, column), &sigma) in seen.sigma_min.indexed_iter() {
        let square = seen.re[column].powi(2) + seen.im[row].powi(2);
        let exact = (square + 0.5 - 0.5 * (4.0 * square + 1.0).sqrt()).max(0.0).sqrt();
        assert!((sigma - exact).abs() < 1e-7, "{sigma} {exact}");
    }
    // A disc of radius √(ε² + ε).
    let epsilon = 0.1;
    let radius = f64::sqrt(epsilon * epsilon + epsilon);
    for [low, high] in [seen.abscissa(epsilon), seen.radius(epsilon)] {
        assert!(low <= radius && radius <= high && high - low < 0.25, "{low} {radius} {high}");
    }
    assert_eq!(seen.abscissa(-1.0)[0], f64::NEG_INFINITY);
}

#[test]
fn what_has_no_eigenvalues_is_refused() {
    let wide = Array2::<f64>::zeros((2, 3));
    let not_square = Error::NotSquare { rows: 2, columns: 3 };
    assert_eq!(departure_from_normality(wide.view()), Err(not_square.clone()));
    assert_eq!(numerical_radius(wide.view()), Err(not_square.clone()));
    assert_eq!(Pseudospectrum::on_grid(wide.view(), [0.0, 1.0], [0.0, 1.0], [2, 2]), Err(not_square));
    let nan = array![[f64::NAN]];
    assert!(matches!(numerical_radius(nan.view()), Err(Error::NonFinite { .. })));
    let one = array![[1.0]];
    let few = Pseudospectrum::on_grid(one.view(), [0.0, 1.0], [0.0, 1.0], [1, 2]);
    assert_eq!(few, Err(Error::TooFew { what: "points along an axis", count: 1, least: 2 }));
    let ends = Pseudospectrum::on_grid(one.view(), [0.0, 1.0], [1.0, 1.0], [2, 2]);
    assert!(matches!(ends, Err(Error::OutOfRange { .. })));
    assert_eq!(numerical_radius(Array2::<f64>::zeros((0, 0)).view()), Ok(0.0));
    assert_eq!(departure_from_normality(Array2::<f64>::zeros((0, 0)).view()), Ok(0.0));
    assert_eq!(departure_from_normality(Array2::<f64>::zeros((3, 3)).view()), Ok(0.0));
}
