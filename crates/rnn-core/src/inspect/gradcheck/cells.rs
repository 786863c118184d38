//! The cells of this crate.

use crate::inspect::gradcheck::{Check, MovedCell, cell};
use crate::{Elman, Gru, Lstm, Mse};

/// A check for every cell of this crate, with the name of the check.
pub fn every_cell() -> Vec<(&'static str, Check<Mse>)> {
    vec![
        ("elman-identity", cell(Elman::identity())),
        ("elman-tanh", cell(Elman::tanh())),
        ("elman-sigmoid", cell(Elman::sigmoid())),
        ("elman-relu", cell(Elman::relu()).kinked_at_zero()),
        ("lstm", cell(Lstm).h_from_c(lstm)),
        ("gru", cell(Gru)),
    ]
}

/// h = o tanh c, with o as the fourth of what the cell keeps.
fn lstm(moved: &MovedCell<'_>, h: &mut [f64]) {
    let o = &moved.saved[3 * moved.hidden..];
    for ((h, o), c) in h.iter_mut().zip(o).zip(moved.after) {
        *h = o * c.tanh();
    }
}
