//! Shapes as SVG: text stays text, and every color has a second one for dark pages.

pub(crate) mod readings;

use std::fmt::Write as _;

use plotters::style::RGBAColor;
use plotters_backend::BackendCoord;

use crate::recorder::{Font, Pen, Shape};
use crate::style::UNITS_PER_POINT;
use crate::style::color_map::in_the_dark;
use crate::text::{self, Script, Weight};

/// Fonts about as wide as the one by which texts were measured, or narrower.
const FONTS: &str = "DejaVu Sans, Verdana, system-ui, sans-serif";

/// Steps between the levels of red, green and blue in a mosaic of cells. Neighbours of one level become one rectangle.
const LEVEL: u8 = 10;

/// An `svg` element of a size in logical pixels with `shapes` and then `more`; `label` says what it shows.
pub(crate) fn element((width, height): (u32, u32), label: &str, shapes: &[Shape], more: &str) -> String {
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{}" font-family="{FONTS}">"#,
        escape(&plain(label))
    );
    for run in shapes.chunk_by(alike) {
        if let [Shape::Rectangle { .. }, ..] = run {
            mosaic(&mut out, run);
        } else if let Some((tag, style)) = paths(&run[0]) {
            let d: String = run.iter().map(data).collect();
            let _ = write!(out, "<{tag}{style} d=\"{d}\"/>");
        } else if let [Shape::Text { font, .. }, ..] = run {
            let weight = if font.weight == Weight::Bold { " font-weight=\"bold\"" } else { "" };
            let size = number(font.size / f64::from(UNITS_PER_POINT));
            let _ = write!(out, "<g font-size=\"{size}\"{weight}{}>", paint(&[("fill", font.color)]));
            for shape in run {
                if let Shape::Text { text, at, font } = shape {
                    out.push_str(&line(text, point(*at), font));
                }
            }
            out.push_str("</g>");
        }
    }
    out.push_str(more);
    out.push_str("</svg>");
    out
}

/// Whether two shapes can be written as one element.
fn alike(a: &Shape, b: &Shape) -> bool {
    match (a, b) {
        (Shape::Rectangle { .. }, Shape::Rectangle { .. }) => true,
        (Shape::Text { font: a, .. }, Shape::Text { font: b, .. }) => {
            (a.size, a.weight, a.color) == (b.size, b.weight, b.color)
        }
        _ => paths(a).is_some_and(|style| paths(b) == Some(style)),
    }
}

/// The element and the style of a shape that is a path.
fn paths(shape: &Shape) -> Option<(&'static str, String)> {
    let stroke = |width: f64, color| {
        format!(" fill=\"none\" stroke-width=\"{}\"{}", number(width), paint(&[("stroke", color)]))
    };
    let units = |width: u32| f64::from(width) / f64::from(UNITS_PER_POINT);
    let style = match shape {
        Shape::Curve { pen: Pen { color, width, dash }, .. } => {
            let lengths: Vec<String> = dash.iter().map(|length| number(length * width)).collect();
            let ends = if lengths.is_empty() {
                " stroke-linecap=\"round\" stroke-linejoin=\"round\"".to_owned()
            } else {
                format!(" stroke-dasharray=\"{}\"", lengths.join(" "))
            };
            stroke(*width, *color) + &ends
        }
        Shape::Rule { width, color, .. } => stroke(units(*width), *color) + " shape-rendering=\"crispEdges\"",
        Shape::Stroke { width, color, .. } => stroke(units(*width), *color),
        Shape::Disc { color, .. } | Shape::Polygon { color, .. } => paint(&[("fill", *color)]),
        Shape::Rectangle { .. } | Shape::Text { .. } => return None,
    };
    Some(("path", style))
}

/// The outline of a path.
fn data(shape: &Shape) -> String {
    let line = |points: &[BackendCoord]| {
        let mut d = String::new();
        for (i, &at) in points.iter().enumerate() {
            let (x, y) = point(at);
            let _ = write!(d, "{}{} {}", if i == 0 { "M" } else { "L" }, number(x), number(y));
        }
        d
    };
    match shape {
        Shape::Curve { points, .. } | Shape::Stroke { points, .. } => line(points),
        Shape::Rule { from, to, .. } => line(&[*from, *to]),
        Shape::Polygon { points, .. } => line(points) + "Z",
        Shape::Disc { center, radius, .. } => {
            let ((x, y), r) = (point(*center), f64::from(*radius) / f64::from(UNITS_PER_POINT));
            let (left, y, r, across) = (number(x - r), number(y), number(r), number(2.0 * r));
            format!("M{left} {y}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0 -{across} 0")
        }
        Shape::Rectangle { .. } | Shape::Text { .. } => String::new(),
    }
}

