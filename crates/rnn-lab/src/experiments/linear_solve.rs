//! Small systems of linear equations.

use ndarray::{Array1, ArrayView1, ArrayView2};
use rnn_core::Real;

use crate::error::{Error, Result};

/// x with A x = b, by Gaussian elimination with partial pivoting, in the arithmetic of the float type.
///
/// # Errors
/// If a pivot is 0.
pub(super) fn solve<F: Real>(a: ArrayView2<'_, F>, b: ArrayView1<'_, F>) -> Result<Array1<F>> {
    let n = b.len();
    let (mut a, mut x) = (a.to_owned(), b.to_owned());
    for k in 0..n {
        let larger = |&i: &usize, &j: &usize| a[[i, k]].abs().partial_cmp(&a[[j, k]].abs());
        let pivot = (k..n).max_by(|i, j| larger(i, j).unwrap_or(std::cmp::Ordering::Equal)).unwrap_or(k);
        if a[[pivot, k]] == F::zero() {
            return Err(Error::Other(format!(
                "column {k} of a matrix of size {n} depends on those before it"
            )));
        }
        for j in 0..n {
            a.swap([k, j], [pivot, j]);
        }
        x.swap(k, pivot);
        for i in k + 1..n {
            let factor = a[[i, k]] / a[[k, k]];
            for j in k..n {
                let above = a[[k, j]];
                a[[i, j]] -= factor * above;
            }
            let above = x[k];
            x[i] -= factor * above;
        }
    }
    for k in (0..n).rev() {
        let known = (k + 1..n).fold(F::zero(), |sum, j| sum + a[[k, j]] * x[j]);
        x[k] = (x[k] - known) / a[[k, k]];
    }
    Ok(x)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn equations_are_solved() {
        let a = array![[0.0, 2.0, 1.0], [1.0, -1.0, 0.0], [3.0, 0.0, 4.0]];
        let x = array![1.0, -2.0, 0.5];
        let found = solve(a.view(), a.dot(&x).view()).expect("not singular");
        assert!((found - x).iter().all(|off: &f64| off.abs() < 1e-14));
        assert!(solve(array![[1.0, 2.0], [2.0, 4.0]].view(), array![1.0, 1.0].view()).is_err());
    }
}
