//! Family `spectra`: eigenvalues, spectral radius and singular values of matrices of any size and any magnitude.
//!
//! Errors are measured against max(1, max |want|), as everywhere, and against the norm of the matrix: otherwise a tiny
//! matrix would pass whatever was computed for it.
//!
//! # Eigenvalues that nobody can know better
//!
//! A good algorithm gives the eigenvalues of A + E with ‖E‖ of a few ε ‖A‖. For a defective matrix or one close to it
//! they move by ε^(1/k), so two good algorithms may differ by far more than any tolerance. What is asked of such a pair
//! is that it lies in one component of the pseudospectrum of A, the set of z with
//!
//! ```text
//! σ_min(A − z I) ≤ 10 n ε ‖A‖
//! ```
//!
//! which are the eigenvalues of all matrices that close to A. Points of the straight line between the two are tried: for
//! a k-fold defective eigenvalue they lie in a disc of radius (10 n ε)^(1/k) ‖A‖ or so, for a well-conditioned one (be
//! it multiple) in one of radius 10 n ε ‖A‖, and between two distinct ones outside. So nothing depends on guessing
//! which matrix is defective.
//!
//! # Reference
//! Trefethen and Embree 2005, *Spectra and pseudospectra*, chapters 2 and 52.

use ndarray::{Array2, ArrayView2, Ix2, s};
use rnn_analysis::{Complex64, eigenvalues, singular_values, spectral_radius};
use rnn_core::Real;

use crate::conformance::checks::{Checks, Comparison, scale};
use crate::conformance::fixture::Fixture;
use crate::conformance::outcome::Stop;

/// What the spectral radius of a matrix with an ill-conditioned largest eigenvalue may be off, as the fixtures say.
const ILL_CONDITIONED_RADIUS: f64 = 1e-4;

/// Where on the line between two eigenvalues the pseudospectrum is looked at.
const BETWEEN: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

pub(super) fn check<F: Real>(fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
    let names = fixture.case.texts("matrices")?;
    fixture.case.all_read("key of the case:")?;
    for name in names {
        check_matrix::<F>(fixture, checks, name)?;
    }
    Ok(())
}

fn check_matrix<F: Real>(fixture: &Fixture<'_>, checks: &mut Checks, name: &str) -> Result<(), Stop> {
    let part = |part: &str| format!("{name}.{part}");
    let matrix = fixture.numbers(&part("matrix"))?.into_dimensionality::<Ix2>().ok();
    let matrix = matrix.filter(|matrix| matrix.is_square() && !matrix.is_empty()).ok_or_else(|| {
        Stop::broken(format!("tensor \"{name}.matrix\" is no square matrix; generate it again"))
    })?;
    let matrix = Matrix::new::<F>(matrix)?;
    let n = matrix.entries.nrows();
    let read = |what: &str| -> Result<Vec<f64>, Stop> {
        fixture.expect_shape(&part(what), &[n])?;
        Ok(fixture.numbers(&part(what))?.into_iter().collect())
    };

    let sigma_name = part("singular_values");
    let want = read("singular_values")?;
    let sigma = matrix.worst(&matrix.singular_values, &want, &sigma_name, checks.tolerance);
    checks.record(sigma, n);

    let (re, im) = (read("eig_re")?, read("eig_im")?);
    let want: Vec<Complex64> = re.iter().zip(&im).map(|(&re, &im)| Complex64::new(re, im)).collect();
    let uncertainty = check_eigenvalues(checks, &matrix, &want, name)?;

    let name = part("spectral_radius");
    fixture.expect_shape(&name, &[1])?;
    let want: Vec<f64> = fixture.numbers(&name)?.into_iter().collect();
    let got = spectral_radius(matrix.entries.view())?;
    // The radius is no better known than the eigenvalue that it belongs to.
    let tolerance = uncertainty.map_or(checks.tolerance, |off| {
        (matrix.relative(off, scale(want.iter().copied())) + checks.tolerance).max(ILL_CONDITIONED_RADIUS)
    });
    checks.record(matrix.worst(&[got], &want, &name, tolerance), 1);
    Ok(())
}

