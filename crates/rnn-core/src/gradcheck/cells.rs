//! The cells of this crate.

use crate::cell::{Identity, Sigmoid, Softsign};
use crate::gradcheck::{Case, Check, MovedCell, cell};
use crate::{
    Cell, Elman, Gru, GruResetBefore, LayerNorm, Lstm, MinimalGated, Mse, PeepholeLstm, ProjectedLstm,
};

/// Something to be done with every cell.
pub trait Visitor {
    /// Takes one cell: its name, and a check that knows all that there is to know of it.
    fn visit<C: Cell<f64>>(&mut self, name: &'static str, check: Check<C, Mse>);
}

/// Shows every cell of this crate to `visitor`. A new cell is a line here, and so in the tests and `cargo xtask gradcheck`.
pub fn every_cell(visitor: &mut impl Visitor) {
    visitor.visit("elman-identity", cell(Elman::identity()));
    visitor.visit("elman-tanh", cell(Elman::tanh()));
    visitor.visit("elman-sigmoid", cell(Elman::sigmoid()));
    visitor.visit("elman-relu", cell(Elman::relu()).kinked_at_zero());
    visitor.visit("lstm", cell(Lstm).h_from_c(|moved, h| lstm(f64::tanh, moved, h)));
    visitor.visit("gru", cell(Gru));
    let soft = Lstm { gate: Sigmoid, candidate: Identity };
    visitor.visit("lstm-linear-output", cell(soft).h_from_c(|moved, h| lstm(|c| c, moved, h)));
    visitor.visit("gru-softsign", cell(Gru { gate: Sigmoid, candidate: Softsign }));
    visitor.visit("lstm-projected", projected(cell(ProjectedLstm { size: 2 })));
    visitor.visit("lstm-peephole", cell(PeepholeLstm).h_from_c(peephole));
    visitor.visit("gru-reset-before", cell(GruResetBefore));
    visitor.visit("minimal-gated", cell(MinimalGated));
    visitor.visit("elman-tanh-layer-norm", normed(cell(LayerNorm::new(Elman::tanh()))));
    visitor.visit("lstm-layer-norm", normed(cell(LayerNorm::new(Lstm)).h_from_c(layer_norm_lstm)));
    visitor.visit("gru-layer-norm", normed(cell(LayerNorm::new(Gru))));
}

/// h = o φ(c), with o as the fourth of what the cell keeps.
fn lstm(phi: impl Fn(f64) -> f64, moved: &MovedCell<'_>, h: &mut [f64]) {
    let o = &moved.saved[3 * moved.hidden..];
    for ((h, o), &c) in h.iter_mut().zip(o).zip(moved.after) {
        *h = o * phi(c);
    }
}

/// With more units than numbers in h.
fn projected(check: Check<ProjectedLstm, Mse>) -> Check<ProjectedLstm, Mse> {
    let wider = |case: &mut Case| case.hidden.iter_mut().for_each(|hidden| *hidden = (*hidden).max(3));
    check.with(wider).h_from_c(|moved, h| {
        let mut unprojected = vec![0.0; moved.hidden];
        lstm(f64::tanh, moved, &mut unprojected);
        for (h, w_hr) in h.iter_mut().zip(moved.own.chunks_exact(moved.hidden)) {
            *h = w_hr.iter().zip(&unprojected).map(|(w, h)| w * h).sum();
        }
    })
}

/// h = σ(z + w_co c) tanh c.
fn peephole(moved: &MovedCell<'_>, h: &mut [f64]) {
    let (o, w_co) = (&moved.saved[3 * moved.hidden..], &moved.own[2 * moved.hidden..]);
    for (j, h) in h.iter_mut().enumerate() {
        let z = (o[j] / (1.0 - o[j])).ln() + w_co[j] * (moved.after[j] - moved.before[j]);
        *h = moved.after[j].tanh() / (1.0 + (-z).exp());
    }
}

/// Of a single unit nothing is left when its mean is taken away, and of little the fourth derivative is large.
fn normed<C: Cell<f64>>(check: Check<C, Mse>) -> Check<C, Mse> {
    check.with(|case| case.hidden.iter_mut().for_each(|hidden| *hidden = (*hidden).max(4)))
}

/// h = o tanh LN(c).
fn layer_norm_lstm(moved: &MovedCell<'_>, h: &mut [f64]) {
    let n = moved.after.len() as f64;
    let mean = moved.after.iter().sum::<f64>() / n;
    let variance = moved.after.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / n;
    let (gain, offset) = moved.own[moved.own.len() - 2 * moved.hidden..].split_at(moved.hidden);
    for (j, h) in h.iter_mut().enumerate() {
        let normal = (moved.after[j] - mean) / (variance + 1e-5).sqrt();
        *h = moved.saved[3 * moved.hidden + j] * (gain[j] * normal + offset[j]).tanh();
    }
}
