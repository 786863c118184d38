//! Text as filled outlines: measuring and shaping with the embedded DejaVu Sans.

mod markup;

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, GlyphId, OutlineCurve};
use tiny_skia::{Path, PathBuilder};

pub(crate) use markup::{Script, parse as spans};

/// Height of capitals and digits over the font size; text is centered on half of it.
pub(crate) const CAP_HEIGHT: f64 = 0.73;
/// Room above the baseline over the font size: a capital with a superscript.
pub(crate) const ASCENT: f64 = 0.9;
/// Room below the baseline over the font size.
pub(crate) const DESCENT: f64 = 0.24;
/// Distance of baselines over the font size.
pub(crate) const LINE_HEIGHT: f64 = 1.25;

/// Size of subscripts and superscripts over that of the line.
const SCRIPT_SIZE: f64 = 0.7;
const RAISE: f64 = 0.38;
const LOWER: f64 = 0.17;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

impl Weight {
    fn font(self) -> &'static FontRef<'static> {
        static REGULAR: LazyLock<FontRef<'static>> = LazyLock::new(|| parse(dejavu::sans::regular()));
        static BOLD: LazyLock<FontRef<'static>> = LazyLock::new(|| parse(dejavu::sans::bold()));
        match self {
            Self::Regular => &REGULAR,
            Self::Bold => &BOLD,
        }
    }
}

impl Script {
    /// The size and how far below the baseline, over the font size.
    pub(crate) fn place(self) -> (f64, f64) {
        match self {
            Self::Base => (1.0, 0.0),
            Self::Super => (SCRIPT_SIZE, -RAISE),
            Self::Sub => (SCRIPT_SIZE, LOWER),
        }
    }
}

fn parse(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the embedded font is a valid TrueType file")
}

/// A glyph with the place of its origin, y downwards from the baseline, and the scale of its outline.
struct Placed {
    id: GlyphId,
    x: f32,
    y: f32,
    scale: f32,
}

/// Width of `text` in the unit of `size`, the font size (em square).
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    f64::from(shape(text, size, weight).1)
}

/// Outline of `text` with its left end of the baseline at the origin, y downwards; `None` if nothing shows.
pub(crate) fn outline(text: &str, size: f64, weight: Weight) -> Option<Path> {
    let font = weight.font();
    let mut path = PathBuilder::new();
    for glyph in shape(text, size, weight).0 {
        let Some(outline) = font.outline(glyph.id) else { continue };
        let place = |p: ab_glyph::Point| (glyph.x + p.x * glyph.scale, glyph.y - p.y * glyph.scale);
        let mut end = None;
        for curve in outline.curves {
            let start = match curve {
                OutlineCurve::Line(p, _) | OutlineCurve::Quad(p, ..) | OutlineCurve::Cubic(p, ..) => p,
            };
            // ab_glyph lists curves without marking contours: a jump is a new one.
            if end != Some(start) {
                if end.is_some() {
                    path.close();
                }
                let (x, y) = place(start);
                path.move_to(x, y);
            }
            end = Some(match curve {
                OutlineCurve::Line(_, p) => {
                    let (x, y) = place(p);
                    path.line_to(x, y);
                    p
                }
                OutlineCurve::Quad(_, a, p) => {
                    let ((ax, ay), (x, y)) = (place(a), place(p));
                    path.quad_to(ax, ay, x, y);
                    p
                }
                OutlineCurve::Cubic(_, a, b, p) => {
                    let ((ax, ay), (bx, by), (x, y)) = (place(a), place(b), place(p));
                    path.cubic_to(ax, ay, bx, by, x, y);
                    p
                }
            });
        }
        if end.is_some() {
            path.close();
        }
    }
    path.finish()
}

