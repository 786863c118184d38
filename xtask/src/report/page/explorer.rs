//! 1.D once more, to be moved by hand.

use maud::{PreEscaped, html};

use super::heading;
use super::html::next;
use crate::report::explorer::Grid;

pub(super) fn section(grid: &Grid) -> PreEscaped<String> {
    let step = |scales: &[f64]| scales[1] - scales[0];
    html! {
        section {
            (heading("explorer"))
            p {
                "Move the two sliders, and see what states and gradients do, and why. The numbers were computed with the report: \
                 weight scales in steps of " (step(&grid.weights)) ", bias scales in steps of " (step(&grid.biases)) ". "
                code { "cargo xtask explore" } " shows every position, other sizes, initializations and tasks, and trains."
            }
            // The links of the questions lead here.
            div.explorer-frame { (PreEscaped(rnn_explore::page::embedded(&grid.json()))) }
            (next("All of this was done to a network that has learned nothing. What happens to one that is trained?"))
        }
    }
}
