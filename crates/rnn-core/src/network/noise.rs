//! The random masks of dropout and zoneout.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Dxsm;

use crate::Real;
use crate::random::Random;

/// Says that a pass is one of training, with dropout and zoneout, and which masks it draws.
///
/// The masks are a function of these two numbers and of the sizes of the network and the batch: nothing else has to be
/// kept to repeat a step, or to go on with a training that was stopped. Passes without it are deterministic: dropout
/// does nothing, zoneout mixes by its probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Noise {
    /// Of the training.
    pub seed: u64,
    /// Of the step: each draws other masks.
    pub step: u64,
}

impl Noise {
    /// The generator of this pass.
    pub(crate) fn generator(self) -> Pcg64Dxsm {
        let root = Pcg64Dxsm::seed_from_u64(self.seed).next_u64();
        Pcg64Dxsm::seed_from_u64(root ^ self.step)
    }
}

/// Sets every number to `hit` with probability `p`, to `miss` else.
pub(crate) fn draw<F: Real>(mask: &mut [F], p: f64, hit: F, miss: F, generator: &mut Pcg64Dxsm) {
    generator.fill_uniform(0.0, 1.0, mask);
    let p = F::of(p);
    for u in mask {
        *u = if *u < p { hit } else { miss };
    }
}
