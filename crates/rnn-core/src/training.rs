//! Training: losses, optimizers, schedules, and the loop around them.

pub(crate) mod dataset;
pub(crate) mod early_stopping;
pub(crate) mod evaluation;
pub(crate) mod loss;
pub(crate) mod optim;
pub(crate) mod schedule;
pub(crate) mod target;
pub(crate) mod train;
pub(crate) mod validation;
