//! A plotters backend over tiny-skia: anti-aliased strokes with real widths, and text as outlines.
//!
//! plotters addresses pixels by integers. Here its "pixel" is a [`UNITS_PER_POINT`]th of a logical
//! pixel, so widths, font sizes and positions keep their fractions.

use std::convert::Infallible;

use plotters::element::{Drawable, PointCollection};
use plotters::style::{Color as _, RGBAColor};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};
use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform,
};

use crate::style::{PIXELS_PER_POINT, UNITS_PER_POINT};
use crate::text::{self, Weight};

/// How a curve is drawn; lengths in logical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pen {
    pub(crate) color: RGBAColor,
    pub(crate) width: f64,
    /// Lengths of strokes and gaps in turn, as multiples of the width.
    pub(crate) dash: &'static [f64],
}

/// A run of points drawn with a [`Pen`]. Unlike plotters' path element it supports dashes.
pub(crate) struct Curve<C> {
    pub(crate) points: Vec<C>,
    pub(crate) pen: Pen,
}

impl<'a, C> PointCollection<'a, C> for &'a Curve<C> {
    type Point = &'a C;
    type IntoIter = &'a [C];

    fn point_iter(self) -> &'a [C] {
        &self.points
    }
}

impl<C> Drawable<SkiaBackend> for Curve<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        backend: &mut SkiaBackend,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let width = self.pen.width * f64::from(PIXELS_PER_POINT);
        let dash: Vec<f32> = self.pen.dash.iter().map(|length| (length * width) as f32).collect();
        let stroke = Stroke {
            width: width as f32,
            // Joins of a hairline are invisible, and noisy curves have thousands of them.
            line_join: if self.pen.width < 1.0 { LineJoin::Bevel } else { LineJoin::Round },
            // Round caps would close the gaps of a dashed line.
            line_cap: if dash.is_empty() { LineCap::Round } else { LineCap::Butt },
            dash: StrokeDash::new(dash, 0.0),
            ..Stroke::default()
        };
        if let Some(path) = polyline(points) {
            backend.stroke(&path, &stroke, self.pen.color.to_backend_color());
        }
        Ok(())
    }
}

#[derive(Debug)]
pub(crate) struct SkiaBackend {
    pixmap: Pixmap,
}

impl SkiaBackend {
    /// A white canvas of a size in logical pixels; `None` if the size is 0 or too large for memory.
    pub(crate) fn new(width: u32, height: u32) -> Option<Self> {
        let mut pixmap =
            Pixmap::new(width.checked_mul(PIXELS_PER_POINT)?, height.checked_mul(PIXELS_PER_POINT)?)?;
        pixmap.fill(Color::WHITE);
        Some(Self { pixmap })
    }

    pub(crate) fn pixmap(&self) -> &Pixmap {
        &self.pixmap
    }

    fn fill(&mut self, path: &Path, color: BackendColor) {
        self.pixmap.fill_path(path, &paint(color), FillRule::Winding, Transform::identity(), None);
    }

    fn stroke(&mut self, path: &Path, stroke: &Stroke, color: BackendColor) {
        if color.alpha > 0.0 {
            self.pixmap.stroke_path(path, &paint(color), stroke, Transform::identity(), None);
        }
    }

    /// Grid lines, spines and ticks are a whole number of pixels wide and aligned to pixels, so that all look alike.
    fn fill_axis_aligned(&mut self, from: BackendCoord, to: BackendCoord, width: u32, color: BackendColor) {
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
        if let (Some(rect), true) = (rect, color.alpha > 0.0) {
            self.pixmap.fill_rect(rect, &paint(color), Transform::identity(), None);
        }
    }
}

