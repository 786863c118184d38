//! Training: losses, optimizers, schedules, and the loop around them.

pub(crate) mod early_stopping;
pub(crate) mod loss;
pub(crate) mod optim;
pub(crate) mod schedule;
pub(crate) mod train;
