//! Marks, legend keys and text, placed by coordinates of the canvas.

use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontStyle, IntoFont as _, RGBAColor, TextStyle};
use plotters_backend::BackendCoord;

use super::{Canvas, Drawn};
use crate::legend::{KEY_WIDTH, Key};
use crate::line_plot::line::Marker;
use crate::recorder::Curve;
use crate::scene::Mark;
use crate::style::units;
use crate::text::Weight;

/// Text of a size in logical pixels.
pub(crate) fn font(size: f64, weight: Weight, color: &'static RGBAColor) -> TextStyle<'static> {
    let style = if weight == Weight::Bold { FontStyle::Bold } else { FontStyle::Normal };
    TextStyle::from(("sans-serif", units(size)).into_font().style(style)).color(color)
}

/// Draws text with its anchor at a place in logical pixels.
pub(crate) fn text_at(
    canvas: &Canvas,
    text: &str,
    style: TextStyle<'_>,
    (horizontal, vertical): (HPos, VPos),
    (x, y): (f64, f64),
) -> Drawn {
    canvas.draw_text(text, &style.pos(Pos::new(horizontal, vertical)), (units(x), units(y)))
}

pub(super) fn dot(canvas: &Canvas, at: BackendCoord, radius: f64, color: RGBAColor) -> Drawn {
    canvas.draw(&Circle::new(at, units(radius), color.filled()))
}

pub(super) fn draw_mark(canvas: &Canvas, (x, y): BackendCoord, mark: &Mark) -> Drawn {
    let &Mark { marker, color, radius } = mark;
    // Factors give all shapes about the area of the circle.
    let at = |dx: f64, dy: f64| (x + units(radius * dx), y + units(radius * dy));
    let polygon = |corners: &[(f64, f64)]| {
        let corners: Vec<_> = corners.iter().map(|&(dx, dy)| at(dx, dy)).collect();
        canvas.draw(&Polygon::new(corners, color))
    };
    let strokes = |ends: [[(f64, f64); 2]; 2]| {
        let style = color.stroke_width(units(0.5 * radius).cast_unsigned());
        ends.into_iter()
            .try_for_each(|pair| canvas.draw(&PathElement::new(pair.map(|(dx, dy)| at(dx, dy)), style)))
    };
    match marker {
        Marker::Circle => dot(canvas, (x, y), radius, color),
        Marker::Square => polygon(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        Marker::Triangle => polygon(&[(0.0, -1.3), (1.2, 0.8), (-1.2, 0.8)]),
        Marker::Diamond => polygon(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
        Marker::Cross => strokes([[(-0.9, -0.9), (0.9, 0.9)], [(-0.9, 0.9), (0.9, -0.9)]]),
        Marker::Plus => strokes([[(-1.2, 0.0), (1.2, 0.0)], [(0.0, -1.2), (0.0, 1.2)]]),
    }
}

/// A legend key, its left end at `x`, centered on `y`.
pub(super) fn draw_key(canvas: &Canvas, key: &Key, x: f64, y: f64) -> Drawn {
    let at = |x: f64, y: f64| (units(x), units(y));
    match key {
        Key::Line { pen, mark } => {
            if let Some(pen) = *pen {
                canvas.draw(&Curve { points: vec![at(x, y), at(x + KEY_WIDTH, y)], pen })?;
            }
            mark.iter().try_for_each(|mark| draw_mark(canvas, at(x + 0.5 * KEY_WIDTH, y), mark))
        }
        Key::Swatch(color) => {
            let corners = [at(x + KEY_WIDTH - 16.0, y - 5.0), at(x + KEY_WIDTH, y + 5.0)];
            canvas.draw(&Rectangle::new(corners, color.filled()))
        }
    }
}
