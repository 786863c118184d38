//! The page: every experiment as a section of an article.

use anyhow::Result;
use maud::{DOCTYPE, PreEscaped, html};
use rnn_lab::report::{Chapter, Outcome};
use rnn_lab::{Conclusion, Expected, Finding, Scope};

use crate::article::{STYLE, display, prose};

/// What this page adds to the style of an article.
const OWN_STYLE: &str = include_str!("page.css");

/// The size of a panel that has the width of the text.
const WIDE: (u32, u32) = (620, 340);

/// The size of one that stands beside others.
const NARROW: (u32, u32) = (360, 290);

/// The whole page.
pub(super) fn html(chapters: &[Chapter], scope: &Scope) -> Result<String> {
    let sections: Result<Vec<_>> = chapters.iter().map(section).collect();
    let (passed, checks) = count(chapters);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Experiments on gradient flow and recurrent dynamics" }
                style { (PreEscaped(STYLE)) (PreEscaped(OWN_STYLE)) }
            }
            body {
                main {
                    header {
                        h1 { "Experiments on gradient flow and recurrent dynamics" }
                        p.lead {
                            "Results of theory and of the literature, computed anew. A check holds our number against one that \
                             can be derived or was published; an observation shows an effect with its spread over seeds, \
                             and has no verdict."
                        }
                        dl.byline {
                            div { dt { "Checks" } dd { (passed) " of " (checks) " passed" } }
                            div {
                                dt { "Scope" }
                                dd {
                                    (prose(if scope.long { "with the trainings of --long" } else { "without the trainings of --long" }))
                                    @if let Some(seeds) = scope.seeds { "; " (seeds) " seeds in place of each experiment’s own number" }
                                }
                            }
                            div { dt { "Computed by" } dd { "rnn-lab " (env!("CARGO_PKG_VERSION")) } }
                        }
                    }
                    nav aria-label="Contents" {
                        ol { @for chapter in chapters {
                            li { a href={ "#" (chapter.about.id) } { (chapter.about.id) " " (prose(chapter.about.question)) } }
                        } }
                    }
                    @for section in sections? { (section) }
                    footer {
                        p {
                            "Beside this page: the figures as " code { "figures/*.png" } ", every finding for programs in "
                            code { "experiments.json" } ", and the result of every job in " code { "jobs" } ". The same jobs give the same \
                            bytes of all of them, but for the seconds in " code { "experiments.json" } " and in " code { "jobs/*/*.seconds" } "."
                        }
                    }
                }
            }
        }
    };
    Ok(page.into_string())
}

fn count(chapters: &[Chapter]) -> (usize, usize) {
    let findings = chapters.iter().filter_map(|chapter| match &chapter.outcome {
        Outcome::Concluded(conclusion) => Some(&conclusion.findings),
        _ => None,
    });
    let passed: Vec<bool> = findings.flatten().filter_map(Finding::passed).collect();
    (passed.iter().filter(|&&passed| passed).count(), passed.len())
}

fn section(chapter: &Chapter) -> Result<PreEscaped<String>> {
    let about = &chapter.about;
    // Formulas side by side do not fit a narrow page.
    let formulas = about.formula.split(r"\qquad").map(|formula| formula.trim().trim_end_matches(','));
    let formulas: Vec<_> =
        formulas.filter(|formula| !formula.is_empty()).map(display).collect::<Result<_>>()?;
    let outcome = match &chapter.outcome {
        Outcome::Concluded(conclusion) => concluded(conclusion)?,
        Outcome::Long => {
            html! { p { "Not computed: this experiment trains over several seeds, which " code.option { "--long" } " does." } }
        }
        Outcome::Incomplete { done, of, failures } => html! {
            p { (done) " of " (of) " jobs have a result." }
            @if !failures.is_empty() {
                ul { @for failure in failures { li { code { (failure.job) } ": " (failure.reason) } } }
            }
        },
    };
    Ok(html! {
        section id=(about.id) {
            h2 { span.part { (about.id) " " (about.name) } (prose(about.question)) }
            p { (prose(about.why)) }
            p.setting { (prose(about.setting)) }
            @for formula in formulas { (formula) }
            (outcome)
            @if !about.sources.is_empty() {
                ul.references { @for source in about.sources {
                    li {
                        (source.text)
                        @if !source.url.is_empty() { ". " a href=(source.url) { (source.url) } }
                    }
                } }
            }
        }
    })
}

