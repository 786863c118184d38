//! The layout of a panel, in logical pixels.

use super::{Guide, Scene};
use crate::axis::scale::Scale;
use crate::axis::ticks::{MAX_TICKS, Tick, major};
use crate::legend::{Entry, Legend};
use crate::style::{
    COLOR_BAR_WIDTH, GUIDE_TEXT, LABEL_GAP, LABEL_TEXT, PANEL_MARGIN, TICK_LENGTH, TICK_TEXT, TITLE_TEXT,
};
use crate::text::{self, LINE_HEIGHT, Weight};

/// Distance of the legend or the color bar from the plot.
pub(crate) const BESIDE_GAP: f64 = 14.0;
const GUIDE_GAP: f64 = 5.0;
const GUIDE_ROW: f64 = GUIDE_TEXT * LINE_HEIGHT;
/// Least distance of neighbouring tick labels, horizontally.
const TICK_GAP: f64 = 9.0;
const TITLE_LINES: usize = 3;
const LABEL_LINES: usize = 2;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// Room that a panel needs around its plot area.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Margins {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

/// The measured parts of a panel.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) margins: Margins,
    pub(crate) title: Vec<String>,
    pub(crate) x_label: Vec<String>,
    pub(crate) y_label: Vec<String>,
    pub(crate) color_label: Vec<String>,
    pub(crate) x_ticks: Vec<Tick>,
    pub(crate) y_ticks: Vec<Tick>,
    pub(crate) color_ticks: Vec<Tick>,
    pub(crate) legend: Legend,
    pub(crate) legend_beside: bool,
    /// Room for the labels of horizontal guides.
    pub(crate) guide_width: f64,
    /// The plot area, once the panel has been placed.
    pub(crate) plot: Rect,
}

impl Layout {
    /// Measures what does not depend on other panels: the legend, the titles, and with them the margins above and below. `size`
    /// is that of the panel.
    pub(crate) fn new(scene: &Scene<'_>, size: (f64, f64), with_legend: bool) -> Self {
        let (width, height) = (size.0 - 2.0 * PANEL_MARGIN, size.1 - 2.0 * PANEL_MARGIN);
        let title = text::wrap(scene.title, TITLE_TEXT, Weight::Bold, width, TITLE_LINES);
        let label = |label: &str, room| text::wrap(label, LABEL_TEXT, Weight::Regular, room, LABEL_LINES);
        let entries: &[Entry] = if with_legend { &scene.legend } else { &[] };
        let (legend, legend_beside) = place_legend(scene, entries, width, height);

        let x_label = label(scene.x.label, 0.8 * width);
        let mut bottom = 2.0 * TICK_LENGTH + TICK_TEXT * (text::ASCENT + text::DESCENT) + lines(&x_label);
        if !legend_beside && !legend.items.is_empty() {
            bottom += 0.6 * BESIDE_GAP + legend.height;
        }
        let mut top = TITLE_TEXT * LINE_HEIGHT * title.len() as f64;
        top += GUIDE_ROW * guide_rows(scene, 0.75 * width) as f64;
        // The topmost tick label is centered on the end of its axis.
        top += if title.is_empty() { 0.5 * TICK_TEXT } else { 5.0 };

        let plot_height = (height - top - bottom).max(1.0);
        let horizontal = scene.guides.iter().filter(|guide| guide.horizontal);
        let guide_width = horizontal
            .map(|guide| text::width(guide.label, GUIDE_TEXT, Weight::Regular) + GUIDE_GAP)
            .fold(0.0, f64::max);
        Self {
            margins: Margins { top, bottom, ..Margins::default() },
            title,
            x_label,
            y_label: label(scene.y.label, plot_height),
            color_label: scene.color_bar.as_ref().map_or_else(Vec::new, |bar| label(bar.label, plot_height)),
            x_ticks: Vec::new(),
            y_ticks: Vec::new(),
            color_ticks: Vec::new(),
            legend,
            legend_beside,
            guide_width: guide_width.min(0.3 * width),
            plot: Rect::default(),
        }
    }

