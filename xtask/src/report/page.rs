//! `index.html`: the report as an article, in one file.

mod explorer;
mod gradient;
mod html;
mod model;
mod performance;
mod training;

use anyhow::Result;
use maud::{DOCTYPE, PreEscaped, html};

use super::Report;
use super::figures::Drawn;

const STYLE: &str = include_str!("page/style.css");

/// The whole page. Pictures are in it, so that it can be sent or moved as it is.
pub(super) fn html(report: &Report, figures: &[Drawn], seconds: f64) -> Result<String> {
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
                        p.facts {
                            (passed) " of " (report.checks.len()) " known values met. "
                            @if let Some(agreement) = &report.agreement {
                                (agreement.batches()) " training losses differ from PyTorch’s by at most "
                                (html::scientific(agreement.max_relative_loss_difference())) " of their value. "
                            }
                            "Seed " (settings.seed) ", " (html::counted(settings.batches, "batch", "batches")) " a model, "
                            (html::counted(settings.hidden, "hidden unit", "hidden units")) ", learning rate " (settings.lr) ". "
                            (format!("{seconds:.1}")) " seconds in all."
                        }
                    }
                    (contents())
                    (model::sections(report, &figures)?)
                    (gradient::section(report, &figures)?)
                    (explorer::section(&report.explorer))
                    (training::sections(report, &figures)?)
                    (performance::section(report, &figures)?)
                    (files())
                }
            }
        }
    };
    Ok(page.into_string())
}

const SECTIONS: [(&str, &str); 8] = [
    ("layers", "1.A, 1.B, 1.K: recurrent layers"),
    ("task", "1.C: the task and its loss"),
    ("checks", "The known values"),
    ("flow", "1.D: gradient flow"),
    ("explorer", "1.D: the sliders"),
    ("training", "1.K: training"),
    ("agreement", "Agreement with PyTorch"),
    ("performance", "What a step costs"),
];

fn contents() -> PreEscaped<String> {
    html! {
        nav aria-label="Contents" {
            ol { @for (id, title) in SECTIONS { li { a href={ "#" (id) } { (title) } } } }
        }
    }
}

/// The heading of a section.
fn heading(id: &str) -> PreEscaped<String> {
    let title = SECTIONS.iter().find(|(known, _)| *known == id).map_or(id, |(_, title)| title);
    html! { h2 id=(id) { (title) } }
}

fn files() -> PreEscaped<String> {
    html! {
        footer {
            p {
                "Beside this page: the figures, but for the last, as " code { "figures/*.png" } ", every number behind these in "
                code { "data/*.csv" } ", and a summary for programs in " code { "metrics.json" } ", which holds the measured \
                times too."
            }
        }
    }
}