fn concluded(conclusion: &Conclusion) -> Result<PreEscaped<String>> {
    let figure = match &conclusion.figure {
        None => html! {},
        Some((figure, caption)) => {
            let panels = figure.pieces()?.panels.len();
            let (width, height) = if panels == 1 { WIDE } else { NARROW };
            let pieces = figure.clone().panel_size(width, height).pieces()?;
            let columns = panels.min(3);
            html! {
                figure.drawn data-columns=(columns) {
                    div.panels { @for panel in &pieces.panels { (PreEscaped(panel)) } }
                    @if !pieces.legend.is_empty() {
                        ul.keys { @for key in &pieces.legend { li { (PreEscaped(key)) } } }
                    }
                    figcaption { (prose(caption)) }
                }
            }
        }
    };
    let checks: Vec<_> = conclusion.findings.iter().filter_map(check).collect();
    let seen: Vec<_> = conclusion.findings.iter().filter_map(observation).collect();
    Ok(html! {
        (figure)
        @for paragraph in &conclusion.text { p { (prose(paragraph)) } }
        @if !checks.is_empty() {
            div.wide { table {
                thead { tr { th { "check" } th.n { "found" } th.n { "expected" } th { "" } th { "why this tolerance" } } }
                tbody { @for check in checks { (check) } }
            } }
        }
        @if !seen.is_empty() {
            div.wide { table {
                thead { tr { th { "observation" } th.n { "seeds" } th.n { "least" } th.n { "median" } th.n { "most" } th { "in the literature" } } }
                tbody { @for row in seen { (row) } }
            } }
        }
    })
}

fn check(finding: &Finding) -> Option<PreEscaped<String>> {
    let Finding::Check { what, expected, got, reason } = finding else { return None };
    let expected = match *expected {
        Expected::Near { value, tolerance: 0.0 } => number(value),
        Expected::Near { value, tolerance } => format!("{} ± {}", number(value), number(tolerance)),
        Expected::AtLeast(bound) => format!("at least {}", number(bound)),
        Expected::AtMost(bound) => format!("at most {}", number(bound)),
    };
    let passed = finding.passed() == Some(true);
    Some(html! {
        tr {
            td { (prose(what)) }
            td.n { (number(*got)) }
            td.n { (expected) }
            td { @if passed { span.pass { "pass" } } @else { span.fail { "FAIL" } } }
            td.reason { (prose(reason)) }
        }
    })
}

fn observation(finding: &Finding) -> Option<PreEscaped<String>> {
    let Finding::Observation { what, values, remark } = finding else { return None };
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let at =
        |share: f64| sorted.get((share * sorted.len().saturating_sub(1) as f64).round() as usize).copied();
    let shown = |value: Option<f64>| value.map_or_else(String::new, number);
    Some(html! {
        tr {
            td { (prose(what)) }
            td.n { (sorted.len()) }
            td.n { (shown(at(0.0))) }
            td.n { (shown(median(&sorted))) }
            td.n { (shown(at(1.0))) }
            td.reason { (prose(remark)) }
        }
    })
}

/// The median of sorted numbers.
fn median(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    let (low, high) = (sorted.get(n.checked_sub(1)? / 2)?, sorted.get(n / 2)?);
    Some(f64::midpoint(*low, *high))
}

/// A number with six significant digits at most, and a true minus sign.
fn number(x: f64) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let text = if (1e-4..1e7).contains(&x.abs()) {
        let decimals = (5 - x.abs().log10().floor() as i32).clamp(0, 9) as usize;
        let text = format!("{x:.decimals$}");
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        let text = format!("{x:.3e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        format!("{}e{exponent}", digits.trim_end_matches('0').trim_end_matches('.'))
    };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_six_digits() {
        let shown = [0.0, 1.0, -0.9, 19.358_372_1, 1.4e8, 2e-9, 55.0, 123_456.789].map(number);
        assert_eq!(shown, ["0", "1", "−0.9", "19.3584", "1.4e8", "2e−9", "55", "123457"]);
    }

    #[test]
    fn the_median_of_an_even_number_is_between_the_two_in_the_middle() {
        assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), Some(3.0));
        assert_eq!(median(&[]), None);
    }
}