/// Breaks `text` at spaces into at most `max_lines` lines of at most `max_width`; what is left over
/// ends in an ellipsis.
pub(crate) fn wrap(text: &str, size: f64, weight: Weight, max_width: f64, max_lines: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let full = lines.len() == max_lines;
        match lines.last_mut() {
            Some(last) if full || width(&format!("{last} {word}"), size, weight) <= max_width => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.into_iter().map(|line| shorten(line, size, weight, max_width)).collect()
}

/// `text`, or as much of it as fits into `max_width` with an ellipsis.
pub(crate) fn shorten(text: String, size: f64, weight: Weight, max_width: f64) -> String {
    if width(&text, size, weight) <= max_width {
        return text;
    }
    // Of a long text only the beginning is measured again and again.
    let mut kept = text;
    let mut beginning = 64;
    while let Some((end, _)) = kept.char_indices().nth(beginning) {
        if width(&kept[..end], size, weight) > 2.0 * max_width {
            kept.truncate(end);
        }
        beginning *= 2;
    }
    while kept.pop().is_some() {
        let candidate = format!("{}…", kept.trim_end());
        if width(&candidate, size, weight) <= max_width {
            return candidate;
        }
    }
    String::new()
}

/// Places the glyphs on one line with kerning and returns them with the advance of the whole.
fn shape(text: &str, size: f64, weight: Weight) -> (Vec<Placed>, f32) {
    let font = weight.font();
    let em = font.units_per_em().unwrap_or(1000.0);
    let mut glyphs = Vec::with_capacity(text.len());
    let mut x = 0.0;
    for span in spans(text) {
        let (relative, shift) = span.script.place();
        let scale = (size * relative) as f32 / em;
        let y = (size * shift) as f32;
        let mut previous = None;
        for c in span.text.chars() {
            let id = font.glyph_id(if c.is_control() { ' ' } else { c });
            if let Some(previous) = previous {
                x += font.kern_unscaled(previous, id) * scale;
            }
            glyphs.push(Placed { id, x, y, scale });
            x += font.h_advance_unscaled(id) * scale;
            previous = Some(id);
        }
    }
    (glyphs, x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mathematical_symbols_have_glyphs() {
        for weight in [Weight::Regular, Weight::Bold] {
            for c in "∂‖λσρθμηεαβγδφωΔΣ∇∞≤≥≈·×−±√⊙ℓ∈→←…ₕₜ₀₁₂⁻¹²³½°′".chars()
            {
                assert_ne!(weight.font().glyph_id(c), GlyphId(0), "{c} is missing in {weight:?}");
            }
        }
    }

    #[test]
    fn width_scales_with_size_and_counts_scripts_smaller() {
        let one = width("norm", 10.0, Weight::Regular);
        assert!((width("norm", 20.0, Weight::Regular) - 2.0 * one).abs() < 1e-4);
        assert!(width("10^{3}", 10.0, Weight::Regular) < width("103", 10.0, Weight::Regular));
        assert!(width("norm", 10.0, Weight::Bold) > one);
    }

    #[test]
    fn kerning_pulls_pairs_together() {
        let apart = width("A", 10.0, Weight::Regular) + width("V", 10.0, Weight::Regular);
        assert!(width("AV", 10.0, Weight::Regular) < apart - 0.1);
    }

    #[test]
    fn superscripts_rise_above_and_subscripts_fall_below_the_base() {
        let bounds = |text| outline(text, 10.0, Weight::Regular).expect("it shows").bounds();
        assert!(bounds("h^{2}").top() < bounds("h").top());
        assert!(bounds("h_t").bottom() > bounds("h").bottom() + 0.5);
        assert!(f64::from(-bounds("10^{-3}").top()) < 10.0 * ASCENT + 0.1, "the text box holds superscripts");
        assert!(outline("  \n", 10.0, Weight::Regular).is_none());
    }

    #[test]
    fn wrapping_keeps_to_the_width_and_the_number_of_lines() {
        let title = "gradient norms of a recurrent network over one hundred steps of time";
        let lines = wrap(title, 12.0, Weight::Bold, 180.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| width(line, 12.0, Weight::Bold) <= 180.0));
        assert!(lines[1].ends_with('…'));
        assert_eq!(wrap("short", 12.0, Weight::Bold, 180.0, 2), ["short"]);
        assert!(wrap("", 12.0, Weight::Bold, 180.0, 2).is_empty());
    }
}
