//! The QR decomposition of a few columns, and the way back through it.

use ndarray::{Array1, Array2};

/// Z = Q R with the columns of Q, (n, k), orthonormal and the diagonal of R, (k, k), positive, or 0 where a column depends on those
/// before it; the column of Q is then 0. By Gram and Schmidt's method, applied twice.
pub(super) fn qr(z: &Array2<f64>) -> (Array2<f64>, Array2<f64>) {
    let k = z.ncols();
    let (mut q, mut r) = (z.clone(), Array2::zeros((k, k)));
    for j in 0..k {
        let mut column = z.column(j).to_owned();
        let whole = length(&column);
        for _ in 0..2 {
            for i in 0..j {
                let along = q.column(i).dot(&column);
                r[[i, j]] += along;
                column.scaled_add(-along, &q.column(i));
            }
        }
        let rest = length(&column);
        // What is left of a column that depends on the others is rounding.
        if rest > 1e-15 * whole {
            r[[j, j]] = rest;
            q.column_mut(j).assign(&(column / rest));
        } else {
            q.column_mut(j).fill(0.0);
        }
    }
    (q, r)
}

fn length(v: &Array1<f64>) -> f64 {
    let largest = v.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    let scaled = v / largest;
    largest * scaled.dot(&scaled).sqrt()
}

/// ∂f/∂Z from ∂f/∂Q and ∂f/∂R, of which only the diagonal is not 0:
///
/// ```text
/// Z̄ = (Q̄ + Q sym(M)) R⁻ᵀ          M = R R̄ᵀ − Q̄ᵀ Q
/// ```
///
/// where sym takes the lower triangle of M, with its diagonal, and mirrors it.
pub(super) fn qr_back(
    q: &Array2<f64>,
    r: &Array2<f64>,
    d_q: &Array2<f64>,
    d_r: impl Fn(usize) -> f64,
) -> Array2<f64> {
    let k = r.nrows();
    let inner = d_q.t().dot(q);
    // R R̄ᵀ has the entries r_ij r̄_j, which are 0 below the diagonal.
    let lower = |i: usize, j: usize| if i == j { r[[i, i]] * d_r(i) - inner[[i, i]] } else { -inner[[i, j]] };
    let sym = Array2::from_shape_fn((k, k), |(i, j)| lower(i.max(j), i.min(j)));
    let mut d_z = d_q + &q.dot(&sym);
    // X Rᵀ = B for each row: the last column first.
    for mut row in d_z.rows_mut() {
        for j in (0..k).rev() {
            let later: f64 = (j + 1..k).map(|l| r[[j, l]] * row[l]).sum();
            row[j] = (row[j] - later) / r[[j, j]];
        }
    }
    d_z
}
