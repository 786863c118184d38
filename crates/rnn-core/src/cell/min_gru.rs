//! The minimal gated recurrent unit without a recurrent matrix.

use crate::cell::{Form, Gate, GateLook, Gradient, Loops, Name, Recurrence, Seen, Unit};
use crate::{Real, sigmoid};

/// minGRU: a gated recurrent unit whose gate and candidate see the input only; gate order z, n.
///
/// ```text
/// z = σ(a_z)    n = a_n    h_t = (1 − z) ∘ h_{t−1} + z ∘ n
///
/// dL/dn = dL/dh_t ∘ z    dL/dz = dL/dh_t ∘ (n − h_{t−1})    dL/dh_{t−1} = dL/dh_t ∘ (1 − z)
/// ```
///
/// z admits the new state here, where z of a [`Gru`](struct@crate::Gru) keeps the old one.
///
/// # Reference
/// Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, *Were RNNs all we needed?*, arXiv:2410.01201, section 3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinGru;

impl<F: Real> Unit<F> for MinGru {
    type Gates = [F; 2];
    type State = [F; 1];
    type Saved = [F; 2];
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::admits("z"), Gate::new("n")]).recurrence(Recurrence::None);
    const LOOPS: Loops = Loops::BuiltIn;

    fn name(&self) -> Name {
        Name::new("min-gru")
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], [a_z, n]: [F; 2], _: [F; 2], [h]: [F; 1]) -> ([F; 1], [F; 2]) {
        let z = sigmoid(a_z);
        ([(F::one() - z) * h + z * n], [z, n])
    }

    #[inline(always)]
    fn backward(
        &self,
        _: [F; 0],
        [z, n]: [F; 2],
        [h_prev]: [F; 1],
        [d_h]: [F; 1],
    ) -> Gradient<[F; 2], [F; 1], [F; 0]> {
        let one = F::one();
        let a = [d_h * (n - h_prev) * z * (one - z), d_h * z];
        Gradient { a, u: a, previous: [d_h * (one - z)], own: [] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 1], [F; 2], [F; 0]>) -> Option<GateLook<[F; 2]>> {
        let ([z, n], [h_prev], [d_h]) = (seen.saved, seen.previous, seen.d);
        let slope = [z * (F::one() - z), F::one()];
        Some(GateLook { value: [z, n], slope, gradient: [d_h * (n - h_prev), d_h * z] })
    }
}
