//! The page: HTML, CSS and JavaScript, in one piece.
//!
//! Nothing is built and nothing is fetched: the files of `page/` are put one after the other when the program is compiled. The
//! scripts share one function's scope, so that a report can hold the explorer without a name of it getting out.

use serde_json::json;

use crate::settings::Query;
use crate::settings::preset::presets;

/// The colours, the layout and the type of the explorer; all of it is below `.explorer` but the frame of a page of its own,
/// which is below `html.explore`.
pub const STYLE: &str = include_str!("../page/style.css");

const BODY: &str = include_str!("../page/explorer.html");

/// In the order in which they need each other.
const SCRIPTS: &[&str] = &[
    include_str!("../page/js/format.js"),
    include_str!("../page/js/axis.js"),
    include_str!("../page/js/plot.js"),
    include_str!("../page/js/lines.js"),
    include_str!("../page/js/matrix.js"),
    include_str!("../page/js/plane.js"),
    include_str!("../page/js/figures.js"),
    include_str!("../page/js/source.js"),
    include_str!("../page/js/latest.js"),
    include_str!("../page/js/address.js"),
    include_str!("../page/js/controls.js"),
    include_str!("../page/js/table.js"),
    include_str!("../page/js/export.js"),
    include_str!("../page/js/main.js"),
];

/// A page of its own, that asks for each view at `api/view?` and the query.
pub fn live() -> String {
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
<p>A recurrent network, one sequence, one pass forward and one back. Move anything, and see where the gradient goes.</p>
</header>
<main>
{}</main>
</body>
</html>
",
        fragment("live", "")
    )
}

/// The explorer within another page, with views that were computed before: `grid` is the JSON that `page/js/source.js`
/// describes. The page must have [`STYLE`].
pub fn embedded(grid: &str) -> String {
    let data = format!("<script type=\"application/json\" id=\"explorer-grid\">{}</script>\n", inert(grid));
    fragment("grid", &data)
}

fn fragment(source: &str, data: &str) -> String {
    let presets: Vec<_> = presets()
        .into_iter()
        .map(|of| json!({ "title": of.title, "lesson": of.lesson, "query": Query::write(&of.settings) }))
        .collect();
    let presets = inert(&json!(presets).to_string());
    let body = BODY.replace("{{source}}", source);
    let scripts = SCRIPTS.join("\n");
    format!(
        "{body}<script type=\"application/json\" id=\"explorer-presets\">{presets}</script>
{data}<script>
(() => {{
\"use strict\";

{scripts}}})();
</script>
"
    )
}

/// JSON that cannot end the script that it lies in.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c")
}
