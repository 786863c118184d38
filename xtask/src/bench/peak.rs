//! The most floating-point operations that the threads can do: fused multiply-adds on registers, nothing else.

use std::hint::black_box;
use std::time::Instant;

use pulp::{Arch, Simd, WithSimd};

/// Chains that do not depend on each other: enough that the units never wait for one, few enough for 16 registers.
const CHAINS: usize = 12;

/// Rounds of all chains in a burst, some milliseconds.
const STEPS: usize = 1 << 20;

/// Bursts each time that it is looked at.
const BURSTS: usize = 4;

/// What a processor can do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Peak {
    /// Operations a second of all threads, in f32.
    flops: f64,
}

impl Peak {
    /// Measures it on the threads of the global pool for some milliseconds. The best of all bursts so far counts: others
    /// may use the processor too.
    pub(super) fn look(&mut self) {
        self.flops = (0..BURSTS).map(|_| burst()).fold(self.flops, f64::max);
    }

    /// A peak that is known.
    #[cfg(test)]
    pub(super) fn of(flops: f64) -> Self {
        Self { flops }
    }

    /// Operations a second with numbers of so many bits: half as many f64 fit into a register.
    pub(super) fn flops(self, bits: u32) -> f64 {
        self.flops * 32.0 / f64::from(bits)
    }
}

/// Operations a second of one burst.
fn burst() -> f64 {
    let spans = rayon::broadcast(|_| {
        let start = Instant::now();
        let flops = Arch::new().dispatch(Fma);
        (start, Instant::now(), flops)
    });
    let first = spans.iter().map(|span| span.0).min();
    let last = spans.iter().map(|span| span.1).max();
    let (Some(first), Some(last)) = (first, last) else { return 0.0 };
    let flops: usize = spans.iter().map(|span| span.2).sum();
    flops as f64 / (last - first).as_secs_f64()
}

/// Chains of x ← a x + b. Returns the number of operations.
struct Fma;

impl WithSimd for Fma {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        // a and b keep x between 0 and 1, so that no number is slow.
        let (a, b) = (simd.splat_f32s(black_box(0.5)), simd.splat_f32s(black_box(0.25)));
        let mut x = [b; CHAINS];
        for _ in 0..STEPS {
            for x in &mut x {
                *x = simd.mul_add_e_f32s(a, *x, b);
            }
        }
        black_box(x.iter().map(|&x| simd.reduce_sum_f32s(x)).sum::<f32>());
        2 * STEPS * CHAINS * S::F32_LANES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f64_has_half_the_peak() {
        let peak = Peak::of(100.0);
        assert_eq!((peak.flops(32), peak.flops(64)), (100.0, 50.0));
    }
}
