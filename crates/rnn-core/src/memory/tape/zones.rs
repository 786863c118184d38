//! Zoneout: units that keep their state of the step before.

use rand_pcg::Pcg64Dxsm;

use crate::Real;
use crate::memory::columns::fit;
use crate::network::noise::draw;
use crate::network::options::Zoneout;

/// z for h and for c at every timestep, and room for gradients. Empty for a state without zoneout.
#[derive(Clone, Debug, Default)]
pub(crate) struct Zones<F> {
    h: Zone<F>,
    c: Zone<F>,
}

#[derive(Clone, Debug, Default)]
struct Zone<F> {
    /// z, (time · batch, width).
    z: Vec<F>,
    /// dL/dh̃_t or dL/dc̃_t of the step at hand, (batch, width).
    d: Vec<F>,
}

impl<F: Real> Zones<F> {
    /// A pass with masks from the generator or, without one, with z = p. `hidden` and `cell` states are in a step.
    pub(crate) fn set(
        &mut self,
        p: Zoneout,
        time: usize,
        [hidden, cell]: [usize; 2],
        mut generator: Option<&mut Pcg64Dxsm>,
    ) {
        for (zone, p, states) in [(&mut self.h, p.hidden, hidden), (&mut self.c, p.cell, cell)] {
            if p == 0.0 {
                zone.off();
                continue;
            }
            fit(&mut zone.z, time * states);
            fit(&mut zone.d, states);
            match &mut generator {
                Some(generator) => draw(&mut zone.z, p, F::one(), F::zero(), generator),
                None => zone.z.fill(F::of(p)),
            }
        }
    }

    /// z ∘ (the state before) + (1 − z) ∘ (what the cell computed), for h and for c.
    pub(crate) fn mix(&self, t: usize, h: (&mut [F], &mut [F]), c: (&mut [F], &mut [F])) {
        for (zone, (before, now)) in [(&self.h, h), (&self.c, c)] {
            if zone.d.is_empty() {
                continue;
            }
            let z = &zone.z[t * zone.d.len()..][..zone.d.len()];
            for ((now, &before), &z) in now.iter_mut().zip(&*before).zip(z) {
                *now = z * before + (F::one() - z) * *now;
            }
        }
    }

    /// The chain rule through that: adds the part of the state before, and returns the gradient of what the cell computed.
    pub(crate) fn mix_back<'a>(
        &'a mut self,
        t: usize,
        (d_h_prev, d_h): (&mut [F], &'a mut [F]),
        (d_c_prev, d_c): (&mut [F], &'a mut [F]),
    ) -> (&'a [F], &'a mut [F]) {
        (self.h.back(t, d_h_prev, d_h), self.c.back(t, d_c_prev, d_c))
    }

    /// z of h and of c in row t · batch + b, where there is zoneout.
    pub(crate) fn at(&self, row: usize, [hidden, cell]: [usize; 2]) -> (Option<&[F]>, Option<&[F]>) {
        let of = |zone: &'_ Zone<F>, width: usize| -> Option<std::ops::Range<usize>> {
            (!zone.d.is_empty()).then(|| row * width..(row + 1) * width)
        };
        (of(&self.h, hidden).map(|at| &self.h.z[at]), of(&self.c, cell).map(|at| &self.c.z[at]))
    }

    /// z of h at timestep `t`, from 0, (batch, hidden); empty without zoneout of h.
    pub(crate) fn hidden(&self, t: usize) -> &[F] {
        if self.h.d.is_empty() { &[] } else { &self.h.z[t * self.h.d.len()..][..self.h.d.len()] }
    }

    /// How many numbers there is memory for.
    pub(crate) fn capacity(&self) -> usize {
        [&self.h.z, &self.h.d, &self.c.z, &self.c.d].map(Vec::capacity).iter().sum()
    }
}

impl<F: Real> Zone<F> {
    fn off(&mut self) {
        self.z.clear();
        self.d.clear();
    }

    fn back<'a>(&'a mut self, t: usize, before: &mut [F], now: &'a mut [F]) -> &'a mut [F] {
        if self.d.is_empty() {
            return now;
        }
        let z = &self.z[t * self.d.len()..][..self.d.len()];
        for (((d, &now), before), &z) in self.d.iter_mut().zip(&*now).zip(before).zip(z) {
            *before += z * now;
            *d = (F::one() - z) * now;
        }
        &mut self.d
    }
}
