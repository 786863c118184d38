//! Why a file is not a series.

use std::fmt;

use thiserror::Error;

use crate::text::TextError;

/// Why a file is not a series. Lines are counted from 1, as text editors count them.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SeriesError {
    /// The file is not a text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The file cannot be read, or its quotation marks make no sense.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// The file has no line that is not blank or a comment.
    #[error("the file is empty")]
    Empty,
    /// The file has a header and nothing below it.
    #[error("there is no row below the header, which names {}", listed(header))]
    NoRows {
        /// The names of the columns.
        header: Vec<String>,
    },
    /// A row has more or fewer columns than the others.
    #[error("line {line} has {found} columns, and the rows before it have {expected}; {advice}")]
    Ragged {
        /// The line.
        line: u64,
        /// Its columns.
        found: usize,
        /// The columns of the other rows.
        expected: usize,
        /// What to do.
        advice: &'static str,
    },
    /// The header does not have the name of the column, and it is not the number of one either.
    #[error("there is no column {name:?}; the columns are {}", listed(header))]
    NoColumn {
        /// The name that was asked for.
        name: String,
        /// The names of the columns.
        header: Vec<String>,
    },
    /// The header has the name of the column more than once.
    #[error("{name:?} is the name of {} columns, number {}; ask for one of them by its number", columns.len(), numbers(columns))]
    DoubledName {
        /// The name that was asked for.
        name: String,
        /// The numbers of the columns that have it, counted from 1.
        columns: Vec<usize>,
    },
    /// No column of the file has numbers that could be forecast.
    #[error("no column has numbers in most of its rows; the columns are {}", listed(header))]
    NoNumbers {
        /// The names of the columns.
        header: Vec<String>,
    },
    /// Values are missing.
    #[error(
        "line {line}, column {column:?}: the value is missing ({found:?}), {}; rows are taken as equally far apart, so a row \
         cannot be left out: put a value there, or have missing values filled in between their neighbours",
        lines(*count)
    )]
    Missing {
        /// The first line without a value.
        line: u64,
        /// The column.
        column: String,
        /// What stands there.
        found: String,
        /// How many lines have no value.
        count: usize,
    },
    /// Something in the column is not a number.
    #[error(
        "line {line}, column {column:?}: {found:?} is not a number with a decimal {}, as {} of the {} values are; if it stands \
         for a missing value, name it as one; if this is the wrong column, name another",
        mark(*decimal), values - count, values
    )]
    NotANumber {
        /// The first such line.
        line: u64,
        /// The column.
        column: String,
        /// What stands there.
        found: String,
        /// The mark before decimals in the column.
        decimal: char,
        /// How many values are not numbers.
        count: usize,
        /// How many values there are.
        values: usize,
    },
    /// A number is so large, or all numbers are so small, that their squares leave the range of floating-point numbers.
    #[error(
        "line {line}, column {column:?}: {found} is out of range: the largest value must have a size between 1e-150 \
         and 1e150; take another unit"
    )]
    OutOfRange {
        /// The line.
        line: u64,
        /// The column.
        column: String,
        /// What stands there.
        found: String,
    },
    /// The column of times has something that is no time.
    #[error(
        "line {line}, column {column:?}: {found:?} is not a time as the other rows have it, such as {like:?}"
    )]
    BadTime {
        /// The line.
        line: u64,
        /// The column of times.
        column: String,
        /// What stands there.
        found: String,
        /// A time as the other rows have it.
        like: String,
    },
    /// Times neither rise nor fall.
    #[error(
        "line {line}, column {column:?}: {time} comes after {before}, although times {} elsewhere; sort the rows by time, and \
         keep the rows of one series only",
        if *rising { "rise" } else { "fall" }
    )]
    OutOfOrder {
        /// The first line that is out of order.
        line: u64,
        /// The column of times.
        column: String,
        /// The time in this line.
        time: String,
        /// The time in the line before.
        before: String,
        /// Whether most times are later than those in the line before.
        rising: bool,
    },
    /// A tenth of the times or more are there repeatedly.
    #[error(
        "line {line}, column {column:?}: {time} is there again, and so are {count} of {rows} times; if the file has several \
         series below each other, keep one of them"
    )]
    Repeated {
        /// The first line with a time that the line before has.
        line: u64,
        /// The column of times.
        column: String,
        /// The time.
        time: String,
        /// How many rows have the time of the row before.
        count: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// More rows are missing than there are.
    #[error(
        "line {line}: {missing} rows are missing before it, more than the {rows} that are there: the rows are not equally far \
         apart, and cannot be filled in"
    )]
    TooSparse {
        /// The line with the longest gap before it.
        line: u64,
        /// How many rows are missing in all.
        missing: u64,
        /// How many rows there are.
        rows: usize,
    },
}

fn listed(header: &[String]) -> String {
    const SHOWN: usize = 30;
    let mut names: Vec<String> = header.iter().take(SHOWN).map(|name| format!("{name:?}")).collect();
    if header.len() > SHOWN {
        names.push(format!("and {} more", header.len() - SHOWN));
    }
    names.join(", ")
}

fn numbers(columns: &[usize]) -> String {
    columns.iter().map(usize::to_string).collect::<Vec<_>>().join(" and ")
}

fn lines(count: usize) -> impl fmt::Display {
    if count == 1 { "and in no other line".to_owned() } else { format!("and in {} more lines", count - 1) }
}

fn mark(decimal: char) -> &'static str {
    if decimal == ',' { "comma" } else { "point" }
}
