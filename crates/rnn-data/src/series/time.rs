//! When the rows of a series were: a column of dates or of numbers.

mod cadence;
mod column;
mod format;

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, Days, Months, NaiveDateTime, TimeDelta, Timelike, Weekday};

pub(super) use cadence::Cadence;
pub(super) use column::{Order, find, has_name_of_time};

/// The times of the rows of a series, oldest first, and how far apart they are.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeAxis {
    pub(super) name: String,
    pub(super) stamps: Stamps,
    pub(super) step: Step,
}

/// How far apart rows are.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// So many months, whatever their lengths.
    Months(u32),
    /// So many seconds.
    Seconds(i64),
    /// A day, and from Friday to Monday.
    Weekdays,
    /// So much, where times are numbers.
    Number(f64),
}

/// The times themselves.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stamps {
    /// Seconds since 1970.
    Dates(Vec<i64>),
    Numbers(Vec<f64>),
}

impl TimeAxis {
    /// The name of the column of times.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How far apart most rows are.
    pub fn step(&self) -> Step {
        self.step
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        match &self.stamps {
            Stamps::Dates(seconds) => seconds.len(),
            Stamps::Numbers(numbers) => numbers.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether times are dates, and not numbers.
    pub fn has_dates(&self) -> bool {
        matches!(self.stamps, Stamps::Dates(_))
    }

    /// The time of a row as a number for the axis of a figure: the year and how much of it had passed, or the number itself. Rows
    /// from [`len`](Self::len) on are those that follow after the last one, one [`step`](Self::step) after another.
    ///
    /// # Panics
    /// If there is no row.
    pub fn place(&self, row: usize) -> f64 {
        match &self.stamps {
            Stamps::Numbers(numbers) => number(numbers, self.step, row),
            Stamps::Dates(seconds) => date(seconds, self.step, row).map_or(f64::NAN, year),
        }
    }

    /// The time of a row in words: 2005-03, 2005-03-01, 2005-03-01 12:00, or the number. Rows from [`len`](Self::len) on are
    /// those that follow after the last one.
    ///
    /// # Panics
    /// If there is no row.
    pub fn label(&self, row: usize) -> String {
        match &self.stamps {
            Stamps::Numbers(numbers) => {
                let label = format!("{:.6}", number(numbers, self.step, row));
                label.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            Stamps::Dates(seconds) => match date(seconds, self.step, row) {
                Some(date) => words(date, self.step),
                None => format!("row {}", row + 1),
            },
        }
    }
}

impl TimeAxis {
    /// Puts in the times of rows that are missing, as many before each row as `missing` says.
    pub(super) fn spread(&mut self, missing: &[u64]) {
        let before = std::iter::once(0).chain(missing.iter().copied());
        match &mut self.stamps {
            Stamps::Numbers(numbers) => {
                let mut all = Vec::with_capacity(numbers.len());
                for (&number, count) in numbers.iter().zip(before) {
                    let last = all.last().copied().unwrap_or(number);
                    let part = |k: u64| k as f64 / (count + 1) as f64;
                    all.extend((1..=count).map(|k| last + (number - last) * part(k)));
                    all.push(number);
                }
                *numbers = all;
            }
            Stamps::Dates(seconds) => {
                let mut all = Vec::with_capacity(seconds.len());
                for (&time, count) in seconds.iter().zip(before) {
                    let last = all.last().copied().and_then(at);
                    let next =
                        |k: u64| later(last?, self.step, k as usize).map(|date| date.and_utc().timestamp());
                    all.extend((1..=count).filter_map(next));
                    all.push(time);
                }
                *seconds = all;
            }
        }
    }
}

/// The number of a row, also of one after the last.
fn number(numbers: &[f64], step: Step, row: usize) -> f64 {
    let Step::Number(step) = step else { return f64::NAN };
    let last = numbers.len() - 1;
    numbers.get(row).copied().unwrap_or_else(|| numbers[last] + step * (row - last) as f64)
}

/// The date of a row, also of one after the last; nothing beyond the last year that can be written.
fn date(seconds: &[i64], step: Step, row: usize) -> Option<NaiveDateTime> {
    let last = seconds.len() - 1;
    match seconds.get(row) {
        Some(&seconds) => at(seconds),
        None => later(at(seconds[last])?, step, row - last),
    }
}

/// The date `count` steps after another.
fn later(date: NaiveDateTime, step: Step, count: usize) -> Option<NaiveDateTime> {
    match step {
        Step::Months(months) => {
            date.checked_add_months(Months::new(months.checked_mul(count.try_into().ok()?)?))
        }
        Step::Seconds(seconds) => {
            date.checked_add_signed(TimeDelta::try_seconds(seconds.checked_mul(count.try_into().ok()?)?)?)
        }
        Step::Weekdays => {
            // Whole weeks at once, then the days that are left.
            let mut date = date.checked_add_days(Days::new(7 * (count / 5) as u64))?;
            let mut left = count % 5;
            while left > 0 {
                date = date.checked_add_days(Days::new(1))?;
                left -= usize::from(!is_weekend(date));
            }
            Some(date)
        }
        Step::Number(_) => None,
    }
}

fn at(seconds: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp(seconds, 0).map(|date| date.naive_utc())
}

fn is_weekend(date: NaiveDateTime) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The year, and how much of it had passed.
fn year(date: NaiveDateTime) -> f64 {
    let days = if date.date().leap_year() { 366.0 } else { 365.0 };
    let passed = f64::from(date.ordinal0()) + f64::from(date.num_seconds_from_midnight()) / 86_400.0;
    f64::from(date.year()) + passed / days
}

fn words(date: NaiveDateTime, step: Step) -> String {
    let format = match step {
        Step::Months(_) => "%Y-%m",
        Step::Seconds(step) if step % 60 != 0 => "%Y-%m-%d %H:%M:%S",
        Step::Seconds(step) if step % 86_400 != 0 => "%Y-%m-%d %H:%M",
        _ => "%Y-%m-%d",
    };
    let mut words = String::new();
    let _ = write!(words, "{}", date.format(format));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(date: &str, step: Step) -> TimeAxis {
        let date = NaiveDateTime::parse_from_str(date, "%Y-%m-%d %H:%M").unwrap();
        TimeAxis { name: "t".to_owned(), stamps: Stamps::Dates(vec![date.and_utc().timestamp()]), step }
    }

    #[test]
    fn times_go_on_after_the_last_row() {
        let labels = |axis: TimeAxis| [0, 1, 2, 13].map(|row| axis.label(row));
        assert_eq!(
            labels(axis("2019-12-31 00:00", Step::Months(1))),
            ["2019-12", "2020-01", "2020-02", "2021-01"]
        );
        let day = Step::Seconds(86_400);
        assert_eq!(
            labels(axis("2020-02-28 00:00", day)),
            ["2020-02-28", "2020-02-29", "2020-03-01", "2020-03-12"]
        );
        let friday = axis("2024-05-03 00:00", Step::Weekdays);
        assert_eq!(labels(friday), ["2024-05-03", "2024-05-06", "2024-05-07", "2024-05-22"]);
        let hourly = axis("2024-12-31 23:00", Step::Seconds(3600));
        assert_eq!(hourly.label(1), "2025-01-01 00:00");
        assert_eq!(hourly.place(1), 2025.0);
        assert_eq!(
            axis("2024-12-31 23:00", Step::Months(12)).label(usize::MAX - 9),
            format!("row {}", usize::MAX - 8)
        );
        let numbers = TimeAxis {
            name: "t".to_owned(),
            stamps: Stamps::Numbers(vec![1.5, 1.75]),
            step: Step::Number(0.25),
        };
        assert_eq!([0, 1, 2].map(|row| numbers.label(row)), ["1.5", "1.75", "2"]);
    }
}
