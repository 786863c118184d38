//! Two symbols among distractors, and the order they came in.

use std::f64::consts::LN_2;
use std::ops::Range;

use rnn_core::{Batch, Random, Real, TargetKind, Timesteps};

use crate::Result;
use crate::draw::below;
use crate::error::check_time;
use crate::task::{Task, classes};

/// The temporal order problem: which of X and Y came at two places, among distractors.
///
/// ```text
/// timestep i, one of T/10 … 2T/10, and timestep j, one of 5T/10 … 6T/10, counted from 0: X or Y
/// every other timestep:                                                                  a, b, c or d
/// target:   0 for X, X;   1 for X, Y;   2 for Y, X;   3 for Y, Y
/// ```
///
/// All choices are independent, each equally likely; the intervals hold their beginnings, not their ends, rounded down. x
/// is one-hot in the order X, Y, a, b, c, d: (batch, time, 6). y has the class at every
/// timestep, (batch, time), but it can be known from timestep j on only: the loss counts the last one.
///
/// The four classes are equally likely: the best constant guess has a cross-entropy of ln 4.
///
/// ```
/// use rnn_core::Timesteps;
/// use rnn_data::{PortableRng, Task, TemporalOrder};
///
/// let task = TemporalOrder::new(50)?;
/// assert_eq!((task.features(), task.outputs(), task.over()), (6, 4, Timesteps::Last));
/// assert_eq!(task.baseline(Timesteps::Last), 4.0_f64.ln());
///
/// let batch = task.sample::<f32>(32, &mut PortableRng::new(0))?;
/// let second_is_y = (25..30).any(|t| batch.x[[5, t, 1]] == 1.0);
/// assert_eq!(batch.y.classes().expect("the targets are classes")[[5, 49]] % 2 == 1, second_is_y);
/// # Ok::<(), rnn_data::Error>(())
/// ```
///
/// # Reference
/// S. Hochreiter, J. Schmidhuber, *Long Short-Term Memory*, Neural Computation 9 (1997), experiment 6a,
/// doi:10.1162/neco.1997.9.8.1735, with symbols for the beginning and the end beside these and 100 to 110 timesteps; in
/// this form, for any length, R. Pascanu, T. Mikolov, Y. Bengio, *On the Difficulty of Training Recurrent Neural Networks*,
/// ICML 2013, arXiv:1211.5063, whose published program has these places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TemporalOrder {
    time: usize,
}

impl TemporalOrder {
    /// How many symbols matter: X and Y.
    const RELEVANT: usize = 2;
    /// How many do not.
    const DISTRACTORS: usize = 4;

    /// Sequences of `time` timesteps.
    ///
    /// # Errors
    /// [`Error::TooShort`](crate::Error::TooShort) for less than 10.
    pub fn new(time: usize) -> Result<Self> {
        check_time("two places of a tenth of them each", 10, time)?;
        Ok(Self { time })
    }

    /// Where X or Y may stand: the second tenth of the sequence, and the sixth.
    fn places(self) -> [Range<usize>; 2] {
        let tenths = |k| self.time / 10 * k + self.time % 10 * k / 10;
        [tenths(1)..tenths(2), tenths(5)..tenths(6)]
    }
}

impl Task for TemporalOrder {
    fn time(&self) -> usize {
        self.time
    }

    fn features(&self) -> usize {
        Self::RELEVANT + Self::DISTRACTORS
    }

    fn outputs(&self) -> usize {
        Self::RELEVANT * Self::RELEVANT
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes
    }

    fn over(&self) -> Timesteps {
        Timesteps::Last
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        let (x, y) = classes(self, batch);
        x.fill(F::zero());
        let (places, features) = (self.places(), self.features());
        let sequences = x.chunks_exact_mut(self.time * features).zip(y.chunks_exact_mut(self.time));
        for (x, y) in sequences {
            // One draw for each symbol, until the symbols take their place: from the last one on, so that none is
            // overwritten before it is read.
            rng.fill_uniform(0.0, 1.0, &mut x[..self.time]);
            let mut where_to = [F::zero(); 2];
            rng.fill_uniform(0.0, 1.0, &mut where_to);
            let [i, j] = [0, 1].map(|k| places[k].start + below(places[k].len(), where_to[k]));
            let [first, second] = [i, j].map(|t| below(Self::RELEVANT, x[t]));
            for t in (0..self.time).rev() {
                let u = std::mem::replace(&mut x[t], F::zero());
                let symbol = if t == i || t == j {
                    below(Self::RELEVANT, u)
                } else {
                    Self::RELEVANT + below(Self::DISTRACTORS, u)
                };
                x[t * features + symbol] = F::one();
            }
            y.fill(Self::RELEVANT * first + second);
        }
    }

    fn baseline(&self, _: Timesteps) -> f64 {
        2.0 * LN_2
    }
}
