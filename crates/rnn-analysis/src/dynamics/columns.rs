//! The vectors that step Jacobians are applied to.

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut1};
use rnn_core::Real;
use rnn_core::kernel::{Matrix, Scratch, Store, product};

use crate::flow::number;
use crate::spectrum::power_of_two;

/// k columns of n numbers; each row of memory is a column.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) vectors: Array2<f64>,
    next: Array2<f64>,
    matrix: Array2<f64>,
    scratch: Scratch<f64>,
}

impl Columns {
    pub(super) fn identity(n: usize) -> Self {
        Self::leading(n, n)
    }

    /// The first `k` columns of the identity.
    pub(super) fn leading(k: usize, n: usize) -> Self {
        Self {
            vectors: Array2::from_shape_fn((k, n), |(i, j)| f64::from(u8::from(i == j))),
            next: Array2::zeros((k, n)),
            matrix: Array2::zeros((n, n)),
            scratch: Scratch::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.vectors.nrows()
    }

    /// v ← J v for each column v, divided by a power of two so that its largest entry is near 1. The logarithms of these powers
    /// are added to `ln`. J has to be finite.
    pub(super) fn multiply<F: Real>(&mut self, jacobian: ArrayView2<'_, F>, ln: &mut [f64]) {
        let Self { vectors, next, matrix, scratch } = self;
        let (k, n) = vectors.dim();
        matrix.zip_mut_with(&jacobian, |to, &from| *to = number(from));
        let scale = power_of_two(largest(matrix.iter()));
        matrix.mapv_inplace(|x| x / scale);
        let [v, j] = [&*vectors, &*matrix].map(|of| of.as_slice().expect("rows in memory"));
        let (v, j) = (Matrix::rows_of(v, k, n), Matrix::rows_of(j, n, n));
        product(next.as_slice_mut().expect("rows in memory"), Store::Set, v, j.t(), scratch);
        for (mut column, ln) in next.rows_mut().into_iter().zip(ln) {
            let own = power_of_two(largest(column.iter()));
            column.mapv_inplace(|x| x / own);
            *ln += libm::log(scale) + libm::log(own);
        }
        std::mem::swap(vectors, next);
    }
}

/// The largest magnitude; 0 for none.
pub(super) fn largest<'x>(values: impl Iterator<Item = &'x f64>) -> f64 {
    values.fold(0.0, |most, x| most.max(x.abs()))
}

/// The Euclidean norm, of numbers whose squares stay in range.
pub(super) fn norm(v: ArrayView1<'_, f64>) -> f64 {
    v.dot(&v).sqrt()
}

/// v / `norm`, or zeros if that is 0.
pub(super) fn normalize(mut v: ArrayViewMut1<'_, f64>, norm: f64) {
    if norm > 0.0 {
        v.mapv_inplace(|x| x / norm);
    } else {
        v.fill(0.0);
    }
}
