//! The choice of the instruction set: at run time, on WebAssembly when the crate is compiled.

use pulp::{Arch, WithSimd};

/// Whether products are summed by fused multiply-adds where there are vector instructions. WebAssembly has none: its products
/// have the bits of a processor without, which are those of the baseline of x86-64.
pub(crate) const FUSED: bool = !cfg!(target_family = "wasm");

#[cfg(not(target_family = "wasm"))]
mod chosen {
    use std::sync::LazyLock;

    use pulp::Arch;

    /// The environment variable that holds the library back to an older processor's instructions: `baseline` or, on
    /// x86-64, `avx2`. For tests and measurements; read once.
    const LIMIT: &str = "RNN_CORE_SIMD";

    static ARCH: LazyLock<Arch> = LazyLock::new(|| match std::env::var(LIMIT).as_deref() {
        Ok("baseline") => Arch::Scalar,
        #[cfg(target_arch = "x86_64")]
        Ok("avx2") => pulp::x86::V3::try_new().map_or(Arch::Scalar, Arch::V3),
        _ => Arch::new(),
    });

    #[inline]
    pub(super) fn arch() -> Arch {
        *ARCH
    }
}

/// A module is compiled for one instruction set, and has the code of that one alone: `simd128` if that target feature is on.
#[cfg(target_family = "wasm")]
mod chosen {
    use pulp::Arch;

    #[inline(always)]
    pub(super) fn arch() -> Arch {
        if cfg!(target_feature = "simd128") { Arch::new() } else { Arch::Scalar }
    }
}

use chosen::arch;

/// Whether [`dispatch_or`] runs an operation with vector instructions.
pub(crate) fn vectors() -> bool {
    !cfg!(target_arch = "x86_64") || !matches!(arch(), Arch::Scalar)
}

/// As [`dispatch`], but an x86-64 processor without AVX2 runs `otherwise`: a vectorized copy of an operation that the
/// compiler has made for it would be the largest and the slowest.
#[inline]
pub(crate) fn dispatch_or<Op: WithSimd>(op: Op, otherwise: impl FnOnce(Op) -> Op::Output) -> Op::Output {
    match arch() {
        #[cfg(target_arch = "x86_64")]
        Arch::V4(simd) => pulp::Simd::vectorize(simd, op),
        #[cfg(target_arch = "x86_64")]
        Arch::V3(simd) => pulp::Simd::vectorize(simd, op),
        #[cfg(target_arch = "x86_64")]
        _ => otherwise(op),
        #[cfg(not(target_arch = "x86_64"))]
        arch => {
            let _ = otherwise;
            arch.dispatch(op)
        }
    }
}

/// Runs `op` compiled for the best instruction set that this processor has.
///
/// `op` must be a struct whose `call` or `with_simd` is `#[inline(always)]`: a closure may not be inlined into the
/// dispatched function, and would then be compiled for the baseline only.
#[inline]
pub(crate) fn dispatch<Op: WithSimd>(op: Op) -> Op::Output {
    arch().dispatch(op)
}
