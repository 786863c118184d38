//! The learning rate as a function of the step.

mod cosine;
mod one_cycle;

pub use cosine::Cosine;
pub use one_cycle::OneCycle;

use std::f64::consts::PI;

use crate::error::{Result, check_not_negative, check_option};

/// The learning rate of each step, counted from 0: a plain value, to be asked again after a checkpoint.
///
/// ```
/// use rnn_core::{Adam, Optimizer, Schedule};
///
/// let schedule = Schedule::step_decay(0.1, 100, 0.5)?;
/// let mut adam = Adam::<f64>::new(schedule.lr(0));
/// for step in 0..250 {
///     adam.set_lr(schedule.lr(step));
///     // and a step of training
/// }
/// assert_eq!(adam.lr(), 0.025);
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule(Curve);

/// What a [`Schedule`] is, as plain data, for checkpoints.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Curve {
    /// [`Schedule::constant`].
    Constant(f64),
    /// [`Schedule::step_decay`].
    StepDecay {
        /// The learning rate of the first steps.
        lr: f64,
        /// How many steps have the same one.
        every: u64,
        /// What it is multiplied with then.
        gamma: f64,
    },
    /// [`Schedule::cosine`].
    Cosine(Cosine),
    /// [`Schedule::one_cycle`].
    OneCycle(OneCycle),
}

impl Schedule {
    /// The schedule of this curve.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) if a setting lies outside its range.
    pub fn new(curve: Curve) -> Result<Self> {
        match curve {
            Curve::Constant(lr) => Self::constant(lr),
            Curve::StepDecay { lr, every, gamma } => Self::step_decay(lr, every, gamma),
            Curve::Cosine(settings) => Self::cosine(settings),
            Curve::OneCycle(settings) => Self::one_cycle(settings),
        }
    }

    /// What it is made of: [`new`](Self::new) makes the same of it.
    pub fn curve(&self) -> Curve {
        self.0
    }

    /// η = lr always.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) if `lr` is negative or not finite.
    pub fn constant(lr: f64) -> Result<Self> {
        check_not_negative("lr", lr)?;
        Ok(Self(Curve::Constant(lr)))
    }

    /// η_k = lr γ^⌊k / every⌋ at step k: `torch.optim.lr_scheduler.StepLR`, in closed form.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) if `lr` is negative or not finite, `every` is 0, or `gamma`
    /// does not lie in (0, 1].
    pub fn step_decay(lr: f64, every: u64, gamma: f64) -> Result<Self> {
        check_not_negative("lr", lr)?;
        check_option("every", every as f64, every > 0, "it must be at least 1")?;
        check_option("gamma", gamma, gamma > 0.0 && gamma <= 1.0, "it must be above 0 and at most 1")?;
        Ok(Self(Curve::StepDecay { lr, every, gamma }))
    }

    /// A linear rise and half a cosine down; [`Cosine`] has the formula.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) if a setting lies outside its range.
    pub fn cosine(settings: Cosine) -> Result<Self> {
        settings.check()?;
        Ok(Self(Curve::Cosine(settings)))
    }

    /// Half a cosine up and half a cosine down; [`OneCycle`] has the formula.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) if a setting lies outside its range.
    pub fn one_cycle(settings: OneCycle) -> Result<Self> {
        settings.check()?;
        Ok(Self(Curve::OneCycle(settings)))
    }

    /// The learning rate of `step`, from 0.
    pub fn lr(&self, step: u64) -> f64 {
        match self.0 {
            Curve::Constant(lr) => lr,
            Curve::StepDecay { lr, every, gamma } => lr * libm::pow(gamma, (step / every) as f64),
            Curve::Cosine(cosine) => cosine.lr(step),
            Curve::OneCycle(one_cycle) => one_cycle.lr(step),
        }
    }
}

/// 1 + cos π p, which falls from 2 at p = 0 to 0 at p = 1.
fn falling(p: f64) -> f64 {
    libm::cos(PI * p) + 1.0
}

/// An error unless there is a step.
fn check_total(total: u64) -> Result<()> {
    check_option("total", total as f64, total > 0, "it must be at least 1")
}
