//! Memory that starts on a cache line, so that no vector load straddles two.

use crate::Real;

/// A cache line, and the widest vector register, in bytes.
pub(super) const LINE: usize = 64;

/// Numbers of which the first lies at the beginning of a cache line.
#[derive(Debug)]
pub(super) struct Aligned<F> {
    start: usize,
    len: usize,
    data: Vec<F>,
}

impl<F: Real> Aligned<F> {
    /// No numbers.
    pub(super) fn new() -> Self {
        Self { start: 0, len: 0, data: Vec::new() }
    }

    /// Room for `len` numbers, whose values are arbitrary. Allocates only if there never was as much.
    pub(super) fn resize(&mut self, len: usize) -> &mut [F] {
        let room = len + LINE / size_of::<F>().max(1);
        if self.data.len() < room {
            self.data.resize(room, F::zero());
        }
        self.len = len;
        // An allocator may refuse to say where a line begins: then anywhere is right, only slower.
        self.start =
            Some(self.data.as_ptr().align_offset(LINE)).filter(|start| start + len <= room).unwrap_or(0);
        &mut self.data[self.start..][..len]
    }

    /// How many numbers there is memory for.
    pub(super) fn capacity(&self) -> usize {
        self.data.capacity()
    }

    pub(super) fn as_slice(&self) -> &[F] {
        &self.data[self.start..][..self.len]
    }
}

impl<F: Clone> Clone for Aligned<F> {
    /// The same numbers, on a line again only after the next [`resize`](Self::resize).
    fn clone(&self) -> Self {
        Self { start: 0, len: self.len, data: self.data[self.start..][..self.len].to_vec() }
    }
}
