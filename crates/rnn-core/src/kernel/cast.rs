//! From a generic float to the type that it is.

use crate::kernel::matrix::{Matrix, Store};
use crate::kernel::panels::Right;
use crate::real::is;

/// The same slice.
///
/// # Panics
/// If `F` and `G` are not the same type; decided at compile time.
#[inline(always)]
pub(super) fn slice<F: 'static, G: 'static>(x: &[F]) -> &[G] {
    assert!(is::<F, G>());
    // SAFETY: F and G are one type, so this is the identity.
    unsafe { std::slice::from_raw_parts(x.as_ptr().cast(), x.len()) }
}

/// The same slice, to be changed.
///
/// # Panics
/// As [`slice`].
#[inline(always)]
pub(super) fn slice_mut<F: 'static, G: 'static>(x: &mut [F]) -> &mut [G] {
    assert!(is::<F, G>());
    // SAFETY: F and G are one type, so this is the identity.
    unsafe { std::slice::from_raw_parts_mut(x.as_mut_ptr().cast(), x.len()) }
}

impl<'a, F: 'static> Matrix<'a, F> {
    pub(super) fn cast<G: 'static>(self) -> Matrix<'a, G> {
        let Self { data, rows, cols, row_stride, col_stride } = self;
        Matrix { data: slice(data), rows, cols, row_stride, col_stride }
    }
}

impl<'a, F: 'static> Right<'a, F> {
    pub(super) fn cast<G: 'static>(self) -> Right<'a, G> {
        let Self { data, rows, cols, row_stride, panel_stride } = self;
        Right { data: slice(data), rows, cols, row_stride, panel_stride }
    }
}

impl<'a, F: 'static> Store<'a, F> {
    pub(super) fn cast<G: 'static>(self) -> Store<'a, G> {
        match self {
            Store::Set => Store::Set,
            Store::Add => Store::Add,
            Store::Bias(bias) => Store::Bias(slice(bias)),
        }
    }
}
