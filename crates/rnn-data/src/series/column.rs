//! Which column is the series, and its numbers.

use super::dialect::{Row, Separator, Table};
use super::{Decimal, Note, ReadOptions, SeriesError, missing, number, time};

/// If the largest size in a series is outside of this range, squares leave the range of floating-point numbers.
const SIZES: std::ops::RangeInclusive<f64> = 1e-150..=1e150;

/// So many rows are enough to see whether a column has numbers.
const SAMPLE: usize = 200;

/// The column that was asked for, or the last one that has numbers.
pub(super) fn choose(
    table: &Table,
    options: &ReadOptions,
    notes: &mut Vec<Note>,
) -> Result<usize, SeriesError> {
    let header = &table.header;
    let same =
        |name: &str| -> Vec<usize> { (0..header.len()).filter(|&column| header[column] == name).collect() };
    if let Some(name) = &options.column {
        let name = name.trim();
        return match same(name)[..] {
            [column] => Ok(column),
            [] => match name.parse::<usize>() {
                Ok(number) if (1..=header.len()).contains(&number) => Ok(number - 1),
                _ => Err(SeriesError::NoColumn { name: name.to_owned(), header: header.clone() }),
            },
            ref columns => Err(SeriesError::DoubledName {
                name: name.to_owned(),
                columns: columns.iter().map(|column| column + 1).collect(),
            }),
        };
    }
    let sample = || table.rows.iter().take(SAMPLE);
    let is_number = |text: &str| {
        [Decimal::Point, Decimal::Comma]
            .iter()
            .any(|&decimal| number::parse(text, decimal, number::affix(text)).is_some())
    };
    let has_numbers = |&column: &usize| {
        let values = sample().filter(|row| !is_missing(row.get(column), options)).count();
        values > 0 && 2 * sample().filter(|row| is_number(row.get(column))).count() > values
    };
    // A column of times is no series, unless it is asked for.
    let is_value = |column: &usize| header.len() == 1 || !time::has_name_of_time(&header[*column]);
    let column = (0..header.len()).rev().filter(is_value).find(has_numbers);
    let column = column.ok_or_else(|| SeriesError::NoNumbers { header: header.clone() })?;
    let columns: Vec<usize> = same(&header[column]).iter().map(|column| column + 1).collect();
    if columns.len() > 1 && !header[column].is_empty() {
        notes.push(Note::DoubledName { name: header[column].clone(), columns, taken: column + 1 });
    }
    Ok(column)
}

/// The numbers of a column, nothing where one is missing, and the mark before their decimals.
pub(super) fn read(
    table: &Table,
    column: usize,
    options: &ReadOptions,
    notes: &mut Vec<Note>,
) -> Result<(Vec<Option<f64>>, Decimal), SeriesError> {
    let rows: Vec<&Row> = table.rows.iter().filter(|row| !is_missing(row.get(column), options)).collect();
    let sign = rows.first().and_then(|row| number::affix(row.get(column)));
    let decimal = options.decimal.unwrap_or_else(|| decimal(&rows, column, sign, table.separator, notes));
    let value = |row: &Row| number::parse(row.get(column), decimal, sign);

    let count = rows.iter().filter(|row| value(row).is_none()).count();
    if count > 0 && 2 * count >= rows.len() && options.column.is_none() {
        return Err(SeriesError::NoNumbers { header: table.header.clone() });
    }
    let name = || table.header[column].clone();
    if let Some(row) = rows.iter().find(|row| value(row).is_none()) {
        let (line, found) = (row.line, clipped(row.get(column)));
        let decimal = decimal.mark();
        return Err(SeriesError::NotANumber {
            line,
            column: name(),
            found,
            decimal,
            count,
            values: rows.len(),
        });
    }
    let size = |row: &Row| value(row).unwrap_or_default().abs();
    if let Some(row) = rows.iter().max_by(|a, b| size(a).total_cmp(&size(b))).filter(|row| {
        let greatest = size(row);
        greatest != 0.0 && !SIZES.contains(&greatest)
    }) {
        // The first of those that are too large, or the largest of those that are all too small.
        let row = rows.iter().find(|row| size(row) > *SIZES.end()).unwrap_or(row);
        return Err(SeriesError::OutOfRange {
            line: row.line,
            column: name(),
            found: clipped(row.get(column)),
        });
    }
    notes.extend(sign.map(Note::Sign));
    let values =
        table.rows.iter().map(|row| if is_missing(row.get(column), options) { None } else { value(row) });
    Ok((values.collect(), decimal))
}

/// The mark with which the most fields are numbers. If both will do, the mark that stands there is taken for the decimal mark,
/// but a comma in a file that separates columns by commas is one between thousands.
fn decimal(
    rows: &[&Row],
    column: usize,
    sign: Option<char>,
    separator: Separator,
    notes: &mut Vec<Note>,
) -> Decimal {
    let parse = |row: &Row, decimal| number::parse(row.get(column), decimal, sign);
    let faults = |decimal| rows.iter().filter(|row| parse(row, decimal).is_none()).count();
    let (point, comma) = (faults(Decimal::Point), faults(Decimal::Comma));
    if point != comma {
        return if point < comma { Decimal::Point } else { Decimal::Comma };
    }
    let differs = rows.iter().find(|row| {
        let both = (parse(row, Decimal::Point), parse(row, Decimal::Comma));
        both.0.is_some() && both.1.is_some() && both.0 != both.1
    });
    let Some(row) = differs else { return Decimal::Point };
    let has_comma = row.get(column).contains(',') && separator != Separator::Char(',');
    let [taken, other] =
        if has_comma { [Decimal::Comma, Decimal::Point] } else { [Decimal::Point, Decimal::Comma] };
    let value = |decimal| parse(row, decimal).unwrap_or_default();
    notes.push(Note::AmbiguousNumbers {
        found: row.get(column).to_owned(),
        taken,
        value: value(taken),
        other: value(other),
    });
    taken
}

/// Whether a field has a code of missing values, by its text or by its number.
fn is_missing(field: &str, options: &ReadOptions) -> bool {
    let number = |text: &str| text.trim().replace(',', ".").parse::<f64>().ok();
    missing::is_code(field)
        || options.missing.iter().any(|code| {
            code.trim() == field.trim() || number(code).is_some_and(|code| number(field) == Some(code))
        })
}

/// The beginning of a field; an unclosed quotation mark makes a field of the rest of the file.
fn clipped(field: &str) -> String {
    const SHOWN: usize = 40;
    if field.chars().count() <= SHOWN {
        field.to_owned()
    } else {
        format!("{}…", field.chars().take(SHOWN).collect::<String>())
    }
}