/// Compares eigenvalues as sets. If the largest one is ill-conditioned, returns how far it is off.
fn check_eigenvalues(
    checks: &mut Checks,
    matrix: &Matrix,
    want: &[Complex64],
    name: &str,
) -> Result<Option<f64>, Stop> {
    let got = eigenvalues(matrix.entries.view())?;
    let scales = [scale(want.iter().map(|z| z.re)), scale(want.iter().map(|z| z.im))];
    let largest = want.iter().chain(&got).map(|z| z.norm()).fold(0.0, f64::max);
    let mut uncertainty = None;
    for (want, got) in pairs(want, got) {
        let off = [got.re - want.re, got.im - want.im].map(f64::abs);
        let errors: [f64; 2] = std::array::from_fn(|i| matrix.relative(off[i], scales[i]));
        let (part, error) =
            if errors[0] >= errors[1] { ("eig_re", errors[0]) } else { ("eig_im", errors[1]) };
        let tensor = format!("{name}.{part}");
        let mut comparison = Comparison {
            detail: format!("an eigenvalue in {tensor} is {got:e}, in PyTorch {want:e}"),
            tensor,
            error,
            tolerance: checks.tolerance,
        };
        if !comparison.holds() {
            let backward_error = matrix.backward_error(want, got)?;
            if backward_error > matrix.resolution {
                checks.record(comparison, 2);
                // One wrong eigenvalue is enough, and the others may each cost several decompositions.
                return Ok(uncertainty);
            }
            if want.norm().max(got.norm()) >= largest * (1.0 - ILL_CONDITIONED_RADIUS) {
                uncertainty = Some((got - want).norm().max(uncertainty.unwrap_or(0.0)));
            }
            (comparison.error, comparison.tolerance) = (backward_error, matrix.resolution);
        }
        checks.record(comparison, 2);
    }
    Ok(uncertainty)
}

/// Each wanted eigenvalue with the nearest of those that no earlier one took: orders may differ where magnitudes tie.
fn pairs(want: &[Complex64], mut got: Vec<Complex64>) -> impl Iterator<Item = (Complex64, Complex64)> {
    want.iter().map_while(move |&want| {
        let distance = |z: &Complex64| (z - want).norm();
        let nearest = (0..got.len()).min_by(|&a, &b| distance(&got[a]).total_cmp(&distance(&got[b])))?;
        Some((want, got.swap_remove(nearest)))
    })
}

/// A matrix and what is needed to judge what is said about it.
struct Matrix {
    entries: Array2<f64>,
    singular_values: Vec<f64>,
    /// The backward error, relative to the norm, that any good algorithm may have.
    resolution: f64,
}

impl Matrix {
    fn new<F: Real>(entries: Array2<f64>) -> Result<Self, Stop> {
        let singular_values = singular_values(entries.view())?;
        let epsilon = F::epsilon().to_f64().unwrap_or(f64::NAN);
        let resolution = 10.0 * entries.nrows() as f64 * epsilon;
        Ok(Self { entries, singular_values, resolution })
    }

    /// ‖A‖₂.
    fn norm(&self) -> f64 {
        self.singular_values[0]
    }

    /// A difference measured by `scale` and by the norm, whichever says more.
    fn relative(&self, off: f64, scale: f64) -> f64 {
        if off == 0.0 { 0.0 } else { off / scale.min(self.norm()) }
    }

    /// Lists of the same length, number by number.
    fn worst(&self, got: &[f64], want: &[f64], name: &str, tolerance: f64) -> Comparison {
        let scale = scale(want.iter().copied());
        let errors = got.iter().zip(want).map(|(got, want)| self.relative((got - want).abs(), scale));
        let worst = errors.enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
        let (at, error) = worst.unwrap_or((0, f64::NAN));
        let detail = format!("{name}[{at}] is {:e}, in PyTorch {:e}", got[at], want[at]);
        Comparison { tensor: name.to_owned(), error, tolerance, detail }
    }

    /// max σ_min(A − z I) / ‖A‖ over points z from `a` to `b`.
    fn backward_error(&self, a: Complex64, b: Complex64) -> Result<f64, Stop> {
        let mut worst = 0.0f64;
        for along in BETWEEN {
            let shifted = shifted(self.entries.view(), a + (b - a) * along);
            let smallest = singular_values(shifted.view())?.into_iter().fold(f64::INFINITY, f64::min);
            worst = worst.max(self.relative(smallest, self.norm()));
        }
        Ok(worst)
    }
}

