//! Draws a scene with a finished layout.

mod ranged;
pub(crate) mod shapes;

use plotters::chart::{ChartBuilder, ChartContext, LabelAreaPosition};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, VPos};
use plotters::style::{Color as _, FontTransform, TRANSPARENT};
use std::convert::Infallible;

use self::ranged::Ticked;
use self::shapes::{draw_key, draw_mark, font, text_at};
use super::clip::{is_inside, visible_runs};
use super::layout::{BESIDE_GAP, Layout, Rect, horizontal_guides, vertical_guides};
use super::{Layer, Scene};
use crate::axis::ticks::{MAX_TICKS, minor};
use crate::legend::{KEY_GAP, KEY_WIDTH, Legend};
use crate::recorder::{Curve, Pen, Recorder};
use crate::style::{
    COLOR_BAR_WIDTH, GRID, GUIDE, GUIDE_TEXT, GUIDE_WIDTH, INK, LABEL_GAP, LABEL_TEXT, LEGEND_TEXT,
    MINOR_TICK_LENGTH, MISSING, PANEL_MARGIN, PIXELS_PER_POINT, SPINE, TICK_LENGTH, TICK_TEXT, TITLE_TEXT,
    units,
};
use crate::text::{self, LINE_HEIGHT, Weight};

pub(crate) type Canvas = DrawingArea<Recorder, Shift>;
pub(crate) type Drawn = Result<(), DrawingAreaErrorKind<Infallible>>;
type Chart<'a> = ChartContext<'a, Recorder, Cartesian2d<Ticked, Ticked>>;

const GUIDE_DASH: &[f64] = &[4.0, 3.0];
const GUIDE_ROW: f64 = GUIDE_TEXT * LINE_HEIGHT;

pub(crate) fn panel(canvas: &Canvas, scene: &Scene<'_>, layout: &Layout, panel: Rect) -> Drawn {
    let mut chart = axes(canvas, scene, layout)?;
    let Rect { width, .. } = layout.plot;
    let columns = width as usize;
    guides(&mut chart, canvas, scene, layout)?;
    for layer in &scene.layers {
        draw_layer(&mut chart, canvas, scene, layer, columns)?;
    }
    if let Some(notice) = scene.notice {
        let (x, y) = (layout.plot.x + 0.5 * width, layout.plot.y + 0.5 * layout.plot.height);
        text_at(
            canvas,
            notice,
            font(LABEL_TEXT, Weight::Regular, &GUIDE),
            (HPos::Center, VPos::Center),
            (x, y),
        )?;
    }
    titles(canvas, layout, panel)?;
    color_bar(canvas, scene, layout)?;
    let (x, y) = layout.legend_corner(panel);
    legend(canvas, &layout.legend, x, y)
}

/// The entries of a legend, its upper left corner at `x` and `y`.
pub(crate) fn legend(canvas: &Canvas, legend: &Legend, x: f64, y: f64) -> Drawn {
    for (left, center, entry) in &legend.items {
        let (left, center) = (x + left, y + center);
        draw_key(canvas, &entry.key, left, center)?;
        let anchor = (HPos::Left, VPos::Center);
        let style = font(LEGEND_TEXT, Weight::Regular, &INK);
        text_at(canvas, &entry.label, style, anchor, (left + KEY_WIDTH + KEY_GAP, center))?;
    }
    Ok(())
}

