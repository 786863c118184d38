//! Symbols, to be repeated much later.

use std::f64::consts::LN_2;

use rnn_core::{Batch, Random, Real, TargetKind, Timesteps};

use crate::draw::below;
use crate::error::check_size;
use crate::task::{Task, classes};
use crate::{Error, Result};

/// The copying memory problem: ten symbols are shown, and must be repeated after a delay.
///
/// ```text
/// timesteps     1 … 10     11 … T+9    T+10         T+11 … T+20
/// input         symbols    blanks      delimiter    blanks
/// target        blanks     blanks      blank        the symbols
/// ```
///
/// The symbols are 0 to 7, each equally likely, the blank is 8, the delimiter 9. x is one-hot, (batch, T + 20, 10). y has
/// classes, (batch, T + 20), of which there are 9, as no target is the delimiter: the loss is the cross-entropy over all
/// timesteps.
///
/// [`baseline`](Task::baseline) is the cross-entropy of the best guess without memory of the symbols, which does know the
/// timestep: blanks with certainty, then each symbol with 1/8. That costs 10 ln 8 / (T + 20) over all timesteps and ln 8 at
/// the last.
///
/// ```
/// use rnn_core::Timesteps;
/// use rnn_data::{CopyMemory, PortableRng, Task};
///
/// let task = CopyMemory::new(100)?;
/// assert_eq!((task.time(), task.features(), task.outputs()), (120, 10, 9));
/// assert!((task.baseline(Timesteps::All) - 0.173_29).abs() < 1e-5);
///
/// let batch = task.sample::<f32>(32, &mut PortableRng::new(0))?;
/// let third = batch.y.classes().expect("the targets are classes")[[5, 112]];
/// assert_eq!(batch.x[[5, 2, third]], 1.0);
/// # Ok::<(), rnn_data::Error>(())
/// ```
///
/// # Reference
/// M. Arjovsky, A. Shah, Y. Bengio, *Unitary Evolution Recurrent Neural Networks*, ICML 2016, arXiv:1511.06464, section
/// "Copying memory problem"; after S. Hochreiter, J. Schmidhuber, *Long Short-Term Memory*, Neural Computation 9 (1997),
/// doi:10.1162/neco.1997.9.8.1735.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CopyMemory {
    delay: usize,
}

impl CopyMemory {
    /// How many symbols a sequence shows.
    pub const LENGTH: usize = 10;
    /// How many different symbols there are: 0 to 7.
    pub const SYMBOLS: usize = 8;
    /// The blank, as a class and as a feature.
    pub const BLANK: usize = 8;
    /// The feature of the delimiter.
    pub const DELIMITER: usize = 9;

    /// Sequences of `delay` + 20 timesteps, which show each symbol `delay` + 10 timesteps before it must be repeated.
    ///
    /// # Errors
    /// [`Error::ZeroSize`], [`Error::TooLarge`].
    pub fn new(delay: usize) -> Result<Self> {
        const MOST: usize = usize::MAX - 2 * CopyMemory::LENGTH;
        check_size("the delay", delay)?;
        if delay > MOST {
            return Err(Error::TooLarge { what: "the delay", size: delay, most: MOST });
        }
        Ok(Self { delay })
    }
}

impl Task for CopyMemory {
    fn time(&self) -> usize {
        self.delay + 2 * Self::LENGTH
    }

    fn features(&self) -> usize {
        Self::DELIMITER + 1
    }

    fn outputs(&self) -> usize {
        Self::BLANK + 1
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        let (x, y) = classes(self, batch);
        x.fill(F::zero());
        y.fill(Self::BLANK);
        let recall = self.delay + Self::LENGTH;
        let sequences =
            x.chunks_exact_mut(self.time() * self.features()).zip(y.chunks_exact_mut(self.time()));
        for (x, y) in sequences {
            let mut draws = [F::zero(); Self::LENGTH];
            rng.fill_uniform(0.0, 1.0, &mut draws);
            let symbols = draws.map(|u| below(Self::SYMBOLS, u));
            for (t, x) in x.chunks_exact_mut(self.features()).enumerate() {
                let shown = match t {
                    t if t < Self::LENGTH => symbols[t],
                    t if t + 1 == recall => Self::DELIMITER,
                    _ => Self::BLANK,
                };
                x[shown] = F::one();
            }
            y[recall..].copy_from_slice(&symbols);
        }
    }

    fn baseline(&self, over: Timesteps) -> f64 {
        let guess = 3.0 * LN_2;
        match over {
            Timesteps::All => Self::LENGTH as f64 * guess / self.time() as f64,
            Timesteps::Last => guess,
        }
    }
}
