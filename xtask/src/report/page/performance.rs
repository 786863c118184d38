//! What a training step costs.

use anyhow::Result;
use maud::{PreEscaped, html};

use super::heading;
use super::html::{Figures, number};
use crate::report::Report;
use crate::report::figures::PERFORMANCE;
use crate::report::performance::{Performance, flops_per_second};

pub(super) fn section(report: &Report, figures: &Figures<'_>) -> Result<PreEscaped<String>> {
    let performance = &report.performance;
    Ok(html! {
        section {
            (heading("performance"))
            p {
                "A training step draws a batch, runs forward, takes the loss at all timesteps, goes back through time and \
                 lets Adam move the parameters, all in single precision. Measured after the trainings, while this program did \
                 nothing else, on " (threads(performance.threads)) ":"
            }
            (table(performance))
            (figures.show(PERFORMANCE)?)
            @for growth in &performance.growths { p { (growth.sentence) } }
        }
    })
}

fn threads(count: usize) -> String {
    if count == 1 { "one thread".to_owned() } else { format!("at most {count} threads") }
}

/// The trained networks, one step each.
fn table(performance: &Performance) -> PreEscaped<String> {
    html! {
        table {
            thead {
                tr { th { "network" } th.n { "median" } th.n { "fastest" } th.n { "GFLOP/s" } }
            }
            tbody {
                @for (network, samples) in &performance.steps {
                    tr {
                        td { (network) }
                        td.n { (number(1e6 * samples.median(), 1)) " µs" }
                        td.n { (number(1e6 * samples.min(), 1)) " µs" }
                        td.n { (number(flops_per_second(network, samples.median()) / 1e9, 0)) }
                    }
                }
            }
            caption {
                "A step of 32 sequences of 10 timesteps. GFLOP/s count the matrix products. "
                code { "cargo xtask bench" } " measures these and larger ones."
            }
        }
    }
}
