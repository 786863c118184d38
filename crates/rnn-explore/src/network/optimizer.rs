//! The optimizers of the settings behind one type.

use rnn_core::{Adam, Optimizer, OptimizerState, Parameters, Result, Sgd};

use crate::settings::{OptimizerKind, Settings};

/// Any of the optimizers.
#[derive(Clone, Debug)]
pub(crate) enum AnyOptimizer {
    Adam(Adam<f64>),
    Sgd(Sgd<f64>),
}

impl AnyOptimizer {
    /// The optimizer of these settings.
    pub(crate) fn of(settings: &Settings) -> Self {
        match settings.optimizer {
            OptimizerKind::Adam => Self::Adam(Adam::new(settings.rate)),
            OptimizerKind::Sgd => Self::Sgd(Sgd::new(settings.rate)),
        }
    }
}

/// `$call` with `$inner` the optimizer that `$any` is.
macro_rules! delegate {
    ($any:expr, $inner:ident => $call:expr) => {
        match $any {
            AnyOptimizer::Adam($inner) => $call,
            AnyOptimizer::Sgd($inner) => $call,
        }
    };
}

impl Optimizer<f64> for AnyOptimizer {
    fn step(&mut self, params: &mut impl Parameters<f64>, gradients: &impl Parameters<f64>) -> Result<()> {
        delegate!(self, optimizer => optimizer.step(params, gradients))
    }

    fn lr(&self) -> f64 {
        delegate!(self, optimizer => Optimizer::lr(optimizer))
    }

    fn set_lr(&mut self, lr: f64) {
        delegate!(self, optimizer => optimizer.set_lr(lr));
    }

    fn snapshot(&self) -> OptimizerState {
        delegate!(self, optimizer => optimizer.snapshot())
    }

    fn restore(&mut self, state: OptimizerState) -> Result<()> {
        delegate!(self, optimizer => optimizer.restore(state))
    }
}