/// Rectangles that do not overlap, as one path for each color.
fn mosaic(out: &mut String, shapes: &[Shape]) {
    type Corners = (BackendCoord, BackendCoord);
    let mut colors: Vec<(RGBAColor, Vec<Corners>)> = Vec::new();
    for shape in shapes {
        let &Shape::Rectangle { upper_left, bottom_right, color: RGBAColor(r, g, b, alpha) } = shape else {
            continue;
        };
        let [r, g, b] = [r, g, b].map(|c| (c.saturating_add(LEVEL / 2) / LEVEL).saturating_mul(LEVEL));
        let color = RGBAColor(r, g, b, alpha);
        let at = colors.iter().position(|(known, _)| *known == color).unwrap_or_else(|| {
            colors.push((color, Vec::new()));
            colors.len() - 1
        });
        let cells = &mut colors[at].1;
        match cells.last_mut() {
            Some((a, b)) if (b.0, a.1, b.1) == (upper_left.0, upper_left.1, bottom_right.1) => {
                b.0 = bottom_right.0;
            }
            Some((a, b)) if (a.0, b.0, a.1) == (upper_left.0, bottom_right.0, bottom_right.1) => {
                a.1 = upper_left.1;
            }
            _ => cells.push((upper_left, bottom_right)),
        }
    }
    for (color, cells) in colors {
        let _ = write!(out, "<path{} shape-rendering=\"crispEdges\" d=\"", paint(&[("fill", color)]));
        for (a, b) in cells {
            let ((left, top), (right, bottom)) = (point(a), point(b));
            let (left, top, right, bottom) = (number(left), number(top), number(right), number(bottom));
            let _ = write!(out, "M{left} {top}H{right}V{bottom}H{left}Z");
        }
        out.push_str("\"/>");
    }
}

/// One line of text.
fn line(text: &str, (x, y): (f64, f64), font: &Font) -> String {
    let size = font.size / f64::from(UNITS_PER_POINT);
    let anchor = match font.left {
        0.0 => "",
        1.0 => " text-anchor=\"end\"",
        _ => " text-anchor=\"middle\"",
    };
    let (at, baseline) = (number(x), number(y + size * font.drop));
    let turn = match font.turns {
        0 => String::new(),
        turns => format!(
            " transform=\"rotate({} {at} {})\"",
            90 * i32::from(turns) - if turns == 3 { 360 } else { 0 },
            number(y)
        ),
    };
    format!("<text x=\"{at}\" y=\"{baseline}\"{anchor}{turn}>{}</text>", spans(text, size))
}

/// A text with its subscripts and superscripts.
fn spans(text: &str, size: f64) -> String {
    let (mut out, mut height) = (String::new(), 0.0);
    for span in text::spans(text) {
        let (relative, shift) = span.script.place();
        let words = escape(&span.text);
        let moved = size * (shift - height);
        height = shift;
        let dy = if moved == 0.0 { String::new() } else { format!(" dy=\"{}\"", number(moved)) };
        match span.script {
            Script::Base if dy.is_empty() => out += &words,
            Script::Base => drop(write!(out, "<tspan{dy}>{words}</tspan>")),
            Script::Super | Script::Sub => {
                let _ = write!(out, "<tspan{dy} font-size=\"{}\">{words}</tspan>", number(relative * size));
            }
        }
    }
    out
}

/// The attributes that paint with a color; where the page may be dark, with that for dark pages. Browsers that do not know
/// `light-dark` keep the first.
fn paint(properties: &[(&str, RGBAColor)]) -> String {
    let (mut attributes, mut style) = (String::new(), String::new());
    for &(property, color) in properties {
        let (light, dark) = (hex(color), hex(in_the_dark(color)));
        let _ = write!(attributes, " {property}=\"{light}\"");
        if color.3 < 1.0 {
            let _ = write!(attributes, " {property}-opacity=\"{}\"", number(color.3));
        }
        let separator = if style.is_empty() { "" } else { ";" };
        let _ = write!(style, "{separator}{property}:light-dark({light},{dark})");
    }
    format!("{attributes} style=\"{style}\"")
}

fn hex(RGBAColor(r, g, b, _): RGBAColor) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Logical pixels.
fn point((x, y): BackendCoord) -> (f64, f64) {
    (f64::from(x) / f64::from(UNITS_PER_POINT), f64::from(y) / f64::from(UNITS_PER_POINT))
}

/// A number with at most two decimals.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text without its markup: "h_t" stays, "W_{hh}" is "W_hh".
fn plain(text: &str) -> String {
    text.replace(['{', '}'], "")
}

fn escape(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
