//! Formulas, figures and numbers as HTML.

use anyhow::{Result, anyhow};
use base64::Engine;
use maud::{PreEscaped, html};
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::mathml::push_mathml;
use pulldown_latex::{Parser, Storage};

use crate::report::figures::Drawn;

/// The pictures, by name.
pub(super) struct Figures<'a>(pub(super) &'a [Drawn]);

impl Figures<'_> {
    /// A picture with its caption, embedded.
    pub(super) fn show(&self, name: &str) -> Result<PreEscaped<String>> {
        let figure = self
            .0
            .iter()
            .find(|figure| figure.name == name)
            .ok_or_else(|| anyhow!("no figure {name} was drawn"))?;
        let data = base64::engine::general_purpose::STANDARD.encode(&figure.png);
        Ok(html! {
            figure {
                img src={ "data:image/png;base64," (data) } alt=(figure.caption) loading="lazy";
                figcaption { (figure.caption) }
            }
        })
    }
}

/// A formula within a line, from LaTeX.
pub(super) fn inline(latex: &str) -> Result<PreEscaped<String>> {
    mathml(latex, DisplayMode::Inline)
}

/// A formula on lines of its own, from LaTeX.
pub(super) fn display(latex: &str) -> Result<PreEscaped<String>> {
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
pub(super) fn scientific(x: f64) -> PreEscaped<String> {
    if x == 0.0 || !x.is_finite() {
        return html! { (x) };
    }
    let text = format!("{x:.1e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    html! { span.number { (digits) " × 10" sup { (exponent.replace('-', "−")) } } }
}

/// A number with a true minus sign.
pub(super) fn number(x: f64, decimals: usize) -> String {
    format!("{x:.decimals$}").replace('-', "−")
}

/// "1 batch", "300 batches".
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
