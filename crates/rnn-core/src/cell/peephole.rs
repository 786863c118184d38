//! Long short-term memory with peepholes.

use crate::Real;
use crate::cell::activation::pair;
use crate::cell::{
    Form, Gate, GateLook, Gradient, Loops, Name, OwnParameter, OwnStart, Seen, Sigmoid, Squash, Tanh, Unit,
};

/// Long short-term memory whose gates see the cell state; gate order i, f, g, o.
///
/// ```text
/// i = σ(a_i + u_i + w_ci ∘ c_{t−1})    f = σ(a_f + u_f + w_cf ∘ c_{t−1})    g = φ(a_g + u_g)
/// c_t = f ∘ c_{t−1} + i ∘ g
/// o = σ(a_o + u_o + w_co ∘ c_t)
/// h_t = o ∘ φ(c_t)
///
/// dL/dc_t     = (through later steps) + dL/dh_t ∘ o ∘ φ′(c_t) + dL/da_o ∘ w_co
/// dL/dc_{t−1} = dL/dc_t ∘ f + dL/da_i ∘ w_ci + dL/da_f ∘ w_cf
/// dL/dw_ci = Σ_t dL/da_i ∘ c_{t−1}    dL/dw_cf = Σ_t dL/da_f ∘ c_{t−1}    dL/dw_co = Σ_t dL/da_o ∘ c_t
/// ```
///
/// The rest of the gradients is as in [`Lstm`](struct@crate::Lstm). A unit sees its own cell state only: w_ci, w_cf and
/// w_co are `weight_ci`, `weight_cf` and `weight_co`, (hidden) each. Where the layer normalizes, o sees the normalized c_t.
///
/// These are the full gradients. The original algorithm truncates them: what leaves a unit through its gates is cut off, and
/// only the path from c_t to c_{t−1} carries errors back in time.
///
/// # Reference
/// Gers and Schmidhuber 2000, *Recurrent nets that time and count*, IJCNN; Gers, Schraudolph and Schmidhuber 2002,
/// *Learning precise timing with LSTM recurrent networks*, JMLR 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeepholeLstm<S = Sigmoid, T = Tanh> {
    /// σ, of the gates i, f and o.
    pub gate: S,
    /// φ, of the candidate g and on the way from c to h.
    pub candidate: T,
}

/// The usual one, with the logistic function and tanh.
#[expect(non_upper_case_globals, reason = "it is named as the cell that it is, and read as a unit struct")]
pub const PeepholeLstm: PeepholeLstm = PeepholeLstm { gate: Sigmoid, candidate: Tanh };

const OWN: &[OwnParameter] = &[
    OwnParameter { name: "weight_ci", start: OwnStart::Drawn },
    OwnParameter { name: "weight_cf", start: OwnStart::Drawn },
    OwnParameter { name: "weight_co", start: OwnStart::Drawn },
];

impl<F: Real, S: Squash<F>, T: Squash<F>> Unit<F> for PeepholeLstm<S, T> {
    type Gates = [F; 4];
    type State = [F; 2];
    /// i, f, g, o, φ(c), c as o saw it, and a_o + u_o.
    type Saved = [F; 7];
    type Own = [F; 3];
    const FORM: Form = Form::new(&[Gate::admits("i"), Gate::keeps("f"), Gate::new("g"), Gate::new("o")])
        .reads_cell()
        .ignores_h()
        .own(OWN);
    const LOOPS: Loops = S::KIND.loops_with(T::KIND);

    fn name(&self) -> Name {
        pair("lstm-peephole", &self.gate, &self.candidate)
    }

    #[inline(always)]
    fn forward(&self, [w_ci, w_cf, _]: [F; 3], a: [F; 4], u: [F; 4], [_, c]: [F; 2]) -> ([F; 2], [F; 7]) {
        let i = self.gate.value(a[0] + u[0] + w_ci * c);
        let f = self.gate.value(a[1] + u[1] + w_cf * c);
        let g = self.candidate.value(a[2] + u[2]);
        // o follows in `read`, from the new c.
        ([F::zero(), f * c + i * g], [i, f, g, F::zero(), F::zero(), F::zero(), a[3] + u[3]])
    }

    #[inline(always)]
    fn read(
        &self,
        [_, _, w_co]: [F; 3],
        [_, c]: [F; 2],
        [i, f, g, _, _, _, z_o]: [F; 7],
    ) -> ([F; 2], [F; 7]) {
        let (o, phi_c) = (self.gate.value(z_o + w_co * c), self.candidate.value(c));
        ([o * phi_c, c], [i, f, g, o, phi_c, c, z_o])
    }

    #[inline(always)]
    fn read_back(&self, [_, _, w_co]: [F; 3], [_, _, _, o, phi_c, _, _]: [F; 7], d_h: F) -> [F; 2] {
        let d_o = self.gate.back(d_h * phi_c, o);
        [F::zero(), d_o * w_co + self.candidate.back(d_h * o, phi_c)]
    }

    #[inline(always)]
    fn backward(
        &self,
        [w_ci, w_cf, _]: [F; 3],
        [i, f, g, o, phi_c, c, _]: [F; 7],
        [_, c_prev]: [F; 2],
        [d_h, d_c]: [F; 2],
    ) -> Gradient<[F; 4], [F; 2], [F; 3]> {
        let d_i = self.gate.back(d_c * g, i);
        let d_f = self.gate.back(d_c * c_prev, f);
        let d_g = self.candidate.back(d_c * i, g);
        let d_o = self.gate.back(d_h * phi_c, o);
        let a = [d_i, d_f, d_g, d_o];
        let previous = [F::zero(), d_c * f + d_i * w_ci + d_f * w_cf];
        Gradient { a, u: a, previous, own: [d_i * c_prev, d_f * c_prev, d_o * c] }
    }

    #[inline(always)]
    fn look(&self, seen: Seen<F, [F; 2], [F; 7], [F; 3]>) -> Option<GateLook<[F; 4]>> {
        let ([i, f, g, o, phi_c, _, _], [_, c_prev], [d_h, d_c]) = (seen.saved, seen.previous, seen.d);
        Some(GateLook {
            value: [i, f, g, o],
            slope: [self.gate.slope(i), self.gate.slope(f), self.candidate.slope(g), self.gate.slope(o)],
            gradient: [d_c * g, d_c * c_prev, d_c * i, d_h * phi_c],
        })
    }
}
