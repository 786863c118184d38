//! Which column says when a row was, and in which order the rows are.

use std::borrow::Cow;

use super::format::{FORMATS, Format};
use super::{Cadence, Stamps, Step, TimeAxis};
use crate::series::dialect::{Row, Table};
use crate::series::{Decimal, Note, SeriesError, number};

/// So many rows are enough to see how dates are written.
const SAMPLE: usize = 200;

/// The order of the rows in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::series) enum Order {
    OldestFirst,
    NewestFirst,
}

/// Columns that are parts of one time, by what they may be called.
const PARTS: [&[&str]; 4] = [
    &["year", "yr", "yyyy", "jahr"],
    &["month", "mo", "mon", "mm", "monat"],
    &["day", "dd", "dy", "tag"],
    &["hour", "hh", "hr", "stunde"],
];

/// Names of columns of numbers that are times.
const NAMES: [&str; 19] = [
    "",
    "t",
    "time",
    "date",
    "year",
    "yr",
    "yyyy",
    "jahr",
    "timestamp",
    "unix",
    "epoch",
    "datetime",
    "step",
    "index",
    "id",
    "row",
    "decimal date",
    "decimal_date",
    "ds",
];

/// Whether a column has a name that times or parts of them have.
pub(in crate::series) fn has_name_of_time(name: &str) -> bool {
    let name = name.trim().to_lowercase();
    !name.is_empty()
        && (NAMES.contains(&name.as_str()) || PARTS.iter().any(|part| part.contains(&name.as_str())))
}

