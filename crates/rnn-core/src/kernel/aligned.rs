//! Memory that starts on a cache line, so that no vector load straddles two.

/// A cache line, and the widest vector register, in bytes.
pub(super) const LINE: usize = 64;

/// Numbers of which the first lies at the beginning of a cache line.
#[derive(Debug)]
pub(super) struct Aligned<F> {
    start: usize,
    len: usize,
    data: Vec<F>,
}

impl<F: Copy + Default> Aligned<F> {
    /// No numbers.
    pub(super) fn new() -> Self {
        Self { start: 0, len: 0, data: Vec::new() }
    }

    /// Room for `len` numbers, whose values are arbitrary. Allocates only if there never was as much.
    pub(super) fn resize(&mut self, len: usize) -> &mut [F] {
        // A `len` for which this saturates is more than a vector can hold: the next line refuses it.
        let room = len.saturating_add(LINE / size_of::<F>().max(1));
        if self.data.len() < room {
            self.data.resize(room, F::default());
        }
        self.len = len;
        // No number begins on a line if the size of one does not divide the distance, and `align_offset` is `usize::MAX`
        // then. Anywhere is right, only slower.
        let start = self.data.as_ptr().align_offset(LINE);
        self.start = if start.checked_add(len).is_some_and(|end| end <= room) { start } else { 0 };
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

#[cfg(test)]
mod tests {
    use super::*;

    /// 32 bytes that need not begin at a multiple of 32: wherever memory begins, there is room for all of them.
    #[test]
    fn numbers_that_never_begin_on_a_line_have_room() {
        let mut kept = Vec::new();
        for n in 1..40 {
            let mut wide = Aligned::<[f64; 4]>::new();
            assert_eq!(wide.resize(n).len(), n);
            assert_eq!(wide.clone().as_slice().len(), n);
            // Blocks of other sizes in between, so that the next memory begins elsewhere.
            kept.push((wide, vec![0_u8; 16 * n]));
        }
        let mut odd = Aligned::<[u8; 24]>::new();
        assert!((0..200).all(|n| odd.resize(n).len() == n && odd.as_slice().len() == n));
    }
}
