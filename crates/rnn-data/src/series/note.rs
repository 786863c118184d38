//! What was found out about a file, and what is strange about it.

use std::fmt;

use super::Decimal;
use crate::text::Encoding;

/// Something that a person should know about how a file was read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// The file is not UTF-8.
    Encoding(Encoding),
    /// The header is in the last comment above the rows.
    HeaderInComment,
    /// There is no header.
    NoHeader {
        /// How many columns there are.
        columns: usize,
    },
    /// Lines before the header were left out.
    LeftOut {
        /// How many.
        lines: usize,
        /// The line of the header.
        before: u64,
    },
    /// The header has the name of the column more than once; nobody asked for it by its name.
    DoubledName {
        /// The name.
        name: String,
        /// The columns that have it, counted from 1.
        columns: Vec<usize>,
        /// The one that was taken.
        taken: usize,
    },
    /// The numbers of the column could mean something else with the other decimal mark.
    AmbiguousNumbers {
        /// One of them.
        found: String,
        /// The mark that was taken.
        taken: Decimal,
        /// What it means.
        value: f64,
        /// What it would mean with the other mark.
        other: f64,
    },
    /// All numbers have this sign before or after them, which was left out.
    Sign(char),
    /// The rows were turned around, because the newest came first.
    Reversed {
        /// The column of times.
        column: String,
        /// The time of the first row of the file.
        first: String,
        /// The time of its last row.
        last: String,
    },
    /// A column has numbers that fall from row to row, and it is not certain that they are times.
    Falls {
        /// The column.
        column: String,
    },
    /// Dates could mean something else if days and months changed places.
    AmbiguousDates {
        /// The column of times.
        column: String,
        /// The first date.
        found: String,
        /// The last day of 1999 in the format that was taken.
        taken: String,
        /// The last day of 1999 in the other format.
        other: String,
    },
    /// No column says when the rows were.
    NoTimes,
    /// Rows have the time of the row before.
    DoubledTimes {
        /// The second line with the first such time.
        line: u64,
        /// The time.
        time: String,
        /// How many there are.
        count: usize,
    },
    /// Rows are missing.
    MissingTimes {
        /// The line after the first gap, in time.
        line: u64,
        /// The time before the gap.
        before: String,
        /// The time after the gap.
        after: String,
        /// How many rows are missing in all gaps.
        count: u64,
    },
    /// Rows are not equally far apart.
    UnevenTimes {
        /// The first line at another distance.
        line: u64,
        /// Its time.
        time: String,
        /// How many there are.
        count: usize,
    },
    /// Values lie far away from all others.
    StrangeValues {
        /// The first line with one.
        line: u64,
        /// The value.
        value: f64,
        /// How many there are.
        count: usize,
        /// The least of the other values.
        least: f64,
        /// The greatest of the other values.
        greatest: f64,
    },
    /// Values or whole rows were filled in.
    Filled {
        /// How many values were missing in their rows.
        values: usize,
        /// How many rows were missing.
        rows: u64,
    },
    /// Rows without a value were left out at the beginning or the end.
    Trimmed {
        /// How many.
        rows: usize,
    },
}

impl Note {
    /// Whether the series may be wrong, so that a person has to look; other notes say how a file was read.
    pub fn is_warning(&self) -> bool {
        matches!(
            self,
            Self::DoubledName { .. }
                | Self::AmbiguousNumbers { .. }
                | Self::Falls { .. }
                | Self::AmbiguousDates { .. }
                | Self::DoubledTimes { .. }
                | Self::MissingTimes { .. }
                | Self::UnevenTimes { .. }
                | Self::StrangeValues { .. }
        )
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding(encoding) => write!(f, "the file is not UTF-8; it was read as {encoding}"),
            Self::HeaderInComment => write!(f, "the names of the columns are those in the last comment"),
            Self::NoHeader { columns: 1 } => write!(f, "there is no header: the first line is a number"),
            Self::NoHeader { columns } => {
                write!(
                    f,
                    "there is no header, for the first line has numbers: columns are called \"column 1\" to \"column {columns}\""
                )
            }
            Self::LeftOut { lines, before } => {
                write!(
                    f,
                    "{} before the header in line {before} left out, because the columns differ",
                    counted(*lines as u64, "line was", "lines were")
                )
            }
            Self::DoubledName { name, columns, taken } => {
                write!(
                    f,
                    "{} columns are called {name:?}; column {taken} was taken; ask for another by its number",
                    columns.len()
                )
            }
            Self::AmbiguousNumbers { found, taken, value, other } => {
                write!(
                    f,
                    "{found:?} was read as {value} (decimal {}), and could also be {other}",
                    decimal(*taken)
                )
            }
            Self::Sign(sign) => write!(f, "the sign {sign} of every value was left out"),
            Self::Reversed { column, first, last } => write!(
                f,
                "the newest row came first ({column:?} goes from {first} to {last}): the rows were turned around"
            ),
            Self::Falls { column } => write!(
                f,
                "the numbers in column {column:?} fall; if they are times, or a part of them, the newest row comes first: sort \
                 the rows, oldest first"
            ),
            Self::AmbiguousDates { column, found, taken, other } => write!(
                f,
                "the dates in column {column:?}, such as {found}, were read like {taken}, and could also be like {other}; \
                 write them as 1999-12-31"
            ),
            Self::NoTimes => {
                write!(f, "no column has times: the rows were taken as equally far apart, oldest first")
            }
            Self::DoubledTimes { line, time, count } => write!(
                f,
                "line {line}: {time} is there twice{}; every row counts as a step of its own: take one of the two out",
                more(*count as u64)
            ),
            Self::MissingTimes { line, before, after, count } => write!(
                f,
                "line {line}: {} missing between {before} and {after}{}; the rows were taken as equally far apart: put the \
                 missing ones in, or have them filled in",
                if *count == 1 { "a row is" } else { "rows are" },
                if *count == 1 { String::new() } else { format!(", {count} in all") }
            ),
            Self::UnevenTimes { line, time, count } => write!(
                f,
                "line {line}: {time} is not a whole number of steps after the row before{}; the rows were taken as equally \
                 far apart",
                more(*count as u64)
            ),
            Self::StrangeValues { line, value, count, least, greatest } => write!(
                f,
                "line {line}: {value} lies far from the other values, which lie between {least} and {greatest}{}; if it \
                 stands for a missing value, name it as one",
                more(*count as u64)
            ),
            Self::Filled { values, rows } => write!(
                f,
                "{} and {} filled in on the line between their neighbours",
                counted(*values as u64, "missing value", "missing values"),
                counted(*rows, "missing row", "missing rows")
            ),
            Self::Trimmed { rows } => write!(
                f,
                "{} without a value at the beginning or the end left out",
                counted(*rows as u64, "row was", "rows were")
            ),
        }
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn more(count: u64) -> String {
    if count == 1 { String::new() } else { format!(", and so on: {count} in all") }
}

fn decimal(mark: Decimal) -> &'static str {
    match mark {
        Decimal::Point => "point",
        Decimal::Comma => "comma",
    }
}
