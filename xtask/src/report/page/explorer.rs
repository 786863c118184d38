//! 1.D once more, to be moved by hand.

use maud::{PreEscaped, html};
use rnn_explore::page::{Source, fragment};

use super::heading;
use super::html::next;
use crate::report::explorer::{Explorer, Grid};

pub(super) fn section(explorer: &Explorer) -> PreEscaped<String> {
    let frame = |source: Source<'_>| html! { div.explorer-frame { (PreEscaped(fragment(source))) } };
    html! {
        section {
            (heading("explorer"))
            @match explorer {
                Explorer::Module(module) => {
                    p { "Move a control, and see what states and gradients do, and why. This page computes every number itself." }
                    (frame(Source::Module(module)))
                }
                Explorer::Grid(grid) => {
                    p { (about(grid)) code { "cargo xtask explore" } " shows every position, other sizes, initializations and tasks, and trains." }
                    (frame(Source::Grid(&grid.json())))
                }
            }
            (next("All of this was done to a network that has learned nothing. What happens to one that is trained?"))
        }
    }
}

fn about(grid: &Grid) -> String {
    let step = |scales: &[f64]| scales[1] - scales[0];
    format!(
        "Move the two sliders, and see what states and gradients do, and why. The numbers were computed with the report: weight \
         scales in steps of {}, bias scales in steps of {}. ",
        step(&grid.weights),
        step(&grid.biases)
    )
}
