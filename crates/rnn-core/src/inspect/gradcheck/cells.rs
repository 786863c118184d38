//! The cells of this crate.

use crate::inspect::gradcheck::{Case, Check, MovedCell, cell};
use crate::{
    AnyCell, Elman, Gru, GruResetBefore, LayerNorm, Lstm, MinimalGated, Mse, PeepholeLstm, ProjectedLstm,
};

/// Something to be done with every cell.
pub trait Visitor {
    /// Takes one cell: its name, and a check that knows all that there is to know of it.
    fn visit(&mut self, name: &'static str, check: Check<AnyCell, Mse>);
}

/// Shows every cell of this crate to `visitor`. A new cell is a line here, and so in the tests and `cargo xtask gradcheck`.
/// All are of one type: what is done with them is compiled once.
pub fn every_cell(visitor: &mut impl Visitor) {
    visitor.visit("elman-identity", any(Elman::identity()));
    visitor.visit("elman-tanh", any(Elman::tanh()));
    visitor.visit("elman-sigmoid", any(Elman::sigmoid()));
    visitor.visit("elman-relu", any(Elman::relu()).kinked_at_zero());
    visitor.visit("lstm", any(Lstm).h_from_c(lstm));
    visitor.visit("gru", any(Gru));
    visitor.visit("lstm-projected", projected(any(ProjectedLstm { size: 2 })));
    visitor.visit("lstm-peephole", any(PeepholeLstm).h_from_c(peephole));
    visitor.visit("gru-reset-before", any(GruResetBefore));
    visitor.visit("minimal-gated", any(MinimalGated));
    visitor.visit("elman-tanh-layer-norm", normed(any(LayerNorm::new(Elman::tanh()))));
    visitor.visit("lstm-layer-norm", normed(any(LayerNorm::new(Lstm)).h_from_c(layer_norm_lstm)));
    visitor.visit("gru-layer-norm", normed(any(LayerNorm::new(Gru))));
}

fn any(known: impl Into<AnyCell>) -> Check<AnyCell, Mse> {
    cell(known.into())
}

/// h = o tanh c, with o as the fourth of what the cell keeps.
fn lstm(moved: &MovedCell<'_>, h: &mut [f64]) {
    let o = &moved.saved[3 * moved.hidden..];
    for ((h, o), c) in h.iter_mut().zip(o).zip(moved.after) {
        *h = o * c.tanh();
    }
}

/// With more units than numbers in h.
fn projected(check: Check<AnyCell, Mse>) -> Check<AnyCell, Mse> {
    let wider = |case: &mut Case| case.hidden.iter_mut().for_each(|hidden| *hidden = (*hidden).max(3));
    check.with(wider).h_from_c(|moved, h| {
        let mut unprojected = vec![0.0; moved.hidden];
        lstm(moved, &mut unprojected);
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

/// Of a single unit nothing is left when its mean is taken away, and of little the fourth derivative is large. W x of a
/// single input is the same for every x, once normalized: dL/dx is what ε and rounding leave.
fn normed(check: Check<AnyCell, Mse>) -> Check<AnyCell, Mse> {
    check.with(|case| {
        case.input = case.input.max(3);
        case.hidden.iter_mut().for_each(|hidden| *hidden = (*hidden).max(4));
    })
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
