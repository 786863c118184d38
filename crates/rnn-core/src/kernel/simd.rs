//! Run-time choice of the instruction set, for loops that the compiler vectorizes.

use pulp::{Arch, NullaryFnOnce};

/// Runs `op` compiled for the best instruction set that this processor has.
///
/// `op` must be a struct whose `call` is `#[inline(always)]`: a closure may not be inlined into the dispatched
/// function, and would then be compiled for the baseline only.
#[inline]
pub(crate) fn dispatch<Op: NullaryFnOnce>(op: Op) -> Op::Output {
    Arch::new().dispatch(op)
}
