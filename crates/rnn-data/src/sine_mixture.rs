//! Sums of sines, to be continued.

use std::f64::consts::PI;
use std::ops::RangeInclusive;

use rnn_core::{Batch, Random, Real, Timesteps};

use crate::error::check_size;
use crate::task::{Task, numbers};
use crate::{Error, Result};

/// A mixture of sines: at every timestep, the next value of a sum of sines of unknown frequencies and phases.
///
/// ```text
/// s_t = Σ_k sin(ω_k t + φ_k),   ω_k ~ U(lowest, highest),   φ_k ~ U(0, 2π),   k = 1 .. K
/// x_t = s_t,   y_t = s_{t+1},   t = 0 .. T−1
/// ```
///
/// x and y are (batch, time, 1). Every sequence has frequencies and phases of its own, so that they must be found out from
/// what was seen: of K sines, 2K values and the frequencies determine the next. The sines are computed in double precision
/// by `libm`, the same on every platform, and summed in the float type.
///
/// y_t has mean 0 and variance K/2, as the phases are uniform and independent: the best constant is 0, with a mean squared
/// error of K/2, at any timestep.
///
/// ```
/// use rnn_core::Timesteps;
/// use rnn_data::{PortableRng, SineMixture, Task};
///
/// let task = SineMixture::new(50, 2, 0.2..=0.7)?; // radians for each timestep
/// let batch = task.sample::<f64>(32, &mut PortableRng::new(0))?;
/// assert_eq!(batch.x.shape(), [32, 50, 1]);
/// let y = batch.y.values().expect("the targets are values");
/// assert_eq!(y[[5, 20, 0]], batch.x[[5, 21, 0]]);
/// assert_eq!(task.baseline(Timesteps::All), 1.0);
/// # Ok::<(), rnn_data::Error>(())
/// ```
///
/// # Reference
/// This form is ours. The multiple superimposed oscillators of reservoir computing are such sums with fixed frequencies
/// and phases, sin 0.2t + sin 0.311t first, in one long sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SineMixture {
    time: usize,
    sines: usize,
    lowest: f64,
    highest: f64,
}

impl SineMixture {
    /// Sequences of `time` timesteps that are sums of `sines` sines, with frequencies between these bounds, in radians for
    /// each timestep. Above π a sine looks like one of a lower frequency.
    ///
    /// # Errors
    /// [`Error::ZeroSize`]; [`Error::OutOfRange`] unless 0 ≤ lowest ≤ highest ≤ π.
    pub fn new(time: usize, sines: usize, frequencies: RangeInclusive<f64>) -> Result<Self> {
        check_size("the number of timesteps", time)?;
        check_size("the number of sines", sines)?;
        let (lowest, highest) = frequencies.into_inner();
        if !(0.0..=PI).contains(&lowest) {
            return Err(Error::OutOfRange {
                what: "the lowest frequency",
                value: lowest,
                range: "from 0 to π",
            });
        }
        if !(lowest..=PI).contains(&highest) {
            let range = "from the lowest to π";
            return Err(Error::OutOfRange { what: "the highest frequency", value: highest, range });
        }
        Ok(Self { time, sines, lowest, highest })
    }
}

impl Task for SineMixture {
    fn time(&self) -> usize {
        self.time
    }

    fn features(&self) -> usize {
        1
    }

    fn outputs(&self) -> usize {
        1
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        let (x, y) = numbers(self, batch);
        y.fill(F::zero());
        for (x, y) in x.chunks_exact_mut(self.time).zip(y.chunks_exact_mut(self.time)) {
            let mut first = F::zero();
            for _ in 0..self.sines {
                let mut draws = [F::zero(); 2];
                let [frequency, phase] = &mut draws;
                rng.fill_uniform(self.lowest, self.highest, std::slice::from_mut(frequency));
                rng.fill_uniform(0.0, 2.0 * PI, std::slice::from_mut(phase));
                let [frequency, phase] = draws.map(|draw| draw.to_f64().expect("a float is a number"));
                let sine = |t: usize| F::of(libm::sin(frequency * t as f64 + phase));
                first += sine(0);
                for (t, y) in y.iter_mut().enumerate() {
                    *y += sine(t + 1);
                }
            }
            x[0] = first;
            x[1..].copy_from_slice(&y[..self.time - 1]);
        }
    }

    fn baseline(&self, _: Timesteps) -> f64 {
        self.sines as f64 / 2.0
    }
}
