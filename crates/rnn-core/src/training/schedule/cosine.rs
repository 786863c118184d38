//! Cosine annealing after a linear warm-up.

use crate::error::{Result, check_not_negative, check_option};
use crate::training::schedule::{check_total, falling};

/// Settings of [`Schedule::cosine`](crate::Schedule::cosine): a linear rise over `warm_up` steps, then half a cosine
/// down to `min`.
///
/// ```text
/// η_k = lr (k + 1) / (W + 1)                                              for k < W, W = warm_up
/// η_k = min + (lr − min) (1 + cos(π (k − W) / (T − W))) / 2               for W ≤ k ≤ T, T = total
/// η_k = min                                                               after that
/// ```
///
/// These are the values of `torch.optim.lr_scheduler.LinearLR` with `start_factor` 1 / (W + 1) and `total_iters` W, and of
/// `CosineAnnealingLR` with `T_max` T − W in its closed form; where the latter would rise again, this stays low.
///
/// ```
/// use rnn_core::{Cosine, Schedule};
///
/// let schedule = Schedule::cosine(Cosine { warm_up: 3, ..Cosine::new(0.4, 103) })?;
/// assert!((schedule.lr(0) - 0.1).abs() < 1e-15 && schedule.lr(3) == 0.4);
/// assert!((schedule.lr(53) - 0.2).abs() < 1e-15 && schedule.lr(103) == 0.0 && schedule.lr(1000) == 0.0);
/// # Ok::<(), rnn_core::Error>(())
/// ```
///
/// # Reference
/// Loshchilov and Hutter 2017, *SGDR: stochastic gradient descent with warm restarts*, arXiv:1608.03983, equation 5,
/// without restarts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine {
    /// The largest learning rate, at step `warm_up`.
    pub lr: f64,
    /// The smallest learning rate, from step `total` on; default 0.
    pub min: f64,
    /// How many steps the rise takes, fewer than `total`; default 0.
    pub warm_up: u64,
    /// How many steps there are in all.
    pub total: u64,
}

impl Cosine {
    /// Down from `lr` to 0 in `total` steps.
    pub fn new(lr: f64, total: u64) -> Self {
        Self { lr, min: 0.0, warm_up: 0, total }
    }

    pub(super) fn check(&self) -> Result<()> {
        check_not_negative("lr", self.lr)?;
        check_not_negative("min", self.min)?;
        check_option("min", self.min, self.min <= self.lr, "it must be at most lr")?;
        check_total(self.total)?;
        check_option("warm_up", self.warm_up as f64, self.warm_up < self.total, "it must be below total")
    }

    pub(super) fn lr(&self, step: u64) -> f64 {
        if step < self.warm_up {
            return self.lr * ((step + 1) as f64 / (self.warm_up + 1) as f64);
        }
        let (done, length) = (step - self.warm_up, self.total - self.warm_up);
        self.min + (self.lr - self.min) * falling(done.min(length) as f64 / length as f64) / 2.0
    }
}