impl DrawingBackend for SkiaBackend {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        let scale = UNITS_PER_POINT / PIXELS_PER_POINT;
        (self.pixmap.width() * scale, self.pixmap.height() * scale)
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn draw_pixel(
        &mut self,
        (x, y): BackendCoord,
        color: BackendColor,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let unit = pixels(1);
        if let Some(rect) = Rect::from_xywh(pixels(x), pixels(y), unit, unit) {
            self.pixmap.fill_rect(rect, &paint(color), Transform::identity(), None);
        }
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.draw_path([from, to], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        if let [from, to] = points[..]
            && (from.0 == to.0 || from.1 == to.1)
        {
            self.fill_axis_aligned(from, to, style.stroke_width(), style.color());
        } else if let Some(path) = polyline(points.into_iter()) {
            self.stroke(&path, &plain_stroke(style), style.color());
        }
        Ok(())
    }

    /// Filled rectangles are aligned to pixels, so that neighbours share an edge without a seam.
    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let (left, right) = (upper_left.0.min(bottom_right.0), upper_left.0.max(bottom_right.0));
        let (top, bottom) = (upper_left.1.min(bottom_right.1), upper_left.1.max(bottom_right.1));
        let [left, top, right, bottom] = [left, top, right, bottom].map(|edge| pixels(edge).round());
        if let Some(rect) = Rect::from_ltrb(left, top, right, bottom) {
            if fill {
                self.pixmap.fill_rect(rect, &paint(style.color()), Transform::identity(), None);
            } else {
                self.stroke(&PathBuilder::from_rect(rect), &plain_stroke(style), style.color());
            }
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        if let Some(path) = PathBuilder::from_circle(pixels(x), pixels(y), pixels(radius.cast_signed())) {
            if fill {
                self.fill(&path, style.color());
            } else {
                self.stroke(&path, &plain_stroke(style), style.color());
            }
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        if let Some(path) = polyline(vert.into_iter()) {
            self.fill(&path, style.color());
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let size = style.size() / f64::from(UNITS_PER_POINT / PIXELS_PER_POINT);
        let weight = weight(style);
        let Some(outline) = text::outline(text, size, weight) else { return Ok(()) };
        let dx = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -text::width(text, size, weight) / 2.0,
            HPos::Right => -text::width(text, size, weight),
        };
        let dy = size
            * match style.anchor().v_pos {
                VPos::Top => text::ASCENT,
                VPos::Center => text::CAP_HEIGHT / 2.0,
                VPos::Bottom => -text::DESCENT,
            };
        let (sin, cos) = match style.transform() {
            FontTransform::None => (0.0, 1.0),
            FontTransform::Rotate90 => (1.0, 0.0),
            FontTransform::Rotate180 => (0.0, -1.0),
            FontTransform::Rotate270 => (-1.0, 0.0),
        };
        let turn = Transform::from_row(cos, sin, -sin, cos, pixels(x), pixels(y));
        let place = turn.pre_translate(dx as f32, dy as f32);
        self.pixmap.fill_path(&outline, &paint(style.color()), FillRule::Winding, place, None);
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = text::width(text, style.size(), weight(style));
        Ok((width.ceil() as u32, (style.size() * (text::ASCENT + text::DESCENT)).ceil() as u32))
    }
}

/// Units of plotters' coordinates to device pixels.
fn pixels(units: i32) -> f32 {
    units as f32 * (PIXELS_PER_POINT as f32 / UNITS_PER_POINT as f32)
}

fn weight<S: BackendTextStyle>(style: &S) -> Weight {
    if matches!(style.style(), FontStyle::Bold) { Weight::Bold } else { Weight::Regular }
}

fn paint(color: BackendColor) -> Paint<'static> {
    let (r, g, b) = color.rgb;
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, (color.alpha.clamp(0.0, 1.0) * 255.0).round() as u8);
    paint
}

fn plain_stroke<S: BackendStyle>(style: &S) -> Stroke {
    Stroke {
        width: pixels(style.stroke_width().cast_signed()),
        line_join: LineJoin::Round,
        line_cap: LineCap::Round,
        ..Stroke::default()
    }
}

fn polyline(points: impl Iterator<Item = BackendCoord>) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (x, y) in points {
        if path.is_empty() {
            path.move_to(pixels(x), pixels(y));
        } else {
            path.line_to(pixels(x), pixels(y));
        }
    }
    path.finish()
}
