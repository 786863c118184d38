//! A plotters backend that records shapes; `pixels.rs` and `svg.rs` make pictures of them.
//!
//! plotters addresses pixels by integers. Here its "pixel" is a [`UNITS_PER_POINT`]th of a logical
//! pixel, so widths, font sizes and positions keep their fractions.

use std::convert::Infallible;

use plotters::element::{Drawable, PointCollection};
use plotters::style::RGBAColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};

use crate::style::UNITS_PER_POINT;
use crate::text::{self, Weight};

type Recorded = Result<(), DrawingErrorKind<Infallible>>;

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

impl<C> Drawable<Recorder> for Curve<C> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        recorder: &mut Recorder,
        _: (u32, u32),
    ) -> Recorded {
        recorder.shapes.push(Shape::Curve { points: points.collect(), pen: self.pen });
        Ok(())
    }
}

/// Something that is drawn, in the units of plotters' coordinates; from back to front.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Curve {
        points: Vec<BackendCoord>,
        pen: Pen,
    },
    /// A grid line, spine or tick: level or upright.
    Rule {
        from: BackendCoord,
        to: BackendCoord,
        width: u32,
        color: RGBAColor,
    },
    Stroke {
        points: Vec<BackendCoord>,
        width: u32,
        color: RGBAColor,
    },
    /// A filled rectangle whose sides are level and upright.
    Rectangle {
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        color: RGBAColor,
    },
    Disc {
        center: BackendCoord,
        radius: u32,
        color: RGBAColor,
    },
    Polygon {
        points: Vec<BackendCoord>,
        color: RGBAColor,
    },
    Text {
        text: String,
        at: BackendCoord,
        font: Font,
    },
}

/// How a line of text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Font {
    /// In units.
    pub(crate) size: f64,
    pub(crate) weight: Weight,
    pub(crate) color: RGBAColor,
    /// The share of its width that a text has to the left of its place.
    pub(crate) left: f64,
    /// How far below its place the baseline is, over the font size.
    pub(crate) drop: f64,
    /// Clockwise, in quarters of a full turn.
    pub(crate) turns: u8,
}

/// Shapes on a canvas of a size in logical pixels.
#[derive(Debug)]
pub(crate) struct Recorder {
    size: (u32, u32),
    pub(crate) shapes: Vec<Shape>,
}

impl Recorder {
    pub(crate) fn new(size: (u32, u32)) -> Self {
        Self { size, shapes: Vec::new() }
    }
}

impl DrawingBackend for Recorder {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.size.0.saturating_mul(UNITS_PER_POINT), self.size.1.saturating_mul(UNITS_PER_POINT))
    }

    fn ensure_prepared(&mut self) -> Recorded {
        Ok(())
    }

    fn present(&mut self) -> Recorded {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Recorded {
        let color = rgba(color);
        self.shapes.push(Shape::Rectangle { upper_left: (x, y), bottom_right: (x + 1, y + 1), color });
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Recorded {
        self.draw_path([from, to], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Recorded {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        let (width, color) = (style.stroke_width(), rgba(style.color()));
        if color.3 <= 0.0 {
            return Ok(());
        }
        self.shapes.push(match points[..] {
            [from, to] if from.0 == to.0 || from.1 == to.1 => Shape::Rule { from, to, width, color },
            _ => Shape::Stroke { points, width, color },
        });
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        a: BackendCoord,
        b: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Recorded {
        let (upper_left, bottom_right) = ((a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1)));
        if fill {
            self.shapes.push(Shape::Rectangle { upper_left, bottom_right, color: rgba(style.color()) });
            return Ok(());
        }
        let ((left, top), (right, bottom)) = (upper_left, bottom_right);
        self.draw_path([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], style)
    }

    /// All circles of figures are filled.
    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        _: bool,
    ) -> Recorded {
        self.shapes.push(Shape::Disc { center, radius, color: rgba(style.color()) });
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Recorded {
        self.shapes.push(Shape::Polygon { points: vert.into_iter().collect(), color: rgba(style.color()) });
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Recorded {
        let font = Font {
            size: style.size(),
            weight: weight(style),
            color: rgba(style.color()),
            left: match style.anchor().h_pos {
                HPos::Left => 0.0,
                HPos::Center => 0.5,
                HPos::Right => 1.0,
            },
            drop: match style.anchor().v_pos {
                VPos::Top => text::ASCENT,
                VPos::Center => text::CAP_HEIGHT / 2.0,
                VPos::Bottom => -text::DESCENT,
            },
            turns: match style.transform() {
                FontTransform::None => 0,
                FontTransform::Rotate90 => 1,
                FontTransform::Rotate180 => 2,
                FontTransform::Rotate270 => 3,
            },
        };
        // plotters draws the labels of ticks that have none.
        if !text.is_empty() {
            self.shapes.push(Shape::Text { text: text.to_owned(), at, font });
        }
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

fn weight<S: BackendTextStyle>(style: &S) -> Weight {
    if matches!(style.style(), FontStyle::Bold) { Weight::Bold } else { Weight::Regular }
}

fn rgba(color: BackendColor) -> RGBAColor {
    let (r, g, b) = color.rgb;
    RGBAColor(r, g, b, color.alpha)
}
