//! Shapes as pixels, by tiny-skia: anti-aliased strokes with real widths, and text as outlines.

use plotters::style::RGBAColor;
use plotters_backend::BackendCoord;
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform,
};

use crate::recorder::{Font, Pen, Shape};
use crate::style::{PIXELS_PER_POINT, UNITS_PER_POINT};
use crate::text;

/// A picture of a size in logical pixels, on white; `None` if the size is 0 or too large for memory.
pub(crate) fn picture((width, height): (u32, u32), shapes: &[Shape]) -> Option<Pixmap> {
    let mut pixmap =
        Pixmap::new(width.checked_mul(PIXELS_PER_POINT)?, height.checked_mul(PIXELS_PER_POINT)?)?;
    pixmap.fill(Color::WHITE);
    for shape in shapes {
        draw(&mut pixmap, shape);
    }
    Some(pixmap)
}

fn draw(pixmap: &mut Pixmap, shape: &Shape) {
    let plain = |pixmap: &mut Pixmap, path: &Path, color| {
        pixmap.fill_path(path, &paint(color), FillRule::Winding, Transform::identity(), None);
    };
    match shape {
        Shape::Curve { points, pen } => {
            if let Some(path) = polyline(points) {
                stroke(pixmap, &path, &pen_stroke(pen), pen.color);
            }
        }
        &Shape::Rule { from, to, width, color } => rule(pixmap, from, to, width, color),
        Shape::Stroke { points, width, color } => {
            if let Some(path) = polyline(points) {
                let style = Stroke {
                    width: pixels(width.cast_signed()),
                    line_join: LineJoin::Round,
                    line_cap: LineCap::Round,
                    ..Stroke::default()
                };
                stroke(pixmap, &path, &style, *color);
            }
        }
        // Rectangles are aligned to pixels, so that neighbours share an edge without a seam.
        &Shape::Rectangle { upper_left: (left, top), bottom_right: (right, bottom), color } => {
            let [left, top, right, bottom] = [left, top, right, bottom].map(|edge| pixels(edge).round());
            if let Some(rect) = Rect::from_ltrb(left, top, right, bottom) {
                pixmap.fill_rect(rect, &paint(color), Transform::identity(), None);
            }
        }
        &Shape::Disc { center: (x, y), radius, color } => {
            let radius = pixels(radius.cast_signed());
            if let Some(path) = PathBuilder::from_circle(pixels(x), pixels(y), radius) {
                plain(pixmap, &path, color);
            }
        }
        Shape::Polygon { points, color } => {
            if let Some(path) = polyline(points) {
                plain(pixmap, &path, *color);
            }
        }
        Shape::Text { text, at, font } => write(pixmap, text, *at, font),
    }
}

fn stroke(pixmap: &mut Pixmap, path: &Path, style: &Stroke, color: RGBAColor) {
    if color.3 > 0.0 {
        pixmap.stroke_path(path, &paint(color), style, Transform::identity(), None);
    }
}

fn pen_stroke(pen: &Pen) -> Stroke {
    let width = pen.width * f64::from(PIXELS_PER_POINT);
    let dash: Vec<f32> = pen.dash.iter().map(|length| (length * width) as f32).collect();
    Stroke {
        width: width as f32,
        // Joins of a hairline are invisible, and noisy curves have thousands of them.
        line_join: if pen.width < 1.0 { LineJoin::Bevel } else { LineJoin::Round },
        // Round caps would close the gaps of a dashed line.
        line_cap: if dash.is_empty() { LineCap::Round } else { LineCap::Butt },
        dash: StrokeDash::new(dash, 0.0),
        ..Stroke::default()
    }
}

/// Grid lines, spines and ticks are a whole number of pixels wide and aligned to pixels, so that all look alike.
fn rule(pixmap: &mut Pixmap, from: BackendCoord, to: BackendCoord, width: u32, color: RGBAColor) {
    let width = pixels(width.cast_signed()).round().max(1.0);
    let across = |center: i32| (pixels(center) - width / 2.0).round();
    let along = |a: i32, b: i32| (pixels(a.min(b)).round(), pixels(a.max(b)).round());
    let rect = if from.0 == to.0 {
        let (top, bottom) = along(from.1, to.1);
        Rect::from_ltrb(across(from.0), top, across(from.0) + width, bottom)
    } else {
        let (left, right) = along(from.0, to.0);
        Rect::from_ltrb(left, across(from.1), right, across(from.1) + width)
    };
    if let Some(rect) = rect {
        pixmap.fill_rect(rect, &paint(color), Transform::identity(), None);
    }
}

fn write(pixmap: &mut Pixmap, text: &str, (x, y): BackendCoord, font: &Font) {
    let size = font.size / f64::from(UNITS_PER_POINT / PIXELS_PER_POINT);
    let Some(outline) = text::outline(text, size, font.weight) else { return };
    let dx = -font.left * text::width(text, size, font.weight);
    let dy = size * font.drop;
    let (sin, cos) = [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)][usize::from(font.turns % 4)];
    let turn = Transform::from_row(cos, sin, -sin, cos, pixels(x), pixels(y));
    let place = turn.pre_translate(dx as f32, dy as f32);
    pixmap.fill_path(&outline, &paint(font.color), FillRule::Winding, place, None);
}

/// Units of plotters' coordinates to device pixels.
fn pixels(units: i32) -> f32 {
    units as f32 * (PIXELS_PER_POINT as f32 / UNITS_PER_POINT as f32)
}

fn paint(color: RGBAColor) -> Paint<'static> {
    let RGBAColor(r, g, b, alpha) = color;
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, (alpha.clamp(0.0, 1.0) * 255.0).round() as u8);
    paint
}

fn polyline(points: &[BackendCoord]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for &(x, y) in points {
        if path.is_empty() {
            path.move_to(pixels(x), pixels(y));
        } else {
            path.line_to(pixels(x), pixels(y));
        }
    }
    path.finish()
}
