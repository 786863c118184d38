//! The linear recurrent unit with real eigenvalues.

use crate::cell::{
    Form, Gate, GateLook, Gradient, Loops, Name, OwnParameter, OwnStart, Recurrence, Seen, Unit,
};
use crate::{Real, tanh};

/// A diagonal linear unit: each unit is a leaky integral of its input with an eigenvalue λ of its own within ±1.
///
/// ```text
/// λ = tanh ν    h_t = λ ∘ h_{t−1} + √(1 − λ²) ∘ a_t
///
/// dL/da_t = √(1 − λ²) ∘ dL/dh_t    dL/dh_{t−1} = λ ∘ dL/dh_t
/// dL/dν = Σ_t dL/dh_t ∘ ((1 − λ²) ∘ h_{t−1} − λ √(1 − λ²) ∘ a_t)
/// ```
///
/// ν is `nu`, (hidden). The factor of the input makes the variance of h that of a where the a_t are independent.
///
/// # Reference
/// Orvieto, Smith, Gu, Fernando, Gulcehre, Pascanu and De 2023, *Resurrecting recurrent neural networks for long sequences*,
/// arXiv:2303.06349, with real eigenvalues. ν starts uniform on [0.5, 3], so that λ lies between 0.46 and 0.995.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearUnit;

impl<F: Real> Unit<F> for LinearUnit {
    type Gates = [F; 1];
    type State = [F; 1];
    type Saved = [F; 1];
    type Own = [F; 1];
    const FORM: Form = Form::new(&[Gate::new("h")])
        .recurrence(Recurrence::None)
        .own(&[OwnParameter { name: "nu", start: OwnStart::Uniform(0.5, 3.0) }]);
    const LOOPS: Loops = Loops::BuiltIn;

    fn name(&self) -> Name {
        Name::new("linear-unit")
    }

    #[inline(always)]
    fn forward(&self, [nu]: [F; 1], [a]: [F; 1], _: [F; 1], [h]: [F; 1]) -> ([F; 1], [F; 1]) {
        let lambda = tanh(nu);
        ([lambda * h + (F::one() - lambda * lambda).sqrt() * a], [a])
    }

    #[inline(always)]
    fn backward(
        &self,
        [nu]: [F; 1],
        [a]: [F; 1],
        [h_prev]: [F; 1],
        [d_h]: [F; 1],
    ) -> Gradient<[F; 1], [F; 1], [F; 1]> {
        let lambda = tanh(nu);
        let square = F::one() - lambda * lambda;
        let root = square.sqrt();
        let d_a = [root * d_h];
        Gradient {
            a: d_a,
            u: d_a,
            previous: [lambda * d_h],
            own: [d_h * (square * h_prev - lambda * root * a)],
        }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 1], [F; 1], [F; 1]>) -> Option<GateLook<[F; 1]>> {
        let lambda = tanh(seen.own[0]);
        let root = (F::one() - lambda * lambda).sqrt();
        Some(GateLook { value: [root * seen.saved[0]], slope: [root], gradient: seen.d })
    }
}
