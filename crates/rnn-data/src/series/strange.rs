//! Values that lie so far from all others that they may be codes of missing values, or slips.

/// Values far from all others: the first of them, how many, and between what the others lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Strange {
    pub(super) row: usize,
    pub(super) count: usize,
    pub(super) least: f64,
    pub(super) greatest: f64,
}

/// So many times the distance between the quartiles beyond them is far.
const FAR: f64 = 10.0;

/// Numbers that data sets have in place of values, without their sign.
const CODES: [f64; 12] =
    [99.0, 99.9, 99.99, 200.0, 999.0, 999.9, 999.99, 9999.0, 9999.9, 99999.0, 32767.0, 32768.0];

/// Looks for values that lie ten times the distance between the quartiles beyond them, or that are usual codes of missing
/// values and further from the others than these are from each other. Linear in the number of values.
pub(super) fn find(values: &[f64]) -> Option<Strange> {
    let is_code = |value: f64| CODES.contains(&value.abs());
    let (least, greatest) = range(values.iter().copied().filter(|&value| !is_code(value)))?;
    let width = greatest - least;
    let is_far_code =
        |value: f64| is_code(value) && width > 0.0 && (value < least - width || value > greatest + width);

    let mut rest: Vec<f64> = values.iter().copied().filter(|&value| !is_far_code(value)).collect();
    let quartile = |rest: &mut Vec<f64>, k: usize| {
        let at = (rest.len() - 1) * k / 4;
        *rest.select_nth_unstable_by(at, f64::total_cmp).1
    };
    let (low, high) = (quartile(&mut rest, 1), quartile(&mut rest, 3));
    let reach = FAR * (high - low);
    let is_strange =
        |value: f64| is_far_code(value) || (reach > 0.0 && (value < low - reach || value > high + reach));
    let row = values.iter().position(|&value| is_strange(value))?;
    let count = values.iter().filter(|&&value| is_strange(value)).count();
    let (least, greatest) = range(values.iter().copied().filter(|&value| !is_strange(value)))?;
    // A tenth of the values is no exception: such a series is like that. A code is one, however often it is there.
    let is_rare = 10 * count <= values.len() || is_far_code(values[row]);
    is_rare.then_some(Strange { row, count, least, greatest })
}

fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| {
        let (least, greatest) = range.unwrap_or((value, value));
        Some((value.min(least), value.max(greatest)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_slips_are_strange_and_growth_is_not() {
        let season = |t: usize| 20.0 + 6.0 * (t as f64 * 0.5).sin();
        let mut values: Vec<f64> = (0..200).map(season).collect();
        assert_eq!(find(&values), None);
        values[40] = -999.0;
        let found = find(&values).unwrap();
        assert_eq!((found.row, found.count), (40, 1));
        assert!(found.least > 13.9 && found.greatest < 26.1);
        (60..140).for_each(|t| values[t] = -999.0);
        assert_eq!(find(&values).map(|found| found.count), Some(81), "codes, however many");
        let slip: Vec<f64> = (0..200).map(|t| season(t) * if t == 7 { 100.0 } else { 1.0 }).collect();
        assert_eq!(find(&slip).map(|found| found.row), Some(7));
        let growth: Vec<f64> = (0..200).map(|t| (f64::from(t) * 0.03).exp()).collect();
        assert_eq!(find(&growth), None);
        let rain: Vec<f64> = (0..200).map(|t| if t % 5 == 0 { 8.0 } else { 0.0 }).collect();
        assert_eq!(find(&rain), None);
        assert_eq!((find(&[3.0; 20]), find(&[])), (None, None));
        let counts: Vec<f64> = (0..300).map(f64::from).collect();
        assert_eq!(find(&counts), None, "99 and 200 are among their like");
    }
}
