//! 1.D: gradient flow.

use anyhow::Result;
use maud::{PreEscaped, html};

use super::html::{Figures, cite, display, inline, next, number, prose, scientific, whole};
use super::{diagrams, heading};
use crate::report::Report;
use crate::report::flow::{FlowStudy, questions, ratio};

pub(super) fn sections(report: &Report, figures: &Figures<'_>) -> Result<PreEscaped<String>> {
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
            (diagrams::layers())
            p {
                "Each step back multiplies by slopes and by " (inline(r"W_{hh}^{\top}")?) ". In a linear network the gradient \
                 therefore shrinks or grows in the long run like the powers of the largest eigenvalue magnitude "
                (inline(r"\rho(W_{hh})")?) " " (cite("pascanu")) ". The slopes of tanh and relu are at most 1, so that they never \
                 lengthen it, and gates may keep a path open. Below, all recurrent weights are multiplied by a scale "
                (inline("s")?) ", and all recurrent biases by another; the head stays as it is. The three RNNs share their weights."
            }
            p {
                "With the loss at the last timestep only, the norms of " (inline(r"\mathrm dL/\mathrm dh_t")?) " show what the steps \
                 back do. With the loss at all timesteps, every " (inline(r"\mathrm dL/\mathrm dh_t")?) " has a part of its own, and \
                 the ratio of two of them compares sums over different losses: it may be above 1 where no gradient flows back at \
                 all. How far gradients reach then shows in the gradient that the loss of each timestep sends back by itself."
            }
            @for (k, study) in report.flow.iter().enumerate() { (one(study, figures, k == 0)?) }
            (next("Of these curves, what is the work of the weights, what of the biases, and what of the nonlinearity?"))
        }
        section {
            (heading("questions"))
            p {
                "The notebook gives its reader two sliders and asks what they do. These are the answers of the numbers. The ratio is "
                (inline(r"\lVert \mathrm dL/\mathrm dh_1 \rVert / \lVert \mathrm dL/\mathrm dh_T \rVert")?)
                " of the loss at the last timestep; by weight scale, at bias scale 1, it is"
            }
            div.wide tabindex="0" { (ratios(&report.flow)) }
            @for question in questions::all(&report.flow) {
                h3 { (question.asked) }
                p { (prose(&question.answer)) " Look at it: " a href={ "#explore?" (question.look.0) } { (question.look.1) } "." }
            }
            (next("These are a few settings of many. What do the others show?"))
        }
    })
}

fn one(study: &FlowStudy, figures: &Figures<'_>, captioned: bool) -> Result<PreEscaped<String>> {
    let (name, radii) = (study.figure(), &study.eigenvalues);
    let radii = radii.iter().map(|(name, values)| (name, values.first().map_or(0.0, |z| z.norm())));
    Ok(html! {
        h3 { (study.title) }
        @for sentence in &study.sentences { p { (prose(sentence)) } }
        p {
            "Largest eigenvalue magnitude of the unscaled recurrent weights: "
            @for (k, (name, radius)) in radii.enumerate() {
                @if k > 0 { ", " }
                (inline(name)?) " " (number(radius, 3))
            }
            "."
        }
        @if captioned { (figures.show(3, &[whole(&name)])?) } @else { (figures.again(3, &[whole(&name)])?) }
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
