//! Long short-term memory without a recurrent matrix.

use crate::cell::{Form, Gate, GateLook, Gradient, Loops, Name, Recurrence, Seen, Unit};
use crate::{Real, sigmoid};

/// minLSTM: gates that see the input only and are normalized to sum to 1; gate order f, i, n.
///
/// ```text
/// f = σ(a_f)    i = σ(a_i)    n = a_n    f′ = f / (f + i)    i′ = i / (f + i)
/// h_t = f′ ∘ h_{t−1} + i′ ∘ n
///
/// dL/dn = dL/dh_t ∘ i′    dL/dh_{t−1} = dL/dh_t ∘ f′
/// dL/df = e ∘ i / (f + i)²    dL/di = −e ∘ f / (f + i)²        e = dL/dh_t ∘ (h_{t−1} − n)
/// ```
///
/// # Reference
/// Feng, Tung, Ahmed, Bengio and Hajimirsadeghi 2024, *Were RNNs all we needed?*, arXiv:2410.01201, section 3.2, with the
/// normalization of the gates that makes the scale of h independent of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinLstm;

impl<F: Real> Unit<F> for MinLstm {
    type Gates = [F; 3];
    type State = [F; 1];
    type Saved = [F; 3];
    type Own = [F; 0];
    const FORM: Form =
        Form::new(&[Gate::keeps("f"), Gate::admits("i"), Gate::new("n")]).recurrence(Recurrence::None);
    const LOOPS: Loops = Loops::BuiltIn;

    fn name(&self) -> Name {
        Name::new("min-lstm")
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], [a_f, a_i, n]: [F; 3], _: [F; 3], [h]: [F; 1]) -> ([F; 1], [F; 3]) {
        let (f, i) = (sigmoid(a_f), sigmoid(a_i));
        let sum = f + i;
        ([f / sum * h + i / sum * n], [f, i, n])
    }

    #[inline(always)]
    fn backward(
        &self,
        own: [F; 0],
        saved: [F; 3],
        previous: [F; 1],
        d: [F; 1],
    ) -> Gradient<[F; 3], [F; 1], [F; 0]> {
        let ([f, i, _], one) = (saved, F::one());
        let [d_f, d_i, d_n] = gradients(saved, previous, d);
        let a = [d_f * f * (one - f), d_i * i * (one - i), d_n];
        Gradient { a, u: a, previous: [d[0] * (f / (f + i))], own }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 1], [F; 3], [F; 0]>) -> Option<GateLook<[F; 3]>> {
        let ([f, i, _], one) = (seen.saved, F::one());
        let slope = [f * (one - f), i * (one - i), one];
        Some(GateLook { value: seen.saved, slope, gradient: gradients(seen.saved, seen.previous, seen.d) })
    }
}

/// dL/df, dL/di and dL/dn.
#[inline(always)]
fn gradients<F: Real>([f, i, n]: [F; 3], [h_prev]: [F; 1], [d_h]: [F; 1]) -> [F; 3] {
    let (sum, e) = (f + i, d_h * (h_prev - n));
    [e * i / (sum * sum), -e * f / (sum * sum), d_h * (i / sum)]
}
