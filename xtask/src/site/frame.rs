//! What stands around the documents, and the first page.

use maud::{DOCTYPE, PreEscaped, html};

use super::documents::Documents;

pub(super) const STYLE: &str = include_str!("frame/style.css");

/// The first page. `lessons` are the ids and titles of the explorer's lessons, which need one that computes any view.
pub(super) fn index(
    documents: &Documents,
    lessons: &[(String, String)],
    live: bool,
    experiments: bool,
) -> String {
    let explorer = if live {
        "Sliders for a recurrent network, one sequence, one pass forward and one back: see where the gradient goes. Everything \
         is computed in the page. It is one file: save it, and it works without a network."
    } else {
        "Two sliders for a recurrent network: see where the gradient goes. The views were computed beforehand."
    };
    let body = html! {
        header {
            h1 { "Recurrent networks and their gradients" }
            p.lead { "Train small recurrent networks and see how gradients flow through them." }
        }
        ul.doors {
            li { h2 { a href="explorer.html" { "The explorer" } } p { (explorer) } }
            @if live && !lessons.is_empty() {
                li {
                    h2 { "The lessons" }
                    p { "Questions that you answer before the page does." }
                    ol { @for (id, title) in lessons { li { a href={ "explorer.html?lesson=" (id) } { (title) } } } }
                }
            }
            li {
                h2 { a href="report/index.html" { "The report" } }
                p { "A teaching notebook run from end to end: layers checked against known values, a task learned, gradients that \
                     vanish and explode." }
            }
            @if experiments {
                li {
                    h2 { a href="experiments/index.html" { "The experiments" } }
                    p { "Results of theory and of the literature on gradients and recurrent dynamics, each held against its known \
                         number." }
                }
            }
            li {
                h2 { a href="docs/readme.html" { "The documentation" } }
                ul { @for page in documents.pages() { li { a href={ "docs/" (page.name) } { (page.title) } } } }
            }
        }
    };
    shell("Recurrent networks and their gradients", "style.css", &body)
}

/// A page with a document; `titles` are the names and titles of all.
pub(super) fn document(title: &str, name: &str, titles: &[(String, String)], text: &str) -> String {
    let body = html! {
        nav aria-label="Site" {
            ul {
                li { a href="../index.html" { "Start" } }
                li { a href="../explorer.html" { "Explorer" } }
                li { a href="../report/index.html" { "Report" } }
                @for (other, title) in titles {
                    li { a href=(other) aria-current=[(other == name).then_some("page")] { (title) } }
                }
            }
        }
        article { (PreEscaped(text)) }
    };
    shell(title, "../style.css", &body)
}

fn shell(title: &str, style: &str, body: &PreEscaped<String>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(style);
            }
            body { main { (body) } }
        }
    };
    page.into_string()
}

/// Text for an attribute.
pub(super) fn escaped(text: &str) -> String {
    html! { (text) }.into_string()
}
