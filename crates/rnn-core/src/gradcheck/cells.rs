//! The cells of this crate.

use crate::gradcheck::{Check, MovedCell, cell};
use crate::{Cell, Elman, Gru, Lstm, Mse};

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
    visitor.visit("lstm", cell(Lstm).h_from_c(lstm));
    visitor.visit("gru", cell(Gru));
}

/// h = o tanh c, with o as the fourth of what the cell keeps.
fn lstm(moved: &MovedCell<'_>, h: &mut [f64]) {
    let o = &moved.saved[3 * moved.hidden..];
    for ((h, o), c) in h.iter_mut().zip(o).zip(moved.after) {
        *h = o * c.tanh();
    }
}
