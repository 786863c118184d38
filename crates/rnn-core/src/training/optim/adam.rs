//! Adam and AdamW.

use std::fmt::Debug;
use std::marker::PhantomData;

use pulp::NullaryFnOnce;

use crate::error::{Result, check_not_negative, check_option};
use crate::kernel::simd;
use crate::training::optim::state::{OptimizerState, Reader};
use crate::training::optim::{Moments, Optimizer, fit, lerp, number};
use crate::{Parameters, Real};

/// Adam with PyTorch's defaults and arithmetic, as `torch.optim.Adam`: weight decay is an L2 penalty in the gradient.
pub type Adam<F> = AdamWith<F, L2>;

/// AdamW with PyTorch's defaults and arithmetic, as `torch.optim.AdamW`: weight decay is decoupled from the gradient.
///
/// ```
/// use rnn_core::{AdamW, Optimizer};
///
/// let mut adam_w = AdamW::<f32>::new(1e-3);
/// assert_eq!(adam_w.weight_decay, 1e-2);
/// adam_w.set_lr(5e-4);
/// assert_eq!(adam_w.lr(), 5e-4);
/// ```
pub type AdamW<F> = AdamWith<F, Decoupled>;

/// Adam, with weight decay in the gradient ([`Adam`]) or beside it ([`AdamW`]).
///
/// ```text
/// Adam    g ← g + λ θ                     AdamW   θ ← (1 − η λ) θ
/// m ← m + (1 − β₁)(g − m)                 v ← β₂ v + (1 − β₂) g²
/// θ ← θ − η/(1 − β₁ᵏ) · m / (√v̂ / √(1 − β₂ᵏ) + ε)           at step k, from 1
/// ```
///
/// where v̂ is v, or with AMSGrad the largest v so far, element by element. Scalars such as 1 − β₁ᵏ are computed in
/// double precision and rounded, as PyTorch does.
///
/// # Reference
/// Kingma and Ba 2015, *Adam: a method for stochastic optimization*, arXiv:1412.6980, algorithm 1 (ε outside the
/// bias-corrected root); AMSGrad: Reddi, Kale and Kumar 2018, *On the convergence of Adam and beyond*; AdamW: Loshchilov
/// and Hutter 2019, *Decoupled weight decay regularization*, arXiv:1711.05101, where η λ is the decay.
#[derive(Clone, Debug)]
pub struct AdamWith<F, D> {
    /// Learning rate η; PyTorch's default is 1e-3.
    pub lr: f64,
    /// Decay rates β₁ and β₂ of the moments; default (0.9, 0.999).
    pub betas: (f64, f64),
    /// ε; default 1e-8.
    pub eps: f64,
    /// Weight decay λ; default 0, and 1e-2 of AdamW.
    pub weight_decay: f64,
    /// Whether to use AMSGrad; default false.
    pub amsgrad: bool,
    m: Moments<F>,
    v: Moments<F>,
    v_max: Moments<F>,
    steps: u64,
    decay: PhantomData<D>,
}

/// Where weight decay goes: [`L2`] or [`Decoupled`].
pub trait WeightDecay: Clone + Debug + Send + Sync + 'static {
    /// PyTorch's name of the optimizer.
    const KIND: &'static str;
    /// PyTorch's default of λ.
    const DEFAULT: f64;
    /// Whether parameters decay beside the step, not through the gradient.
    const DECOUPLED: bool;
}

/// Weight decay as a penalty in the gradient, through the moments: [`Adam`]'s.
#[derive(Clone, Debug)]
pub struct L2;

/// Weight decay beside the step: [`AdamW`]'s.
#[derive(Clone, Debug)]
pub struct Decoupled;

impl WeightDecay for L2 {
    const KIND: &'static str = "Adam";
    const DEFAULT: f64 = 0.0;
    const DECOUPLED: bool = false;
}

impl WeightDecay for Decoupled {
    const KIND: &'static str = "AdamW";
    const DEFAULT: f64 = 1e-2;
    const DECOUPLED: bool = true;
}

impl<F: Real, D: WeightDecay> AdamWith<F, D> {
    /// The optimizer at this learning rate, all else by default.
    pub fn new(lr: f64) -> Self {
        Self {
            lr,
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: D::DEFAULT,
            amsgrad: false,
            m: Moments::new(),
            v: Moments::new(),
            v_max: Moments::new(),
            steps: 0,
            decay: PhantomData,
        }
    }

