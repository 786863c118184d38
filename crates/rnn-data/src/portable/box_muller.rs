//! Words of 64 random bits to pairs of normals, many at a time.

use std::any::TypeId;
use std::ops::Mul;

use pulp::{Arch, NullaryFnOnce};
use rand::Rng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::Real;

use super::elementary::Elementary;

/// How many words are transformed at once: as many as the widest registers have room for.
const BLOCK: usize = 16;

/// Up to this many words are faster one by one.
const FEW: usize = 4;

/// Factors that make further bits of one half of a word from the other half: of the first, for the radius, and of the
/// last, for the angle.
const MORE: [u32; 2] = [0x9e37_79b9, 0x85eb_ca6b];

/// The pair of normals of a word.
#[inline(always)]
pub(super) fn pair<F: Real>(word: u64) -> [F; 2] {
    #[inline(always)]
    fn pair<P: Precision>(word: u64) -> [P; 2] {
        let [first, last] = [(word >> 32) as u32, word as u32];
        let radius = P::radius(first, last.wrapping_mul(MORE[0]));
        let (cos, sin) = P::cos_sin(last, first.wrapping_mul(MORE[1]));
        [radius * cos, radius * sin]
    }
    if is_single::<F>() { pair::<f32>(word).map(|z| F::of(z.into())) } else { pair::<f64>(word).map(F::of) }
}

/// Fills `out` with the normals of the next words, by the best instruction set that the processor has. If there is an odd
/// number of them, the second normal of the last word is left over, and that word returned.
pub(super) fn fill<F: Real>(pcg: &mut Pcg64Dxsm, out: &mut [F]) -> Option<u64> {
    Arch::new().dispatch(Fill { pcg, out })
}

struct Fill<'a, F> {
    pcg: &'a mut Pcg64Dxsm,
    out: &'a mut [F],
}

impl<F: Real> NullaryFnOnce for Fill<'_, F> {
    type Output = Option<u64>;

    #[inline(always)]
    fn call(self) -> Option<u64> {
        let Self { pcg, out } = self;
        let (blocks, rest) = out.as_chunks_mut();
        let mut words = [0; BLOCK];
        for out in blocks {
            for word in &mut words {
                *word = pcg.next_u64();
            }
            block(&words, out);
        }

        let count = rest.len().div_ceil(2);
        for word in &mut words[..count] {
            *word = pcg.next_u64();
        }
        if count <= FEW {
            for (out, &word) in rest.chunks_mut(2).zip(&words) {
                let [z1, z2] = pair(word);
                out[0] = z1;
                if let Some(to) = out.get_mut(1) {
                    *to = z2;
                }
            }
        } else {
            let mut normals = [F::zero(); 2 * BLOCK];
            block(&words, &mut normals);
            for (to, z) in rest.iter_mut().zip(normals) {
                *to = z;
            }
        }
        (rest.len() % 2 == 1).then(|| words[count - 1])
    }
}

/// The pairs of all words, in their order.
#[inline(always)]
fn block<F: Real>(words: &[u64; BLOCK], out: &mut [F; 2 * BLOCK]) {
    /// A loop for each function: the compiler vectorizes these, and not one for all. No closures, which it may not inline.
    #[inline(always)]
    fn block<P: Precision, F: Real>(words: &[u64; BLOCK], out: &mut [F; 2 * BLOCK]) {
        let (mut first, mut last) = ([0; BLOCK], [0; BLOCK]);
        let (mut z1, mut z2) = ([P::default(); BLOCK], [P::default(); BLOCK]);
        for j in 0..BLOCK {
            (first[j], last[j]) = ((words[j] >> 32) as u32, words[j] as u32);
        }
        for j in 0..BLOCK {
            z1[j] = P::radius(first[j], last[j].wrapping_mul(MORE[0]));
        }
        for j in 0..BLOCK {
            let (cos, sin) = P::cos_sin(last[j], first[j].wrapping_mul(MORE[1]));
            (z1[j], z2[j]) = (z1[j] * cos, z1[j] * sin);
        }
        for j in 0..BLOCK {
            out[2 * j] = F::of(z1[j].into());
            out[2 * j + 1] = F::of(z2[j].into());
        }
    }
    if is_single::<F>() { block::<f32, F>(words, out) } else { block::<f64, F>(words, out) }
}

/// A float type to compute normals in.
trait Precision: Elementary + Default + Mul<Output = Self> + Into<f64> {}

