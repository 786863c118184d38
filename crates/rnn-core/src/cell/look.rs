//! What an X-ray sees of a cell: its gates, and the gradients at them.

use crate::Real;
use crate::cell::{Sigmoid, Squash, Steps, Tanh, Unit};
use crate::kernel::lanes::Lanes;

/// All steps of a sequence at once: what was computed, and the gradients.
#[derive(Debug)]
pub struct Look<'a, F> {
    /// How many steps of one sequence: time · batch.
    pub rows: usize,
    /// How many hidden units.
    pub hidden: usize,
    /// What the steps forward kept, (rows, saved).
    pub saved: &'a [F],
    /// h_{t−1}, (rows, hidden).
    pub h_prev: &'a [F],
    /// c_{t−1}, (rows, cell).
    pub c_prev: &'a [F],
    /// h_t, (rows, hidden).
    pub h: &'a [F],
    /// c_t, (rows, cell).
    pub c: &'a [F],
    /// dL/dh_t, total, (rows, hidden).
    pub d_h: &'a [F],
    /// dL/dc_t, total, (rows, cell).
    pub d_c: &'a [F],
    /// dL/da_t, (rows, gates).
    pub d_a: &'a [F],
    /// Out: the value of every gate, (rows, gates), gate after gate.
    pub value: &'a mut [F],
    /// Out: its derivative with respect to the gate's pre-activation.
    pub slope: &'a mut [F],
    /// Out: dL/d(value of the gate).
    pub gradient: &'a mut [F],
}

/// The gates of one unit at one step.
#[derive(Clone, Copy, Debug)]
pub struct GateLook<Gates> {
    /// The value of each.
    pub value: Gates,
    /// Its derivative with respect to the gate's pre-activation.
    pub slope: Gates,
    /// dL/d(value).
    pub gradient: Gates,
}

/// The gates of every unit, as the unit tells them.
pub(super) fn each_unit<F: Real, U: Unit<F>>(unit: &U, look: Look<'_, F>) -> bool {
    let Look { rows, hidden, saved, .. } = look;
    let (kept, gates, cell) = (saved.len() / rows, U::Gates::N * hidden, look.c.len() / rows);
    for row in 0..rows {
        for j in 0..hidden {
            let state = |h: &[F], c: &[F]| {
                read::<F, U::State>(|n| match n {
                    0 => h[row * hidden + j],
                    _ => c[row * cell + (n - 1) * hidden + j],
                })
            };
            let seen = unit.look(
                read::<F, U::Saved>(|n| saved[row * kept + n * hidden + j]),
                state(look.h_prev, look.c_prev),
                state(look.h, look.c),
                state(look.d_h, look.d_c),
            );
            let Some(GateLook { value, slope, gradient }) = seen else { return false };
            for (to, from) in
                [(&mut *look.value, value), (&mut *look.slope, slope), (&mut *look.gradient, gradient)]
            {
                let mut block = U::Gates::zeros();
                from.set(&mut block, 0);
                for n in 0..U::Gates::N {
                    to[row * gates + n * hidden + j] = U::Gates::entry(&block, n)[0];
                }
            }
        }
    }
    true
}

fn read<F: Real, L: Lanes<F>>(at: impl Fn(usize) -> F) -> L {
    let mut block = L::zeros();
    for n in 0..L::N {
        L::entry_mut(&mut block, n)[0] = at(n);
    }
    L::get(&block, 0)
}

/// σ′ from σ.
pub(super) fn sigmoid<F: Real>(y: F) -> F {
    Sigmoid.slope(y)
}

/// tanh′ from tanh.
pub(super) fn tanh<F: Real>(y: F) -> F {
    Tanh.slope(y)
}

/// The gates of a cell that keeps their values, gate after gate, before all else; their slopes as functions of the values.
/// dL/d(value) is dL/da over the slope, and 0 where the slope is 0.
pub(super) fn kept_gates<F: Real>(look: Look<'_, F>, slopes: &[fn(F) -> F]) -> bool {
    let Look { rows, hidden, saved, d_a, value, slope, gradient, .. } = look;
    let (kept, gates) = (saved.len() / rows, slopes.len() * hidden);
    for row in 0..rows {
        for (n, slope_of) in slopes.iter().enumerate() {
            for j in n * hidden..(n + 1) * hidden {
                let (y, to) = (saved[row * kept + j], row * gates + j);
                let s = slope_of(y);
                value[to] = y;
                slope[to] = s;
                gradient[to] = if s == F::zero() { s } else { d_a[to] / s };
            }
        }
    }
    true
}
