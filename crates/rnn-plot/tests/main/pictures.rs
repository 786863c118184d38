//! What users see of figures: sizes, colors, and errors that name what is wrong.

use rnn_plot::{Axis, ComplexPlane, Error, Figure, Grid, Heatmap, Line, LinePlot, Panel};

pub(crate) fn axes() -> LinePlot {
    LinePlot::new("losses", Axis::linear("x"), Axis::linear("y"))
}

pub(crate) fn good() -> LinePlot {
    axes().line(Line::new("run 1", [0.0, 1.0, 2.0], [0.0, 1.0, 4.0]))
}

fn error(panel: impl Into<Panel>) -> Error {
    Figure::untitled().panel(panel).png().expect_err("the panel is wrong")
}

fn heatmap(values: &[f64], shape: (usize, usize), x: (f64, f64), y: (f64, f64)) -> Heatmap {
    Heatmap::new("map", Axis::linear("a"), Axis::linear("b"), "c", Grid::new(values, shape, x, y))
}

fn size(png: &[u8]) -> (u32, u32) {
    let word = |at: usize| u32::from_be_bytes([png[at], png[at + 1], png[at + 2], png[at + 3]]);
    (word(16), word(20))
}

#[test]
fn pictures_have_twice_the_logical_size_and_no_transparency() {
    let png = Figure::untitled().panel(good()).png().expect("a good figure");
    assert_eq!(size(&png), (1440, 880));
    assert_eq!(png[24..26], [8, 2], "8 bits of red, green and blue");
    let png = Figure::untitled().columns(2).panel_size(300, 200).panels([good(), good(), good()]).png();
    assert_eq!(size(&png.expect("a good figure")), (1200, 800));
    let png = Figure::untitled().columns(5).panel_size(300, 200).panel(good()).png();
    assert_eq!(size(&png.expect("a good figure")), (600, 400), "no room is kept for columns without panels");
}

#[test]
fn the_same_figure_gives_the_same_bytes() {
    let figure = Figure::new("twice")
        .panel(good().horizontal("h", 1.0))
        .panel(heatmap(&[1.0, 2.0, 3.0, f64::NAN], (2, 2), (0.0, 1.0), (0.0, 1.0)))
        .panel(ComplexPlane::new("W_{hh}", [(0.5, 0.5)]));
    assert_eq!(figure.png().expect("a good figure"), figure.clone().png().expect("a good figure"));
}

#[test]
fn impossible_figures_are_errors() {
    assert!(matches!(Figure::new("t").png(), Err(Error::NoPanels)));
    assert!(matches!(Figure::new("t").columns(0).panel(good()).png(), Err(Error::NoColumns)));
    for (width, height) in [(0, 0), (159, 440), (720, 119), (u32::MAX, 440), (4097, 440)] {
        let png = Figure::new("t").panel_size(width, height).panel(good()).png();
        assert!(matches!(png, Err(Error::PanelSize { .. })), "{width} x {height}");
    }
    let many = Figure::new("t").panel_size(4096, 4096).panels(vec![good(); 3]).png();
    assert!(matches!(many, Err(Error::PictureSize { width: 8192, .. })));
}

#[test]
fn impossible_lines_are_errors_that_name_them() {
    assert!(matches!(error(axes()), Error::NoLines { panel } if panel == "losses"));
    let none: [f64; 0] = [];
    assert!(
        matches!(error(axes().line(Line::new("l", none, none))), Error::EmptyLine { line, .. } if line == "l")
    );
    let mismatch = error(axes().line(Line::new("l", [1.0, 2.0], [1.0, 2.0, 3.0])));
    assert_eq!(mismatch.to_string(), "line \"l\" of panel \"losses\" has 2 x values but 3 y values");
    for shade in [-0.1, 1.1, f64::NAN] {
        assert!(matches!(error(good().line(Line::indexed("l", [1.0]).shade(shade))), Error::Value { .. }));
    }
    for width in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(error(good().line(Line::indexed("l", [1.0]).width(width))), Error::Value { .. }));
    }
    assert!(matches!(error(good().horizontal("h", f64::NAN)), Error::Value { .. }));
    let log = LinePlot::new("p", Axis::log("x"), Axis::linear("y")).line(Line::new("l", [1.0], [1.0]));
    assert!(matches!(error(log.vertical("v", 0.0)), Error::Value { value, .. } if value == 0.0));
}