impl<P: Elementary + Default + Mul<Output = P> + Into<f64>> Precision for P {}

/// Whether `F` is `f32`; known at compile time.
fn is_single<F: 'static>() -> bool {
    TypeId::of::<F>() == TypeId::of::<f32>()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn bits<F: Real + Into<f64>>(normals: &[F]) -> Vec<u64> {
        normals.iter().map(|&z| z.into().to_bits()).collect()
    }

    /// The dispatched loops, the same loops for the baseline, and pairs one by one.
    fn every_path_gives_the_same_bits<F: Real + Into<f64>>() {
        for n in (0..70).chain([2047, 2048, 40_001]) {
            let mut pcgs = [(); 3].map(|()| Pcg64Dxsm::seed_from_u64(n as u64));
            let [mut dispatched, mut baseline] = [(); 2].map(|()| vec![F::nan(); n]);
            let last =
                [fill(&mut pcgs[0], &mut dispatched), Fill { pcg: &mut pcgs[1], out: &mut baseline }.call()];
            let words: Vec<u64> = (0..n.div_ceil(2)).map(|_| pcgs[2].next_u64()).collect();
            let one_by_one: Vec<F> =
                words.iter().flat_map(|&word| pair(std::hint::black_box(word))).collect();

            assert_eq!(bits(&dispatched), bits(&one_by_one[..n]), "dispatched, {n}");
            assert_eq!(bits(&baseline), bits(&one_by_one[..n]), "baseline, {n}");
            assert_eq!(last, [words.last().copied().filter(|_| n % 2 == 1); 2]);
            assert!(pcgs[0] == pcgs[2] && pcgs[1] == pcgs[2], "{n} normals take another number of words");
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        every_path_gives_the_same_bits::<f32>();
        every_path_gives_the_same_bits::<f64>();
    }

    /// The farthest reach, and numbers near the axes.
    #[test]
    fn extreme_words_are_fine() {
        let [x, y] = pair::<f64>(0);
        assert!((x.hypot(y) - 9.419_280).abs() < 1e-6, "{}", x.hypot(y));
        let near_axes = (0..4_u64).flat_map(|k| [(k << 30) - u64::from(k > 0), k << 30]);
        for word in near_axes.flat_map(|last| [last, last | 1 << 63, last | !0 << 32]) {
            assert!(pair::<f32>(word).iter().all(|z| z.is_normal()), "{word:x}");
            assert!(pair::<f64>(word).iter().all(|z| z.is_normal()), "{word:x}");
        }
    }

    /// Words whose first half is the smallest: what is left is an exponential radius and a uniform angle, 6.66 away.
    #[test]
    fn the_tail_goes_on_beyond_32_bits() {
        const N: usize = 1 << 16;
        let mut pcg = Pcg64Dxsm::seed_from_u64(0);
        let mut sums = [0.0; 5];
        for _ in 0..N {
            let [x, y] = pair::<f64>(pcg.next_u64() >> 32);
            let radius = 0.5 * (x * x + y * y) - 32.0 * std::f64::consts::LN_2;
            let angle = libm::atan2(y, x) / std::f64::consts::PI;
            let terms = [radius, 0.5 * radius * radius, angle, 3.0 * angle * angle, radius * angle];
            sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
        }
        for ((sum, want), variance) in
            sums.into_iter().zip([1.0, 1.0, 0.0, 1.0, 0.0]).zip([1.0, 5.0, 0.34, 0.8, 0.67])
        {
            let (mean, slack) = (sum / N as f64, 4.5 * f64::sqrt(variance / N as f64));
            assert!((mean - want).abs() < slack, "{mean}, not {want}");
        }
    }

    /// Over a lattice of words, and over the numbers next to 0 and 1 and to the axes.
    #[test]
    fn singles_are_doubles_to_six_digits() {
        let mut worst = 0.0_f64;
        let mut check = |word| {
            let (single, double) = (pair::<f32>(word), pair::<f64>(word));
            for (single, double) in single.into_iter().zip(double) {
                worst = worst.max((f64::from(single) - double).abs());
            }
        };
        (0..1 << 20_u64).for_each(|k: u64| check(k.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        for first in (0..24).flat_map(|k| [1 << k, !(1 << k), (1 << k) - 1]) {
            let first = u64::from(first as u32) << 32;
            (0..1 << 12).for_each(|k: u64| check(first | ((k * 0x9e37_79b9) & 0xffff_ffff)));
        }
        assert!(worst < 1e-6, "{worst}");
    }
}