/// The times of the rows, in the order of the file, and which order that is; nothing if no column but `value` says them.
pub(in crate::series) fn find(
    table: &Table,
    value: usize,
    notes: &mut Vec<Note>,
) -> Result<Option<(TimeAxis, Order)>, SeriesError> {
    let names: Vec<String> = table.header.iter().map(|name| name.trim().to_lowercase()).collect();
    if let Some(columns) = parts(&names, value) {
        let name = columns.iter().map(|&c| table.header[c].as_str()).collect::<Vec<_>>().join(", ");
        if let Some(found) = dates(table, &name, |row| Cow::Owned(joined(row, &columns)), notes)? {
            return Ok(Some(found));
        }
    }
    let others = (0..names.len()).filter(|&column| column != value);
    for column in others.clone() {
        let time_of_day =
            (names[column] == "date").then(|| names.iter().position(|name| name == "time")).flatten();
        let text = |row: &'_ Row| match time_of_day {
            Some(time) if time != value => Cow::Owned(format!("{} {}", row.get(column), row.get(time))),
            _ => Cow::Owned(row.get(column).to_owned()),
        };
        if let Some(found) = dates(table, &table.header[column], text, notes)? {
            return Ok(Some(found));
        }
    }
    for column in others {
        let is_time = NAMES.contains(&names[column].as_str());
        if (is_time || column == 0)
            && let Some(found) = numbers(table, column, is_time, notes)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The columns of the year, the month, and as much more as there is.
fn parts(names: &[String], value: usize) -> Option<Vec<usize>> {
    let find = |part: &&[&str]| {
        names.iter().position(|name| part.contains(&name.as_str())).filter(|&at| at != value)
    };
    let columns: Vec<usize> = PARTS.iter().map_while(find).collect();
    (columns.len() > 1).then_some(columns)
}

/// 2005-1-31T12:00, from columns of the parts.
fn joined(row: &Row, columns: &[usize]) -> String {
    let marks = ["", "-", "-", "T"];
    let mut text: String =
        columns.iter().zip(marks).flat_map(|(&column, mark)| [mark, row.get(column)]).collect();
    if columns.len() == marks.len() {
        text.push_str(":00");
    }
    text
}

/// The times of a column in which almost every field is a date.
fn dates<'t>(
    table: &'t Table,
    name: &str,
    text: impl Fn(&'t Row) -> Cow<'t, str>,
    notes: &mut Vec<Note>,
) -> Result<Option<(TimeAxis, Order)>, SeriesError> {
    let rows = &table.rows;
    let sample = rows.len().min(SAMPLE);
    let fits = |format: &Format| {
        // Most formats are out of the question after a few rows.
        if !rows.iter().take(20).any(|row| format.parse(&text(row)).is_some()) {
            return false;
        }
        let read = rows.iter().take(sample).filter(|row| format.parse(&text(row)).is_some()).count();
        10 * read >= 9 * sample
    };
    let candidates: Vec<Format> = FORMATS.into_iter().filter(fits).collect();
    let read = |format: Format| -> (Format, Vec<Option<i64>>) {
        (format, rows.iter().map(|row| format.parse(&text(row))).collect())
    };
    let faults = |read: &[Option<i64>]| read.iter().filter(|time| time.is_none()).count();
    let mut all: Vec<_> = candidates.into_iter().map(read).collect();
    let Some(fewest) = all.iter().map(|(_, read)| faults(read)).min() else { return Ok(None) };
    all.retain(|(_, read)| faults(read) == fewest);
    if 10 * fewest > rows.len() {
        return Ok(None);
    }
    if let (Some(at), Some((format, _))) = (all[0].1.iter().position(Option::is_none), all.first()) {
        let like = rows.iter().find(|row| format.parse(&text(row)).is_some());
        return Err(SeriesError::BadTime {
            line: rows[at].line,
            column: name.to_owned(),
            found: text(&rows[at]).into_owned(),
            like: like.map(|row| text(row).into_owned()).unwrap_or_default(),
        });
    }
    let mut all: Vec<(Format, Vec<i64>)> =
        all.into_iter().map(|(format, read)| (format, read.into_iter().flatten().collect())).collect();
    all.dedup_by(|b, a| a.1 == b.1);
    // Where day and month could be either, times that rise or fall evenly are more likely.
    all.sort_by_key(|(_, seconds)| disorder(seconds));
    let (format, seconds) = all.swap_remove(0);
    if let Some((other, _)) = all.iter().find(|(_, other)| disorder(other) == disorder(&seconds)) {
        notes.push(Note::AmbiguousDates {
            column: name.to_owned(),
            found: text(&rows[0]).into_owned(),
            taken: format.example(),
            other: other.example(),
        });
    }
    let label = |row: usize| text(&rows[row]).into_owned();
    ordered(table, name, &seconds, label).map(|order| Some((axis(name, Stamps::Dates(seconds)), order)))
}

/// How many rows are not one step after (or, if most are, before) the one before them.
fn disorder(seconds: &[i64]) -> usize {
    let mut rising = seconds.to_vec();
    if seconds.first() > seconds.last() {
        rising.reverse();
    }
    let falls = rising.windows(2).filter(|pair| pair[1] < pair[0]).count();
    if falls > 0 {
        return seconds.len() + falls;
    }
    let Cadence { missing, uneven, .. } = Cadence::of(&Stamps::Dates(rising));
    missing.iter().filter(|&&missing| missing > 0).count() + uneven.len()
}

/// The times of a column in which every field is a number, if they rise or fall.
fn numbers(
    table: &Table,
    column: usize,
    is_time: bool,
    notes: &mut Vec<Note>,
) -> Result<Option<(TimeAxis, Order)>, SeriesError> {
    let name = &table.header[column];
    let parse =
        |decimal| table.rows.iter().map(|row| number::parse(row.get(column), decimal, None)).collect();
    let read: Option<Vec<f64>> = parse(Decimal::Point);
    let Some(numbers) = read.or_else(|| parse(Decimal::Comma)).filter(|n| n.iter().all(|x| x.is_finite()))
    else {
        return Ok(None);
    };
    let count = |is: fn(&f64, &f64) -> bool| numbers.windows(2).filter(|pair| is(&pair[0], &pair[1])).count();
    let (rises, falls, same) = (count(|a, b| b > a), count(|a, b| b < a), count(|a, b| b == a));
    let is_coarse = 10 * same >= numbers.len(); // a year that stands beside each of its days
    // Where a name does not say that these are times, or other columns have the rest of the time, that numbers fall is no reason
    // to turn the rows around; but it has to be said.
    if falls > 0 && rises == 0 && (is_coarse || !is_time) {
        notes.push(Note::Falls { column: name.clone() });
    }
    if is_coarse || rises + falls == 0 {
        return Ok(None);
    }
    if !is_time {
        // Numbers that rise evenly count rows or steps; others are another quantity.
        let cadence = Cadence::of(&Stamps::Numbers(numbers.clone()));
        if falls > 0
            || same > 0
            || !cadence.uneven.is_empty()
            || cadence.missing.iter().any(|&missing| missing > 0)
        {
            return Ok(None);
        }
    } else if falls > 0 && rises > 0 && 10 * rises.min(falls) > numbers.len() {
        return Ok(None); // numbers that go up and down are no times, whatever they are called
    }
    let label = |row: usize| table.rows[row].get(column).to_owned();
    ordered(table, name, &numbers, label).map(|order| Some((axis(name, Stamps::Numbers(numbers)), order)))
}

fn axis(name: &str, stamps: Stamps) -> TimeAxis {
    TimeAxis { name: name.to_owned(), stamps, step: Step::Number(1.0) }
}

/// The order of times, or an error if they have none.
fn ordered<T: PartialOrd>(
    table: &Table,
    name: &str,
    times: &[T],
    label: impl Fn(usize) -> String,
) -> Result<Order, SeriesError> {
    let rows = || 1..times.len();
    let same: Vec<usize> = rows().filter(|&row| times[row] == times[row - 1]).collect();
    let rises = rows().filter(|&row| times[row] > times[row - 1]).count();
    let falls = times.len() - 1 - same.len() - rises;
    let rising = rises >= falls;
    let turns = |&row: &usize| if rising { times[row] < times[row - 1] } else { times[row] > times[row - 1] };
    if let Some(row) = rows().find(turns) {
        return Err(SeriesError::OutOfOrder {
            line: table.rows[row].line,
            column: name.to_owned(),
            time: label(row),
            before: label(row - 1),
            rising,
        });
    }
    if let Some(&row) = same.first().filter(|_| same.len() > 1 && 10 * same.len() >= times.len()) {
        return Err(SeriesError::Repeated {
            line: table.rows[row].line,
            column: name.to_owned(),
            time: label(row),
            count: same.len(),
            rows: times.len(),
        });
    }
    Ok(if rising { Order::OldestFirst } else { Order::NewestFirst })
}
