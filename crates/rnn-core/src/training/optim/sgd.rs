//! Stochastic gradient descent.

use crate::error::{Result, check_not_negative, check_option};
use crate::training::optim::Optimizer;
use crate::training::optim::state::{Buffer, OptimizerState, Setting, Table};
use crate::training::optim::update::{Moments, Rule, update};
use crate::{Parameters, Real};

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

    fn table(&mut self) -> Table<'_, F> {
        Table {
            kind: "SGD",
            steps: &mut self.steps,
            settings: vec![
                ("lr", Setting::Number(&mut self.lr)),
                ("momentum", Setting::Number(&mut self.momentum)),
                ("dampening", Setting::Number(&mut self.dampening)),
                ("nesterov", Setting::Flag(&mut self.nesterov)),
                ("weight_decay", Setting::Number(&mut self.weight_decay)),
            ],
            buffers: vec![Buffer::new("velocity", &mut self.velocity)],
        }
    }
}

impl<F: Real> Optimizer<F> for Sgd<F> {
    fn step(&mut self, params: &mut impl Parameters<F>, gradients: &impl Parameters<F>) -> Result<()> {
        self.check()?;
        let (lr, decay) = (self.lr, self.weight_decay);
        if self.momentum > 0.0 {
            // The first gradient is not dampened: it becomes the velocity.
            let fresh = if self.velocity.is_empty() { 1.0 } else { 1.0 - self.dampening };
            let rule = Momentum { lr, momentum: self.momentum, fresh, decay, nesterov: self.nesterov };
            update(rule, params, gradients, [&mut self.velocity])?;
        } else {
            update(Plain { lr, decay }, params, gradients, [])?;
        }
        self.steps = self.steps.saturating_add(1);
        Ok(())
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn set_lr(&mut self, lr: f64) {
        self.lr = lr;
    }

    fn snapshot(&self) -> OptimizerState {
        self.clone().table().snapshot()
    }

    fn restore(&mut self, state: OptimizerState) -> Result<()> {
        let mut restored = Self::new(0.0);
        restored.table().restore(state)?;
        restored.check()?;
        *self = restored;
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Plain<T> {
    lr: T,
    decay: T,
}

impl Rule<0> for Plain<f64> {
    type Rates<W: Real> = Plain<W>;

    fn rates<W: Real>(self) -> Plain<W> {
        Plain { lr: W::of(self.lr), decay: W::of(self.decay) }
    }

    #[inline(always)]
    fn next<W: Real>(r: &Plain<W>, theta: W, g: W, _: [W; 0]) -> (W, [W; 0]) {
        (theta - r.lr * (g + r.decay * theta), [])
    }
}

#[derive(Clone, Copy)]
struct Momentum<T> {
    lr: T,
    momentum: T,
    fresh: T,
    decay: T,
    nesterov: bool,
}

impl Rule<1> for Momentum<f64> {
    type Rates<W: Real> = Momentum<W>;

    fn rates<W: Real>(self) -> Momentum<W> {
        Momentum {
            lr: W::of(self.lr),
            momentum: W::of(self.momentum),
            fresh: W::of(self.fresh),
            decay: W::of(self.decay),
            nesterov: self.nesterov,
        }
    }

    #[inline(always)]
    fn next<W: Real>(r: &Momentum<W>, theta: W, g: W, [v]: [W; 1]) -> (W, [W; 1]) {
        let d = g + r.decay * theta;
        let v = r.momentum * v + r.fresh * d;
        (theta - r.lr * if r.nesterov { d + r.momentum * v } else { v }, [v])
    }
}
