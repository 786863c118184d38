//! How an article looks: its style sheet, formulas, numbers and sentences as HTML.

use anyhow::{Result, anyhow};
use maud::{PreEscaped, html};
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::mathml::push_mathml;
use pulldown_latex::{Parser, Storage};

/// The style sheet of the report and of the page of experiments.
pub(crate) const STYLE: &str = include_str!("article/style.css");

/// A formula within a line, from LaTeX.
pub(crate) fn inline(latex: &str) -> Result<PreEscaped<String>> {
    mathml(latex, DisplayMode::Inline)
}

/// A formula on lines of its own, from LaTeX.
pub(crate) fn display(latex: &str) -> Result<PreEscaped<String>> {
    let formula = mathml(latex, DisplayMode::Block)?;
    Ok(html! { div.formula { (formula) } })
}

fn mathml(latex: &str, display_mode: DisplayMode) -> Result<PreEscaped<String>> {
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(latex, &storage)
        .collect::<Result<_, _>>()
        .map_err(|error| anyhow!("the formula {latex} does not parse: {error}"))?;
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    let mut out = String::new();
    push_mathml(&mut out, events, RenderConfig { display_mode, ..RenderConfig::default() })?;
    Ok(PreEscaped(out))
}

/// A number as 1.2 × 10⁻⁵, or plainly where that is shorter.
pub(crate) fn scientific(x: f64) -> PreEscaped<String> {
    if x == 0.0 || !x.is_finite() {
        return html! { (x) };
    }
    let text = format!("{x:.1e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    html! { span.number { (digits) " × 10" sup { (exponent.replace('-', "−")) } } }
}

/// A sentence, in which h_t and W_hh have subscripts: what follows an underscore as letters and digits.
pub(crate) fn prose(text: &str) -> PreEscaped<String> {
    let mut parts = text.split('_');
    let first = parts.next().unwrap_or_default();
    html! {
        (first)
        @for part in parts {
            @let end = part.find(|c: char| !c.is_alphanumeric()).unwrap_or(part.len());
            sub { (part[..end]) } (part[end..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_in_sentences_have_subscripts() {
        assert_eq!(
            prose("‖dL/dh_10‖ < ρ(W_hh), b").into_string(),
            "‖dL/dh<sub>10</sub>‖ &lt; ρ(W<sub>hh</sub>), b"
        );
        assert_eq!(prose("none").into_string(), "none");
    }
}
