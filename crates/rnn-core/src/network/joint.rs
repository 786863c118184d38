//! What lies between a layer and the next one, where that is not the layer's states as they lie: both directions side by
//! side, and dropout.

use rand_pcg::Pcg64Dxsm;

use crate::Real;
use crate::memory::columns::fit;
use crate::memory::tape::Tape;
use crate::network::extent::Extent;
use crate::network::noise::draw;

/// The output of a layer of one or two directions. Buffers are time-major, (time · batch, width); those of what the layer
/// does not have are empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Joint<F> {
    /// Both directions.
    pub(crate) both: bool,
    /// h_t and c_t of both directions, in the order of time, and their gradients.
    pub(crate) h: Vec<F>,
    pub(crate) c: Vec<F>,
    pub(crate) d_h: Vec<F>,
    pub(crate) d_c: Vec<F>,
    /// Whether this pass drops anything here.
    dropping: bool,
    /// 0 or 1 / (1 − p), what is left of the output under it, and its gradient.
    mask: Vec<F>,
    kept: Vec<F>,
    d_kept: Vec<F>,
}

impl<F: Real> Joint<F> {
    pub(crate) fn new(both: bool) -> Self {
        Self { both, ..Self::default() }
    }

    /// Makes every buffer fit, and draws what is dropped if a generator is given.
    pub(crate) fn resize(
        &mut self,
        tapes: &[Tape<F>],
        extent: &Extent,
        dropout: Option<(f64, &mut Pcg64Dxsm)>,
    ) {
        let steps = extent.batch * extent.time;
        let widths = tapes[0].widths;
        let (hidden, cell) = (tapes.len() * widths.output, tapes.len() * widths.cell);
        if self.both {
            fit(&mut self.h, steps * hidden);
            fit(&mut self.c, steps * cell);
        }
        self.dropping = dropout.is_some();
        if let Some((p, generator)) = dropout {
            fit(&mut self.mask, steps * hidden);
            fit(&mut self.kept, steps * hidden);
            draw(&mut self.mask, p, F::zero(), F::of(1.0 / (1.0 - p)), generator);
        }
    }

    /// Makes the buffers of gradients as long as those of the states.
    pub(crate) fn resize_back(&mut self) {
        for (d, states) in
            [(&mut self.d_h, &self.h), (&mut self.d_c, &self.c), (&mut self.d_kept, &self.kept)]
        {
            fit(d, states.len());
        }
    }

    /// After the layer has run: makes its output.
    pub(crate) fn join(&mut self, tapes: &[Tape<F>], extent: &Extent) {
        if let [forward, backward] = tapes {
            let Tape { widths, .. } = forward;
            side_by_side(&mut self.h, [&forward.h, &backward.h], widths.output, extent);
            side_by_side(&mut self.c, [&forward.c, &backward.c], widths.cell, extent);
        }
        if self.dropping {
            let states = states(&self.h, self.both, tapes, extent);
            for ((kept, &mask), &h) in self.kept.iter_mut().zip(&self.mask).zip(states) {
                *kept = mask * h;
            }
        }
    }

    /// What the next layer, or the head, reads.
    pub(crate) fn output<'a>(&'a self, tapes: &'a [Tape<F>], extent: &Extent) -> &'a [F] {
        if self.dropping { &self.kept } else { states(&self.h, self.both, tapes, extent) }
    }

    /// What the next layer read, and where the gradient of that goes.
    pub(crate) fn both_ways<'a>(
        &'a mut self,
        tapes: &'a mut [Tape<F>],
        extent: &Extent,
    ) -> (&'a [F], &'a mut [F]) {
        if self.dropping {
            (&self.kept, &mut self.d_kept)
        } else if self.both {
            (&self.h, &mut self.d_h)
        } else {
            let Tape { widths, h, d_h, .. } = &mut tapes[0];
            let first = extent.batch * widths.output;
            (&h[first..], &mut d_h[first..])
        }
    }

    /// Before the way back through the layer: ∂L/∂h_t of each direction from the gradient of the output. What was not
    /// given is 0.
    pub(crate) fn part(&mut self, tapes: &mut [Tape<F>], extent: &Extent) {
        if self.dropping {
            let d_h = if self.both {
                self.d_h.as_mut_slice()
            } else {
                let first = extent.batch * tapes[0].widths.output;
                &mut tapes[0].d_h[first..]
            };
            for ((d_h, &mask), &d) in d_h.iter_mut().zip(&self.mask).zip(&self.d_kept) {
                *d_h = mask * d;
            }
        }
        for (direction, tape) in tapes.iter_mut().enumerate() {
            let (width, first) = (tape.widths.output, extent.batch * tape.widths.output);
            tape.d_h[..first].fill(F::zero());
            tape.d_c.fill(F::zero());
            if self.both {
                for_each_row(direction, extent, |natural, own| {
                    let to = &mut tape.d_h[first + own * width..][..width];
                    to.copy_from_slice(&self.d_h[(2 * natural + direction) * width..][..width]);
                });
                clear_past_ends(&mut tape.d_h[first..], extent);
            }
        }
    }

    /// After the way back: the total derivatives of both directions, in the order of time.
    pub(crate) fn collect(&mut self, tapes: &[Tape<F>], extent: &Extent) {
        if let [forward, backward] = tapes {
            let Tape { widths, .. } = forward;
            side_by_side(&mut self.d_h, [&forward.d_h, &backward.d_h], widths.output, extent);
            side_by_side(&mut self.d_c, [&forward.d_c, &backward.d_c], widths.cell, extent);
        }
    }

    /// How many numbers there is memory for.
    pub(crate) fn capacity(&self) -> usize {
        let Self { h, c, d_h, d_c, mask, kept, d_kept, .. } = self;
        [h, c, d_h, d_c, mask, kept, d_kept].map(Vec::capacity).iter().sum()
    }
}

fn states<'a, F: Real>(joined: &'a [F], both: bool, tapes: &'a [Tape<F>], extent: &Extent) -> &'a [F] {
    if both { joined } else { &tapes[0].h[extent.batch * tapes[0].widths.output..] }
}

/// Writes blocks 1 .. T of the states of both directions, or of their gradients, side by side in the order of time.
fn side_by_side<F: Real>(to: &mut [F], directions: [&[F]; 2], width: usize, extent: &Extent) {
    if width == 0 {
        return;
    }
    for (direction, from) in directions.into_iter().enumerate() {
        let first = extent.batch * width;
        for_each_row(direction, extent, |natural, own| {
            let to = &mut to[(2 * natural + direction) * width..][..width];
            to.copy_from_slice(&from[first + own * width..][..width]);
        });
    }
    clear_past_ends(to, extent);
}

/// Calls `f` with the row of every timestep in the order of time, and its row in the order in which the direction reads.
fn for_each_row(direction: usize, extent: &Extent, mut f: impl FnMut(usize, usize)) {
    for t in 0..extent.time {
        for b in 0..extent.batch {
            if let Some(mirrored) = extent.mirror(t, b) {
                let own = if direction == 0 { t } else { mirrored };
                f(t * extent.batch + b, own * extent.batch + b);
            }
        }
    }
}

/// Zeros past every sequence's end.
pub(crate) fn clear_past_ends<F: Real>(rows: &mut [F], extent: &Extent) {
    if extent.lengths().is_some() {
        let block = rows.len() / extent.time;
        for (t, rows) in rows.chunks_exact_mut(block).enumerate() {
            extent.clear(t, rows);
        }
    }
}
