//! Spectra that are known in closed form.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use approx::assert_relative_eq;
use ndarray::{Array2, array};
use proptest::prelude::*;
use rnn_analysis::{Error, eigenvalues, singular_values, spectral_radius};

#[test]
fn a_companion_matrix_has_the_roots_of_its_polynomial() {
    // (x − 3)(x + 2)(x − 1/2) = x³ − 3/2 x² − 11/2 x + 3
    let companion = array![[1.5, 5.5, -3.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    let roots = eigenvalues(companion.view()).unwrap();
    for (root, want) in roots.iter().zip([3.0, -2.0, 0.5]) {
        assert_relative_eq!(root.re, want, epsilon = 1e-12);
        assert_relative_eq!(root.im, 0.0, epsilon = 1e-12);
    }
}

/// An iteration without shifts never converges here: all eigenvalues have the same magnitude.
#[test]
fn a_cyclic_permutation_has_the_roots_of_unity() {
    let n = 64;
    let cycle = Array2::from_shape_fn((n, n), |(i, j)| if (i + 1) % n == j { 1.0f32 } else { 0.0 });
    let roots = eigenvalues(cycle.view()).unwrap();
    for k in 0..n {
        let (sin, cos) = (std::f64::consts::TAU * k as f64 / n as f64).sin_cos();
        assert!(roots.iter().any(|z| (z.re - cos).hypot(z.im - sin) < 1e-12), "root {k} is missing");
    }
}

#[test]
fn magnitudes_out_of_the_range_of_squares_are_right() {
    for scale in [1e-300, 1e-160, 1e150, 1e300] {
        let rotation = array![[0.0, -1.5], [1.5, 0.0]] * scale;
        assert_relative_eq!(spectral_radius(rotation.view()).unwrap(), 1.5 * scale, max_relative = 1e-12);
        assert_relative_eq!(singular_values(rotation.view()).unwrap()[1], 1.5 * scale, max_relative = 1e-12);
    }
}

#[test]
fn degenerate_matrices_are_no_trouble() {
    assert_eq!(spectral_radius(Array2::<f64>::zeros((0, 0)).view()).unwrap(), 0.0);
    assert_eq!(spectral_radius(Array2::<f64>::zeros((3, 3)).view()).unwrap(), 0.0);
    let jordan = array![[0.9, 1.0, 0.0], [0.0, 0.9, 1.0], [0.0, 0.0, 0.9]];
    assert_relative_eq!(spectral_radius(jordan.view()).unwrap(), 0.9, epsilon = 1e-4);
}

#[test]
fn errors_name_what_is_wrong() {
    let wide = Array2::<f64>::zeros((2, 3));
    assert_eq!(eigenvalues(wide.view()), Err(Error::NotSquare { rows: 2, columns: 3 }));
    let broken = array![[1.0, 2.0], [f64::INFINITY, 4.0]];
    let message = spectral_radius(broken.view()).unwrap_err().to_string();
    assert_eq!(message, "entry (1, 0) of the matrix is inf");
    assert!(singular_values(array![[f32::NAN]].view()).is_err());
}

fn matrix() -> impl Strategy<Value = Array2<f64>> {
    (1usize..12).prop_flat_map(|n| {
        prop::collection::vec(-2.0..2.0, n * n).prop_map(move |v| Array2::from_shape_vec((n, n), v).unwrap())
    })
}

proptest! {
    /// Σλ = tr W, Σλ² = tr W², the eigenvalues are sorted, and no |λ| exceeds the largest singular value.
    #[test]
    fn eigenvalues_obey_the_traces(w in matrix()) {
        let lambda = eigenvalues(w.view()).unwrap();
        let trace = |m: &Array2<f64>| m.diag().sum();
        let sum: f64 = lambda.iter().map(|z| z.re).sum();
        let squares: f64 = lambda.iter().map(|z| (z * z).re).sum();
        prop_assert!((sum - trace(&w)).abs() < 1e-9, "{sum} {}", trace(&w));
        prop_assert!((squares - trace(&w.dot(&w))).abs() < 1e-8);
        prop_assert!(lambda.iter().map(|z| z.im).sum::<f64>().abs() < 1e-9);
        prop_assert!(lambda.windows(2).all(|pair| pair[0].norm() >= pair[1].norm()));
        let sigma = singular_values(w.view()).unwrap();
        prop_assert!(lambda[0].norm() <= sigma[0] * (1.0 + 1e-9));
        let frobenius = w.iter().map(|x| x * x).sum::<f64>();
        prop_assert!((sigma.iter().map(|s| s * s).sum::<f64>() - frobenius).abs() < 1e-9 * (1.0 + frobenius));
    }
}
