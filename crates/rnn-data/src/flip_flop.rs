//! Bits that are set and reset.

use rnn_core::{Batch, Random, Real, Timesteps};

use crate::draw::unit;
use crate::error::check_size;
use crate::task::{Task, numbers};
use crate::{Error, Result};

/// The n-bit flip-flop: each output holds the last pulse of its input.
///
/// ```text
/// x_tk = +1 with probability p/2, −1 with p/2, 0 otherwise,   t = 1 .. T,   k = 1 .. n
/// y_tk = x_tk if that is a pulse, else y_{t−1,k},   y_0k = 0
/// ```
///
/// x and y are (batch, time, bits). A pulse is seen at the timestep at which it comes. Before the first pulse of its input
/// an output is 0, the state of a network that starts from zeros; as p is above 0, that ends.
///
/// y_tk has mean 0 and variance 1 − (1 − p)ᵗ, the probability that there has been a pulse: the best constant is 0, with a
/// mean squared error of (1/T) Σ (1 − (1 − p)ᵗ) over all timesteps and 1 − (1 − p)ᵀ at the last.
///
/// ```
/// use rnn_core::Timesteps;
/// use rnn_data::{FlipFlop, PortableRng, Task};
///
/// let task = FlipFlop::new(64, 3, 0.25)?;
/// let batch = task.sample::<f64>(32, &mut PortableRng::new(0))?;
/// let (x, y) = (&batch.x, batch.y.values().expect("the targets are values"));
/// assert_eq!((x.shape(), y.shape()), ([32, 64, 3].as_slice(), [32, 64, 3].as_slice()));
/// let held = if x[[5, 40, 2]] == 0.0 { y[[5, 39, 2]] } else { x[[5, 40, 2]] };
/// assert_eq!(y[[5, 40, 2]], held);
/// assert_eq!(FlipFlop::new(2, 3, 0.25)?.baseline(Timesteps::Last), 0.4375);
/// # Ok::<(), rnn_data::Error>(())
/// ```
///
/// # Reference
/// D. Sussillo, O. Barak, *Opening the Black Box: Low-Dimensional Dynamics in High-Dimensional Recurrent Neural Networks*,
/// Neural Computation 25 (2013), doi:10.1162/NECO_a_00409, with 3 bits. Pulses of one timestep with a probability are those
/// of M. D. Golub, D. Sussillo, *FixedPointFinder*, J. Open Source Software 3 (2018), doi:10.21105/joss.01003, whose example
/// begins with a pulse on every input instead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlipFlop {
    time: usize,
    bits: usize,
    probability: f64,
}

impl FlipFlop {
    /// Sequences of `time` timesteps with `bits` inputs and outputs; `probability` is that of a pulse, of either sign, at
    /// one timestep of one input.
    ///
    /// # Errors
    /// [`Error::ZeroSize`]; [`Error::OutOfRange`] unless 0 < `probability` ≤ 1.
    pub fn new(time: usize, bits: usize, probability: f64) -> Result<Self> {
        check_size("the number of timesteps", time)?;
        check_size("the number of bits", bits)?;
        if probability > 0.0 && probability <= 1.0 {
            Ok(Self { time, bits, probability })
        } else {
            let what = "the probability of a pulse";
            Err(Error::OutOfRange { what, value: probability, range: "above 0 and at most 1" })
        }
    }

    /// The pulse that a uniform number stands for.
    fn pulse<F: Real>(&self, u: F) -> F {
        match unit(u) {
            u if u < self.probability / 2.0 => F::one(),
            u if u < self.probability => -F::one(),
            _ => F::zero(),
        }
    }
}

impl Task for FlipFlop {
    fn time(&self) -> usize {
        self.time
    }

    fn features(&self) -> usize {
        self.bits
    }

    fn outputs(&self) -> usize {
        self.bits
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        let (x, y) = numbers(self, batch);
        rng.fill_uniform(0.0, 1.0, x);
        for x in &mut *x {
            *x = self.pulse(*x);
        }
        let sequence = self.time * self.bits;
        for (x, y) in x.chunks_exact(sequence).zip(y.chunks_exact_mut(sequence)) {
            for (at, &pulse) in x.iter().enumerate() {
                y[at] = match at.checked_sub(self.bits) {
                    Some(before) if pulse.is_zero() => y[before],
                    _ => pulse,
                };
            }
        }
    }

    fn baseline(&self, over: Timesteps) -> f64 {
        let (mut pulsed, mut sum) = (0.0, 0.0);
        for _ in 0..self.time {
            pulsed += self.probability * (1.0 - pulsed);
            sum += pulsed;
        }
        match over {
            Timesteps::All => sum / self.time as f64,
            Timesteps::Last => pulsed,
        }
    }
}
