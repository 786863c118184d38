//! How far apart rows are, and where one is missing.

use std::collections::HashMap;

use chrono::Datelike;

use super::{Stamps, Step, at, format, is_weekend};

/// How many days apart rows are on average may be that of months: how many, from so many days to so many.
const MONTHS: [(u32, f64, f64); 5] =
    [(1, 28.0, 31.0), (2, 59.0, 62.0), (3, 89.0, 92.0), (6, 181.0, 184.0), (12, 365.0, 366.0)];

/// What lies between the rows of a series.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::series) struct Cadence {
    pub(in crate::series) step: Step,
    /// For each row but the first, how many rows are missing before it.
    pub(in crate::series) missing: Vec<u64>,
    /// The rows whose distance to the one before is no whole number of steps, and not 0.
    pub(in crate::series) uneven: Vec<usize>,
}

impl Cadence {
    /// The cadence of times in rising order.
    pub(in crate::series) fn of(stamps: &Stamps) -> Self {
        let (step, distances) = match stamps {
            Stamps::Dates(seconds) => dates(seconds),
            Stamps::Numbers(numbers) => {
                let distances: Vec<f64> = numbers.windows(2).map(|pair| pair[1] - pair[0]).collect();
                let step = median(&distances).unwrap_or(1.0);
                (Step::Number(step), distances.iter().map(|distance| distance / step).collect())
            }
        };
        // Dates are exact; numbers such as 2005.0417 are rounded.
        let tolerance = if matches!(step, Step::Number(_)) { 0.25 } else { 1e-9 };
        let mut uneven = Vec::new();
        let mut missing = Vec::with_capacity(distances.len());
        for (row, steps) in (1..).zip(distances) {
            let is_whole =
                (steps - steps.round()).abs() <= tolerance * steps.max(1.0).sqrt() && steps.round() >= 1.0;
            if steps != 0.0 && !is_whole {
                uneven.push(row);
            }
            missing.push(if is_whole { steps.round() as u64 - 1 } else { 0 });
        }
        Self { step, missing, uneven }
    }
}

/// The step, and from each row to the next the distance in steps.
fn dates(seconds: &[i64]) -> (Step, Vec<f64>) {
    let distances: Vec<i64> = seconds.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let days: Vec<f64> = distances.iter().filter(|&&d| d > 0).map(|&d| format::days(d)).collect();
    let typical = median(&days).unwrap_or(1.0);
    if let Some(&(months, ..)) = MONTHS.iter().find(|(_, least, most)| (*least..=*most).contains(&typical)) {
        let month = |&s: &i64| at(s).map_or(0, |date| 12 * i64::from(date.year()) + i64::from(date.month0()));
        let steps: Vec<f64> = seconds
            .windows(2)
            .map(|pair| (month(&pair[1]) - month(&pair[0])) as f64 / f64::from(months))
            .collect();
        // Every four weeks is not every month: two rows then share a month, or one month has none.
        if steps.iter().zip(&distances).all(|(&steps, &distance)| steps > 0.0 || distance == 0) {
            return (Step::Months(months), steps);
        }
    }
    let mut counts = HashMap::new();
    distances.iter().filter(|&&d| d > 0).for_each(|&d| *counts.entry(d).or_insert(0_usize) += 1);
    let step =
        counts.into_iter().max_by_key(|&(d, count)| (count, std::cmp::Reverse(d))).map_or(86_400, |(d, _)| d);
    let weekdays =
        step == 86_400 && !seconds.iter().any(|&s| at(s).is_some_and(is_weekend)) && seconds.len() > 7;
    if weekdays {
        let steps = seconds.windows(2).map(|pair| (weekday(pair[1]) - weekday(pair[0])) as f64).collect();
        return (Step::Weekdays, steps);
    }
    (Step::Seconds(step), distances.iter().map(|&distance| distance as f64 / step as f64).collect())
}

/// How many weekdays there were before this day, from some Monday on.
fn weekday(seconds: i64) -> i64 {
    let days = seconds.div_euclid(86_400) + 3; // the first day of 1970 was a Thursday
    5 * days.div_euclid(7) + days.rem_euclid(7).min(5)
}

fn median(values: &[f64]) -> Option<f64> {
    let mut values: Vec<f64> = values.iter().copied().filter(|&value| value > 0.0).collect();
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::format::Format;
    use super::*;

    fn cadence(dates: &[&str]) -> Cadence {
        let format = Format::Day("%Y-%m-%d");
        Cadence::of(&Stamps::Dates(dates.iter().map(|date| format.parse(date).unwrap()).collect()))
    }

    #[test]
    fn months_have_different_lengths() {
        let months = cadence(&["2005-01-31", "2005-02-28", "2005-03-31", "2005-06-30", "2005-07-31"]);
        assert_eq!((months.step, months.missing, months.uneven), (Step::Months(1), vec![0, 0, 2, 0], vec![]));
        assert_eq!(cadence(&["2005-01-01", "2005-04-01", "2005-07-01"]).step, Step::Months(3));
        assert_eq!(cadence(&["2005-01-01", "2006-01-01", "2007-01-01", "2008-01-01"]).step, Step::Months(12));
        let four_weeks = cadence(&["2005-01-01", "2005-01-29", "2005-02-26", "2005-03-26"]);
        assert_eq!((four_weeks.step, four_weeks.missing), (Step::Seconds(28 * 86_400), vec![0, 0, 0]));
    }

    #[test]
    fn a_weekend_is_not_missing_where_no_row_is_on_one() {
        let days = [
            "2024-05-02",
            "2024-05-03",
            "2024-05-06",
            "2024-05-07",
            "2024-05-08",
            "2024-05-10",
            "2024-05-13",
            "2024-05-14",
        ];
        let weekdays = cadence(&days);
        assert_eq!((weekdays.step, weekdays.missing), (Step::Weekdays, vec![0, 0, 0, 0, 1, 0, 0]));
    }

    #[test]
    fn doubled_and_uneven_rows_are_not_missing_ones() {
        let hours =
            |hours: &[f64]| Cadence::of(&Stamps::Dates(hours.iter().map(|h| (h * 3600.0) as i64).collect()));
        let found = hours(&[0.0, 1.0, 2.0, 2.0, 3.0, 3.5, 4.0, 5.0, 8.0]);
        assert_eq!((found.step, found.missing), (Step::Seconds(3600), vec![0, 0, 0, 0, 0, 0, 0, 2]));
        assert_eq!(found.uneven, [5, 6]);
        let years = Cadence::of(&Stamps::Numbers(vec![2005.0, 2005.083, 2005.167, 2005.25, 2005.5]));
        assert_eq!((years.missing, years.uneven), (vec![0, 0, 0, 2], vec![]));
    }
}
