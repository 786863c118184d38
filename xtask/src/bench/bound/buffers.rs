//! The memory of one product, and the product.

use std::hint::black_box;

use rayon::prelude::*;
use rnn_core::kernel::{Matrix, Panels, Scratch, Store, multiply, product};
use rnn_core::{Random, Real};
use rnn_data::PortableRng;

use crate::measure::products::{Product, Role};

/// A product ready to run.
pub(super) enum Buffers<F> {
    /// Rows times a packed weight; every thread has some of the rows of every timestep.
    Weight { product: Product, weight: Panels<F>, shares: Vec<Rows<F>> },
    /// Any two matrices; what can be shared is shared by the product itself.
    General { product: Product, a: Vec<F>, b: Vec<F>, c: Vec<F>, scratch: Scratch<F> },
}

/// Some rows of the left factor and of the result: `count` of each of the `times` products, one after the other.
pub(super) struct Rows<F> {
    count: usize,
    a: Vec<F>,
    c: Vec<F>,
}

impl<F: Real> Buffers<F> {
    /// Noise to be multiplied, cut into so many shares.
    pub(super) fn new(product: Product, shares: usize) -> Self {
        let Product { role, m, k, n, times } = product;
        // A weight with one column is read as it lies.
        if role == Role::Gradient || n == 1 {
            let zeros = vec![F::zero(); m * n];
            return Self::General {
                product,
                a: noise(m * k),
                b: noise(k * n),
                c: zeros,
                scratch: Scratch::new(),
            };
        }
        let mut weight = Panels::new();
        weight.pack(Matrix::rows_of(&noise(k * n), k, n));
        let share = |i: usize| {
            let rows = m * (i + 1) / shares - m * i / shares;
            Rows { count: rows, a: noise(rows * k * times), c: vec![F::zero(); rows * n * times] }
        };
        Self::Weight { product, weight, shares: (0..shares).map(share).collect() }
    }

    pub(super) fn run(&mut self) {
        match self {
            Self::Weight { product, weight, shares } => match shares.as_mut_slice() {
                [all] => all.run(product, weight),
                shares => shares.par_iter_mut().with_max_len(1).for_each(|share| share.run(product, weight)),
            },
            Self::General { product: Product { role, m, k, n, times }, a, b, c, scratch } => {
                let a = match role {
                    Role::Gradient => Matrix::rows_of(a, *k, *m).t(),
                    Role::Weight => Matrix::rows_of(a, *m, *k),
                };
                for _ in 0..*times {
                    product(c, Store::Set, a, Matrix::rows_of(b, *k, *n), scratch);
                    black_box(&mut *c);
                }
            }
        }
    }
}

impl<F: Real> Rows<F> {
    fn run(&mut self, product: &Product, weight: &Panels<F>) {
        let &Product { k, n, .. } = product;
        let a = self.a.chunks_exact(self.count * k);
        for (a, c) in a.zip(self.c.chunks_exact_mut(self.count * n)) {
            multiply(c, Store::Set, Matrix::rows_of(a, self.count, k), weight);
            black_box(c);
        }
    }
}

/// Numbers between -1 and 1; the same few again and again.
fn noise<F: Real>(len: usize) -> Vec<F> {
    let mut some = [F::zero(); 1000];
    PortableRng::new(0).fill_uniform(-1.0, 1.0, &mut some);
    some.iter().copied().cycle().take(len).collect()
}
