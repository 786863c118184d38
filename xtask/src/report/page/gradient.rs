//! 1.D: gradient flow.

use anyhow::Result;
use maud::{PreEscaped, html};

use super::heading;
use super::html::{Figures, display, inline, number, scientific};
use crate::report::Report;
use crate::report::flow::{FlowStudy, ratio};

pub(super) fn section(report: &Report, figures: &Figures<'_>) -> Result<PreEscaped<String>> {
    Ok(html! {
        section {
            (heading("flow"))
            p {
                "The parameters act at every timestep, so their gradients are sums over time of terms that all contain "
                (inline(r"\mathrm dL/\mathrm dh_t")?) ", the total derivative of the loss with respect to a hidden state: \
                 through the prediction at " (inline("t")?) " and through every later state. For the Elman cell"
            }
            (display(
                r"\frac{\mathrm dL}{\mathrm dh_t} = \frac{\partial L}{\partial h_t} + W_{hh}^{\top} \left( \varphi'(z_{t+1}) \circ \frac{\mathrm dL}{\mathrm dh_{t+1}} \right),"
            )?)
            p { "from which the gradient of the recurrent weights follows," }
            (display(
                r"\frac{\mathrm dL}{\mathrm dW_{hh}} = \sum_{t=1}^{T} \left( \varphi'(z_t) \circ \frac{\mathrm dL}{\mathrm dh_t} \right) h_{t-1}^{\top}."
            )?)
            p {
                "Each step back multiplies by slopes and by " (inline(r"W_{hh}^{\top}")?) ". In a linear network the gradient \
                 therefore shrinks or grows in the long run like the powers of the largest eigenvalue magnitude "
                (inline(r"\rho(W_{hh})")?) ". The slopes of tanh and relu are at most 1, so that they never lengthen it, and gates \
                 may keep a path open. Below, all recurrent weights are multiplied by a scale " (inline("s")?) ", and all \
                 recurrent biases by another; the head stays as it is. The three RNNs share their weights."
            }
            p {
                "With the loss at the last timestep only, the norms of " (inline(r"\mathrm dL/\mathrm dh_t")?) " show what the steps \
                 back do. With the loss at all timesteps, every " (inline(r"\mathrm dL/\mathrm dh_t")?) " has a part of its own, and \
                 the ratio of two of them compares sums over different losses: it may be above 1 where no gradient flows back at \
                 all. How far gradients reach then shows in the gradient that the loss of each timestep sends back by itself."
            }
            @for study in &report.flow { (one(study, figures)?) }
            h3 { "Side by side" }
            p {
                "The ratio " (inline(r"\lVert \mathrm dL/\mathrm dh_1 \rVert / \lVert \mathrm dL/\mathrm dh_T \rVert")?)
                " for the loss at the last timestep, by weight scale (bias scale 1):"
            }
            div.wide { (ratios(&report.flow)) }
        }
    })
}

fn one(study: &FlowStudy, figures: &Figures<'_>) -> Result<PreEscaped<String>> {
    Ok(html! {
        h3 { (study.title) }
        (figures.show(&study.figure())?)
        @for sentence in &study.sentences { p { (sentence) } }
        @let radii = study.eigenvalues.iter().map(|(name, values)| (name, values.first().map_or(0.0, |z| z.norm())));
        p {
            "Largest eigenvalue magnitude of the unscaled recurrent weights: "
            @for (k, (name, radius)) in radii.enumerate() {
                @if k > 0 { ", " }
                (inline(name)?) " " (number(radius, 3))
            }
            "."
        }
    })
}

/// The ratio of first to last gradient for each network and weight scale.
fn ratios(studies: &[FlowStudy]) -> PreEscaped<String> {
    let scales = studies.first().map(|study| study.losses[1].family.iter().map(|point| point.weight_scale));
    html! {
        table {
            thead {
                tr {
                    th { "network" }
                    @for scale in scales.into_iter().flatten() { th.n { "s = " (scale) } }
                }
            }
            tbody {
                @for study in studies {
                    tr {
                        td { (study.title) }
                        @for point in &study.losses[1].family {
                            @let ratio = ratio(point);
                            td.n { @if ratio.is_nan() { "–" } @else { (scientific(ratio)) } }
                        }
                    }
                }
            }
        }
    }
}
