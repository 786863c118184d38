//! One cycle up and down.

use crate::error::{Result, check_not_negative, check_option};
use crate::training::schedule::{check_total, falling};

/// Settings of [`Schedule::one_cycle`](crate::Schedule::one_cycle): half a cosine up, half a cosine down, as
/// `torch.optim.lr_scheduler.OneCycleLR` with its two phases and `anneal_strategy="cos"`.
///
/// ```text
/// η rises from max_lr / div at step 0 to max_lr at step rise · total − 1,
/// and falls to max_lr / div / final_div at step total − 1, where it stays
/// ```
///
/// Step `rise · total − 1` need not be a whole number. The learning rate alone is cycled: PyTorch's moves momentum, too,
/// unless it is told `cycle_momentum=False`.
///
/// ```
/// use rnn_core::{OneCycle, Schedule};
///
/// let schedule = Schedule::one_cycle(OneCycle::new(1.0, 100))?;
/// assert!((schedule.lr(0) - 0.04).abs() < 1e-15 && (schedule.lr(29) - 1.0).abs() < 1e-15);
/// assert!((schedule.lr(99) - 4e-6).abs() < 1e-15 && schedule.lr(100) == schedule.lr(99));
/// # Ok::<(), rnn_core::Error>(())
/// ```
///
/// # Reference
/// Smith and Topin 2018, *Super-convergence: very fast training of neural networks using large learning rates*,
/// arXiv:1708.07120, in PyTorch's form, with cosines and with two phases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    /// The largest learning rate.
    pub max_lr: f64,
    /// How many steps there are.
    pub total: u64,
    /// The part of them in which the learning rate rises, from 0 to 1; PyTorch's default is 0.3.
    pub rise: f64,
    /// The largest learning rate over the first; default 25.
    pub div: f64,
    /// The first learning rate over the last; default 1e4.
    pub final_div: f64,
}

impl OneCycle {
    /// One cycle of `total` steps up to `max_lr`, all else by PyTorch's defaults.
    pub fn new(max_lr: f64, total: u64) -> Self {
        Self { max_lr, total, rise: 0.3, div: 25.0, final_div: 1e4 }
    }

    pub(super) fn check(&self) -> Result<()> {
        check_not_negative("max_lr", self.max_lr)?;
        check_total(self.total)?;
        check_option("rise", self.rise, (0.0..=1.0).contains(&self.rise), "it must be from 0 to 1")?;
        for (option, div) in [("div", self.div), ("final_div", self.final_div)] {
            check_option(option, div, div.is_finite() && div >= 1.0, "it must be finite and at least 1")?;
        }
        Ok(())
    }

    pub(super) fn lr(&self, step: u64) -> f64 {
        let last = (self.total - 1) as f64;
        let step = (step as f64).min(last);
        let first_lr = self.max_lr / self.div;
        let peak = self.rise * self.total as f64 - 1.0;
        if step <= peak {
            return anneal(first_lr, self.max_lr, part(step, 0.0, peak));
        }
        anneal(self.max_lr, first_lr / self.final_div, part(step, peak, last))
    }
}

/// Which part of the way from `start` to `end` is done; all of it if they are the same.
fn part(step: f64, start: f64, end: f64) -> f64 {
    if end > start { (step - start) / (end - start) } else { 1.0 }
}

/// Half a cosine from `start` at p = 0 to `end` at p = 1.
fn anneal(start: f64, end: f64, p: f64) -> f64 {
    end + (start - end) / 2.0 * falling(p)
}
