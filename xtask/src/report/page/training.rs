//! 1.K: training, and the comparison with PyTorch.

use anyhow::Result;
use maud::{PreEscaped, html};
use rnn_core::Timesteps;

use super::heading;
use super::html::{Figures, cite, counted, display, first, inline, next, number, scientific, whole};
use crate::report::Report;
use crate::report::agreement::{Agreement, TOLERANCE};
use crate::report::training::Run;
use crate::report::training::questions::questions;

pub(super) fn sections(report: &Report, figures: &Figures<'_>) -> Result<PreEscaped<String>> {
    let settings = &report.settings;
    Ok(html! {
        section {
            (heading("training"))
            p {
                "RNNs with tanh of one and two layers, and beside them an LSTM and a GRU on the same batches, each of "
                (counted(settings.hidden, "hidden unit", "hidden units")) ", trained for "
                (counted(settings.batches, "batch", "batches")) " of 32 new sequences with Adam " (cite("kingma")) ","
            }
            (display(r"m \leftarrow m + (1 - \beta_1)(g - m), \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2,")?)
            (display(
                r"\theta \leftarrow \theta - \frac{\eta}{1 - \beta_1^k} \cdot \frac{m}{\sqrt{v / (1 - \beta_2^k)} + \varepsilon} \qquad \text{at step } k,"
            )?)
            p { "at a learning rate of " (inline(&format!(r"\eta = {}", settings.lr))?) "." }
            (figures.show(2, &[whole("loss_all"), whole("loss_last")])?)
            div.wide tabindex="0" { (table(&report.training.runs)) }
            @for over in [Timesteps::All, Timesteps::Last] { p { (ranking(&report.training.runs, over)) } }
            @for (asked, answer) in questions(&report.training) { h3 { (asked) } p { (answer) } }
            (figures.show(2, &[first(2, "evaluation_all"), first(2, "evaluation_last")])?)
            (next("Are these losses the ones that PyTorch would have found?"))
        }
        section {
            (heading("agreement"))
            p {
                "The RNN trainings are the computation that PyTorch does after " code { "torch.manual_seed(" (settings.seed) ")" }
                ": its random stream draw for draw, its initial weights, its batches, its arithmetic. (The LSTM and the \
                 GRU take their initial weights from a stream of their own, so as not to disturb it.)"
            }
            @match &report.agreement {
                Some(agreement) => (agreement_table(agreement)),
                None => p {
                    "No comparison here: the recorded losses of PyTorch are those of the default settings, and this run \
                     has others."
                },
            }
        }
    })
}

fn table(runs: &[Run]) -> PreEscaped<String> {
    html! {
        table {
            thead {
                tr {
                    th { "model" } th { "loss at" } th.n { "first loss" } th.n { "final loss" }
                }
            }
            tbody {
                @for run in runs {
                    tr {
                        td { (run.title()) }
                        td { (at(run.over)) }
                        td.n { (number(run.first_loss(), 5)) }
                        td.n { (number(run.final_loss(), 6)) }
                    }
                }
            }
            caption {
                @match runs.first().map_or(0, Run::averaged) {
                    1 => "Final loss: that of the last batch.",
                    averaged => { "Final loss: the mean over the last " (averaged) " batches." }
                }
            }
        }
    }
}

fn at(over: Timesteps) -> &'static str {
    match over {
        Timesteps::All => "all timesteps",
        Timesteps::Last => "the last timestep",
    }
}

/// Which models end lowest and highest, in words.
fn ranking(runs: &[Run], over: Timesteps) -> String {
    let mut runs: Vec<&Run> = runs.iter().filter(|run| run.over == over).collect();
    runs.sort_by(|a, b| a.final_loss().total_cmp(&b.final_loss()));
    let (Some(best), Some(worst)) = (runs.first(), runs.last()) else { return String::new() };
    let the = |run: &Run| format!("the {}", run.title().replace(", ", " of "));
    format!(
        "Trained on {}, {} ends with the lowest final loss, {}, and {} with the highest, {}.",
        at(over),
        the(best),
        rnn_explore::number(best.final_loss()),
        the(worst),
        rnn_explore::number(worst.final_loss()),
    )
}

fn agreement_table(agreement: &Agreement) -> PreEscaped<String> {
    html! {
        div.wide tabindex="0" {
            table {
                thead {
                    tr {
                        th { "model" } th { "loss at" } th.n { "initial parameters" } th.n { "losses, relative" }
                        th.n { "final parameters" } th.n { "predictions" }
                    }
                }
                tbody {
                    @for run in &agreement.runs {
                        tr {
                            td { (run.title) }
                            td { (at(run.over)) }
                            td.n { (scientific(run.initial)) }
                            td.n { (scientific(run.loss)) }
                            td.n { (scientific(run.parameters)) }
                            td.n { (scientific(run.predictions)) }
                        }
                    }
                }
                caption { "Largest differences from PyTorch 2.15." }
            }
        }
        p {
            "Of " (agreement.batches()) " losses, none differs by more than "
            (scientific(agreement.max_relative_loss_difference())) " of its value (allowed: " (scientific(TOLERANCE))
            "). Rounding alone, in another order of the same sums, explains some " (scientific(4e-5)) "."
            @if !agreement.passed() { strong.fail { " This is more." } }
        }
    }
}
