//! How a file separates its columns, found out from its rows.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{Decimal, Note, SeriesError, number};

/// What stands between two columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Separator {
    /// This character.
    Char(char),
    /// Any number of spaces and tabs.
    Spaces,
    /// Nothing: there is one column.
    None,
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char('\t') => f.write_str("columns separated by tabs"),
            Self::Char(c) => write!(f, "columns separated by {c:?}"),
            Self::Spaces => f.write_str("columns separated by spaces"),
            Self::None => f.write_str("a single column"),
        }
    }
}

/// Separators that are tried; of two that fit equally well, the first is taken.
const SEPARATORS: [char; 4] = ['\t', ';', '|', ','];

/// So many rows are enough to find the separator.
const SAMPLE: usize = 1000;

/// The header and the rows of a file, all of the same width.
pub(super) struct Table {
    pub(super) separator: Separator,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// A row and its line in the file.
pub(super) struct Row {
    pub(super) line: u64,
    fields: StringRecord,
}

impl Row {
    pub(super) fn get(&self, column: usize) -> &str {
        self.fields.get(column).unwrap_or_default()
    }

    fn is_blank(&self) -> bool {
        self.fields.iter().all(str::is_empty)
    }
}

impl Table {
    /// The table in a text; what was found out on the way is added to `notes`.
    pub(super) fn of(
        text: &str,
        separator: Option<char>,
        notes: &mut Vec<Note>,
    ) -> Result<Self, SeriesError> {
        let (whole, said) = separator_line(text);
        let text = &*without_comments(whole);
        let separator = match separator.or(said) {
            Some(c) => Separator::Char(c),
            None => find(text),
        };
        let mut rows = rows(text, separator, usize::MAX)?;
        if said.is_some() {
            for row in &mut rows {
                row.line += 1;
            }
        }
        while rows.last().is_some_and(Row::is_blank) {
            rows.pop();
        }
        let width = width(&rows).ok_or(SeriesError::Empty)?.0;
        let (header, first) = header(whole, separator, &rows, width, notes);
        rows.drain(..first);
        // Separators at the ends of lines separate nothing.
        let used = |column: usize| {
            header.get(column).is_some_and(|n| !n.is_empty())
                || rows.iter().any(|row| !row.get(column).is_empty())
        };
        let width = (0..width).rev().find(|&column| used(column)).map_or(0, |last| last + 1);
        let header: Vec<String> = header.into_iter().take(width).collect();
        for row in &rows {
            let found = row.fields.len();
            if found < width || row.fields.iter().skip(width).any(|field| !field.is_empty()) {
                let advice = if matches!(separator, Separator::Char(',')) && found > width {
                    "if its numbers have decimal commas, put them in quotation marks or separate the columns by ;"
                } else {
                    "mend this line, or take it out if it is not a row of the series"
                };
                return Err(SeriesError::Ragged { line: row.line, found, expected: width, advice });
            }
        }
        if rows.is_empty() {
            return Err(SeriesError::NoRows { header });
        }
        Ok(Self { separator, header, rows })
    }
}

/// The text without a first line such as `sep=;`, by which Excel is told the separator.
fn separator_line(text: &str) -> (&str, Option<char>) {
    let line = text.lines().next().unwrap_or_default();
    let mut said = line.strip_prefix("sep=").unwrap_or_default().chars();
    match (said.next(), said.next()) {
        (Some(c), None) if c.is_ascii() => (text.get(line.len() + 1..).unwrap_or_default(), Some(c)),
        _ => (text, None),
    }
}

/// The separator that cuts the most rows into equally many columns.
fn find(text: &str) -> Separator {
    if is_one_column_of_decimal_commas(text) {
        return Separator::None;
    }
    let fits = |separator: Separator| {
        let rows = rows(text, separator, SAMPLE).unwrap_or_default();
        let (width, count) = width(&rows)?;
        (width > 1 && 2 * count > rows.len()).then_some((count, separator))
    };
    let mut best: Option<(usize, Separator)> = None;
    for found in SEPARATORS.into_iter().filter_map(|c| fits(Separator::Char(c))) {
        if best.is_none_or(|best| found.0 > best.0) {
            best = Some(found);
        }
    }
    best.or_else(|| fits(Separator::Spaces)).map_or(Separator::None, |(_, separator)| separator)
}

/// Whether every line but the first is a number such as 19,85, and the first has no separator.
fn is_one_column_of_decimal_commas(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).take(SAMPLE);
    let header_has_none = lines.next().is_some_and(|line| !line.contains([',', ';', '\t', '|']));
    let mut lines = lines.peekable();
    header_has_none
        && lines.peek().is_some()
        && lines.all(|line| number::parse(line, Decimal::Comma, None).is_some())
}

/// Whether a line begins with #, and not with a code of a missing value such as #N/A.
fn is_comment(line: &str) -> bool {
    let first = || line.split([',', ';', '\t', '|', ' ']).next().unwrap_or_default();
    line.starts_with('#') && !super::missing::is_code(first())
}

