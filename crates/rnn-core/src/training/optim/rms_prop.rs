//! RMSprop.

use crate::error::{Result, check_not_negative, check_option};
use crate::training::optim::state::{Buffer, OptimizerState, Setting, Table};
use crate::training::optim::update::{Moments, Rule, update};
use crate::training::optim::{Optimizer, lerp};
use crate::{Parameters, Real};

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

    fn table(&mut self) -> Table<'_, F> {
        Table {
            kind: "RMSprop",
            steps: &mut self.steps,
            settings: vec![
                ("lr", Setting::Number(&mut self.lr)),
                ("alpha", Setting::Number(&mut self.alpha)),
                ("eps", Setting::Number(&mut self.eps)),
                ("weight_decay", Setting::Number(&mut self.weight_decay)),
                ("momentum", Setting::Number(&mut self.momentum)),
                ("centered", Setting::Flag(&mut self.centered)),
            ],
            buffers: vec![
                Buffer::new("square_average", &mut self.square_average).always().squares(),
                Buffer::new("gradient_average", &mut self.gradient_average),
                Buffer::new("velocity", &mut self.velocity),
            ],
        }
    }
}

impl<F: Real> Optimizer<F> for RmsProp<F> {
    fn step(&mut self, params: &mut impl Parameters<F>, gradients: &impl Parameters<F>) -> Result<()> {
        self.check()?;
        let rates = Rates {
            lr: self.lr,
            alpha: self.alpha,
            fresh: 1.0 - self.alpha,
            eps: self.eps,
            decay: self.weight_decay,
            momentum: self.momentum,
        };
        let Self { square_average: v, gradient_average: average, velocity: u, .. } = self;
        match (self.centered, self.momentum > 0.0) {
            (false, false) => update(Plain(rates), params, gradients, [v])?,
            (true, false) => update(Centered(rates), params, gradients, [v, average])?,
            (false, true) => update(Momentum(rates), params, gradients, [v, u])?,
            (true, true) => update(CenteredMomentum(rates), params, gradients, [v, average, u])?,
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
struct Rates<T> {
    lr: T,
    alpha: T,
    fresh: T,
    eps: T,
    decay: T,
    momentum: T,
}

impl Rates<f64> {
    fn rounded<W: Real>(self) -> Rates<W> {
        Rates {
            lr: W::of(self.lr),
            alpha: W::of(self.alpha),
            fresh: W::of(self.fresh),
            eps: W::of(self.eps),
            decay: W::of(self.decay),
            momentum: W::of(self.momentum),
        }
    }
}

/// One form of the rule: its name, its moments, and the parameter and moments after the step.
macro_rules! form {
    ($name:ident, $n:literal, |$r:ident, $theta:ident, $g:ident, $moments:pat_param| $next:expr) => {
        #[derive(Clone, Copy)]
        struct $name(Rates<f64>);

        impl Rule<$n> for $name {
            type Rates<W: Real> = Rates<W>;

            fn rates<W: Real>(self) -> Rates<W> {
                self.0.rounded()
            }

            #[inline(always)]
            fn next<W: Real>($r: &Rates<W>, $theta: W, $g: W, $moments: [W; $n]) -> (W, [W; $n]) {
                $next
            }
        }
    };
}

form!(Plain, 1, |r, theta, g, [v]| {
    let (g, v) = r.gradient(theta, g, v);
    (theta - r.lr * g / r.size(v), [v])
});

form!(Centered, 2, |r, theta, g, [v, average]| {
    let (g, v) = r.gradient(theta, g, v);
    let (variance, average) = r.variance(g, v, average);
    (theta - r.lr * g / r.size(variance), [v, average])
});

form!(Momentum, 2, |r, theta, g, [v, u]| {
    let (g, v) = r.gradient(theta, g, v);
    let u = r.momentum * u + g / r.size(v);
    (theta - r.lr * u, [v, u])
});

form!(CenteredMomentum, 3, |r, theta, g, [v, average, u]| {
    let (g, v) = r.gradient(theta, g, v);
    let (variance, average) = r.variance(g, v, average);
    let u = r.momentum * u + g / r.size(variance);
    (theta - r.lr * u, [v, average, u])
});

impl<W: Real> Rates<W> {
    /// The gradient with its penalty, and the average of squares that it entered.
    #[inline(always)]
    fn gradient(&self, theta: W, g: W, v: W) -> (W, W) {
        let g = g + self.decay * theta;
        (g, self.alpha * v + self.fresh * g * g)
    }

    /// v − ḡ², and ḡ, which g enters first.
    #[inline(always)]
    fn variance(&self, g: W, v: W, average: W) -> (W, W) {
        let average = lerp(average, g, self.fresh);
        let variance = v - average * average;
        (if variance < W::zero() { W::zero() } else { variance }, average)
    }

    #[inline(always)]
    fn size(&self, v: W) -> W {
        v.sqrt() + self.eps
    }
}
