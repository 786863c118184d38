//! Dropout on the recurrence: one mask for all timesteps of a sequence, on what W_hh reads.

use rand_pcg::Pcg64Dxsm;

use crate::Real;
use crate::memory::columns::fit;
use crate::network::noise::draw;

/// The mask, and the states under it. All empty in a pass without it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dropped<F> {
    /// 0 or 1 / (1 − p), (batch, hidden).
    mask: Vec<F>,
    /// The mask times h_{t−1}, (time · batch, hidden).
    h: Vec<F>,
    /// dL/d of that at the step at hand, (batch, hidden).
    d_h: Vec<F>,
}

impl<F: Real> Dropped<F> {
    /// A pass without it.
    pub(crate) fn off(&mut self) {
        self.mask.clear();
    }

    /// A pass with new masks, each number 0 with probability `p`.
    pub(crate) fn draw(&mut self, states: usize, time: usize, p: f64, generator: &mut Pcg64Dxsm) {
        fit(&mut self.mask, states);
        fit(&mut self.h, time * states);
        fit(&mut self.d_h, states);
        draw(&mut self.mask, p, F::zero(), F::of(1.0 / (1.0 - p)), generator);
    }

    /// What W_hh reads at timestep `t`, from 0: the first `active` numbers. The others become 0.
    pub(crate) fn read<'a>(&'a mut self, h_prev: &'a [F], t: usize, active: usize) -> &'a [F] {
        if self.mask.is_empty() {
            return &h_prev[..active];
        }
        let h = &mut self.h[t * self.mask.len()..][..self.mask.len()];
        let (read, rest) = h.split_at_mut(active);
        rest.fill(F::zero());
        read.iter_mut().zip(self.mask.iter().zip(h_prev)).for_each(|(to, (&mask, &h))| *to = mask * h);
        read
    }

    /// What W_hh read at timestep `t`, and where the gradient of that goes: empty if it is h_{t−1} itself.
    pub(crate) fn read_back<'a>(
        &'a mut self,
        h_prev: &'a [F],
        t: usize,
        active: usize,
    ) -> (&'a [F], &'a mut [F]) {
        if self.mask.is_empty() {
            return (&h_prev[..active], &mut []);
        }
        let d_h = &mut self.d_h[..active];
        d_h.fill(F::zero());
        (&self.h[t * self.mask.len()..][..active], d_h)
    }

    /// The chain rule through the mask: adds to dL/dh_{t−1}.
    pub(crate) fn add_back(&self, d_h_prev: &mut [F]) {
        for (to, (&mask, &d)) in d_h_prev.iter_mut().zip(self.mask.iter().zip(&self.d_h)) {
            *to += mask * d;
        }
    }

    /// What W_hh read at all timesteps, (time · batch, hidden), if that is not h_{t−1} itself.
    pub(crate) fn all_read(&self) -> Option<&[F]> {
        (!self.mask.is_empty()).then_some(self.h.as_slice())
    }

    /// The mask of sequence `b`, if there is one.
    pub(crate) fn mask(&self, b: usize, hidden: usize) -> Option<&[F]> {
        (!self.mask.is_empty()).then(|| &self.mask[b * hidden..][..hidden])
    }

    /// How many numbers there is memory for.
    pub(crate) fn capacity(&self) -> usize {
        [&self.mask, &self.h, &self.d_h].map(Vec::capacity).iter().sum()
    }
}
