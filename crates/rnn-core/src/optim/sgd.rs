//! Stochastic gradient descent.

use pulp::NullaryFnOnce;

use crate::error::Result;
use crate::kernel::simd;
use crate::optim::{Moments, Optimizer, check_not_negative, check_option, fit};
use crate::{Parameters, Real};

/// Stochastic gradient descent with momentum and weight decay, as `torch.optim.SGD`.
///
/// ```text
/// g ← g + λ θ
/// v ← g at the first step, then v ← μ v + (1 − δ) g          if μ ≠ 0
/// θ ← θ − η (g + μ v) with Nesterov's momentum, else θ ← θ − η v
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
}

impl<F: Real> Optimizer<F> for Sgd<F> {
    fn step(&mut self, params: &mut impl Parameters<F>, gradients: &impl Parameters<F>) -> Result<()> {
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
        )?;
        fit(&mut self.velocity, params, gradients)?;
        // The velocity is 0 before the first step, which is not dampened.
        let fresh = if self.steps == 0 { 1.0 } else { 1.0 - self.dampening };
        let rates = Rates {
            lr: F::of(self.lr),
            momentum: F::of(self.momentum),
            fresh: F::of(fresh),
            decay: F::of(self.weight_decay),
            nesterov: self.nesterov,
        };
        for ((p, g), v) in params.blocks_mut().zip(gradients.blocks()).zip(&mut self.velocity) {
            simd::dispatch(Update { rates, theta: p.as_mut_slice(), g: g.as_slice(), v });
        }
        self.steps += 1;
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
    v: &'a mut [F],
}

impl<F: Real> NullaryFnOnce for Update<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { rates: r, theta, g, v } = self;
        if r.momentum == F::zero() {
            for (theta, &g) in theta.iter_mut().zip(g) {
                *theta -= r.lr * (g + r.decay * *theta);
            }
            return;
        }
        for ((theta, &g), v) in theta.iter_mut().zip(g).zip(v) {
            let d = g + r.decay * *theta;
            *v = r.momentum * *v + r.fresh * d;
            *theta -= r.lr * if r.nesterov { d + r.momentum * *v } else { *v };
        }
    }
}