/// Grid, spines, ticks and their labels.
fn axes<'a>(
    canvas: &Canvas,
    scene: &Scene<'_>,
    layout: &Layout,
) -> Result<Chart<'a>, DrawingAreaErrorKind<Infallible>> {
    let plot = layout.plot;
    let labels = 2.0 * TICK_LENGTH + TICK_TEXT * (text::ASCENT + text::DESCENT);
    let left = layout.margins.left;
    let area = sub_area(canvas, plot.x - left, plot.y, plot.width + left, plot.height + labels);
    let mut chart = ChartBuilder::on(&area)
        .set_label_area_size(LabelAreaPosition::Left, units(left))
        .set_label_area_size(LabelAreaPosition::Bottom, units(labels))
        .build_cartesian_2d(
            Ticked { scale: scene.x.scale, ticks: layout.x_ticks.clone() },
            Ticked { scale: scene.y.scale, ticks: layout.y_ticks.clone() },
        )?;
    let mut mesh = chart.configure_mesh();
    if !scene.grid {
        mesh.disable_mesh();
    }
    mesh.x_labels(MAX_TICKS)
        .y_labels(MAX_TICKS)
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(units(1.0).cast_unsigned()))
        .axis_style(SPINE.stroke_width(units(1.0).cast_unsigned()))
        .label_style(font(TICK_TEXT, Weight::Regular, &INK))
        .set_all_tick_mark_size(units(TICK_LENGTH))
        .draw()?;

    let spine = SPINE.stroke_width(units(0.5).cast_unsigned());
    for value in minor(&scene.x.scale) {
        let x = plot.x + scene.x.scale.position(value).unwrap_or(0.0) * plot.width;
        let ends = [plot.bottom(), plot.bottom() + MINOR_TICK_LENGTH];
        canvas.draw(&PathElement::new(ends.map(|y| (units(x), units(y))).to_vec(), spine))?;
    }
    for value in minor(&scene.y.scale) {
        let y = plot.bottom() - scene.y.scale.position(value).unwrap_or(0.0) * plot.height;
        let ends = [plot.x - MINOR_TICK_LENGTH, plot.x];
        canvas.draw(&PathElement::new(ends.map(|x| (units(x), units(y))).to_vec(), spine))?;
    }
    Ok(chart)
}

fn draw_layer(
    chart: &mut Chart<'_>,
    canvas: &Canvas,
    scene: &Scene<'_>,
    layer: &Layer<'_>,
    columns: usize,
) -> Drawn {
    let scales = (&scene.x.scale, &scene.y.scale);
    match layer {
        Layer::Points { x, y, pen, marker } => {
            if let Some(pen) = *pen {
                for points in visible_runs(x, y, scales, columns) {
                    if let [single] = points[..] {
                        // A single point between two gaps is drawn as a dot.
                        let at = chart.plotting_area().map_coordinate(&single);
                        shapes::dot(canvas, at, 0.9 * pen.width, pen.color)?;
                    } else {
                        chart.draw_series([Curve { points, pen }])?;
                    }
                }
            }
            if let Some(mark) = marker {
                for (&x, &y) in x.iter().zip(y).filter(|&(&x, &y)| is_inside(x, y, scales)) {
                    draw_mark(canvas, chart.plotting_area().map_coordinate(&(x, y)), mark)?;
                }
            }
        }
        Layer::Cells { x_edges, y_edges, values, colors } => {
            let columns = x_edges.len() - 1;
            for (i, &value) in values.iter().enumerate() {
                let (row, column) = (i / columns, i % columns);
                let corners = [(x_edges[column], y_edges[row]), (x_edges[column + 1], y_edges[row + 1])];
                let color = colors.and_then(|colors| colors.color(value)).unwrap_or(MISSING);
                chart.draw_series([Rectangle::new(corners, color.filled())])?;
            }
        }
    }
    Ok(())
}

/// Reference lines, with their labels in the margins where no data can be.
fn guides(chart: &mut Chart<'_>, canvas: &Canvas, scene: &Scene<'_>, layout: &Layout) -> Drawn {
    let plot = layout.plot;
    let pen = Pen { color: GUIDE, width: GUIDE_WIDTH, dash: GUIDE_DASH };
    let style = || font(GUIDE_TEXT, Weight::Regular, &GUIDE);
    let [(x0, x1), (y0, y1)] =
        [scene.x.scale, scene.y.scale].map(|scale| (scale.value(0.0), scale.value(1.0)));
    for (guide, y) in horizontal_guides(scene, plot) {
        chart.draw_series([Curve { points: vec![(x0, guide.at), (x1, guide.at)], pen }])?;
        let room = layout.guide_width;
        let label = text::shorten(guide.label.to_owned(), GUIDE_TEXT, Weight::Regular, room);
        text_at(canvas, &label, style(), (HPos::Left, VPos::Center), (plot.right() + 4.0, y))?;
    }
    for guide in scene.guides.iter().filter(|guide| !guide.horizontal) {
        if scene.x.scale.position(guide.at).is_some_and(|at| (0.0..=1.0).contains(&at)) {
            chart.draw_series([Curve { points: vec![(guide.at, y0), (guide.at, y1)], pen }])?;
        }
    }
    for (guide, left, row) in vertical_guides(scene, plot) {
        let bottom = plot.y - 2.0 - GUIDE_ROW * row as f64;
        let label = text::shorten(guide.label.to_owned(), GUIDE_TEXT, Weight::Regular, plot.width);
        text_at(canvas, &label, style(), (HPos::Left, VPos::Bottom), (left, bottom))?;
    }
    Ok(())
}

