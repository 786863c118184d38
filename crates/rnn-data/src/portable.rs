//! The generator of everything that need not be PyTorch's.

use std::convert::Infallible;

use rand::{SeedableRng, TryRng};
use rand_pcg::Pcg64Dxsm;

/// PCG64-DXSM with a seed: the same numbers on every machine and in every release of this crate.
///
/// It is a `rand` generator, so [`Random`](rnn_core::Random) draws in double precision and rounds: a seed gives the same
/// numbers in every float type.
///
/// ```
/// use rnn_core::Random;
/// use rnn_data::PortableRng;
///
/// let (mut x, mut y) = ([0.0_f64; 4], [0.0_f32; 4]);
/// PortableRng::new(7).fill_normal(&mut x);
/// PortableRng::new(7).fill_normal(&mut y);
/// assert_eq!(x.map(|x| x as f32), y);
/// ```
///
/// # Reference
/// M. E. O'Neill, *PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
/// Generation*, Harvey Mudd College, 2014; the variant is that of NumPy's `PCG64DXSM`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortableRng {
    seed: u64,
    pcg: Pcg64Dxsm,
}

impl PortableRng {
    /// The generator of this seed; every seed is a good one.
    pub fn new(seed: u64) -> Self {
        Self { seed, pcg: Pcg64Dxsm::seed_from_u64(seed) }
    }

    /// The seed it was made of.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Child generator `k`: one for each part of an experiment, so that no part's draws depend on how many another took.
    ///
    /// It depends on this generator's seed and on `k` only, not on what has been drawn. Its seed is
    ///
    /// ```text
    /// mix(mix(seed) ⊕ k),   mix = one step of SplitMix64,
    /// ```
    ///
    /// so the children of one generator all differ, and children have children of their own.
    ///
    /// ```
    /// use rnn_data::PortableRng;
    /// let rng = PortableRng::new(0);
    /// let (weights, data) = (rng.stream(0), rng.stream(1));
    /// assert_ne!(weights, data);
    /// assert_ne!(rng.stream(1).stream(2), rng.stream(2).stream(1));
    /// ```
    ///
    /// # Reference
    /// G. L. Steele, D. Lea, C. H. Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014,
    /// doi:10.1145/2660193.2660195.
    #[must_use]
    pub fn stream(&self, k: u64) -> Self {
        Self::new(mix(mix(self.seed) ^ k))
    }
}

impl TryRng for PortableRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.pcg.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.pcg.try_next_u64()
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.pcg.try_fill_bytes(out)
    }
}

/// What a SplitMix64 generator in state `z` draws: a bijection under which close numbers become unrelated.
fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first draws of the reference implementation's generator, seeded with 1234567.
    #[test]
    fn mix_is_split_mix() {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let draws: Vec<u64> =
            (0..3u64).map(|k| mix(1_234_567_u64.wrapping_add(k.wrapping_mul(STEP)))).collect();
        assert_eq!(draws, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}
