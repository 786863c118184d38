//! The ways to write a date that are understood.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// A way to write a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Year, month and day, in chrono's notation.
    Day(&'static str),
    /// Year and month, in chrono's notation.
    Month(&'static str),
    /// Year and quarter: 2005Q1, 2005-Q1, Q1 2005.
    Quarter,
    /// Year and week as in ISO 8601: 2005-W01.
    Week,
}

/// All of them. Of two that fit all rows equally well, the first is taken.
pub(super) const FORMATS: [Format; 36] = [
    Format::Day("%Y-%m-%d"),
    Format::Day("%Y/%m/%d"),
    Format::Day("%Y.%m.%d"),
    Format::Day("%d.%m.%Y"),
    Format::Day("%d.%m.%y"),
    Format::Day("%m/%d/%Y"),
    Format::Day("%d/%m/%Y"),
    Format::Day("%m/%d/%y"),
    Format::Day("%d/%m/%y"),
    Format::Day("%d-%m-%Y"),
    Format::Day("%m-%d-%Y"),
    Format::Day("%d-%m-%y"),
    Format::Day("%m-%d-%y"),
    Format::Day("%y-%m-%d"),
    Format::Day("%d-%B-%Y"),
    Format::Day("%d-%B-%y"),
    Format::Day("%d %B %Y"),
    Format::Day("%B %d, %Y"),
    Format::Day("%B %d %Y"),
    Format::Day("%Y-%B-%d"),
    Format::Day("%d%B%Y"),
    Format::Day("%Y%m%d"),
    Format::Month("%Y-%m"),
    Format::Month("%Y/%m"),
    Format::Month("%YM%m"),
    Format::Month("%m/%Y"),
    Format::Month("%m-%Y"),
    Format::Month("%B %Y"),
    Format::Month("%B-%Y"),
    Format::Month("%B-%y"),
    Format::Month("%B %y"),
    Format::Month("%Y %B"),
    Format::Month("%Y-%B"),
    Format::Month("%Y%m"),
    Format::Quarter,
    Format::Week,
];

impl Format {
    /// The seconds since 1970 of a date in this format, which a time of day may follow.
    pub(super) fn parse(self, text: &str) -> Option<i64> {
        let (date, time) = split(text.trim());
        let date = match self {
            Self::Day(format) => {
                NaiveDate::parse_from_str(date, format).ok().filter(|_| has_width(date, format))?
            }
            Self::Month(format) if has_width(date, format) => {
                NaiveDate::parse_from_str(&format!("{date}|1"), &format!("{format}|%d")).ok()?
            }
            Self::Month(_) => return None,
            Self::Quarter => quarter(date)?,
            Self::Week => NaiveDate::parse_from_str(&format!("{date}|1"), "%G-W%V|%u").ok()?,
        };
        let date = time.map_or(Some(date.and_time(NaiveTime::MIN)), |time| time_of_day(date, time))?;
        // Years with one or three digits are slips, or another format.
        let year = chrono::Datelike::year(&date);
        (1000..=9999).contains(&year).then(|| date.and_utc().timestamp())
    }

    /// An example of the format, for messages.
    pub(super) fn example(self) -> String {
        let date = NaiveDate::from_ymd_opt(1999, 12, 31).unwrap_or_default();
        match self {
            Self::Day(format) | Self::Month(format) => date.format(format).to_string(),
            Self::Quarter => "1999Q4".to_owned(),
            Self::Week => "1999-W52".to_owned(),
        }
    }
}

/// Whether a text of digits alone is as long as its format; chrono would accept fewer digits.
fn has_width(text: &str, format: &str) -> bool {
    match format {
        "%Y%m%d" => text.len() == 8,
        "%Y%m" => text.len() == 6,
        _ => true,
    }
}

/// The date, and the time of day if there is one: what has a colon, after a space or a T.
fn split(text: &str) -> (&str, Option<&str>) {
    let Some(colon) = text.find(':') else { return (text, None) };
    let before = &text[..colon];
    let date = before.trim_end_matches(|c: char| c.is_ascii_digit());
    match date.strip_suffix(['T', 't', ' ']) {
        Some(day) => (day.trim_end(), Some(&text[date.len()..])),
        None => (text, None),
    }
}

/// A date and a time of day such as 13:30, 13:30:05.25, 1:30 PM, 13:30Z or 13:30+02:00, in UTC if the text says how far from
/// it. Parts of a second are left out.
fn time_of_day(date: NaiveDate, time: &str) -> Option<NaiveDateTime> {
    let upper = time.to_uppercase();
    let time = upper.trim_end_matches("UTC").trim_end_matches("GMT").trim_end_matches('Z').trim();
    let parsed = ["%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%I:%M%p"];
    if let Some(time) = parsed.iter().find_map(|format| NaiveTime::parse_from_str(time, format).ok()) {
        return Some(date.and_time(time));
    }
    // chrono reads an offset only together with a date.
    let zoned = format!("{} {time}", date.format("%Y-%m-%d"));
    let parsed = ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f %#z", "%Y-%m-%d %H:%M%#z"];
    let zoned: DateTime<FixedOffset> =
        parsed.iter().find_map(|format| DateTime::parse_from_str(&zoned, format).ok())?;
    Some(zoned.naive_utc())
}

fn quarter(text: &str) -> Option<NaiveDate> {
    let parts = |sep: [char; 2]| text.split_once(sep);
    let (before, after) = parts(['Q', 'q'])?;
    let separators = [' ', '-', '/', ':'];
    let (year, quarter) = if before.is_empty() {
        let (quarter, year) = after.split_once(separators)?;
        (year, quarter)
    } else {
        (before.trim_end_matches(separators), after)
    };
    let quarter: u32 = quarter.parse().ok().filter(|q| (1..=4).contains(q))?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, 3 * quarter - 2, 1)
}

