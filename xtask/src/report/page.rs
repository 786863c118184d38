//! `index.html`: the report as an article, in one file.

mod diagrams;
mod explorer;
mod gradient;
mod html;
mod model;
mod references;
mod training;

use anyhow::Result;
use maud::{DOCTYPE, PreEscaped, html};

use super::Report;
use super::figures::Drawn;
use crate::article::STYLE;

/// Reads values off figures by keys, and brings the explorer into view when a link moves it.
const SCRIPT: &str = include_str!("page/figures.js");

/// The whole page. Pictures are in it, so that it can be sent or moved as it is. Without scripts all but the explorer is there.
pub(super) fn html(report: &Report, figures: &[Drawn]) -> Result<String> {
    let figures = html::Figures(figures);
    let settings = &report.settings;
    let passed = report.checks.iter().filter(|check| check.passed()).count();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Recurrent networks and their gradients" }
                style { (PreEscaped(STYLE)) (PreEscaped(rnn_explore::page::STYLE)) }
            }
            body {
                main {
                    header {
                        h1 { "Recurrent networks and their gradients" }
                        p.lead {
                            "A teaching notebook run from end to end: recurrent layers by hand, checked against known \
                             values; the cumulative average of a random sequence, learned; and what happens to gradients \
                             on their way back through time."
                        }
                        dl.byline {
                            div { dt { "Authors" } dd { "The authors of this workspace, version " (env!("CARGO_PKG_VERSION")) } }
                            div {
                                dt { "Computed with" }
                                dd {
                                    "seed " (settings.seed) ", " (html::counted(settings.batches, "batch", "batches")) " a model, "
                                    (html::counted(settings.hidden, "hidden unit", "hidden units")) ", learning rate " (settings.lr)
                                }
                            }
                            div {
                                dt { "Held against" }
                                dd {
                                    (passed) " of " (report.checks.len()) " known values met"
                                    @if let Some(agreement) = &report.agreement {
                                        "; " (agreement.batches()) " losses differ from PyTorch’s by at most "
                                        (html::scientific(agreement.max_relative_loss_difference())) " of their value"
                                    }
                                }
                            }
                        }
                    }
                    (contents())
                    (model::sections(report, &figures)?)
                    (gradient::sections(report, &figures)?)
                    (explorer::section(&report.explorer))
                    (training::sections(report, &figures)?)
                    (references::section())
                    (files(settings.experiments))
                }
                output.unseen id="reading" {}
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    Ok(page.into_string())
}

/// The name of each section in addresses, the part of the notebook that it is, and its heading.
const SECTIONS: [(&str, &str, &str); 9] = [
    ("layers", "1.A, 1.B, 1.K", "What does a recurrent layer compute?"),
    ("checks", "1.A, 1.B, 1.C, 1.K", "Are these layers right?"),
    ("task", "1.C", "What is there to remember?"),
    ("flow", "1.D", "How far back does a gradient reach?"),
    ("questions", "1.D", "What do the sliders do?"),
    ("explorer", "1.D", "Move them yourself"),
    ("training", "1.K", "Does it learn?"),
    ("agreement", "1.K", "Is it what PyTorch computes?"),
    ("references", "", "References"),
];

fn contents() -> PreEscaped<String> {
    html! {
        nav aria-label="Contents" {
            ol { @for (id, _, title) in SECTIONS { li { a href={ "#" (id) } { (title) } } } }
        }
    }
}

/// The heading of a section.
fn heading(id: &str) -> PreEscaped<String> {
    let (part, title) =
        SECTIONS.iter().find(|(known, ..)| *known == id).map_or(("", id), |(_, part, title)| (*part, *title));
    html! { h2 id=(id) { @if !part.is_empty() { span.part { (part) " of the notebook" } } (title) } }
}

fn files(experiments: bool) -> PreEscaped<String> {
    html! {
        footer {
            p {
                "Results of theory and of the literature on gradients and recurrent dynamics, each held against its known number, are computed by " code { "cargo xtask experiments" }
                @if experiments {
                    ". Once that has run where this report was made, they are at "
                    a href="../experiments/index.html" { "experiments" }
                }
                "."
            }
            p {
                "Beside this page: the figures as " code { "figures/*.png" } ", every number behind these in "
                code { "data/*.csv" } ", and a summary for programs in " code { "metrics.json" } ". The same settings give the same bytes of \
                all of them. How long a training step takes is measured by " code { "cargo xtask bench" } "."
            }
        }
    }
}