    fn check(&self) -> Result<()> {
        for (option, value) in [("lr", self.lr), ("eps", self.eps), ("weight_decay", self.weight_decay)] {
            check_not_negative(option, value)?;
        }
        for (option, beta) in [("beta_1", self.betas.0), ("beta_2", self.betas.1)] {
            check_option(option, beta, (0.0..1.0).contains(&beta), "it must be at least 0 and below 1")?;
        }
        Ok(())
    }
}

impl<F: Real, D: WeightDecay> Optimizer<F> for AdamWith<F, D> {
    fn step(&mut self, params: &mut impl Parameters<F>, gradients: &impl Parameters<F>) -> Result<()> {
        self.check()?;
        fit(&mut self.m, params, gradients)?;
        fit(&mut self.v, params, gradients)?;
        if self.amsgrad {
            fit(&mut self.v_max, params, gradients)?;
        }
        self.steps = self.steps.saturating_add(1);
        let power = |beta: f64| beta.powf(self.steps as f64);
        let rates = Rates {
            step: F::of(self.lr / (1.0 - power(self.betas.0))),
            root_correction: F::of((1.0 - power(self.betas.1)).sqrt()),
            fresh_m: F::of(1.0 - self.betas.0),
            beta_2: F::of(self.betas.1),
            fresh_v: F::of(1.0 - self.betas.1),
            eps: F::of(self.eps),
            decay: F::of(self.weight_decay),
            keep: F::of(1.0 - self.lr * self.weight_decay),
            decoupled: D::DECOUPLED,
        };
        for (k, (p, g)) in params.blocks_mut().zip(gradients.blocks()).enumerate() {
            let v_max = if self.amsgrad { Some(self.v_max[k].as_mut_slice()) } else { None };
            let (m, v) = (&mut self.m[k], &mut self.v[k]);
            simd::dispatch(Update { rates, theta: p.as_mut_slice(), g: g.as_slice(), m, v, v_max });
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
            ("beta_1", self.betas.0),
            ("beta_2", self.betas.1),
            ("eps", self.eps),
            ("weight_decay", self.weight_decay),
            ("amsgrad", number(self.amsgrad)),
        ];
        let buffers = [("m", &self.m), ("v", &self.v), ("v_max", &self.v_max)];
        OptimizerState::new(D::KIND, self.steps, settings, buffers)
    }

    fn restore(&mut self, state: OptimizerState<F>) -> Result<()> {
        let mut state = Reader::new(D::KIND, state)?;
        let amsgrad = state.flag("amsgrad")?;
        let restored = Self {
            lr: state.number("lr")?,
            betas: (state.number("beta_1")?, state.number("beta_2")?),
            eps: state.number("eps")?,
            weight_decay: state.number("weight_decay")?,
            amsgrad,
            m: state.buffer("m", true)?,
            v: state.squares("v", true)?,
            v_max: state.squares("v_max", amsgrad)?,
            steps: state.steps(),
            decay: PhantomData,
        };
        state.finish()?;
        restored.check()?;
        *self = restored;
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Rates<F> {
    step: F,
    root_correction: F,
    fresh_m: F,
    beta_2: F,
    fresh_v: F,
    eps: F,
    decay: F,
    keep: F,
    decoupled: bool,
}

struct Update<'a, F> {
    rates: Rates<F>,
    theta: &'a mut [F],
    g: &'a [F],
    m: &'a mut [F],
    v: &'a mut [F],
    v_max: Option<&'a mut [F]>,
}

impl<F: Real> NullaryFnOnce for Update<'_, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { rates: r, theta, g, m, v, v_max } = self;
        let moments = m.iter_mut().zip(v);
        match v_max {
            None => {
                for ((theta, &g), (m, v)) in theta.iter_mut().zip(g).zip(moments) {
                    r.moments(theta, g, m, v);
                    r.descend(theta, *m, *v);
                }
            }
            Some(v_max) => {
                for (((theta, &g), (m, v)), v_max) in theta.iter_mut().zip(g).zip(moments).zip(v_max) {
                    r.moments(theta, g, m, v);
                    *v_max = v_max.max(*v);
                    r.descend(theta, *m, *v_max);
                }
            }
        }
    }
}

impl<F: Real> Rates<F> {
    /// Updates both moments of one parameter, which decays if that is decoupled.
    #[inline(always)]
    fn moments(&self, theta: &mut F, g: F, m: &mut F, v: &mut F) {
        let g = if self.decoupled {
            *theta *= self.keep;
            g
        } else {
            g + self.decay * *theta
        };
        *m = lerp(*m, g, self.fresh_m);
        *v = self.beta_2 * *v + self.fresh_v * g * g;
    }

    #[inline(always)]
    fn descend(&self, theta: &mut F, m: F, v: F) {
        *theta -= self.step * m / (v.sqrt() / self.root_correction + self.eps);
    }
}
