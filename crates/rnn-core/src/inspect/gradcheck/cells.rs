//! The cells of this crate.

use crate::inspect::gradcheck::{Check, cell};
use crate::{Cell, Mse};

/// A check for every built-in cell, with the name of the cell.
pub fn every_cell() -> Vec<(String, Check<Mse>)> {
    let check = |known: Cell<f64>| {
        let name = known.to_string();
        let check = cell(known);
        let check = match name.split('(').next() {
            // relu(0) has no derivative.
            Some("rnn-relu" | "indrnn") => check.kinked_at_zero(),
            // From a random state, h = o c / n is nearly singular where n is small.
            Some("slstm") => check.with(|case| {
                case.from_state = false;
                case.options.learned_initial = false;
            }),
            _ => check,
        };
        (name, check)
    };
    Cell::<f64>::all().into_iter().map(check).collect()
}
