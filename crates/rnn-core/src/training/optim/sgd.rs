//! Stochastic gradient descent.

use pulp::NullaryFnOnce;

use crate::error::{Result, check_not_negative, check_option};
use crate::kernel::simd;
use crate::training::optim::state::{OptimizerState, Reader};
use crate::training::optim::{Moments, Optimizer, check_gradient, fit, number};
use crate::{Parameters, Real};

const KIND: &str = "SGD";

/// Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD`.
///
/// ```text
/// g ← g + λ θ
/// v ← g at the first step with momentum, then v ← μ v + (1 − δ) g
/// θ ← θ − η (g + μ v) with Nesterov's momentum, θ ← θ − η v with plain momentum, else θ ← θ − η g
/// ```
///
/// # Reference
/// Sutskever et al. 2013, *On the importance of initialization and momentum in deep learning*; PyTorch's form, in which
/// η multiplies the velocity.
#[derive(Clone, Debug)]
pub struct Sgd<F> {
    /// Learning rate η.
    pub lr: f64,
    /// Momentum μ; default 0.
    pub momentum: f64,
    /// Dampening δ of the momentum; default 0.
    pub dampening: f64,
    /// Whether the momentum is Nesterov's; default false.
    pub nesterov: bool,
    /// L2 penalty λ; default 0.
    pub weight_decay: f64,
    velocity: Moments<F>,
    steps: u64,
}

impl<F: Real> Sgd<F> {
    /// Plain gradient descent at this learning rate.
    pub fn new(lr: f64) -> Self {
        Self {
            lr,
            momentum: 0.0,
            dampening: 0.0,
            nesterov: false,
            weight_decay: 0.0,
            velocity: Moments::new(),
            steps: 0,
        }
    }

    fn check(&self) -> Result<()> {
        for (option, value) in
            [("lr", self.lr), ("momentum", self.momentum), ("weight_decay", self.weight_decay)]
        {
            check_not_negative(option, value)?;
        }
        check_option("dampening", self.dampening, self.dampening.is_finite(), "it must be finite")?;
        let plain = self.momentum > 0.0 && self.dampening == 0.0;
        check_option(
            "momentum",
            self.momentum,
            plain || !self.nesterov,
            "Nesterov's needs it positive and without dampening",
        )
    }
}

impl<F: Real> Optimizer<F> for Sgd<F> {
    fn step(&mut self, params: &mut impl Parameters<F>, gradients: &impl Parameters<F>) -> Result<()> {
        self.check()?;
        check_gradient(params, gradients)?;
        // The first gradient is not dampened: it becomes the velocity.
        let fresh = if self.velocity.is_empty() { 1.0 } else { 1.0 - self.dampening };
        let has_momentum = self.momentum > 0.0;
        if has_momentum {
            fit(&mut self.velocity, params, gradients)?;
        }
        self.steps = self.steps.saturating_add(1);
        let rates = Rates {
            lr: F::of(self.lr),
            momentum: F::of(self.momentum),
            fresh: F::of(fresh),
            decay: F::of(self.weight_decay),
            nesterov: self.nesterov,
        };
        for (k, (p, g)) in params.blocks_mut().zip(gradients.blocks()).enumerate() {
            let v = if has_momentum { Some(self.velocity[k].as_mut_slice()) } else { None };
            simd::dispatch(Update { rates, theta: p.as_mut_slice(), g: g.as_slice(), v });
        }
        Ok(())
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn set_lr(&mut self, lr: f64) {
        self.lr = lr;
    }

    fn snapshot(&self) -> OptimizerState<F> {
        let settings = [
            ("lr", self.lr),
            ("momentum", self.momentum),
            ("dampening", self.dampening),
            ("nesterov", number(self.nesterov)),
            ("weight_decay", self.weight_decay),
        ];
        OptimizerState::new(KIND, self.steps, settings, [("velocity", &self.velocity)])
    }

    fn restore(&mut self, state: OptimizerState<F>) -> Result<()> {
        let mut state = Reader::new(KIND, state)?;
        let momentum = state.number("momentum")?;
        let restored = Self {
            lr: state.number("lr")?,
            momentum,
            dampening: state.number("dampening")?,
            nesterov: state.flag("nesterov")?,
            weight_decay: state.number("weight_decay")?,
            velocity: state.buffer("velocity", momentum > 0.0)?,
            steps: state.steps(),
        };
        state.finish()?;
        restored.check()?;
        *self = restored;
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Rates<F> {
    lr: F,
    momentum: F,
    fresh: F,
    decay: F,
    nesterov: bool,
}

struct Update<'a, F> {
    rates: Rates<F>,
    theta: &'a mut [F],
    g: &'a [F],
    v: Option<&'a mut [F]>,
}

impl<F: Real> NullaryFnOnce for Update<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { rates: r, theta, g, v } = self;
        let Some(v) = v else {
            for (theta, &g) in theta.iter_mut().zip(g) {
                *theta -= r.lr * (g + r.decay * *theta);
            }
            return;
        };
        for ((theta, &g), v) in theta.iter_mut().zip(g).zip(v) {
            let d = g + r.decay * *theta;
            *v = r.momentum * *v + r.fresh * d;
            *theta -= r.lr * if r.nesterov { d + r.momentum * *v } else { *v };
        }
    }
}
