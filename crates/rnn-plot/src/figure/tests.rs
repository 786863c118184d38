use super::*;
use crate::axis::Axis;
use crate::heatmap::Grid;
use crate::line_plot::line::{Line, Marker};
use crate::scene::layout::{horizontal_guides, vertical_guides};

fn plot(labels: &[&str]) -> LinePlot {
    LinePlot::new("title", Axis::linear("x"), Axis::linear("y"))
        .lines(labels.iter().map(|&label| Line::new(label, [0.0, 1.0], [0.0, 1.0])))
}

/// The color of the pixel that shows a place in the plot area of the only panel, both from 0 to 1.
fn color_at(figure: &Figure, x: f64, y: f64) -> [u8; 3] {
    let plan = Plan::new(figure).expect("a good figure");
    let plot = plan.panels[0].1.plot;
    let picture = figure.draw().expect("a good figure");
    let at = |points: f64| (points * f64::from(PIXELS_PER_POINT)) as u32;
    let (x, y) = (at(plot.x + x * plot.width), at(plot.bottom() - y * plot.height));
    let pixel = picture.pixel(x, y).expect("inside the picture");
    [pixel.red(), pixel.green(), pixel.blue()]
}

/// A plot whose axes are exactly 0 to 1.
fn unit_plot(line: Line) -> Figure {
    let axis = || Axis::linear("").range(0.0, 1.0);
    Figure::untitled().panel(LinePlot::new("", axis(), axis()).line(line))
}