    /// Chooses the ticks of the vertical axes, which determine the margins on both sides. The margins above and below have to be
    /// final.
    pub(crate) fn choose_vertical_ticks(&mut self, scene: &Scene<'_>, height: f64) {
        let plot_height = height - 2.0 * PANEL_MARGIN - self.margins.top - self.margins.bottom;
        let limit = (plot_height / (3.2 * TICK_TEXT)) as usize + 1;
        self.y_ticks = major(&scene.y.scale, limit);
        self.margins.left = 2.0 * TICK_LENGTH + widest(&self.y_ticks) + lines(&self.y_label);
        self.margins.right = 2.0 + self.guide_width;
        if let Some(bar) = &scene.color_bar {
            self.color_ticks = major(&bar.colors.scale, limit);
            self.margins.right += BESIDE_GAP + COLOR_BAR_WIDTH;
            self.margins.right += 2.0 * TICK_LENGTH + widest(&self.color_ticks) + lines(&self.color_label);
        }
        if self.legend_beside {
            self.margins.right += BESIDE_GAP + self.legend.width;
        }
    }

    /// Sets the plot area inside `panel`, and chooses the ticks of the horizontal axis.
    pub(crate) fn place(&mut self, scene: &Scene<'_>, panel: Rect) {
        self.plot = self.plot_in(panel);
        self.x_ticks = horizontal_ticks(&scene.x.scale, self.plot.width);
        // The last label may stick out to the right of its axis.
        let beyond = self.overhang(scene) - self.margins.right - 0.5 * PANEL_MARGIN;
        if beyond > 0.0 {
            self.margins.right += beyond;
            self.plot = self.plot_in(panel);
            self.x_ticks = horizontal_ticks(&scene.x.scale, self.plot.width);
        }
        if scene.square {
            let side = self.plot.width.min(self.plot.height).floor();
            self.plot.x += (0.5 * (self.plot.width - side)).floor();
            self.plot.y += (0.5 * (self.plot.height - side)).floor();
            (self.plot.width, self.plot.height) = (side, side);
            self.x_ticks = horizontal_ticks(&scene.x.scale, side);
            self.y_ticks.clone_from(&self.x_ticks);
        }
    }

    /// The upper left corner of the legend.
    pub(crate) fn legend_corner(&self, panel: Rect) -> (f64, f64) {
        if self.legend_beside {
            let left = self.plot.right() + self.margins.right - self.legend.width;
            (left, self.plot.y + (0.5 * (self.plot.height - self.legend.height)).clamp(0.0, 8.0))
        } else {
            let room = panel.width - 2.0 * PANEL_MARGIN;
            let centered = self.plot.x + 0.5 * (self.plot.width - self.legend.width);
            let left = panel.x + PANEL_MARGIN;
            let last = left + (room - self.legend.width).max(0.0);
            (centered.clamp(left, last), panel.bottom() - PANEL_MARGIN - self.legend.height)
        }
    }

    /// Whole logical pixels, so that the axes of all panels are equally sharp.
    fn plot_in(&self, panel: Rect) -> Rect {
        let Margins { left, right, top, bottom } = self.margins;
        let x = (panel.x + PANEL_MARGIN + left).round();
        let y = (panel.y + PANEL_MARGIN + top).round();
        let width = (panel.right() - PANEL_MARGIN - right - x).floor().max(1.0);
        let height = (panel.bottom() - PANEL_MARGIN - bottom - y).floor().max(1.0);
        Rect { x, y, width, height }
    }

    fn overhang(&self, scene: &Scene<'_>) -> f64 {
        let Some(last) = self.x_ticks.last() else { return 0.0 };
        let at = scene.x.scale.position(last.value).unwrap_or(0.0);
        0.5 * text::width(&last.label, TICK_TEXT, Weight::Regular) - (1.0 - at) * self.plot.width
    }
}

/// Places the labels of vertical guides in rows above the plot, the lowest first, so that none
/// overlap; returns the left end and row of each label, in the order of the guides.
pub(crate) fn vertical_guides<'a>(scene: &Scene<'a>, plot: Rect) -> Vec<(Guide<'a>, f64, usize)> {
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut placed = Vec::new();
    for &guide in scene.guides.iter().filter(|guide| !guide.horizontal && !guide.label.is_empty()) {
        let Some(at) = scene.x.scale.position(guide.at).filter(|at| (0.0..=1.0).contains(at)) else {
            continue;
        };
        let width = text::width(guide.label, GUIDE_TEXT, Weight::Regular);
        let centered = plot.x + at * plot.width - 0.5 * width;
        let left = centered.clamp(plot.x, (plot.right() - width).max(plot.x));
        let free = |row: &Vec<(f64, f64)>| row.iter().all(|&(a, b)| left > b + 6.0 || left + width < a - 6.0);
        let row = taken.iter().position(free).unwrap_or(taken.len());
        if row == taken.len() {
            taken.push(Vec::new());
        }
        taken[row].push((left, left + width));
        placed.push((guide, left, row));
    }
    placed
}

