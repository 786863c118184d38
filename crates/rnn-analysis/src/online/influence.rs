//! What a rule of online learning keeps of ds_t/dθ.

use ndarray::{Array1, Array2, ArrayView1};

use super::StepDerivatives;
use crate::flow::norm;
use crate::words::Words;

/// How the influence P_t = ds_t/dθ of the parameters on the state is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnlineRule {
    /// Real-time recurrent learning: P_t = J_t P_{t−1} + I_t, exactly. It keeps states × parameters numbers, and a step
    /// takes that many times the number of states.
    Rtrl,
    /// The sparse approximation of order 1: as [`Rtrl`](Self::Rtrl), but an entry of P is kept only if its parameter acts on its
    /// state within one step, that is, from the first timestep on at which the entry of I_t is not 0. Paths that lead
    /// from a parameter through one unit to another are lost; in a cell without a recurrent matrix there are none.
    ///
    /// Menick, Elsen, Evci, Osindero, Simonyan and Graves 2021, *Practical real time recurrent learning with a sparse
    /// approximation*, ICLR, arXiv:2006.07232.
    SnAp1,
    /// Unbiased online recurrent optimization: P_t is a random matrix of rank 1, s̃ θ̃ᵀ, whose mean is that of
    /// [`Rtrl`](Self::Rtrl). With random signs ν,
    ///
    /// ```text
    /// s̃_t = ρ₀ J_t s̃_{t−1} + ρ₁ ν        θ̃_t = θ̃_{t−1} / ρ₀ + νᵀ I_t / ρ₁
    /// ρ₀² = ‖θ̃_{t−1}‖ / ‖J_t s̃_{t−1}‖     ρ₁² = ‖νᵀ I_t‖ / ‖ν‖
    /// ```
    ///
    /// where ρ keeps the variance small.
    ///
    /// Tallec and Ollivier 2018, *Unbiased online recurrent optimization*, ICLR, arXiv:1702.05043.
    Uoro {
        /// What the signs follow from.
        seed: u64,
    },
    /// The immediate derivative alone, P_t = I_t: as back-propagation that is truncated to one timestep.
    Immediate,
}

/// P_t, or what a rule keeps of it.
#[derive(Clone, Debug)]
pub struct Influence {
    kept: Kept,
    state: usize,
    parameters: usize,
}

#[derive(Clone, Debug)]
enum Kept {
    /// P, and with a pattern the entries that are kept.
    Matrix { p: Array2<f64>, pattern: Option<Array2<bool>>, immediate_only: bool },
    /// s̃ and θ̃.
    Product { state: Array1<f64>, theta: Array1<f64>, words: Words },
}

impl Influence {
    /// P_0 = 0, for states and parameters of so many numbers.
    pub fn new(rule: OnlineRule, state: usize, parameters: usize) -> Self {
        let shape = (state, parameters);
        let matrix =
            |pattern, immediate_only| Kept::Matrix { p: Array2::zeros(shape), pattern, immediate_only };
        let kept = match rule {
            OnlineRule::Rtrl => matrix(None, false),
            OnlineRule::SnAp1 => matrix(Some(Array2::from_elem(shape, false)), false),
            OnlineRule::Immediate => matrix(None, true),
            OnlineRule::Uoro { seed } => Kept::Product {
                state: Array1::zeros(state),
                theta: Array1::zeros(parameters),
                words: Words::new(seed),
            },
        };
        Self { kept, state, parameters }
    }

    /// How many numbers a state has.
    pub fn state(&self) -> usize {
        self.state
    }

    /// From P_{t−1} to P_t.
    ///
    /// # Panics
    /// If the derivatives are those of another network.
    pub fn advance(&mut self, step: &StepDerivatives) {
        let StepDerivatives { jacobian, immediate } = step;
        assert_eq!(jacobian.dim(), (self.state, self.state), "the Jacobian of this network");
        assert_eq!(immediate.dim(), (self.state, self.parameters), "the derivatives of this network");
        match &mut self.kept {
            Kept::Matrix { p, immediate_only: true, .. } => p.assign(immediate),
            Kept::Matrix { p, pattern, .. } => {
                *p = jacobian.dot(p) + immediate;
                if let Some(pattern) = pattern {
                    pattern.zip_mut_with(immediate, |keep, &x| *keep |= x != 0.0);
                    p.zip_mut_with(pattern, |x, &keep| *x = if keep { *x } else { 0.0 });
                }
            }
            Kept::Product { state, theta, words } => {
                let nu = Array1::from_shape_fn(state.len(), |_| words.sign());
                let (moved, now) = (jacobian.dot(state), nu.dot(immediate));
                let rho = |of: &Array1<f64>, over: &Array1<f64>| {
                    let [of, over] = [of, over].map(|x| norm(x.iter().copied()));
                    if of > 0.0 && over > 0.0 { (of / over).sqrt() } else { 1.0 }
                };
                let (rho_0, rho_1) = (rho(theta, &moved), rho(&now, &nu));
                *state = moved * rho_0 + nu * rho_1;
                *theta = &*theta / rho_0 + now / rho_1;
            }
        }
    }

    /// dᵀ P_t with d = ∂L_t/∂s_t: the gradient of a loss at this timestep.
    ///
    /// # Panics
    /// If `d` does not have as many numbers as a state.
    pub fn gradient(&self, d: ArrayView1<'_, f64>) -> Vec<f64> {
        assert_eq!(d.len(), self.state, "a gradient of the state");
        match &self.kept {
            Kept::Matrix { p, .. } => d.dot(p).to_vec(),
            Kept::Product { state, theta, .. } => (theta * d.dot(state)).to_vec(),
        }
    }
}