#[test]
fn legends_lie_beside_the_plot_and_inside_the_panel() {
    let long = "a label that is far too long to fit beside anything at all in a panel of this width";
    let many: Vec<String> = (0..14).map(|i| format!("hidden units {i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let few = ["Elman", "LSTM"];
    let cases: [&[&str]; 4] = [&few, &many, &[long, "b"], &["one"]];
    for size in [(720, 440), (520, 340), (400, 300), (900, 300), (300, 600)] {
        for labels in cases {
            let figure = Figure::new("t").panel_size(size.0, size.1).panel(plot(labels));
            let plan = Plan::new(&figure).expect("a good figure");
            let (_, layout, panel) = &plan.panels[0];
            let (left, top) = layout.legend_corner(*panel);
            let (right, bottom) = (left + layout.legend.width, top + layout.legend.height);
            let plot = layout.plot;
            let context = format!("{size:?} {labels:?} {plot:?} legend {left} {top} {right} {bottom}");
            assert_eq!(layout.legend.items.len(), labels.len(), "{context}");
            assert!(left >= plot.right() || top >= plot.bottom(), "it covers data: {context}");
            assert!(
                left >= panel.x && right <= panel.right() && bottom <= panel.bottom(),
                "it is cut: {context}"
            );
            assert!(plot.width > 100.0 && plot.height > 60.0, "the plot is squeezed: {context}");
        }
    }
}

#[test]
fn axes_of_a_grid_line_up() {
    let wide = LinePlot::new("", Axis::linear("x"), Axis::linear("y"))
        .line(Line::new("", [0.0, 1.0], [0.0, 9e-7]))
        .vertical("label", 0.5);
    let figure = Figure::untitled()
        .columns(2)
        .panel(plot(&["a"]))
        .panel(wide.clone())
        .panel(wide)
        .panel(plot(&[]).line(Line::new("", [0.0], [1.0])));
    let plan = Plan::new(&figure).expect("a good figure");
    let plots: Vec<Rect> = plan.panels.iter().map(|(_, layout, _)| layout.plot).collect();
    assert_eq!((plots[0].y, plots[0].bottom()), (plots[1].y, plots[1].bottom()));
    // Distances from the left of the panel: the lower panels' labels are wider or narrower.
    assert_eq!((plots[0].x, plots[1].x), (plots[2].x, plots[3].x));
}

#[test]
fn tick_labels_of_an_axis_never_overlap() {
    for (lo, hi) in [(0.0, 1.0), (0.2928, 0.2930), (1e9, 1e9 + 1.0), (-1e-300, 1e-300), (0.0, 123_456.0)] {
        for width in [160, 240, 400, 720] {
            let panel = LinePlot::new("", Axis::linear("x").range(lo, hi), Axis::log("y").range(1e-9, 1e9))
                .line(Line::new("", [lo, hi], [1.0, 2.0]));
            let figure = Figure::untitled().panel_size(width, 200).panel(panel);
            let plan = Plan::new(&figure).expect("a good figure");
            let (scene, layout, panel) = &plan.panels[0];
            let mut end = f64::NEG_INFINITY;
            for tick in &layout.x_ticks {
                let half = 0.5 * text::width(&tick.label, crate::style::TICK_TEXT, Weight::Regular);
                let center =
                    layout.plot.x + layout.plot.width * scene.x.scale.position(tick.value).expect("in range");
                assert!(center - half > end, "{lo}..{hi} at {width}: {:?}", layout.x_ticks);
                end = center + half;
                assert!(end <= panel.right() && center - half >= panel.x, "{lo}..{hi} at {width} is cut");
            }
        }
    }
}

#[test]
fn labels_of_reference_lines_stay_apart_and_out_of_the_plot() {
    let panel = plot(&["a"])
        .horizontal("one", 0.5)
        .horizontal("two", 0.51)
        .horizontal("three", 0.0)
        .vertical("first", 0.5)
        .vertical("second", 0.52);
    let figure = Figure::untitled().panel(panel);
    let plan = Plan::new(&figure).expect("a good figure");
    let (scene, layout, panel) = &plan.panels[0];
    let heights: Vec<f64> = horizontal_guides(scene, layout.plot).iter().map(|(_, y)| *y).collect();
    assert!(heights.windows(2).all(|pair| pair[1] - pair[0] >= 10.0), "{heights:?}");
    assert!(layout.plot.right() + layout.guide_width <= panel.right());
    let rows: Vec<usize> = vertical_guides(scene, layout.plot).iter().map(|(_, _, row)| *row).collect();
    assert_eq!(rows, [0, 1]);
}

#[test]
fn a_line_has_its_color_where_its_data_are() {
    let figure = unit_plot(Line::new("", [0.0, 1.0], [0.25, 0.75]).color(1).width(4.0));
    assert_eq!(color_at(&figure, 0.5, 0.5), [0xD5, 0x5E, 0x00]);
    assert_eq!(color_at(&figure, 0.25, 0.375), [0xD5, 0x5E, 0x00]);
    assert_eq!(color_at(&figure, 0.27, 0.77), [0xFF; 3]);
}

#[test]
fn edges_are_anti_aliased() {
    let figure = unit_plot(Line::new("", [0.0, 1.0], [0.1, 0.9]).color(6).width(1.0));
    let picture = figure.draw().expect("a good figure");
    let shades: std::collections::BTreeSet<u8> = picture.pixels().iter().map(|p| p.green()).collect();
    assert!(shades.len() > 50, "{}", shades.len());
    assert!(picture.pixels().iter().all(tiny_skia::PremultipliedColorU8::is_opaque));
}

#[test]
fn gaps_stay_empty_and_lone_points_show() {
    let figure = unit_plot(
        Line::new("", [0.0, 0.2, 0.4, 0.5, 0.6, 1.0], [0.33, 0.33, f64::NAN, 0.33, f64::NAN, 0.33]).color(6),
    );
    assert_eq!(color_at(&figure, 0.1, 0.33), [0; 3]);
    assert_eq!(color_at(&figure, 0.35, 0.33), [0xFF; 3]);
    assert_eq!(color_at(&figure, 0.5, 0.33), [0; 3]);
    assert_eq!(color_at(&figure, 0.85, 0.33), [0xFF; 3]);
}

#[test]
fn faint_lines_are_translucent_and_behind() {
    let both = [0.0, 1.0];
    let panel = |lines: [Line; 2]| {
        let axis = || Axis::linear("").range(0.0, 1.0);
        Figure::untitled().panel(LinePlot::new("", axis(), axis()).lines(lines))
    };
    let strong = || Line::new("", both, [0.5, 0.5]).color(6).width(6.0);
    let faint = || Line::new("", both, [0.5, 0.5]).color(1).faint().width(6.0);
    assert_eq!(color_at(&panel([strong(), faint()]), 0.3, 0.5), [0; 3]);
    let alone = color_at(&unit_plot(faint()), 0.3, 0.5);
    assert!(alone[0] > 0xD5 && alone[2] > 0x60, "{alone:?}");
}

#[test]
fn dashes_leave_gaps() {
    let figure = unit_plot(Line::new("", [0.0, 1.0], [0.3, 0.3]).color(6).dashed());
    let plot = Plan::new(&figure).expect("a good figure").panels[0].1.plot;
    let picture = figure.draw().expect("a good figure");
    let y = 2.0 * (plot.bottom() - 0.3 * plot.height);
    let dark = |x: &u32| picture.pixel(*x, y as u32).is_some_and(|pixel| pixel.green() < 100);
    let (left, right) = (2.0 * plot.x, 2.0 * plot.right());
    let share = (left as u32..right as u32).filter(dark).count() as f64 / (right - left);
    assert!((0.55..0.75).contains(&share), "dashes of 4 and gaps of 2.2 widths: {share}");
}

#[test]
fn cells_have_the_color_of_their_value_and_holes_are_grey() {
    let grid = Grid::new([0.0, 1.0, f64::NAN, 0.5], (2, 2), (0.0, 1.0), (0.0, 1.0));
    let figure = Figure::untitled().panel(Heatmap::new("", Axis::linear("x"), Axis::linear("y"), "", grid));
    let rgb = |color: plotters::style::RGBAColor| [color.0, color.1, color.2];
    // The first row is the lowest.
    assert_eq!(color_at(&figure, 0.25, 0.25), rgb(crate::style::color_map::sequential(0.0)));
    assert_eq!(color_at(&figure, 0.75, 0.25), rgb(crate::style::color_map::sequential(1.0)));
    assert_eq!(color_at(&figure, 0.25, 0.75), rgb(crate::style::MISSING));
    assert_eq!(color_at(&figure, 0.75, 0.75), rgb(crate::style::color_map::sequential(0.5)));
    let plan = Plan::new(&figure).expect("a good figure");
    assert_eq!(plan.panels[0].0.legend[0].label, "not finite");
}

#[test]
fn the_note_on_grey_cells_says_what_they_are() {
    let note = |values: [f64; 3]| {
        let grid = Grid::new(values, (1, 3), (0.0, 1.0), (0.0, 1.0));
        let map = Heatmap::new("", Axis::linear("x"), Axis::linear("y"), "", grid).log();
        map.scene().expect("a good panel").legend.first().map(|entry| entry.label.clone())
    };
    assert_eq!(note([1.0, 2.0, 3.0]), None);
    assert_eq!(note([1.0, f64::NAN, 3.0]).as_deref(), Some("not finite"));
    assert_eq!(note([1.0, 0.0, 3.0]).as_deref(), Some("not positive"));
    assert_eq!(note([1.0, -1.0, f64::INFINITY]).as_deref(), Some("not finite or not positive"));
}

#[test]
fn the_complex_plane_has_equal_scales_and_shows_all_points() {
    let points = [(0.0, 5.0), (-3.0, 0.0), (f64::NAN, 1.0)];
    let figure = Figure::untitled().panel_size(500, 300).panel(ComplexPlane::new("", points));
    let plan = Plan::new(&figure).expect("a good figure");
    let (scene, layout, _) = &plan.panels[0];
    assert_eq!(layout.plot.width, layout.plot.height);
    assert_eq!(scene.x.scale, scene.y.scale);
    let at = scene.y.scale.position(5.0).expect("finite");
    assert!(at < 0.99);
    let color = color_at(&figure, 0.5, at);
    assert!(color[2] > color[0] + 60, "a blue point: {color:?}");
}

#[test]
fn panels_without_anything_to_show_say_so() {
    let notice = |y: Axis, values: [f64; 2]| {
        let panel = LinePlot::new("", Axis::linear("x"), y).line(Line::new("", [0.0, 1.0], values));
        panel.scene().expect("a good panel").notice
    };
    assert_eq!(notice(Axis::log("y"), [0.0, -1.0]), Some("no positive values"));
    assert_eq!(notice(Axis::linear("y"), [f64::NAN; 2]), Some("no finite values"));
    assert_eq!(notice(Axis::log("y"), [0.0, 1.0]), None);
}

#[test]
fn a_shared_legend_lists_each_label_once_below_all_panels() {
    let figure =
        Figure::untitled().columns(2).panels([plot(&["a", "b"]), plot(&["a", "b", "c"])]).shared_legend();
    let plan = Plan::new(&figure).expect("a good figure");
    let labels: Vec<&str> = plan.legend.items.iter().map(|(_, _, entry)| entry.label.as_str()).collect();
    assert_eq!(labels, ["a", "b", "c"]);
    assert!(plan.panels.iter().all(|(_, layout, _)| layout.legend.items.is_empty()));
    assert!(plan.size.1 > 440.0 + plan.legend.height);

    let other = LinePlot::new("", Axis::linear(""), Axis::linear(""))
        .line(Line::new("a", [0.0], [0.0]).marker(Marker::Plus));
    let conflict = Figure::untitled().panels([plot(&["a"]), other]).shared_legend();
    assert!(matches!(conflict.png(), Err(Error::LegendConflict { label }) if label == "a"));
}