/// The vertical positions of the labels of horizontal guides, moved apart where they would overlap.
pub(crate) fn horizontal_guides<'a>(scene: &Scene<'a>, plot: Rect) -> Vec<(Guide<'a>, f64)> {
    let mut placed: Vec<(Guide<'a>, f64)> = Vec::new();
    for &guide in scene.guides.iter().filter(|guide| guide.horizontal) {
        let at = scene.y.scale.position(guide.at).filter(|at| (0.0..=1.0).contains(at));
        placed.extend(at.map(|at| (guide, plot.bottom() - at * plot.height)));
    }
    placed.sort_by(|a, b| a.1.total_cmp(&b.1));
    for i in 1..placed.len() {
        placed[i].1 = placed[i].1.max(placed[i - 1].1 + GUIDE_ROW);
    }
    // Labels below the plot are moved back up, and push up those above them.
    let mut lowest = plot.bottom();
    for (_, y) in placed.iter_mut().rev() {
        *y = y.min(lowest);
        lowest = *y - GUIDE_ROW;
    }
    placed
}

/// As many ticks as have room for their labels; the first alone if there is no room for two.
fn horizontal_ticks(scale: &Scale, width: f64) -> Vec<Tick> {
    let most = ((width / 55.0) as usize + 1).clamp(3, MAX_TICKS);
    let fits = |ticks: &[Tick]| {
        let ends: Vec<(f64, f64)> = ticks
            .iter()
            .map(|tick| {
                let center = scale.position(tick.value).unwrap_or(0.0) * width;
                let half = 0.5 * text::width(&tick.label, TICK_TEXT, Weight::Regular);
                (center - half, center + half)
            })
            .collect();
        ends.windows(2).all(|pair| pair[0].1 + TICK_GAP <= pair[1].0)
    };
    let mut ticks =
        (3..=most).rev().map(|limit| major(scale, limit)).find(|ticks| fits(ticks)).unwrap_or_else(|| {
            let all = major(scale, 3);
            [all.first(), all.last()].into_iter().flatten().cloned().collect()
        });
    if !fits(&ticks) {
        ticks.truncate(1);
    }
    ticks
}

/// The legend beside or below the plot, whichever leaves the larger plot area. A legend beside the plot must not be taller than
/// the plot. With a color bar there is no room beside it, so the legend goes below.
fn place_legend(scene: &Scene<'_>, entries: &[Entry], width: f64, height: f64) -> (Legend, bool) {
    let (square, has_bar) = (scene.square, scene.color_bar.is_some());
    let below = Legend::rows(entries, width);
    let beside = Legend::column(entries, 0.4 * width);
    let plot_height = height - 75.0;
    let area = |width: f64, height: f64| if square { width.min(height) } else { width.max(0.0) * height };
    let area_beside = area(width - 50.0 - BESIDE_GAP - beside.width, plot_height);
    let area_below = area(width - 50.0, plot_height - 0.6 * BESIDE_GAP - below.height);
    if !has_bar && !entries.is_empty() && beside.height <= plot_height && area_beside > area_below {
        (beside, true)
    } else {
        (below, false)
    }
}

fn guide_rows(scene: &Scene<'_>, width: f64) -> usize {
    let plot = Rect { width, ..Rect::default() };
    vertical_guides(scene, plot).iter().map(|(_, _, row)| row + 1).max().unwrap_or(0)
}

/// Room for the lines of an axis label and its gap.
fn lines(label: &[String]) -> f64 {
    if label.is_empty() { 0.0 } else { LABEL_GAP + LABEL_TEXT * LINE_HEIGHT * label.len() as f64 }
}

fn widest(ticks: &[Tick]) -> f64 {
    ticks.iter().map(|tick| text::width(&tick.label, TICK_TEXT, Weight::Regular)).fold(0.0, f64::max)
}
