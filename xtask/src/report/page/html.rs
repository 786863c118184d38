//! Formulas, figures and numbers as HTML.

use anyhow::{Result, anyhow};
use maud::{PreEscaped, html};

pub(super) use super::references::{cite, work};
pub(super) use crate::article::{display, inline, prose, scientific};
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
