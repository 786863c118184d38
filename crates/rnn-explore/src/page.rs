//! The page: one HTML document with its CSS and JavaScript.
//!
//! The files of `page/` are concatenated when the crate is compiled; the page loads nothing else. All scripts run in the scope
//! of one function, so that they define no global names in a report that embeds the explorer.

use serde_json::json;

use crate::lessons::{confusions::confusions, glossary::glossary, lessons};
use crate::settings::Query;
use crate::settings::preset::presets;

/// The style sheet. Its rules apply below `.explorer`, and those for the frame of a page of its own below `html.explore`.
pub const STYLE: &str = concat!(include_str!("../page/style.css"), "\n", include_str!("../page/lessons.css"));

const JSON: &str = "application/json";

const BODY: &str = include_str!("../page/explorer.html");

/// Each file uses only names of those before it.
const SCRIPTS: &[&str] = &[
    include_str!("../page/js/format.js"),
    include_str!("../page/js/axis.js"),
    include_str!("../page/js/colours.js"),
    include_str!("../page/js/plot.js"),
    include_str!("../page/js/lines.js"),
    include_str!("../page/js/stacked.js"),
    include_str!("../page/js/matrix.js"),
    include_str!("../page/js/plane.js"),
    include_str!("../page/js/edits.js"),
    include_str!("../page/js/table.js"),
    include_str!("../page/js/figures/figure.js"),
    include_str!("../page/js/figures/gradient.js"),
    include_str!("../page/js/figures/sequence.js"),
    include_str!("../page/js/figures/steps.js"),
    include_str!("../page/js/figures/hidden.js"),
    include_str!("../page/js/figures/gates.js"),
    include_str!("../page/js/figures/highway.js"),
    include_str!("../page/js/figures/units.js"),
    include_str!("../page/js/figures/stateplane.js"),
    include_str!("../page/js/figures/reach.js"),
    include_str!("../page/js/figures/spectrum.js"),
    include_str!("../page/js/figures/fan.js"),
    include_str!("../page/js/figures/terms.js"),
    include_str!("../page/js/figures/training.js"),
    include_str!("../page/js/figures/map.js"),
    include_str!("../page/js/figures/groups.js"),
    include_str!("../page/js/source.js"),
    include_str!("../page/js/module.js"),
    include_str!("../page/js/latest.js"),
    include_str!("../page/js/address.js"),
    include_str!("../page/js/controls.js"),
    include_str!("../page/js/course.js"),
    include_str!("../page/js/compare.js"),
    include_str!("../page/js/frame.js"),
    include_str!("../page/js/export.js"),
    include_str!("../page/js/trainer.js"),
    include_str!("../page/js/panel.js"),
    include_str!("../page/js/takeaway.js"),
    include_str!("../page/js/main.js"),
    include_str!("../page/js/drawing.js"),
    include_str!("../page/js/terms.js"),
    include_str!("../page/js/lessons.js"),
];

/// Where the page gets its views from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// From a server beside the page: each view from `api/view?` followed by the query.
    Server,
    /// From a WebAssembly module in the page: base64 of gzip of the module that `rnn-explore-wasm` is compiled to. The page
    /// fetches nothing, and may be a file.
    Module(&'a str),
    /// From precomputed views in the page: the JSON that `page/js/source.js` describes.
    Grid(&'a str),
}

impl Source<'_> {
    /// `live` if the page can have any view.
    fn name(self) -> &'static str {
        match self {
            Self::Server | Self::Module(_) => "live",
            Self::Grid(_) => "grid",
        }
    }

    /// The element that holds the data of the source.
    fn data(self) -> String {
        match self {
            Self::Server => String::new(),
            Self::Module(module) => element("text/plain", "module", module),
            Self::Grid(grid) => element(JSON, "grid", grid),
        }
    }
}

/// The explorer as a page of its own.
pub fn page(source: Source<'_>) -> String {
    format!(
        "<!doctype html>
<html lang=\"en\" class=\"explore\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>The gradient explorer</title>
<link rel=\"icon\" href=\"data:,\">
<style>
{STYLE}</style>
</head>
<body>
<header class=\"head\">
<h1>The gradient explorer</h1>
<p>A recurrent network, one sequence, one pass forward and one back. Move a control and see where the gradient goes.</p>
</header>
<main>
{}</main>
</body>
</html>
",
        fragment(source)
    )
}

/// The explorer as a part of another page, which has to include [`STYLE`].
pub fn fragment(source: Source<'_>) -> String {
    let presets: Vec<_> = presets()
        .into_iter()
        .map(|of| json!({ "title": of.title, "lesson": of.lesson, "query": Query::write(&of.settings) }))
        .collect();
    let json = |name, value: serde_json::Value| element(JSON, name, &value.to_string());
    let presets = json("presets", json!(presets));
    // A grid holds the notebook's settings alone, to which no lesson leads.
    let teaching = match source {
        Source::Grid(_) => String::new(),
        Source::Server | Source::Module(_) => {
            json("lessons", json!(lessons()))
                + &json("confusions", json!(confusions()))
                + &json("glossary", json!(glossary()))
        }
    };
    let body = BODY.replace("{{source}}", source.name());
    let data = source.data();
    let scripts = SCRIPTS.join("\n");
    format!(
        "{body}{presets}{teaching}{data}<script>
(() => {{
\"use strict\";

{scripts}}})();
</script>
"
    )
}

/// Data in an element of the page: JSON, or base64, which has no `<`. In JSON it is escaped, so that it cannot end the element.
fn element(kind: &str, name: &str, data: &str) -> String {
    let data = data.replace('<', "\\u003c");
    format!("<script type=\"{kind}\" id=\"explorer-{name}\">{data}</script>\n")
}