/// Title and axis labels.
fn titles(canvas: &Canvas, layout: &Layout, panel: Rect) -> Drawn {
    let plot = layout.plot;
    let (center_x, center_y) = (plot.x + 0.5 * plot.width, plot.y + 0.5 * plot.height);
    let top = panel.y + PANEL_MARGIN;
    for (i, line) in layout.title.iter().enumerate() {
        // Centered on the plot, unless it would then leave the panel.
        let half = 0.5 * text::width(line, TITLE_TEXT, Weight::Bold);
        let x = center_x.clamp(panel.x + half, (panel.right() - half).max(panel.x + half));
        let at = (x, top + TITLE_TEXT * LINE_HEIGHT * i as f64);
        text_at(canvas, line, font(TITLE_TEXT, Weight::Bold, &INK), (HPos::Center, VPos::Top), at)?;
    }
    let label_top = plot.bottom() + 2.0 * TICK_LENGTH + TICK_TEXT * (text::ASCENT + text::DESCENT);
    for (i, line) in layout.x_label.iter().enumerate() {
        let at = (center_x, label_top + 0.5 * LABEL_GAP + LABEL_TEXT * LINE_HEIGHT * i as f64);
        text_at(canvas, line, font(LABEL_TEXT, Weight::Regular, &INK), (HPos::Center, VPos::Top), at)?;
    }
    for (i, line) in layout.y_label.iter().enumerate() {
        let at = (plot.x - layout.margins.left + LABEL_TEXT * LINE_HEIGHT * i as f64, center_y);
        let style = font(LABEL_TEXT, Weight::Regular, &INK).transform(FontTransform::Rotate270);
        text_at(canvas, line, style, (HPos::Center, VPos::Top), at)?;
    }
    Ok(())
}

fn color_bar(canvas: &Canvas, scene: &Scene<'_>, layout: &Layout) -> Drawn {
    let Some(bar) = &scene.color_bar else { return Ok(()) };
    let (plot, margins) = (layout.plot, layout.margins);
    let right = plot.right() + margins.right;
    let left = plot.right() + BESIDE_GAP;
    let area = sub_area(canvas, left, plot.y, right - left, plot.height);
    let mut chart = ChartBuilder::on(&area)
        .set_label_area_size(LabelAreaPosition::Right, units(right - left - COLOR_BAR_WIDTH))
        .build_cartesian_2d(
            RangedCoordf64::from(0.0..1.0),
            Ticked { scale: bar.colors.scale, ticks: layout.color_ticks.clone() },
        )?;
    let steps = plot.height as usize * PIXELS_PER_POINT as usize;
    let edge = |step: usize| bar.colors.scale.value(step as f64 / steps as f64);
    chart.draw_series((0..steps).filter_map(|step| {
        let color = bar.colors.color(bar.colors.scale.value((step as f64 + 0.5) / steps as f64))?;
        Some(Rectangle::new([(0.0, edge(step)), (1.0, edge(step + 1))], color.filled()))
    }))?;
    // plotters right-aligns the labels of an axis on the right, so they are drawn here.
    chart
        .configure_mesh()
        .disable_mesh()
        .y_label_formatter(&|_| String::new())
        .axis_style(SPINE.stroke_width(units(1.0).cast_unsigned()))
        .set_all_tick_mark_size(units(TICK_LENGTH))
        .draw()?;
    for tick in &layout.color_ticks {
        let y = plot.bottom() - bar.colors.scale.position(tick.value).unwrap_or(0.0) * plot.height;
        let at = (left + COLOR_BAR_WIDTH + 2.0 * TICK_LENGTH, y);
        text_at(canvas, &tick.label, font(TICK_TEXT, Weight::Regular, &INK), (HPos::Left, VPos::Center), at)?;
    }
    for (i, line) in layout.color_label.iter().rev().enumerate() {
        let at = (right - LABEL_TEXT * LINE_HEIGHT * i as f64, plot.y + 0.5 * plot.height);
        let style = font(LABEL_TEXT, Weight::Regular, &INK).transform(FontTransform::Rotate270);
        text_at(canvas, line, style, (HPos::Center, VPos::Bottom), at)?;
    }
    Ok(())
}

fn sub_area(canvas: &Canvas, x: f64, y: f64, width: f64, height: f64) -> Canvas {
    canvas.clone().shrink((units(x), units(y)), (units(width), units(height)))
}