#[test]
fn impossible_ranges_are_errors_that_name_the_axis() {
    for (lo, hi) in [(1.0, 0.0), (1.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
        let panel = LinePlot::new("p", Axis::linear("time").range(lo, hi), Axis::linear("y"))
            .line(Line::new("l", [0.0], [0.0]));
        assert!(matches!(error(panel), Error::Range { axis, .. } if axis == "time"), "{lo} {hi}");
    }
    let panel = LinePlot::new("p", Axis::linear("x"), Axis::log("norm").range(0.0, 1.0))
        .line(Line::indexed("l", [1.0]));
    assert!(matches!(error(panel), Error::Range { axis, .. } if axis == "norm"));
}

#[test]
fn impossible_heat_maps_are_errors() {
    let unit = (0.0, 1.0);
    let shape = error(heatmap(&[1.0; 5], (2, 3), unit, unit));
    assert_eq!(shape.to_string(), "heat map \"map\" has 5 values, which do not fill 2 rows of 3 columns");
    assert!(matches!(error(heatmap(&[], (0, 0), unit, unit)), Error::GridShape { .. }));
    assert!(matches!(error(heatmap(&[1.0], (usize::MAX, 2), unit, unit)), Error::GridShape { .. }));
    assert!(
        matches!(error(heatmap(&[1.0; 4], (2, 2), (1.0, 0.0), unit)), Error::Range { axis, .. } if axis == "a")
    );
    assert!(
        matches!(error(heatmap(&[1.0; 4], (2, 2), unit, (0.0, f64::NAN))), Error::Range { axis, .. } if axis == "b")
    );
    let map = || heatmap(&[1.0; 4], (2, 2), unit, unit);
    assert!(matches!(error(map().color_range(2.0, 1.0)), Error::Range { axis, .. } if axis == "color"));
    assert!(matches!(error(map().log().diverging(-1.0)), Error::Value { .. }));
}

#[test]
fn impossible_planes_are_errors() {
    let none: [(f64, f64); 0] = [];
    let empty = ComplexPlane::new("p", [(0.0, 0.0)]).points("late", none);
    assert!(matches!(error(empty), Error::NoPoints { label, .. } if label == "late"));
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(error(ComplexPlane::new("p", [(0.0, 0.0)]).limit(value)), Error::Value { .. }));
        assert!(matches!(
            error(ComplexPlane::new("p", [(0.0, 0.0)]).circle("c", value)),
            Error::Value { .. }
        ));
    }
}

#[test]
fn extreme_values_are_drawn_without_panic() {
    let values = [f64::MIN, -1.0, -0.0, 5e-324, 1e-300, 1.0, f64::MAX, f64::INFINITY, f64::NAN];
    for kind in [Axis::linear, Axis::log] {
        for a in values {
            for b in values {
                let panel =
                    LinePlot::new("p", kind("x"), kind("y")).line(Line::new("l", [a, b], [b, a]).dashed());
                Figure::untitled().panel_size(160, 120).panel(panel).png().expect("a good figure");
                let map = heatmap(&[a, b], (1, 2), (0.0, 1.0), (0.0, 1.0));
                Figure::untitled().panel_size(160, 120).panel(map.clone()).png().expect("a good figure");
                Figure::untitled().panel_size(160, 120).panel(map.log()).png().expect("a good figure");
                let plane = ComplexPlane::new("p", [(a, b)]);
                Figure::untitled().panel_size(160, 120).panel(plane).png().expect("a good figure");
            }
        }
    }
}

#[test]
fn long_and_strange_texts_are_drawn_without_panic() {
    for text in ["", "\n\t\0", "_^_^{}", "\\", "{", "a_", "日本語 🦀", &"word ".repeat(200), &"w".repeat(500)]
    {
        let panel = LinePlot::new(text, Axis::linear(text), Axis::log(text))
            .line(Line::new(text, [1.0, 2.0], [1.0, 2.0]))
            .horizontal(text, 1.5)
            .vertical(text, 1.5);
        Figure::new(text).panel_size(200, 150).panel(panel).png().expect("a good figure");
    }
}

/// Would catch: time that grows with the square of a text's length, which made a title of 20,000 words take minutes.
#[test]
fn huge_texts_are_cut_in_linear_time() {
    for text in ["word ".repeat(20_000), "w".repeat(100_000)] {
        let figure = |text: &str| {
            let panel = LinePlot::new(text, Axis::linear(text), Axis::linear("y"))
                .line(Line::indexed(text, [1.0, 2.0]));
            Figure::new(text).panel_size(300, 200).panel(panel).png().expect("a good figure")
        };
        assert_eq!(figure(&text), figure(&text[..2000]), "what is shown of both is the same");
    }
}

/// Points that are not finite are gaps, and a few of them among many change nothing else.
#[test]
fn gaps_do_not_move_the_axes() {
    let draw = |y: [f64; 4]| {
        Figure::untitled()
            .panel(axes().line(Line::indexed("l", y).unconnected()))
            .png()
            .expect("a good figure")
    };
    assert_eq!(draw([0.0, f64::NAN, f64::NAN, 3.0]), draw([0.0, f64::INFINITY, f64::NEG_INFINITY, 3.0]));
    assert_ne!(draw([0.0, f64::NAN, f64::NAN, 3.0]), draw([0.0, 1.0, 2.0, 3.0]));
}
