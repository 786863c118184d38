//! Where on a time axis rows lie.

/// A place for every row, and the label of the axis: the year where rows are named 1998-07 or 1998-07-15, the number where
/// they are numbered, or else how many rows came before.
pub(crate) fn places(name: &str, times: Option<&[String]>, rows: usize) -> (Vec<f64>, String) {
    let read = |parse: fn(&str) -> Option<f64>| -> Option<Vec<f64>> {
        times?.iter().map(|time| parse(time)).collect()
    };
    if let Some(years) = read(year) {
        (years, "year".to_owned())
    } else if let Some(numbers) = read(number) {
        (numbers, name.to_owned())
    } else {
        ((0..rows).map(|row| row as f64).collect(), "row".to_owned())
    }
}

fn number(time: &str) -> Option<f64> {
    time.parse().ok().filter(|time: &f64| time.is_finite())
}

/// The year, and how much of it had passed, to a day.
fn year(time: &str) -> Option<f64> {
    let date = time.split(['T', ' ']).next()?;
    let mut parts = date.split('-').map(str::parse::<u16>);
    let (year, month) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let day = parts.next().map_or(Some(1), Result::ok)?;
    let is_date = parts.next().is_none() && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_date.then(|| f64::from(year) + (f64::from(month) - 1.0 + (f64::from(day) - 1.0) / 31.0) / 12.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_years_numbers_or_counted() {
        let places = |times: &[&str]| {
            places("t", Some(&times.iter().map(|&t| t.to_owned()).collect::<Vec<_>>()), times.len())
        };
        assert_eq!(places(&["1998-01", "1998-07-01"]), (vec![1998.0, 1998.5], "year".to_owned()));
        assert_eq!(places(&["3", "4.5"]), (vec![3.0, 4.5], "t".to_owned()));
        assert_eq!(places(&["1998-01", "July"]), (vec![0.0, 1.0], "row".to_owned()));
        assert_eq!(places(&["1998-13"]).1, "row");
    }
}
