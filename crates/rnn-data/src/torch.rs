//! PyTorch's random stream on the CPU.

mod cephes;
mod precision;

use std::any::TypeId;
use std::f64::consts::PI;

use rand_mt::Mt;
use rnn_core::{Random, Real};

use precision::{BLOCK, Precision};

/// What `torch.manual_seed(seed)` starts: the numbers of `torch.randn`, `torch.rand` and `nn.Linear`, bit for bit.
///
/// One [`fill_normal`](Random::fill_normal) is one `torch.randn` of as many numbers, one
/// [`fill_uniform`](Random::fill_uniform) is one `tensor.uniform_(low, high)`. How a call draws depends on its length, so
/// that two calls are not one call for both, and on the float type: `f32` draws as PyTorch does for `float32`, every other
/// type as for `float64`, rounded.
///
/// ```text
/// the bits      a 32-bit Mersenne Twister, seeded with the low 32 bits of `seed`
/// uniform       u = (low 24 bits of a draw) / 2²⁴, in float64 (low 53 bits of two draws) / 2⁵³;   low + (high − low) u,
///               rounded once, so that `high` itself can come up
/// ≥ 16 normals  blocks of 16 uniform numbers, Box–Muller on the pairs (j, j + 8) of each:
///               r = √(−2 ln(1 − u_j)),   θ = 2π u_{j+8},   r cos θ at j,   r sin θ at j + 8;
///               if the length is no multiple of 16, the last 16 numbers are then drawn once more
/// < 16 normals  r = √(−2 ln(1 − u₂)), θ = 2π u₁ in double precision: r cos θ now, r sin θ at the next such draw
/// ```
///
/// The sine that waits for the next draw survives uniform draws, blocks and changes of the float type in between.
///
/// **How exact.** `f32` has the bits of PyTorch on an x86-64 processor with AVX2, on every platform: sums are fused with
/// products where they are fused there, and the logarithm, sine and cosine of blocks have the same polynomials. PyTorch
/// on other processors draws other last bits itself. `f64` normals take their functions from `libm`: they too are the same
/// on every platform, and were measured to lie within 1 unit in the last place of PyTorch's.
///
/// ```
/// use rnn_core::Random;
/// use rnn_data::TorchRng;
///
/// let mut x = [0.0_f32; 3];
/// TorchRng::new(0).fill_normal(&mut x);
/// assert_eq!(x, [1.540_996_1, -0.293_428_9, -2.178_789_4]); // torch.manual_seed(0); torch.randn(3)
/// ```
///
/// # Reference
/// M. Matsumoto, T. Nishimura, *Mersenne Twister*, ACM TOMACS 8 (1998), doi:10.1145/272991.272995. G. E. P. Box,
/// M. E. Muller, *A Note on the Generation of Random Normal Deviates*, Ann. Math. Statist. 29 (1958),
/// doi:10.1214/aoms/1177706645.
#[derive(Clone, Debug)]
pub struct TorchRng {
    twister: Mt,
    /// The second normal of a pair of which one was asked for.
    spare: Option<f64>,
}

impl TorchRng {
    /// The stream after `torch.manual_seed(seed)`. Only the low 32 bits count.
    pub fn new(seed: u64) -> Self {
        Self { twister: Mt::new(seed as u32), spare: None }
    }

    fn uniform<P: Precision, F: Real>(&mut self, low: f64, high: f64, out: &mut [F]) {
        let (low, high) = (P::of(low), P::of(high));
        for to in out {
            // One rounding, as the compiler of PyTorch has it.
            let x = P::unit(&mut self.twister).mul_add(high - low, low);
            *to = F::of(x.into());
        }
    }

    fn normal<P: Precision, F: Real>(&mut self, out: &mut [F]) {
        if out.len() < BLOCK {
            out.fill_with(|| F::of(self.one_normal()));
            return;
        }
        let (blocks, rest) = out.as_chunks_mut();
        for block in blocks {
            self.block::<P, F>(block);
        }
        if !rest.is_empty() {
            // PyTorch has drawn uniform numbers for the rest when it starts on the last block.
            for _ in rest {
                P::unit(&mut self.twister);
            }
            let last = out.last_chunk_mut().expect("there is a whole block");
            self.block::<P, F>(last);
        }
    }

    fn block<P: Precision, F: Real>(&mut self, out: &mut [F; BLOCK]) {
        let mut numbers = [(); BLOCK].map(|()| P::unit(&mut self.twister));
        P::box_muller(&mut numbers);
        *out = numbers.map(|x| F::of(x.into()));
    }

    fn one_normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let angle = 2.0 * PI * f64::unit(&mut self.twister);
        let radius = (-2.0 * libm::log1p(-f64::unit(&mut self.twister))).sqrt();
        let (sin, cos) = libm::sincos(angle);
        self.spare = Some(radius * sin);
        radius * cos
    }
}

impl<F: Real> Random<F> for TorchRng {
    fn fill_uniform(&mut self, low: f64, high: f64, out: &mut [F]) {
        if is_single::<F>() {
            self.uniform::<f32, F>(low, high, out);
        } else {
            self.uniform::<f64, F>(low, high, out);
        }
    }

    fn fill_normal(&mut self, out: &mut [F]) {
        if is_single::<F>() { self.normal::<f32, F>(out) } else { self.normal::<f64, F>(out) }
    }
}

/// Whether `F` is `f32`; known at compile time.
fn is_single<F: 'static>() -> bool {
    TypeId::of::<F>() == TypeId::of::<f32>()
}
