//! The cells of this crate.

use crate::inspect::gradcheck::{Check, cell};
use crate::{Cell, Mse};

/// A check for every built-in cell, with the name of the cell.
pub fn every_cell() -> Vec<(String, Check<Mse>)> {
    let check = |known: Cell<f64>| {
        let name = known.to_string();
        // relu(0) has no derivative.
        let kinked = name == "rnn-relu";
        let check = cell(known);
        (name, if kinked { check.kinked_at_zero() } else { check })
    };
    Cell::all().into_iter().map(check).collect()
}