/// The seconds of whole days, for what needs no time of day.
pub(super) fn days(seconds: i64) -> f64 {
    seconds as f64 / TimeDelta::days(1).num_seconds() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_format() {
        let new_year =
            NaiveDate::from_ymd_opt(2005, 1, 3).unwrap().and_time(NaiveTime::MIN).and_utc().timestamp();
        let read =
            |text: &str| -> Vec<i64> { FORMATS.iter().filter_map(|format| format.parse(text)).collect() };
        for text in [
            "2005-01-03",
            "2005/1/3",
            "3.1.2005",
            "3.1.05",
            "1/3/2005",
            "03-Jan-2005",
            "3 January 2005",
            "Jan 3, 2005",
            "20050103",
            "2005-01-03 00:00",
            "2005-01-03T00:00:00Z",
            "2005-01-03T02:00:00+02:00",
            "2005-01-03 12:00 AM",
            "2005-W01",
            "2005-01-02 19:00:00-05:00",
            "2005-Jan-03",
            "03JAN2005",
        ] {
            assert!(read(text).contains(&new_year), "{text}: {:?}", read(text));
        }
        let month = new_year - 2 * 86_400;
        for text in [
            "2005-01",
            "2005/01",
            "200501",
            "01/2005",
            "Jan 2005",
            "January 2005",
            "Jan-05",
            "2005M01",
            "2005Q1",
            "Q1 2005",
            "2005-Q1",
        ] {
            assert!(read(text).contains(&month), "{text}: {:?}", read(text));
        }
        for text in ["2005-13", "2005", "19.85", "", "July", "2005-02-30", "2005Q5", "1", "20051", "12:30"] {
            assert_eq!(read(text), [], "{text}");
        }
        assert_eq!(read("01/02/2005").len(), 2, "the second of January or the first of February");
    }

    #[test]
    fn every_format_reads_its_own_example() {
        for format in FORMATS {
            assert!(format.parse(&format.example()).is_some(), "{format:?}: {}", format.example());
        }
    }
}
