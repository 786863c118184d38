//! Long short-term memory with exponential gates.

use crate::cell::{Form, Gate, GateLook, Gradient, Loops, Name, Seen, Unit};
use crate::{Real, sigmoid, tanh};

/// sLSTM: long short-term memory with exponential gates and a normalizer; gate order i, f, z, o.
///
/// ```text
/// z = tanh(a_z + u_z)    o = σ(a_o + u_o)    ln i = a_i + u_i    ln f = a_f + u_f
/// m_t = max(ln f + m_{t−1}, ln i)    i′ = exp(ln i − m_t)    f′ = exp(ln f + m_{t−1} − m_t)
/// c_t = f′ ∘ c_{t−1} + i′ ∘ z    n_t = f′ ∘ n_{t−1} + i′    h_t = o ∘ c_t / n_t
///
/// dL/dc_t = (later) + dL/dh_t ∘ o / n_t    dL/dn_t = (later) − dL/dh_t ∘ h_t / n_t
/// d_f′ = dL/dc_t ∘ c_{t−1} + dL/dn_t ∘ n_{t−1}    d_i′ = dL/dc_t ∘ z + dL/dn_t
/// where ln f + m_{t−1} ≥ ln i:    dL/d ln i = d_i′ ∘ i′    dL/d ln f = dL/dm_t − d_i′ ∘ i′
/// elsewhere:                      dL/d ln f = d_f′ ∘ f′    dL/d ln i = dL/dm_t − d_f′ ∘ f′
/// dL/dm_{t−1} = dL/d ln f
/// ```
///
/// The state is h, c, n and m. m keeps the exponentials at most 1; it is a gauge: h does not change when c and n are multiplied
/// by e^{−s} and s is added to m. dL/dm is the derivative at fixed c and n. Start from zeros, where h_1 = o ∘ z.
///
/// # Reference
/// Beck, Pöppel, Spanring, Auer, Prudnikova, Kopp, Klambauer, Brandstetter and Hochreiter 2024, *xLSTM: extended long
/// short-term memory*, arXiv:2405.04517, equations 8 to 17, with exponential input and forget gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SLstm;

/// i′, f′, z, o, c / n, n.
type Saved<F> = [F; 6];

impl<F: Real> Unit<F> for SLstm {
    type Gates = [F; 4];
    type State = [F; 4];
    type Saved = Saved<F>;
    type Own = [F; 0];
    const FORM: Form = Form::new(&[Gate::admits("i"), Gate::keeps("f"), Gate::new("z"), Gate::new("o")])
        .reads_cell()
        .ignores_h();
    const LOOPS: Loops = Loops::BuiltIn;

    fn name(&self) -> Name {
        Name::new("slstm")
    }

    #[inline(always)]
    fn forward(&self, _: [F; 0], a: [F; 4], u: [F; 4], [_, c, n, m]: [F; 4]) -> ([F; 4], Saved<F>) {
        let (ln_i, ln_f) = (a[0] + u[0], a[1] + u[1] + m);
        let (z, o) = (tanh(a[2] + u[2]), sigmoid(a[3] + u[3]));
        let m = if ln_f >= ln_i { ln_f } else { ln_i };
        let (i, f) = (exp(ln_i - m), exp(ln_f - m));
        ([F::zero(), f * c + i * z, f * n + i, m], [i, f, z, o, F::zero(), F::zero()])
    }

    #[inline(always)]
    fn read(&self, _: [F; 0], [_, c, n, m]: [F; 4], [i, f, z, o, _, _]: Saved<F>) -> ([F; 4], Saved<F>) {
        let ratio = c / n;
        ([o * ratio, c, n, m], [i, f, z, o, ratio, n])
    }

    #[inline(always)]
    fn read_back(&self, _: [F; 0], [_, _, _, o, ratio, n]: Saved<F>, d_h: F) -> [F; 4] {
        let d_ratio = d_h * o;
        [F::zero(), d_ratio / n, -d_ratio * ratio / n, F::zero()]
    }

    #[inline(always)]
    fn backward(
        &self,
        own: [F; 0],
        saved: Saved<F>,
        previous: [F; 4],
        d: [F; 4],
    ) -> Gradient<[F; 4], [F; 4], [F; 0]> {
        let ([i, f, z, o, ..], [_, d_c, d_n, _], one) = (saved, d, F::one());
        let [d_i, d_f, d_z, d_o] = gradients(saved, previous, d);
        let a = [d_i * i, d_f * f, d_z * (one - z * z), d_o * o * (one - o)];
        Gradient { a, u: a, previous: [F::zero(), d_c * f, d_n * f, a[1]], own }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 4], Saved<F>, [F; 0]>) -> Option<GateLook<[F; 4]>> {
        let ([i, f, z, o, ..], one) = (seen.saved, F::one());
        let gradient = gradients(seen.saved, seen.previous, seen.d);
        Some(GateLook { value: [i, f, z, o], slope: [i, f, one - z * z, o * (one - o)], gradient })
    }
}

/// The gradients of the gates i′, f′, z and o; of i′ and f′ also through m, where the larger one of them is 1.
#[inline(always)]
fn gradients<F: Real>(
    [i, f, z, _, ratio, _]: Saved<F>,
    [_, c_prev, n_prev, _]: [F; 4],
    [d_h, d_c, d_n, d_m]: [F; 4],
) -> [F; 4] {
    let (d_i, d_f) = (d_c * z + d_n, d_c * c_prev + d_n * n_prev);
    let (d_i, d_f) = if f == F::one() { (d_i, d_m - d_i * i) } else { (d_m - d_f * f, d_f) };
    [d_i, d_f, d_c * i, d_h * ratio]
}

/// eˣ for x ≤ 0, as σ(x) / σ(−x): vectorized, and the same bits on every platform.
#[inline(always)]
fn exp<F: Real>(x: F) -> F {
    sigmoid(x) / sigmoid(-x)
}
