//! Sizes and colors that all figures share. Lengths are logical pixels unless they say otherwise.

use plotters::style::RGBAColor;

pub(crate) mod color_map;

/// Device pixels per logical pixel: figures stay sharp on dense screens and in print.
pub(crate) const PIXELS_PER_POINT: u32 = 2;
/// Steps of the integer coordinates handed to plotters, per logical pixel. Whole pixels would turn
/// shallow curves into staircases; a sixteenth of a device pixel is below what anti-aliasing shows.
pub(crate) const UNITS_PER_POINT: u32 = 32;

pub(crate) const DEFAULT_PANEL: (u32, u32) = (720, 440);
pub(crate) const MIN_PANEL: (u32, u32) = (160, 120);
pub(crate) const MAX_PANEL: u32 = 4096;
/// Device pixels of the largest picture, which takes 400 MB while it is drawn.
pub(crate) const MAX_PIXELS: u64 = 100_000_000;

pub(crate) const TICK_TEXT: f64 = 10.5;
pub(crate) const LABEL_TEXT: f64 = 12.0;
pub(crate) const LEGEND_TEXT: f64 = 10.5;
pub(crate) const GUIDE_TEXT: f64 = 10.0;
pub(crate) const TITLE_TEXT: f64 = 13.0;
pub(crate) const FIGURE_TITLE_TEXT: f64 = 15.5;

/// White space around each panel.
pub(crate) const PANEL_MARGIN: f64 = 12.0;
/// Length of a tick. Labels have twice this distance from the axis, as plotters defines.
pub(crate) const TICK_LENGTH: f64 = 3.5;
pub(crate) const MINOR_TICK_LENGTH: f64 = 2.0;
pub(crate) const LABEL_GAP: f64 = 7.0;
pub(crate) const COLOR_BAR_WIDTH: f64 = 14.0;

pub(crate) const LINE_WIDTH: f64 = 1.8;
pub(crate) const FAINT_WIDTH: f64 = 0.8;
pub(crate) const FAINT_ALPHA: f64 = 0.4;
pub(crate) const GUIDE_WIDTH: f64 = 1.1;
pub(crate) const MARKER_RADIUS: f64 = 3.2;

pub(crate) const INK: RGBAColor = RGBAColor(0x26, 0x26, 0x26, 1.0);
pub(crate) const SPINE: RGBAColor = RGBAColor(0x80, 0x80, 0x80, 1.0);
pub(crate) const GRID: RGBAColor = RGBAColor(0xE8, 0xE8, 0xE8, 1.0);
pub(crate) const GUIDE: RGBAColor = RGBAColor(0x75, 0x75, 0x75, 1.0);
/// The ground of values that are read off a plot.
pub(crate) const CARD: RGBAColor = RGBAColor(0xFF, 0xFF, 0xFF, 1.0);
/// Cells without a color: a grey that neither color map contains.
pub(crate) const MISSING: RGBAColor = RGBAColor(0xA8, 0xA8, 0xA8, 1.0);

/// Okabe and Ito's palette, safe for color-blind readers, its yellow darkened until a thin line
/// shows on white, the blues and reds first because they contrast most.
const PALETTE: [RGBAColor; 8] = [
    RGBAColor(0x00, 0x72, 0xB2, 1.0), // blue
    RGBAColor(0xD5, 0x5E, 0x00, 1.0), // vermilion
    RGBAColor(0x00, 0x9E, 0x73, 1.0), // bluish green
    RGBAColor(0xCC, 0x79, 0xA7, 1.0), // reddish purple
    RGBAColor(0xE6, 0x9F, 0x00, 1.0), // orange
    RGBAColor(0x56, 0xB4, 0xE9, 1.0), // sky blue
    RGBAColor(0x00, 0x00, 0x00, 1.0), // black
    RGBAColor(0xA8, 0x9A, 0x00, 1.0), // yellow, darkened
];

/// Number of colors in the palette.
pub(crate) const PALETTE_LEN: usize = PALETTE.len();

pub(crate) fn palette(index: usize) -> RGBAColor {
    PALETTE[index % PALETTE_LEN]
}

/// Logical pixels to the integer units of plotters' coordinates.
pub(crate) fn units(points: f64) -> i32 {
    (points * f64::from(UNITS_PER_POINT)).round() as i32
}
