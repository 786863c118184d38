//! Windows of one long orbit of a system of differential equations.

use std::fmt;
use std::sync::Arc;

use rnn_core::{Random, Real, Timesteps};

use crate::draw::below;
use crate::error::{Error, Result, check_size};

/// Where a window may begin.
const STARTS: usize = 1 << 17;

/// The most samples of a window and of what comes after it.
const MOST: usize = 1 << 16;

/// An orbit on a fine grid of time, of which every `stride`-th point is a sample, and windows of it: `time` samples, with the samples
/// `ahead` later as their targets. A window begins at one of the first 2¹⁷ points, each equally likely.
#[derive(Clone, PartialEq)]
pub(crate) struct Orbit {
    /// Point after point, (points, width).
    points: Arc<[f64]>,
    pub(crate) width: usize,
    stride: usize,
    pub(crate) time: usize,
    pub(crate) ahead: usize,
}

impl Orbit {
    /// The orbit whose points `next` gives, which starts on the attractor.
    pub(crate) fn new<const WIDTH: usize>(
        time: usize,
        ahead: usize,
        stride: usize,
        mut next: impl FnMut() -> [f64; WIDTH],
    ) -> Result<Self> {
        check_size("the number of timesteps", time)?;
        check_size("the steps ahead", ahead)?;
        let size = time.saturating_add(ahead);
        if size > MOST {
            return Err(Error::TooLarge {
                what: "the number of timesteps and steps ahead",
                size,
                most: MOST,
            });
        }
        let points = STARTS + (size - 1) * stride;
        let points = (0..points).flat_map(|_| next()).collect();
        Ok(Self { points, width: WIDTH, stride, time, ahead })
    }

    /// Overwrites inputs and targets, (batch, time, width).
    pub(crate) fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), x: &mut [F], y: &mut [F]) {
        let sequence = self.time * self.width;
        for (x, y) in x.chunks_exact_mut(sequence).zip(y.chunks_exact_mut(sequence)) {
            let mut start = [F::zero()];
            rng.fill_uniform(0.0, 1.0, &mut start);
            let start = below(STARTS, start[0]);
            for (t, (x, y)) in x.chunks_exact_mut(self.width).zip(y.chunks_exact_mut(self.width)).enumerate()
            {
                for k in 0..self.width {
                    x[k] = F::of(self.at(start, t, k));
                    y[k] = F::of(self.at(start, t + self.ahead, k));
                }
            }
        }
    }

    /// Number k of sample t of a window.
    fn at(&self, start: usize, t: usize, k: usize) -> f64 {
        self.points[(start + t * self.stride) * self.width + k]
    }

    /// The variance of the targets, over all windows and the timesteps that count, the mean over the numbers of a sample: what the
    /// best constant costs, one for each output.
    pub(crate) fn variance(&self, over: Timesteps) -> f64 {
        let timesteps = match over {
            Timesteps::All => 0..self.time,
            Timesteps::Last => self.time - 1..self.time,
        };
        let count = (timesteps.len() * STARTS) as f64;
        let of_number = |k: usize| {
            // About the mean of the orbit, so that little cancels.
            let points = self.points.iter().skip(k).step_by(self.width);
            let centre = points.clone().sum::<f64>() / (self.points.len() / self.width) as f64;
            let sums: Vec<(f64, f64)> = std::iter::once((0.0, 0.0))
                .chain(points.scan((0.0, 0.0), |sum, x| {
                    let d = x - centre;
                    *sum = (sum.0 + d, sum.1 + d * d);
                    Some(*sum)
                }))
                .collect();
            let (mut first, mut second) = (0.0, 0.0);
            for t in timesteps.clone() {
                let from = (t + self.ahead) * self.stride;
                let (low, high) = (sums[from], sums[from + STARTS]);
                first += high.0 - low.0;
                second += high.1 - low.1;
            }
            second / count - (first / count).powi(2)
        };
        (0..self.width).map(of_number).sum::<f64>() / self.width as f64
    }
}

impl fmt::Debug for Orbit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { width, stride, time, ahead, .. } = self;
        f.debug_struct("Orbit")
            .field("width", width)
            .field("stride", stride)
            .field("time", time)
            .field("ahead", ahead)
            .finish_non_exhaustive()
    }
}

/// One step of the classical Runge–Kutta method of order 4 for y′ = f(y).
pub(crate) fn runge_kutta<const N: usize>(y: [f64; N], h: f64, f: impl Fn([f64; N]) -> [f64; N]) -> [f64; N] {
    let moved = |k: [f64; N], by: f64| std::array::from_fn(|i| y[i] + by * k[i]);
    let k1 = f(y);
    let k2 = f(moved(k1, h / 2.0));
    let k3 = f(moved(k2, h / 2.0));
    let k4 = f(moved(k3, h));
    std::array::from_fn(|i| y[i] + h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]))
}