/// A − z I as a real matrix of twice the size, which has the same singular values, each twice.
fn shifted(a: ArrayView2<'_, f64>, z: Complex64) -> Array2<f64> {
    let n = a.nrows();
    let mut real = Array2::zeros((2 * n, 2 * n));
    real.slice_mut(s![..n, ..n]).assign(&a);
    real.slice_mut(s![n.., n..]).assign(&a);
    for i in 0..n {
        real[[i, i]] -= z.re;
        real[[n + i, n + i]] -= z.re;
        real[[i, n + i]] = z.im;
        real[[n + i, i]] = -z.im;
    }
    real
}

#[cfg(test)]
mod tests {
    use ndarray::{array, concatenate};

    use super::*;

    /// The worst comparison of the eigenvalues of `entries` with these real ones.
    fn worst(entries: Array2<f64>, want: &[f64]) -> Comparison {
        let mut checks = Checks::new(1e-8);
        let want: Vec<_> = want.iter().map(|&re| Complex64::new(re, 0.0)).collect();
        let matrix = Matrix::new::<f64>(entries).unwrap();
        check_eigenvalues(&mut checks, &matrix, &want, "m").unwrap();
        checks.worst.unwrap()
    }

    /// k times the eigenvalue 0.9 in one Jordan block.
    fn jordan(k: usize) -> Array2<f64> {
        Array2::from_shape_fn((k, k), |(i, j)| if i == j { 0.9 } else { f64::from(u8::from(j == i + 1)) })
    }

    #[test]
    fn a_defective_eigenvalue_may_be_off_by_the_root_of_the_precision() {
        for (k, within, beyond) in [(2, 2e-8, 1e-6), (3, 5e-6, 1e-4), (4, 1e-4, 3e-3)] {
            for sign in [-1.0, 1.0] {
                let off = |by: f64| worst(jordan(k), &vec![0.9 + sign * by; k]);
                assert!(off(within).holds(), "{k}: {:?}", off(within));
                assert!(!off(beyond).holds(), "{k}: {:?}", off(beyond));
            }
        }
    }

    #[test]
    fn a_multiple_eigenvalue_that_is_well_conditioned_may_not() {
        assert!(worst(Array2::eye(4), &[1.0; 4]).holds());
        assert!(!worst(Array2::eye(4), &[1.0, 1.0, 1.0, 1.0 + 2e-8]).holds());
        assert!(!worst(array![[2.0, 0.0], [0.0, 2.0]], &[2.0, 2.0 - 1e-6]).holds());
    }

    #[test]
    fn one_eigenvalue_in_place_of_another_is_noticed() {
        // Both 0.9s are eigenvalues, but there is only one of them.
        assert!(!worst(array![[0.9, 1.0], [0.0, 0.1]], &[0.9, 0.9]).holds());
        let apart = concatenate![ndarray::Axis(0), array![[0.9, 1.0]], array![[0.0, 0.9 - 1e-5]]];
        assert!(worst(apart.clone(), &[0.9, 0.9 - 1e-5]).holds());
        assert!(!worst(apart, &[0.9, 0.9]).holds());
    }

    #[test]
    fn tiny_matrices_are_judged_by_their_own_size() {
        let tiny = array![[1e-160, 0.0], [0.0, 2e-160]];
        assert!(worst(tiny.clone(), &[2e-160, 1e-160]).holds());
        assert!(!worst(tiny, &[2e-160, 1.001e-160]).holds());
        assert!(worst(Array2::zeros((2, 2)), &[0.0, 0.0]).holds());
        assert!(!worst(Array2::zeros((2, 2)), &[0.0, 1e-300]).holds());
    }

    #[test]
    fn a_shift_is_complex() {
        // The eigenvalues of a rotation by 90 degrees are ±i.
        let matrix = Matrix::new::<f64>(array![[0.0, -1.0], [1.0, 0.0]]).unwrap();
        let (i, one) = (Complex64::new(0.0, 1.0), Complex64::new(1.0, 0.0));
        assert!(matrix.backward_error(i, i).unwrap() < 1e-15);
        assert!((matrix.backward_error(i, -i).unwrap() - 1.0).abs() < 1e-15);
        assert!((matrix.backward_error(one, one).unwrap() - 2f64.sqrt()).abs() < 1e-14);
    }
}
