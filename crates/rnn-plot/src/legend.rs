//! Legends, which stand outside the plot area.

use plotters::style::RGBAColor;

use crate::recorder::Pen;
use crate::scene::Mark;
use crate::style::LEGEND_TEXT;
use crate::text::{self, Weight};

/// Three dashes of a line of normal width and the gaps between them.
pub(crate) const KEY_WIDTH: f64 = 29.5;
pub(crate) const KEY_GAP: f64 = 6.0;
pub(crate) const ROW_HEIGHT: f64 = 16.0;
const COLUMN_GAP: f64 = 18.0;

/// How a label is drawn in the panel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    Line { pen: Option<Pen>, mark: Option<Mark> },
    Swatch(RGBAColor),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) label: String,
    pub(crate) key: Key,
}

/// Entries with their places, relative to the upper left corner of the legend.
#[derive(Clone, Debug, Default)]
pub(crate) struct Legend {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// Left end and vertical center of each entry.
    pub(crate) items: Vec<(f64, f64, Entry)>,
}

impl Legend {
    /// Entries below each other, no wider than `max_width`.
    pub(crate) fn column(entries: &[Entry], max_width: f64) -> Self {
        Self::grid(entries, 1, max_width)
    }

    /// Entries row by row in as many columns as fit into `max_width`, rows filled evenly.
    pub(crate) fn rows(entries: &[Entry], max_width: f64) -> Self {
        let widest = (1..=entries.len()).rev().map(|columns| Self::grid(entries, columns, f64::INFINITY));
        let Some(fitting) = widest.into_iter().find(|legend| legend.width <= max_width) else {
            return Self::column(entries, max_width);
        };
        // Fewer columns with the same number of rows fill the last row better.
        let rows = (fitting.height / ROW_HEIGHT).round() as usize;
        Self::grid(entries, entries.len().div_ceil(rows.max(1)).max(1), max_width)
    }

    fn grid(entries: &[Entry], columns: usize, max_width: f64) -> Self {
        let room = max_width - KEY_WIDTH - KEY_GAP;
        let labelled: Vec<(f64, Entry)> = entries
            .iter()
            .map(|entry| {
                let fits = if columns == 1 { room } else { f64::INFINITY };
                let label = text::shorten(entry.label.clone(), LEGEND_TEXT, Weight::Regular, fits);
                let width = KEY_WIDTH + KEY_GAP + text::width(&label, LEGEND_TEXT, Weight::Regular);
                (width, Entry { label, ..entry.clone() })
            })
            .collect();
        let mut lefts = Vec::with_capacity(columns);
        let mut x = 0.0;
        for column in 0..columns {
            lefts.push(x);
            x += labelled.iter().skip(column).step_by(columns).map(|(width, _)| *width).fold(0.0, f64::max);
            x += COLUMN_GAP;
        }
        let place = |(i, (_, entry)): (usize, (f64, Entry))| {
            (lefts[i % columns], ROW_HEIGHT * ((i / columns) as f64 + 0.5), entry)
        };
        Self {
            width: x - COLUMN_GAP,
            height: ROW_HEIGHT * labelled.len().div_ceil(columns) as f64,
            items: labelled.into_iter().enumerate().map(place).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(labels: &[&str]) -> Vec<Entry> {
        let key = Key::Line { pen: None, mark: None };
        labels.iter().map(|&label| Entry { label: label.into(), key: key.clone() }).collect()
    }

    #[test]
    fn rows_fill_the_width_evenly() {
        let legend = Legend::rows(&entries(&["scale 0.5"; 7]), 420.0);
        assert!(legend.width <= 420.0);
        let in_row = |row: f64| legend.items.iter().filter(|item| item.1 == ROW_HEIGHT * (row + 0.5)).count();
        assert_eq!((in_row(0.0), in_row(1.0)), (4, 3));
        assert_eq!(legend.height, 2.0 * ROW_HEIGHT);
    }

    #[test]
    fn entries_of_one_column_do_not_overlap_and_long_labels_are_shortened() {
        let legend =
            Legend::column(&entries(&["a", "b", "a label much too long for the place it has"]), 120.0);
        assert!(legend.width <= 120.0 + 1e-9, "{}", legend.width);
        assert!(legend.items.windows(2).all(|pair| pair[1].1 - pair[0].1 >= ROW_HEIGHT));
        assert!(legend.items[2].2.label.ends_with('…'));
    }

    #[test]
    fn no_entries_take_no_room() {
        let legend = Legend::rows(&[], 100.0);
        assert!(legend.items.is_empty() && legend.height == 0.0);
    }
}
