//! An equation with a delay.

use std::collections::VecDeque;

use rnn_core::{Batch, Random, Real, Timesteps};

use crate::Result;
use crate::orbit::Orbit;
use crate::task::{Task, numbers};

/// The step of the integration.
const STEP: f64 = 0.1;

/// Steps from one sample to the next.
const STRIDE: usize = 10;

/// Steps that the delay takes: τ = 17.
const DELAY: usize = 170;

/// Steps before the first sample.
const TRANSIENT: usize = 20_000;

/// The Mackey–Glass equation, to be continued: at every timestep, the value some steps later.
///
/// ```text
/// ẋ(t) = β x(t − τ) / (1 + x(t − τ)ⁿ) − γ x(t)        β = 0.2, γ = 0.1, n = 10, τ = 17
/// ```
///
/// With this delay the equation is weakly chaotic. A timestep is one unit of time, in which the classical Runge–Kutta method takes ten
/// steps; between the steps before, x(t − τ) is the cubic that has their values and slopes, so that the method keeps its order.
/// Inputs and targets are (batch, time, 1), between about 0.2 and 1.4.
///
/// [`new`](Self::new) follows one orbit, which is 1.2 up to time 0, leaves out its first 2000 units, and keeps the next 13,107 units and
/// what the last window needs. A sequence is a window of it, whose beginning is drawn, on the grid of 0.1: two generators give
/// windows of the same orbit. The operations are those of IEEE 754 alone, so that the orbit is the same on every platform.
///
/// The baseline is the variance of the targets, whose mean is the constant: it is computed from the orbit, over all windows.
///
/// ```
/// use rnn_core::Timesteps;
/// use rnn_data::{MackeyGlass, PortableRng, Task};
///
/// let task = MackeyGlass::new(100, 6)?;
/// let batch = task.sample::<f64>(32, &mut PortableRng::new(0))?;
/// let y = batch.y.values().expect("the targets are values");
/// assert_eq!(batch.x.shape(), [32, 100, 1]);
/// assert_eq!(y[[5, 20, 0]], batch.x[[5, 26, 0]]);
/// assert!((task.baseline(Timesteps::All) - 0.05).abs() < 0.01);
/// # Ok::<(), rnn_data::Error>(())
/// ```
///
/// # Reference
/// M. C. Mackey, L. Glass, *Oscillation and Chaos in Physiological Control Systems*, Science 197 (1977),
/// doi:10.1126/science.267326. With these parameters it is a usual test of prediction; the steps are ours.
#[derive(Clone, Debug, PartialEq)]
pub struct MackeyGlass {
    orbit: Orbit,
}

impl MackeyGlass {
    /// Sequences of `time` timesteps, whose value is to be predicted `ahead` timesteps later.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize); [`Error::TooLarge`](crate::Error::TooLarge) if both together are more than 65536.
    pub fn new(time: usize, ahead: usize) -> Result<Self> {
        let mut system = System::new();
        for _ in 0..TRANSIENT {
            system.step();
        }
        let next = || {
            let now = [system.x];
            system.step();
            now
        };
        Ok(Self { orbit: Orbit::new(time, ahead, STRIDE, next)? })
    }
}

/// The present, and values and slopes of the steps before, the earliest first.
struct System {
    x: f64,
    past: VecDeque<(f64, f64)>,
}

impl System {
    fn new() -> Self {
        // Constant up to time 0, so that the slopes of the past are 0.
        Self { x: 1.2, past: (0..DELAY).map(|_| (1.2, 0.0)).collect() }
    }

    fn step(&mut self) {
        let (first, slope) = self.past[0];
        let now = (self.x, slope_at(self.x, first));
        self.past.push_back(now);
        let (last, next_slope) = self.past[1];
        let middle = f64::midpoint(first, last) + STEP / 8.0 * (slope - next_slope);
        let k1 = now.1;
        let k2 = slope_at(self.x + STEP / 2.0 * k1, middle);
        let k3 = slope_at(self.x + STEP / 2.0 * k2, middle);
        let k4 = slope_at(self.x + STEP * k3, last);
        self.x += STEP / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
        self.past.pop_front();
    }
}

/// ẋ from x(t) and x(t − τ).
fn slope_at(x: f64, delayed: f64) -> f64 {
    let square = delayed * delayed;
    let fourth = square * square;
    0.2 * delayed / (1.0 + fourth * fourth * square) - 0.1 * x
}

impl Task for MackeyGlass {
    fn time(&self) -> usize {
        self.orbit.time
    }

    fn features(&self) -> usize {
        1
    }

    fn outputs(&self) -> usize {
        1
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        let (x, y) = numbers(self, batch);
        self.orbit.fill(rng, x, y);
    }

    fn baseline(&self, over: Timesteps) -> f64 {
        self.orbit.variance(over)
    }
}
