//! Networks and batches to measure with.

use rand::SeedableRng;
use rnn_core::{Batch, Bias, Cell, Model, Random};

/// The shape of a batch of one feature and one target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) batch: usize,
    pub(crate) time: usize,
}

/// The smallest useful experiments, at which overhead shows first: 32 sequences of 10 timesteps.
pub(crate) const SMALL: Sizes = Sizes { batch: 32, time: 10 };

/// A model with random parameters and a batch of noise.
pub(crate) fn model(cell: impl Into<Cell<f32>>, hidden: &[usize], sizes: Sizes) -> (Model<f32>, Batch<f32>) {
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
    let model = Model::new(cell, 1, hidden, 1, Bias::Double, &mut rng).expect("no size is 0");
    let mut batch = Batch::zeros(sizes.batch, sizes.time, 1, 1);
    for array in [&mut batch.x, batch.y.values_mut().expect("values")] {
        rng.fill_normal(array.as_slice_mut().expect("contiguous"));
    }
    (model, batch)
}
