//! Formulas, figures and numbers as HTML.

use anyhow::{Result, anyhow};
use maud::{PreEscaped, html};
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::mathml::push_mathml;
use pulldown_latex::{Parser, Storage};

pub(super) use super::references::{cite, work};
use crate::report::figures::Drawn;

/// The pictures, by name.
pub(super) struct Figures<'a>(pub(super) &'a [Drawn]);

impl Figures<'_> {
    /// Panels in at most so many columns, and the words below them.
    pub(super) fn show(&self, columns: usize, parts: &[Part<'_>]) -> Result<PreEscaped<String>> {
        let caption = &self.find(parts.first().map_or("", |part| part.name))?.caption;
        self.draw(columns, parts, Some(caption))
    }

    /// Panels without words, where the caption of an earlier figure holds.
    pub(super) fn again(&self, columns: usize, parts: &[Part<'_>]) -> Result<PreEscaped<String>> {
        self.draw(columns, parts, None)
    }

    fn find(&self, name: &str) -> Result<&Drawn> {
        self.0.iter().find(|figure| figure.name == name).ok_or_else(|| anyhow!("no figure {name} was drawn"))
    }

    fn draw(&self, columns: usize, parts: &[Part<'_>], caption: Option<&str>) -> Result<PreEscaped<String>> {
        let (mut panels, mut keys): (Vec<&String>, Vec<&String>) = (Vec::new(), Vec::new());
        for part in parts {
            let pieces = &self.find(part.name)?.pieces;
            panels.extend(pieces.panels.iter().take(part.panels));
            keys.extend(&pieces.legend);
        }
        let mut seen = std::collections::HashSet::new();
        keys.retain(|key| seen.insert(*key));
        Ok(html! {
            figure.drawn data-columns=(columns) {
                div.panels { @for panel in panels { (PreEscaped(panel)) } }
                @if !keys.is_empty() { ul.keys { @for key in keys { li { (PreEscaped(key)) } } } }
                @if let Some(caption) = caption { figcaption { (caption) } }
            }
        })
    }
}

/// A figure, or the first panels of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    name: &'a str,
    panels: usize,
}

/// All panels of a figure.
pub(super) fn whole(name: &str) -> Part<'_> {
    Part { name, panels: usize::MAX }
}

/// The first panels of a figure.
pub(super) fn first(panels: usize, name: &str) -> Part<'_> {
    Part { name, panels }
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

/// A sentence, in which h_t and W_hh have subscripts: what follows an underscore as letters and digits.
pub(super) fn prose(text: &str) -> PreEscaped<String> {
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

/// A number with a true minus sign.
pub(super) fn number(x: f64, decimals: usize) -> String {
    format!("{x:.decimals$}").replace('-', "−")
}

/// The question with which a section ends, and which the next one answers.
pub(super) fn next(question: &str) -> PreEscaped<String> {
    html! { p.next { (question) } }
}

/// "1 batch", "300 batches".
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
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
