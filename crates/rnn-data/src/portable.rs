//! The generator of everything that need not be PyTorch's.

mod box_muller;
mod elementary;

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Dxsm;
use rnn_core::{Random, Real};

/// PCG64-DXSM with a seed: the same numbers, to the last bit, on every machine that computes as IEEE 754 has it, with every
/// instruction set and in every release of this crate.
///
/// ```text
/// uniform   u = (first 53 bits of a word of 64) / 2⁵³,   low + (high − low) u
/// normals   two of each word, by Box–Muller:   z₁ = r cos 2πv,   z₂ = r sin 2πv,   r = √(−2 ln u)
///             u = (2³² a + c) / 2⁶⁴,   a = the first 32 bits of the word,   c = (0x9e3779b9 b mod 2³²) | 1
///             v = (2³² b + d) / 2⁶⁴,   b = the last 32 bits of the word,    d = (0x85ebca6b a mod 2³²) | 1
///           in f32 the last 9 bits of d are 100000000
/// ```
///
/// c and d say where between multiples of 2⁻³² u and v lie, which matters in the tails and next to 0. Every word gives
/// another pair, and the normals reach √(2 · 64 ln 2) = 9.42. They take nothing from the platform but +, −, ×, ÷ and √,
/// which IEEE 754 rounds in one way only, and lie within 6 units in the last place of the formula.
///
/// **Float types.** `f64` normals are computed in double precision, `f32` ones from the same words in single precision:
/// at most 1e-6 apart. Every other type rounds those in `f64`. Uniform numbers are computed in `f64` for every type, and
/// rounded: `low` can come up, and so can `high` where a number just below it is rounded to it, as one of 2²⁵ numbers between
/// 0 and 1 is in `f32`.
///
/// **Calls.** The normals of a generator are one sequence, of which each call takes the next, in its float type: a fill of
/// m and one of n are a fill of m + n. A call that ends within a pair leaves the second normal to the next one, and uniform
/// numbers in between do not change it. So a fill of n takes ⌈n/2⌉ words, or ⌊n/2⌋ if a normal was left; a uniform number
/// takes one word.
///
/// ```
/// use rnn_core::Random;
/// use rnn_data::PortableRng;
///
/// let (mut x, mut y) = ([0.0_f64; 5], [0.0_f64; 5]);
/// PortableRng::new(7).fill_normal(&mut x);
/// let mut rng = PortableRng::new(7);
/// rng.fill_normal(&mut y[..3]);
/// rng.fill_normal(&mut y[3..]);
/// assert_eq!(x, y);
///
/// let mut z = [0.0_f32; 5];
/// PortableRng::new(7).fill_normal(&mut z);
/// assert!((0..5).all(|k| (x[k] - f64::from(z[k])).abs() < 1e-6));
/// ```
///
/// With the feature `serde`, a generator can be written down and read again, and goes on with the same bits. Its state has 128
/// bits, which not every format can hold; JSON can.
///
/// # Reference
/// M. E. O'Neill, *PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
/// Generation*, Harvey Mudd College, 2014; the variant is that of NumPy's `PCG64DXSM`. G. E. P. Box, M. E. Muller, *A Note
/// on the Generation of Random Normal Deviates*, Ann. Math. Statist. 29 (1958), doi:10.1214/aoms/1177706645.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(deny_unknown_fields))]
pub struct PortableRng {
    seed: u64,
    pcg: Pcg64Dxsm,
    /// The word of a pair of normals of which only the first was asked for.
    spare: Option<u64>,
}

impl PortableRng {
    /// The generator of this seed; every seed is a good one.
    pub fn new(seed: u64) -> Self {
        Self { seed, pcg: Pcg64Dxsm::seed_from_u64(seed), spare: None }
    }

    /// The seed it was made of.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The generator of its words, for what takes a `rand` generator: a shuffle, another distribution. The words are the same on
    /// every machine. What `rand` makes of them need not be: its normal and exponential numbers take functions from the
    /// platform, and it draws a `usize` from as many bits as that has.
    ///
    /// ```
    /// use rand::Rng;
    /// let mut rng = rnn_data::PortableRng::new(0);
    /// assert_eq!(rng.as_rand().next_u64(), 4_111_470_453_933_123_814);
    /// ```
    pub fn as_rand(&mut self) -> &mut impl Rng {
        &mut self.pcg
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

impl<F: Real> Random<F> for PortableRng {
    fn fill_uniform(&mut self, low: f64, high: f64, out: &mut [F]) {
        self.pcg.fill_uniform(low, high, out);
    }

    fn fill_normal(&mut self, out: &mut [F]) {
        let rest = match (self.spare, out) {
            (Some(word), [first, rest @ ..]) => {
                [_, *first] = box_muller::pair(word);
                self.spare = None;
                rest
            }
            (_, out) => out,
        };
        if !rest.is_empty() {
            self.spare = box_muller::fill(&mut self.pcg, rest);
        }
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
