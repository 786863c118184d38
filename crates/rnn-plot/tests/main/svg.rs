//! Figures as SVG: well-formed, with two colors for everything, and with values that can be read off.

use rnn_plot::{Axis, ComplexPlane, Figure, Grid, Heatmap, Line, LinePlot, Panel};

use crate::pictures::good;

fn svg(panel: impl Into<Panel>) -> String {
    Figure::untitled().panel(panel).svg().expect("a good figure")
}

fn map(values: &[f64], shape: (usize, usize)) -> Heatmap {
    let grid = Grid::new(values, shape, (0.0, 1.0), (0.0, 1.0));
    Heatmap::new("map", Axis::linear("a"), Axis::linear("b"), "c", grid)
}

/// Every element is closed in order, every attribute is in quotes, and texts hold no markup of their own.
fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').unwrap_or_else(|| panic!("an open tag: {tag}"));
        assert!(!text.contains('>') && tag.matches('"').count() % 2 == 0, "{tag}>{text}");
        let name = tag.trim_start_matches('/').split([' ', '/']).next();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), name, "{svg}");
        } else if !tag.ends_with('/') {
            open.extend(name);
        }
        assert!(!tag.contains("NaN") && !tag.contains("inf"), "{tag}");
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn every_kind_of_panel_is_well_formed_and_has_its_size() {
    for panel in [
        good().horizontal("h", 1.0).vertical("v < w & x", 1.0).into(),
        map(&[1.0, 2.0, 3.0, f64::NAN], (2, 2)).log().diverging(1.0).into(),
        Panel::from(ComplexPlane::new("W_{hh}", [(0.5, 0.5), (f64::NAN, 0.0)])),
        LinePlot::new("<\"&'\n", Axis::log("x"), Axis::log("y")).line(Line::new("a", [0.0], [-1.0])).into(),
    ] {
        let svg = svg(panel);
        assert_well_formed(&svg);
        assert!(!svg.contains("\"></text>"), "texts without a letter: {svg}");
        assert!(svg.starts_with("<svg ") && svg.contains(r#"width="720" height="440" role="img""#), "{svg}");
    }
}

#[test]
fn every_color_has_a_second_one() {
    let svg = svg(good().line(Line::new("faint", [0.0, 1.0], [1.0, 2.0]).faint()));
    for (paint, other) in [("fill=\"#", "fill:light-dark(#"), ("stroke=\"#", "stroke:light-dark(#")] {
        assert_eq!(svg.matches(paint).count(), svg.matches(other).count());
        assert!(svg.contains(paint));
    }
    assert!(svg.contains("stroke-opacity=\"0.4\""), "a faint line is translucent: {svg}");
}

#[test]
fn the_same_figure_gives_the_same_text() {
    let figure = Figure::new("t").panels([good(), good()]).shared_legend();
    assert_eq!(figure.svg().unwrap(), figure.clone().svg().unwrap());
    assert_eq!(figure.pieces().unwrap().panels, figure.pieces().unwrap().panels);
}

#[test]
fn pieces_are_one_element_for_each_panel_and_each_label() {
    let second = good().line(Line::new("run 2", [0.0], [0.0]));
    let figure = Figure::new("title").columns(3).panel_size(320, 240).panels([good(), second]);
    let pieces = figure.clone().shared_legend().pieces().expect("a good figure");
    assert_eq!((pieces.panels.len(), pieces.legend.len()), (2, 2));
    for panel in &pieces.panels {
        assert_well_formed(panel);
        assert!(panel.contains(r#"viewBox="0 0 320 240""#) && !panel.contains("title"), "{panel}");
    }
    for (entry, label) in pieces.legend.iter().zip(["run 1", "run 2"]) {
        assert_well_formed(entry);
        assert!(
            entry.contains(&format!("aria-label=\"{label}\"")) && entry.contains(&format!(">{label}</text>"))
        );
    }
    assert!(figure.pieces().expect("a good figure").legend.is_empty(), "legends stay in their panels");
}

/// Would catch: a value beside the wrong label or place.
#[test]
fn values_are_read_off_at_each_place() {
    let x = [1.0, 2.0, 3.0];
    let plot = LinePlot::new("", Axis::linear("timestep t"), Axis::log("norm"))
        .line(Line::new("s = 2", x, [0.5, 1.25e-7, f64::NAN]))
        .line(Line::new("unnamed", x, [9.0; 3]).unlabelled());
    let svg = svg(plot);
    let places: Vec<&str> = svg.split("<g class=\"at\">").skip(1).collect();
    assert_eq!(places.len(), 3);
    for (place, (heading, value)) in
        places.iter().zip([("t = 1", ">0.5<"), ("t = 2", ">1.25·10<"), ("t = 3", ">–<")])
    {
        assert!(place.contains(&format!(">timestep {heading}</text>")) && place.contains(value), "{place}");
        assert!(place.contains("s = 2") && !place.contains("unnamed"), "{place}");
        assert!(
            place.contains("class=\"reading\" visibility=\"hidden\""),
            "hidden until it is asked for: {place}"
        );
    }
}

#[test]
fn a_long_line_has_few_places() {
    let y: Vec<f64> = (0..5000).map(f64::from).collect();
    let svg = svg(LinePlot::new("", Axis::linear("step"), Axis::linear("y")).line(Line::indexed("l", y)));
    let places = svg.matches("class=\"at\"").count();
    assert!((20..=40).contains(&places), "{places}");
    assert!(svg.len() < 200_000, "{}", svg.len());
}

#[test]
fn neighbouring_cells_of_one_color_are_one_rectangle() {
    let rectangles = |values: &[f64]| {
        let svg = svg(map(values, (2, 2)).color_range(0.0, 1.0));
        let cells = svg.split("shape-rendering=\"crispEdges\" d=\"").skip(1).filter(|d| d.contains('Z'));
        let heights: Vec<usize> = cells.map(|d| d.split('"').next().unwrap().matches('Z').count()).collect();
        heights.iter().sum::<usize>()
    };
    assert_eq!(rectangles(&[0.0, 0.0, 1.0, 1.0]) + 2, rectangles(&[0.0, 1.0, 1.0, 0.0]));
}
