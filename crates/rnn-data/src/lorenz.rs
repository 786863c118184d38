//! Lorenz's three equations.

use rnn_core::{Batch, Random, Real, Timesteps};

use crate::Result;
use crate::orbit::{Orbit, runge_kutta};
use crate::task::{Task, numbers};

/// The step of the integration.
const STEP: f64 = 0.01;

/// Steps from one sample to the next.
const STRIDE: usize = 2;

/// Steps before the first sample.
const TRANSIENT: usize = 10_000;

/// Lorenz's system, to be continued: at every timestep, the state some steps later.
///
/// ```text
/// ẋ = σ (y − x)    ẏ = x (ρ − z) − y    ż = x y − β z        σ = 10, ρ = 28, β = 8/3
/// ```
///
/// The system is chaotic: an error in its state grows by a factor of e within about 1.1 units of time. A timestep is 0.02 units, in
/// which the classical Runge–Kutta method takes two steps. The numbers are a tenth of x, y and z, so that they are of the order
/// of 1; inputs and targets are (batch, time, 3).
///
/// [`new`](Self::new) follows one orbit from (1, 1, 1), leaves out its first 100 units, and keeps the next 1311 units and what the
/// last window needs. A sequence is a window of it, whose beginning is drawn, on the grid of 0.01: two generators give windows of
/// the same orbit. The operations are those of IEEE 754 alone, so that the orbit is the same on every platform.
///
/// The baseline is the variance of the targets, of which the constant is the mean of each: it is computed from the orbit, over all
/// windows.
///
/// ```
/// use rnn_core::Timesteps;
/// use rnn_data::{Lorenz, PortableRng, Task};
///
/// let task = Lorenz::new(50, 1)?;
/// let batch = task.sample::<f64>(32, &mut PortableRng::new(0))?;
/// let y = batch.y.values().expect("the targets are values");
/// assert_eq!(batch.x.shape(), [32, 50, 3]);
/// assert_eq!(y[[5, 20, 2]], batch.x[[5, 21, 2]]);
/// assert!((task.baseline(Timesteps::All) - 0.72).abs() < 0.02);
/// # Ok::<(), rnn_data::Error>(())
/// ```
///
/// # Reference
/// E. N. Lorenz, *Deterministic Nonperiodic Flow*, Journal of the Atmospheric Sciences 20 (1963),
/// doi:10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2. The parameters are Lorenz's; the steps and the scale are ours.
#[derive(Clone, Debug, PartialEq)]
pub struct Lorenz {
    orbit: Orbit,
}

impl Lorenz {
    /// Sequences of `time` timesteps, whose state is to be predicted `ahead` timesteps later.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize); [`Error::TooLarge`](crate::Error::TooLarge) if both together are more than 65536.
    pub fn new(time: usize, ahead: usize) -> Result<Self> {
        let mut state = (0..TRANSIENT).fold([1.0; 3], |state, _| runge_kutta(state, STEP, flow));
        let next = || {
            let now = state.map(|x| x / 10.0);
            state = runge_kutta(state, STEP, flow);
            now
        };
        Ok(Self { orbit: Orbit::new(time, ahead, STRIDE, next)? })
    }
}

fn flow([x, y, z]: [f64; 3]) -> [f64; 3] {
    [10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z]
}

impl Task for Lorenz {
    fn time(&self) -> usize {
        self.orbit.time
    }

    fn features(&self) -> usize {
        self.orbit.width
    }

    fn outputs(&self) -> usize {
        self.orbit.width
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        let (x, y) = numbers(self, batch);
        self.orbit.fill(rng, x, y);
    }

    fn baseline(&self, over: Timesteps) -> f64 {
        self.orbit.variance(over)
    }
}
