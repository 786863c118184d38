//! When to stop training.

use crate::error::{Error, Place, Result, check_not_negative, check_option};

/// Stops training once the validation loss has not improved for so many looks in a row.
///
/// A loss improves on the best one if it is smaller by more than `min_delta`. All fields are plain data: an
/// `EarlyStopping` that was stored and built again goes on where it was.
///
/// ```
/// use rnn_core::{EarlyStopping, Verdict};
///
/// let mut stopping = EarlyStopping::new(2, 0.0)?;
/// let losses = [0.5, 0.3, 0.31, 0.3, 0.2];
/// let mut verdicts = Vec::new();
/// for (step, loss) in losses.into_iter().enumerate() {
///     let verdict = stopping.observe(100 * step as u64, loss)?;
///     verdicts.push(verdict);
///     if verdict == Verdict::Stop {
///         break;
///     }
/// }
/// assert_eq!(verdicts, [Verdict::Improved, Verdict::Improved, Verdict::Waiting, Verdict::Stop]);
/// assert_eq!(stopping.best, Some((100, 0.3)), "where the best parameters were");
/// # Ok::<(), rnn_core::Error>(())
/// ```
///
/// # Reference
/// Prechelt 1998, *Early stopping — but when?*, in *Neural networks: tricks of the trade*: the class of criteria that
/// count looks without progress.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    /// How many looks in a row may bring no improvement before training stops: at least 1, the one that stops it.
    pub patience: u64,
    /// By how much a loss must be smaller to be an improvement: finite and at least 0.
    pub min_delta: f64,
    /// Step and loss of the best look so far.
    pub best: Option<(u64, f64)>,
    /// How many looks there were since.
    pub waited: u64,
}

/// What a look at the validation loss says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The best loss so far: these are the parameters to keep.
    Improved,
    /// No improvement, and patience is left.
    Waiting,
    /// No improvement for too long.
    Stop,
}

impl EarlyStopping {
    /// Nothing seen yet.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] if `patience` is 0, or `min_delta` is negative or not finite.
    pub fn new(patience: u64, min_delta: f64) -> Result<Self> {
        let stopping = Self { patience, min_delta, best: None, waited: 0 };
        stopping.check().map(|()| stopping)
    }

    /// Takes note of the validation loss after `step` steps.
    ///
    /// # Errors
    /// [`Error::NonFinite`] for a loss, or a stored best loss, that is NaN or infinite; [`Error::InvalidOption`] as
    /// [`new`](Self::new). Nothing changes then.
    pub fn observe(&mut self, step: u64, loss: f64) -> Result<Verdict> {
        self.check()?;
        for loss in self.best.iter().map(|&(_, best)| best).chain([loss]) {
            if !loss.is_finite() {
                return Err(Error::NonFinite { place: Place::ValidationLoss, value: loss.to_string() });
            }
        }
        if self.best.is_none_or(|(_, best)| loss < best - self.min_delta) {
            self.best = Some((step, loss));
            self.waited = 0;
            return Ok(Verdict::Improved);
        }
        self.waited = self.waited.saturating_add(1);
        Ok(if self.waited < self.patience { Verdict::Waiting } else { Verdict::Stop })
    }

    fn check(&self) -> Result<()> {
        check_option("patience", self.patience as f64, self.patience > 0, "it must be at least 1")?;
        check_not_negative("min_delta", self.min_delta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(stopping: &mut EarlyStopping, losses: &[f64]) -> Vec<Verdict> {
        losses.iter().zip(1..).map(|(&loss, step)| stopping.observe(step, loss).unwrap()).collect()
    }

    #[test]
    fn an_improvement_is_larger_than_min_delta_and_ends_the_wait() {
        use Verdict::{Improved, Stop, Waiting};
        let mut stopping = EarlyStopping::new(2, 0.25).unwrap();
        // 0.75 is not smaller by more than a quarter, though 0.5 would have been by steps of it.
        let losses = [1.0, 0.75, 0.5, 0.5, 0.2, 0.2, 0.1];
        let found = verdicts(&mut stopping, &losses);
        assert_eq!(found, [Improved, Waiting, Improved, Waiting, Improved, Waiting, Stop]);
        assert_eq!((stopping.best, stopping.waited), (Some((5, 0.2)), 2));
        // Asked on, it says the same until there is an improvement.
        assert_eq!(verdicts(&mut stopping, &[0.3, -1.0]), [Stop, Improved]);
    }

    #[test]
    fn a_copy_of_its_fields_goes_on() {
        let mut stopping = EarlyStopping::new(3, 0.0).unwrap();
        verdicts(&mut stopping, &[1.0, 2.0]);
        let EarlyStopping { patience, min_delta, best, waited } = stopping;
        let mut stored = EarlyStopping { patience, min_delta, best, waited };
        let losses = [3.0, 1.0, 0.5];
        assert_eq!(verdicts(&mut stored, &losses), verdicts(&mut stopping, &losses));
        assert_eq!(stored, stopping);
    }

    #[test]
    fn nothing_that_is_not_finite_is_a_loss() {
        let mut stopping = EarlyStopping::new(1, 0.0).unwrap();
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = stopping.observe(1, bad).unwrap_err().to_string();
            assert_eq!(error, format!("{bad} in the validation loss"));
            assert_eq!((stopping.best, stopping.waited), (None, 0));
            let mut stored = EarlyStopping { best: Some((0, bad)), ..stopping };
            stored.observe(1, 0.5).unwrap_err();
            assert!(EarlyStopping::new(1, bad).is_err());
        }
        assert_eq!(
            EarlyStopping::new(0, 0.0).unwrap_err().to_string(),
            "patience = 0: it must be at least 1"
        );
    }
}
