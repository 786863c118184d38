//! RMSprop.

use pulp::NullaryFnOnce;

use crate::error::{Result, check_not_negative, check_option};
use crate::kernel::simd;
use crate::training::optim::state::{OptimizerState, Reader};
use crate::training::optim::{Moments, Optimizer, fit, lerp, number};
use crate::{Parameters, Real};

const KIND: &str = "RMSprop";

/// RMSprop with PyTorch's defaults and arithmetic, as `torch.optim.RMSprop`.
///
/// ```text
/// g ← g + λ θ
/// v ← α v + (1 − α) g²
/// s = √v + ε, or centered: ḡ ← ḡ + (1 − α)(g − ḡ), s = √(v − ḡ²) + ε
/// θ ← θ − η g / s, or with momentum: u ← μ u + g / s, θ ← θ − η u
/// ```
///
/// Rounding can make v − ḡ² negative: PyTorch's parameters become NaN then, here it counts as 0.
///
/// # Reference
/// Tieleman and Hinton 2012, lecture 6.5 of *Neural networks for machine learning*; centered: Graves 2013, *Generating
/// sequences with recurrent neural networks*, arXiv:1308.0850, whose ε is inside the root.
#[derive(Clone, Debug)]
pub struct RmsProp<F> {
    /// Learning rate η; PyTorch's default is 1e-2.
    pub lr: f64,
    /// Decay rate α of the averages; default 0.99.
    pub alpha: f64,
    /// ε; default 1e-8.
    pub eps: f64,
    /// L2 penalty λ; default 0.
    pub weight_decay: f64,
    /// Momentum μ; default 0.
    pub momentum: f64,
    /// Whether the gradient is divided by its deviation from its average, not by its size; default false.
    pub centered: bool,
    square_average: Moments<F>,
    gradient_average: Moments<F>,
    velocity: Moments<F>,
    steps: u64,
}

impl<F: Real> RmsProp<F> {
    /// RMSprop at this learning rate, all else by default.
    pub fn new(lr: f64) -> Self {
        Self {
            lr,
            alpha: 0.99,
            eps: 1e-8,
            weight_decay: 0.0,
            momentum: 0.0,
            centered: false,
            square_average: Moments::new(),
            gradient_average: Moments::new(),
            velocity: Moments::new(),
            steps: 0,
        }
    }

    fn check(&self) -> Result<()> {
        for (option, value) in [
            ("lr", self.lr),
            ("eps", self.eps),
            ("weight_decay", self.weight_decay),
            ("momentum", self.momentum),
        ] {
            check_not_negative(option, value)?;
        }
        check_option("alpha", self.alpha, (0.0..=1.0).contains(&self.alpha), "it must be from 0 to 1")
    }
}

impl<F: Real> Optimizer<F> for RmsProp<F> {
    fn step(&mut self, params: &mut impl Parameters<F>, gradients: &impl Parameters<F>) -> Result<()> {
        self.check()?;
        let has_momentum = self.momentum > 0.0;
        fit(&mut self.square_average, params, gradients)?;
        if self.centered {
            fit(&mut self.gradient_average, params, gradients)?;
        }
        if has_momentum {
            fit(&mut self.velocity, params, gradients)?;
        }
        self.steps = self.steps.saturating_add(1);
        let rates = Rates {
            lr: F::of(self.lr),
            alpha: F::of(self.alpha),
            fresh: F::of(1.0 - self.alpha),
            eps: F::of(self.eps),
            decay: F::of(self.weight_decay),
            momentum: F::of(self.momentum),
        };
        for (k, (p, g)) in params.blocks_mut().zip(gradients.blocks()).enumerate() {
            simd::dispatch(Update {
                rates,
                theta: p.as_mut_slice(),
                g: g.as_slice(),
                square_average: &mut self.square_average[k],
                gradient_average: if self.centered { Some(&mut self.gradient_average[k]) } else { None },
                velocity: if has_momentum { Some(&mut self.velocity[k]) } else { None },
            });
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
            ("alpha", self.alpha),
            ("eps", self.eps),
            ("weight_decay", self.weight_decay),
            ("momentum", self.momentum),
            ("centered", number(self.centered)),
        ];
        let buffers = [
            ("square_average", &self.square_average),
            ("gradient_average", &self.gradient_average),
            ("velocity", &self.velocity),
        ];
        OptimizerState::new(KIND, self.steps, settings, buffers)
    }

    fn restore(&mut self, state: OptimizerState<F>) -> Result<()> {
        let mut state = Reader::new(KIND, state)?;
        let (momentum, centered) = (state.number("momentum")?, state.flag("centered")?);
        let restored = Self {
            lr: state.number("lr")?,
            alpha: state.number("alpha")?,
            eps: state.number("eps")?,
            weight_decay: state.number("weight_decay")?,
            momentum,
            centered,
            square_average: state.squares("square_average", true)?,
            gradient_average: state.buffer("gradient_average", centered)?,
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
    alpha: F,
    fresh: F,
    eps: F,
    decay: F,
    momentum: F,
}

struct Update<'a, F> {
    rates: Rates<F>,
    theta: &'a mut [F],
    g: &'a [F],
    square_average: &'a mut [F],
    gradient_average: Option<&'a mut Vec<F>>,
    velocity: Option<&'a mut Vec<F>>,
}

impl<F: Real> NullaryFnOnce for Update<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { rates: r, theta, g, square_average, gradient_average, velocity } = self;
        let all = theta.iter_mut().zip(g).zip(square_average);
        match (gradient_average, velocity) {
            (None, None) => {
                for ((theta, &g), v) in all {
                    let g = r.gradient(*theta, g, v);
                    *theta -= r.lr * g / r.size(*v);
                }
            }
            (Some(average), None) => {
                for (((theta, &g), v), average) in all.zip(average) {
                    let g = r.gradient(*theta, g, v);
                    *theta -= r.lr * g / r.size(r.variance(g, *v, average));
                }
            }
            (None, Some(velocity)) => {
                for (((theta, &g), v), u) in all.zip(velocity) {
                    let g = r.gradient(*theta, g, v);
                    *u = r.momentum * *u + g / r.size(*v);
                    *theta -= r.lr * *u;
                }
            }
            (Some(average), Some(velocity)) => {
                for ((((theta, &g), v), average), u) in all.zip(average).zip(velocity) {
                    let g = r.gradient(*theta, g, v);
                    *u = r.momentum * *u + g / r.size(r.variance(g, *v, average));
                    *theta -= r.lr * *u;
                }
            }
        }
    }
}

impl<F: Real> Rates<F> {
    /// The gradient with its penalty, which enters the average of squares `v`.
    #[inline(always)]
    fn gradient(&self, theta: F, g: F, v: &mut F) -> F {
        let g = g + self.decay * theta;
        *v = self.alpha * *v + self.fresh * g * g;
        g
    }

    /// v − ḡ², ḡ being the `average` that g enters first.
    #[inline(always)]
    fn variance(&self, g: F, v: F, average: &mut F) -> F {
        *average = lerp(*average, g, self.fresh);
        let variance = v - *average * *average;
        if variance < F::zero() { F::zero() } else { variance }
    }

    #[inline(always)]
    fn size(&self, v: F) -> F {
        v.sqrt() + self.eps
    }
}
