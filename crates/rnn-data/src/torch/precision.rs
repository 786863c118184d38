//! The two float types that PyTorch draws in.

use std::f64::consts::PI;

use pulp::{Arch, NullaryFnOnce};
use rand_mt::Mt;
use rnn_core::Real;

use super::cephes;

/// How many normals PyTorch makes at once.
pub(super) const BLOCK: usize = 16;

/// The numbers of a block before the angles.
const HALF: usize = BLOCK / 2;

/// A float type with PyTorch's rules for it.
pub(super) trait Precision: Real + Into<f64> {
    /// A uniform number in [0, 1).
    fn unit(twister: &mut Mt) -> Self;

    /// Turns uniform numbers into normal ones.
    fn box_muller(block: &mut [Self; BLOCK]);
}

impl Precision for f32 {
    fn unit(twister: &mut Mt) -> Self {
        (twister.next_u32() & 0x00ff_ffff) as f32 * (0.5 * f32::EPSILON)
    }

    fn box_muller(block: &mut [Self; BLOCK]) {
        Arch::new().dispatch(BoxMuller(block));
    }
}

impl Precision for f64 {
    fn unit(twister: &mut Mt) -> Self {
        (twister.next_u64() & 0x001f_ffff_ffff_ffff) as f64 * (0.5 * f64::EPSILON)
    }

    fn box_muller(block: &mut [Self; BLOCK]) {
        for j in 0..HALF {
            let radius = (-2.0 * libm::log(1.0 - block[j])).sqrt();
            let (sin, cos) = libm::sincos(2.0 * PI * block[j + HALF]);
            (block[j], block[j + HALF]) = (radius * cos, radius * sin);
        }
    }
}

/// The `f32` transform, for the best instruction set that the processor has: with fused products and sums where there are
/// such instructions, and the same bits without them.
struct BoxMuller<'a>(&'a mut [f32; BLOCK]);

impl NullaryFnOnce for BoxMuller<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for j in 0..HALF {
            let radius = (-2.0 * cephes::ln(1.0 - self.0[j])).sqrt();
            let (sin, cos) = cephes::sin_cos(2.0 * std::f32::consts::PI * self.0[j + HALF]);
            // PyTorch adds the mean, 0: there is no −0 among its normals.
            (self.0[j], self.0[j + HALF]) = (radius * cos + 0.0, radius * sin + 0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Called outside of the dispatch, the transform is compiled for the baseline, where fused operations may be library
    /// calls.
    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let mut twister = Mt::new(1);
        for _ in 0..1000 {
            let uniform = [(); BLOCK].map(|()| f32::unit(&mut twister));
            let (mut dispatched, mut baseline) = (uniform, uniform);
            f32::box_muller(&mut dispatched);
            BoxMuller(&mut baseline).call();
            assert_eq!(dispatched, baseline);
        }
    }
}
