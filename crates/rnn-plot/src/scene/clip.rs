//! The visible parts of a curve: runs of finite points inside the panel, thinned to the resolution of the picture.

use crate::axis::scale::Scale;

type Position = (f64, f64);

/// The visible runs of a curve, in values of the axes.
///
/// A point that an axis cannot show, because it is not finite or not positive on a logarithmic axis,
/// ends a run. Segments that leave the panel are cut at its edge. Of runs with more than four points to
/// each of `columns`, the first, last, lowest and highest point in each column remain: at one column
/// per logical pixel this looks the same, and time does not grow with the number of points.
pub(crate) fn visible_runs(
    xs: &[f64],
    ys: &[f64],
    (x, y): (&Scale, &Scale),
    columns: usize,
) -> Vec<Vec<Position>> {
    let mut runs = Vec::new();
    let mut finite = Vec::new();
    for (&px, &py) in xs.iter().zip(ys) {
        if let (Some(px), Some(py)) = (x.position(px), y.position(py)) {
            finite.push((px, py));
        } else {
            cut(&thin(std::mem::take(&mut finite), columns), &mut runs);
        }
    }
    cut(&thin(finite, columns), &mut runs);
    for point in runs.iter_mut().flatten() {
        *point = (x.value(point.0), y.value(point.1));
    }
    runs
}

/// Whether a point lies in the panel, so that a mark may stand there.
pub(crate) fn is_inside(px: f64, py: f64, (x, y): (&Scale, &Scale)) -> bool {
    let inside = |at: Option<f64>| at.is_some_and(|at| (-1e-9..=1.0 + 1e-9).contains(&at));
    inside(x.position(px)) && inside(y.position(py))
}

/// Splits a run at the edges of the unit square.
fn cut(points: &[Position], runs: &mut Vec<Vec<Position>>) {
    if let [single] = points {
        if [single.0, single.1].iter().all(|at| (0.0..=1.0).contains(at)) {
            runs.push(vec![*single]);
        }
        return;
    }
    let mut open: Vec<Position> = Vec::new();
    for pair in points.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1]) else {
            runs.extend((!open.is_empty()).then(|| std::mem::take(&mut open)));
            continue;
        };
        if open.last() != Some(&from) {
            runs.extend((!open.is_empty()).then(|| std::mem::take(&mut open)));
            open.push(from);
        }
        open.push(to);
    }
    runs.extend((!open.is_empty()).then_some(open));
}

/// The part of a segment inside the unit square (Liang and Barsky 1984).
fn segment(a: Position, b: Position) -> Option<(Position, Position)> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut start, mut end) = (0.0_f64, 1.0_f64);
    for (change, room) in [(-dx, a.0), (dx, 1.0 - a.0), (-dy, a.1), (dy, 1.0 - a.1)] {
        if change == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if change < 0.0 {
            start = start.max(room / change);
        } else {
            end = end.min(room / change);
        }
    }
    if start > end {
        return None;
    }
    // Untouched ends are kept exactly, so that neighbouring segments join.
    let from = if start > 0.0 { (a.0 + start * dx, a.1 + start * dy) } else { a };
    let to = if end < 1.0 { (a.0 + end * dx, a.1 + end * dy) } else { b };
    Some((from, to))
}

fn thin(points: Vec<Position>, columns: usize) -> Vec<Position> {
    if points.len() <= 4 * columns {
        return points;
    }
    let column = |point: &Position| (point.0 * columns as f64).floor();
    let mut kept = Vec::with_capacity(4 * columns);
    for group in points.chunk_by(|a, b| column(a) == column(b)) {
        let by_height = |a: &usize, b: &usize| group[*a].1.total_cmp(&group[*b].1);
        let lowest = (0..group.len()).min_by(by_height).unwrap_or(0);
        let highest = (0..group.len()).max_by(by_height).unwrap_or(0);
        let mut indices = [0, lowest, highest, group.len() - 1];
        indices.sort_unstable();
        let mut last = None;
        for index in indices {
            if last != Some(index) {
                kept.push(group[index]);
            }
            last = Some(index);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::axis::Kind;

    fn linear(lo: f64, hi: f64) -> Scale {
        Scale::exact(Kind::Linear, lo, hi).expect("a good range")
    }

    fn runs(xs: &[f64], ys: &[f64]) -> Vec<Vec<Position>> {
        visible_runs(xs, ys, (&linear(0.0, 4.0), &linear(0.0, 1.0)), 100)
    }

    #[test]
    fn points_that_are_not_finite_break_the_line() {
        let ys = [0.5, 0.5, f64::NAN, 0.25, f64::INFINITY, 0.75, 0.75];
        let found = runs(&[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0], &ys);
        assert_eq!(found, [vec![(0.0, 0.5), (0.5, 0.5)], vec![(1.5, 0.25)], vec![(2.5, 0.75), (3.0, 0.75)]]);
    }

    #[test]
    fn values_that_are_not_positive_break_the_line_on_a_log_axis() {
        let y = Scale::exact(Kind::Log, 1e-3, 1.0).expect("a good range");
        let found = visible_runs(&[0.0, 1.0, 2.0, 3.0], &[0.1, 0.0, -1.0, 0.1], (&linear(0.0, 4.0), &y), 100);
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn lines_are_cut_at_the_edge_and_resume() {
        let found = runs(&[0.0, 1.0, 2.0, 3.0], &[0.5, 1.5, 1.5, 0.5]);
        assert_eq!(found, [vec![(0.0, 0.5), (0.5, 1.0)], vec![(2.5, 1.0), (3.0, 0.5)]]);
        assert_eq!(runs(&[-1.0, 5.0], &[0.5, 0.5]), [vec![(0.0, 0.5), (4.0, 0.5)]], "both ends outside");
        assert!(runs(&[0.0, 4.0], &[2.0, 2.0]).is_empty());
        assert!(runs(&[0.0, 4.0], &[1e300, f64::MAX]).is_empty());
    }

    #[test]
    fn thinning_keeps_the_extremes() {
        let xs: Vec<f64> = (0..100_000).map(|i| f64::from(i) * 4.0 / 99_999.0).collect();
        let mut ys = vec![0.5; xs.len()];
        ys[31_234] = 0.0;
        ys[77_777] = 1.0;
        let found = runs(&xs, &ys);
        assert_eq!(found.len(), 1);
        assert!(found[0].len() <= 4 * 101, "{}", found[0].len());
        let heights: Vec<f64> = found[0].iter().map(|p| p.1).collect();
        assert!(heights.contains(&0.0) && heights.contains(&1.0));
    }
}
