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

/// A sentence, in which h_t and W_hh have subscripts and W^k, e^−s and e^(−t/τ) superscripts: what follows as letters and digits,
/// after a minus sign perhaps, or in parentheses. Options as --long are code.
pub(crate) fn prose(text: &str) -> PreEscaped<String> {
    let Some(at) = text.find(['_', '^']).into_iter().chain(text.find("--")).min() else {
        return html! { (text) };
    };
    let (before, rest) = text.split_at(at);
    if let Some(word) = rest.strip_prefix("--") {
        let end = word.find(|c: char| !c.is_alphanumeric()).unwrap_or(word.len());
        return html! { (before) code.option { "--" (word[..end]) } (prose(&word[end..])) };
    }
    let (sign, rest) = rest.split_at(1);
    let (script, after) = script(sign, rest);
    html! {
        (before)
        @if script.is_empty() { (sign) }
        @else if sign == "_" { sub { (script) } }
        @else { sup { (script) } }
        (prose(after))
    }
}

/// What is raised or lowered, and what follows.
fn script<'t>(sign: &str, text: &'t str) -> (&'t str, &'t str) {
    if sign == "^"
        && let Some((inside, after)) = text.strip_prefix('(').and_then(|text| text.split_once(')'))
    {
        return (inside, after);
    }
    let signed = text.strip_prefix('−').filter(|_| sign == "^").unwrap_or(text);
    let digits = |at: usize| signed[at..].starts_with(|c: char| c.is_ascii_digit());
    let part = |&(at, c): &(usize, char)| {
        c.is_alphanumeric() || (sign == "^" && c == '.' && at > 0 && digits(at + 1))
    };
    let end = signed.char_indices().take_while(part).last().map_or(0, |(at, c)| at + c.len_utf8());
    if end == 0 { ("", text) } else { text.split_at(text.len() - signed.len() + end) }
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
        let scripts = [
            ("‖W^k‖ < e^−s.", "‖W<sup>k</sup>‖ &lt; e<sup>−s</sup>."),
            ("α^7.5, e^(−½) b", "α<sup>7.5</sup>, e<sup>−½</sup> b"),
            ("χ^k. (a_1)^2", "χ<sup>k</sup>. (a<sub>1</sub>)<sup>2</sup>"),
            ("a ^ b _", "a ^ b _"),
            ("with --long, 5", "with <code class=\"option\">--long</code>, 5"),
        ];
        for (text, html) in scripts {
            assert_eq!(prose(text).into_string(), html);
        }
    }
}
