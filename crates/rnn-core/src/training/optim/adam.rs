//! Adam and AdamW.

use crate::error::{Result, check_not_negative, check_option};
use crate::training::optim::state::{Buffer, OptimizerState, Setting, Table};
use crate::training::optim::update::{Moments, Rule, update};
use crate::training::optim::{Optimizer, lerp};
use crate::{Parameters, Real};

/// Adam with PyTorch's defaults and arithmetic, as `torch.optim.Adam`: weight decay is an L2 penalty in the gradient.
pub type Adam<F> = AdamWith<F, false>;

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
pub type AdamW<F> = AdamWith<F, true>;

/// Adam, with weight decay in the gradient ([`Adam`]) or decoupled from it ([`AdamW`]): those are the names to use.
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
pub struct AdamWith<F, const DECOUPLED: bool> {
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
}

impl<F: Real, const DECOUPLED: bool> AdamWith<F, DECOUPLED> {
    /// The optimizer at this learning rate, all else by default.
    pub fn new(lr: f64) -> Self {
        Self {
            lr,
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: if DECOUPLED { 1e-2 } else { 0.0 },
            amsgrad: false,
            m: Moments::new(),
            v: Moments::new(),
            v_max: Moments::new(),
            steps: 0,
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

    fn table(&mut self) -> Table<'_, F> {
        Table {
            kind: if DECOUPLED { "AdamW" } else { "Adam" },
            steps: &mut self.steps,
            settings: vec![
                ("lr", Setting::Number(&mut self.lr)),
                ("beta_1", Setting::Number(&mut self.betas.0)),
                ("beta_2", Setting::Number(&mut self.betas.1)),
                ("eps", Setting::Number(&mut self.eps)),
                ("weight_decay", Setting::Number(&mut self.weight_decay)),
                ("amsgrad", Setting::Flag(&mut self.amsgrad)),
            ],
            buffers: vec![
                Buffer::new("m", &mut self.m).always(),
                Buffer::new("v", &mut self.v).always().squares(),
                Buffer::new("v_max", &mut self.v_max).squares(),
            ],
        }
    }
}

impl<F: Real, const DECOUPLED: bool> Optimizer<F> for AdamWith<F, DECOUPLED> {
    fn step(&mut self, params: &mut impl Parameters<F>, gradients: &impl Parameters<F>) -> Result<()> {
        self.check()?;
        let steps = self.steps.saturating_add(1);
        // Not the standard library's power, whose last bit depends on the platform.
        let power = |beta: f64| libm::pow(beta, steps as f64);
        let rates = Rates {
            step: self.lr / (1.0 - power(self.betas.0)),
            root_correction: (1.0 - power(self.betas.1)).sqrt(),
            fresh_m: 1.0 - self.betas.0,
            beta_2: self.betas.1,
            fresh_v: 1.0 - self.betas.1,
            eps: self.eps,
            decay: self.weight_decay,
            keep: 1.0 - self.lr * self.weight_decay,
            decoupled: DECOUPLED,
        };
        if self.amsgrad {
            update(AmsGrad(rates), params, gradients, [&mut self.m, &mut self.v, &mut self.v_max])?;
        } else {
            update(rates, params, gradients, [&mut self.m, &mut self.v])?;
        }
        self.steps = steps;
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
    step: T,
    root_correction: T,
    fresh_m: T,
    beta_2: T,
    fresh_v: T,
    eps: T,
    decay: T,
    keep: T,
    decoupled: bool,
}

/// The rule with the largest v so far in place of v.
#[derive(Clone, Copy)]
struct AmsGrad<T>(Rates<T>);

impl Rates<f64> {
    fn rounded<W: Real>(self) -> Rates<W> {
        Rates {
            step: W::of(self.step),
            root_correction: W::of(self.root_correction),
            fresh_m: W::of(self.fresh_m),
            beta_2: W::of(self.beta_2),
            fresh_v: W::of(self.fresh_v),
            eps: W::of(self.eps),
            decay: W::of(self.decay),
            keep: W::of(self.keep),
            decoupled: self.decoupled,
        }
    }
}

impl Rule<2> for Rates<f64> {
    type Rates<W: Real> = Rates<W>;

    fn rates<W: Real>(self) -> Rates<W> {
        self.rounded()
    }

    #[inline(always)]
    fn next<W: Real>(r: &Rates<W>, theta: W, g: W, [m, v]: [W; 2]) -> (W, [W; 2]) {
        let (theta, m, v) = r.moments(theta, g, m, v);
        (r.descend(theta, m, v), [m, v])
    }
}

impl Rule<3> for AmsGrad<f64> {
    type Rates<W: Real> = Rates<W>;

    fn rates<W: Real>(self) -> Rates<W> {
        self.0.rounded()
    }

    #[inline(always)]
    fn next<W: Real>(r: &Rates<W>, theta: W, g: W, [m, v, v_max]: [W; 3]) -> (W, [W; 3]) {
        let (theta, m, v) = r.moments(theta, g, m, v);
        let v_max = v_max.max(v);
        (r.descend(theta, m, v_max), [m, v, v_max])
    }
}

impl<W: Real> Rates<W> {
    /// Both moments after the gradient `g`, and the parameter, which decays if that is decoupled.
    #[inline(always)]
    fn moments(&self, theta: W, g: W, m: W, v: W) -> (W, W, W) {
        let (theta, g) =
            if self.decoupled { (theta * self.keep, g) } else { (theta, g + self.decay * theta) };
        (theta, lerp(m, g, self.fresh_m), self.beta_2 * v + self.fresh_v * g * g)
    }

    #[inline(always)]
    fn descend(&self, theta: W, m: W, v: W) -> W {
        theta - self.step * m / (v.sqrt() / self.root_correction + self.eps)
    }
}
