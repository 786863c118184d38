//! Adam.

use pulp::NullaryFnOnce;

use crate::error::Result;
use crate::kernel::simd;
use crate::optim::{Moments, Optimizer, check_not_negative, check_option, fit};
use crate::{Parameters, Real};

/// Adam with PyTorch's defaults and arithmetic, as `torch.optim.Adam`.
///
/// ```text
/// g ← g + λ θ
/// m ← m + (1 − β₁)(g − m)               v ← β₂ v + (1 − β₂) g²
/// θ ← θ − η/(1 − β₁ᵏ) · m / (√v̂ / √(1 − β₂ᵏ) + ε)           at step k, from 1
/// ```
///
/// where v̂ is v, or with AMSGrad the largest v so far, element by element. Scalars such as 1 − β₁ᵏ are computed in
/// double precision and rounded, as PyTorch does.
///
/// # Reference
/// Kingma and Ba 2015, *Adam: a method for stochastic optimization*, arXiv:1412.6980, algorithm 1 (ε outside the
/// bias-corrected root); AMSGrad: Reddi, Kale and Kumar 2018, *On the convergence of Adam and beyond*.
#[derive(Clone, Debug)]
pub struct Adam<F> {
    /// Learning rate η; PyTorch's default is 1e-3.
    pub lr: f64,
    /// Decay rates β₁ and β₂ of the moments; default (0.9, 0.999).
    pub betas: (f64, f64),
    /// ε; default 1e-8.
    pub eps: f64,
    /// L2 penalty λ, added to the gradient; default 0.
    pub weight_decay: f64,
    /// Whether to use AMSGrad; default false.
    pub amsgrad: bool,
    m: Moments<F>,
    v: Moments<F>,
    v_max: Moments<F>,
    steps: u64,
}

impl<F: Real> Adam<F> {
    /// Adam at this learning rate, all else by default.
    pub fn new(lr: f64) -> Self {
        Self {
            lr,
            betas: (0.9, 0.999),
            eps: 1e-8,
            weight_decay: 0.0,
            amsgrad: false,
            m: Moments::new(),
            v: Moments::new(),
            v_max: Moments::new(),
            steps: 0,
        }
    }
}

impl<F: Real> Optimizer<F> for Adam<F> {
    fn step(&mut self, params: &mut impl Parameters<F>, gradients: &impl Parameters<F>) -> Result<()> {
        for (option, value) in [("lr", self.lr), ("eps", self.eps), ("weight_decay", self.weight_decay)] {
            check_not_negative(option, value)?;
        }
        for (option, beta) in [("beta 1", self.betas.0), ("beta 2", self.betas.1)] {
            check_option(option, beta, (0.0..1.0).contains(&beta), "it must be at least 0 and below 1")?;
        }
        fit(&mut self.m, params, gradients)?;
        fit(&mut self.v, params, gradients)?;
        if self.amsgrad {
            fit(&mut self.v_max, params, gradients)?;
        }
        self.steps += 1;
        let power = |beta: f64| beta.powf(self.steps as f64);
        let rates = Rates {
            step: F::of(self.lr / (1.0 - power(self.betas.0))),
            root_correction: F::of((1.0 - power(self.betas.1)).sqrt()),
            keep_m: F::of(1.0 - self.betas.0),
            beta_2: F::of(self.betas.1),
            fresh_v: F::of(1.0 - self.betas.1),
            eps: F::of(self.eps),
            decay: F::of(self.weight_decay),
        };
        for (k, (p, g)) in params.blocks_mut().zip(gradients.blocks()).enumerate() {
            let v_max = if self.amsgrad { Some(self.v_max[k].as_mut_slice()) } else { None };
            let (m, v) = (&mut self.m[k], &mut self.v[k]);
            simd::dispatch(Update { rates, theta: p.as_mut_slice(), g: g.as_slice(), m, v, v_max });
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Rates<F> {
    step: F,
    root_correction: F,
    keep_m: F,
    beta_2: F,
    fresh_v: F,
    eps: F,
    decay: F,
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
                    let v = r.moments(*theta, g, m, v);
                    *theta -= r.step * (*m / (v.sqrt() / r.root_correction + r.eps));
                }
            }
            Some(v_max) => {
                for (((theta, &g), (m, v)), v_max) in theta.iter_mut().zip(g).zip(moments).zip(v_max) {
                    let v = r.moments(*theta, g, m, v);
                    *v_max = v_max.max(v);
                    *theta -= r.step * (*m / (v_max.sqrt() / r.root_correction + r.eps));
                }
            }
        }
    }
}

impl<F: Real> Rates<F> {
    /// Updates both moments of one parameter and returns the second.
    #[inline(always)]
    fn moments(&self, theta: F, g: F, m: &mut F, v: &mut F) -> F {
        let g = g + self.decay * theta;
        *m += self.keep_m * (g - *m);
        *v = self.beta_2 * *v + self.fresh_v * g * g;
        *v
    }
}