/// The text with empty lines in place of comments, so that lines keep their numbers.
fn without_comments(text: &str) -> Cow<'_, str> {
    if !text.lines().any(is_comment) {
        return Cow::Borrowed(text);
    }
    let mut left = String::with_capacity(text.len());
    for line in text.lines() {
        left.push_str(if is_comment(line) { "" } else { line });
        left.push('\n');
    }
    Cow::Owned(left)
}

/// The first rows of a text that are not blank.
fn rows(text: &str, separator: Separator, most: usize) -> Result<Vec<Row>, SeriesError> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).trim(Trim::All);
    match separator {
        Separator::Char(c) => {
            builder.delimiter(u8::try_from(c).unwrap_or(b','));
            let read =
                |row: csv::Result<StringRecord>| row.map(|fields| Row { line: line(text, &fields), fields });
            let is_row = |row: &csv::Result<StringRecord>| {
                row.as_ref().map_or(true, |row| !(row.len() == 1 && row[0].is_empty()))
            };
            let records = builder.from_reader(text.as_bytes()).into_records().filter(is_row).take(most);
            Ok(records.map(read).collect::<csv::Result<_>>()?)
        }
        Separator::Spaces | Separator::None => {
            let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
            let row = |(line, at): (&str, u64)| {
                let fields = match separator {
                    Separator::Spaces => line.split_whitespace().map(unquoted).collect(),
                    _ => StringRecord::from(vec![unquoted(line.trim())]),
                };
                Row { line: at, fields }
            };
            Ok(lines.take(most).map(row).collect())
        }
    }
}

/// The line of a record. Its position is where the one before ended, and empty lines may lie between.
fn line(text: &str, record: &StringRecord) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let lines = text[position.byte() as usize..].split('\n');
    let between = lines.take_while(|line| line.is_empty()).count();
    position.line() + between as u64
}

fn unquoted(field: &str) -> &str {
    field.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(field)
}

/// How many columns most rows have, and how many rows do; the smaller width if there are two.
fn width(rows: &[Row]) -> Option<(usize, usize)> {
    let mut counts = HashMap::new();
    for row in rows {
        *counts.entry(row.fields.len()).or_insert(0) += 1;
    }
    counts.into_iter().max_by_key(|&(width, count)| (count, std::cmp::Reverse(width)))
}

/// The names of the columns, and the number of rows that come before the first row of data.
fn header(
    text: &str,
    separator: Separator,
    rows: &[Row],
    width: usize,
    notes: &mut Vec<Note>,
) -> (Vec<String>, usize) {
    let first = rows.iter().position(|row| row.fields.len() == width).unwrap_or_default();
    let names = |row: &Row| row.fields.iter().map(str::to_owned).collect::<Vec<_>>();
    let (header, skipped, used) = if !is_data(&rows[first]) {
        (names(&rows[first]), first, first + 1)
    } else if first > 0 && has_width(&rows[first - 1], width) && !is_data(&rows[first - 1]) {
        (names(&rows[first - 1]), first - 1, first)
    } else if first > 0 && rows[first - 1].fields.len() + 1 == width && !is_data(&rows[first - 1]) {
        // R's write.table leaves the column of row names without a name.
        ([vec![String::new()], names(&rows[first - 1])].concat(), first - 1, first)
    } else if let Some(names) = header_in_comment(text, separator, width) {
        notes.push(Note::HeaderInComment);
        (names, first, first)
    } else {
        notes.push(Note::NoHeader { columns: width });
        ((1..=width).map(|k| format!("column {k}")).collect(), first, first)
    };
    if skipped > 0 {
        notes.push(Note::LeftOut { lines: skipped, before: rows[skipped].line });
    }
    (header, used)
}

/// Whether a row has so many columns, without empty ones at its end.
fn has_width(row: &Row, width: usize) -> bool {
    row.fields.len() > width && row.fields.iter().skip(width).all(str::is_empty)
}

/// Whether a row has numbers, and nothing but numbers and times.
fn is_data(row: &Row) -> bool {
    let is_number = |field: &str| {
        [Decimal::Point, Decimal::Comma]
            .iter()
            .any(|&d| number::parse(field, d, number::affix(field)).is_some())
    };
    let is_time =
        |field: &str| field.starts_with(|c: char| c.is_ascii_digit()) || super::missing::is_code(field);
    row.fields.iter().any(is_number) && row.fields.iter().all(|field| is_number(field) || is_time(field))
}

/// The names in the last comment before the rows, if there are as many as columns.
fn header_in_comment(text: &str, separator: Separator, width: usize) -> Option<Vec<String>> {
    let comments = text.lines().take_while(|line| is_comment(line) || line.trim().is_empty());
    let line = comments.filter(|line| is_comment(line)).last()?.trim_start_matches('#').trim();
    let rows = rows(line, separator, 1).ok()?;
    let row = rows.first().filter(|row| row.fields.len() == width && !is_data(row))?;
    Some(row.fields.iter().map(str::to_owned).collect())
}
