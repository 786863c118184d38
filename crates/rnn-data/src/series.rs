//! A column of numbers over time from a text file, as people's programs write them.
//!
//! Nobody has to say how a file is written: [`Series::read`] finds out the encoding, what separates columns, the mark before
//! decimals, whether there is a header and which column has the times, and turns the rows around if the newest comes first.
//! [`Series::notes`] says what was found, and what looks wrong: missing or doubled times, values far from all others. What
//! cannot be a series is a [`SeriesError`] with the line.
//!
//! ```
//! use rnn_data::series::{ReadOptions, Series};
//!
//! let file = "month;temperature\n2005-03;19,5\n2005-02;22,8\n2005-01;24,2\n";
//! let series = Series::read(file.as_bytes(), &ReadOptions::default())?;
//! assert_eq!((series.name.as_str(), series.values.as_slice()), ("temperature", [24.2, 22.8, 19.5].as_slice()));
//! assert_eq!(series.dialect.to_string(), "columns separated by ';', decimal comma");
//! assert_eq!(
//!     series.notes[0].to_string(),
//!     r#"the newest row came first ("month" goes from 2005-03 to 2005-01): the rows were turned around"#
//! );
//! let times = series.times.as_ref().expect("the column of months");
//! assert_eq!(times.label(3), "2005-04", "what follows after the last row");
//! # Ok::<(), rnn_data::series::SeriesError>(())
//! ```

mod column;
mod dialect;
mod error;
mod missing;
mod note;
mod number;
mod strange;
mod time;

use std::fmt;

pub use dialect::Separator;
pub use error::SeriesError;
pub use note::Note;
pub use number::Decimal;
pub use time::{Step, TimeAxis};

use crate::text::{Encoding, decode};
use dialect::Table;
use time::{Cadence, Order, Stamps};

/// A column of numbers, oldest first, at equal distances in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The name of the column.
    pub name: String,
    /// The numbers, all finite.
    pub values: Vec<f64>,
    /// The line of the file that each number is from, or the line after it if the row was filled in.
    pub lines: Vec<u64>,
    /// When the rows were, if the file says so.
    pub times: Option<TimeAxis>,
    /// How the file is written.
    pub dialect: Dialect,
    /// What a person should know about how the file was read.
    pub notes: Vec<Note>,
}

/// How a file separates columns and decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between columns.
    pub separator: Separator,
    /// The mark before the decimals in the column that was read.
    pub decimal: Decimal,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimal = if self.decimal == Decimal::Comma { "comma" } else { "point" };
        write!(f, "{}, decimal {decimal}", self.separator)
    }
}

/// What the caller knows about a file. Whatever is not said is found out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOptions {
    column: Option<String>,
    separator: Option<char>,
    decimal: Option<Decimal>,
    missing: Vec<String>,
    fill: bool,
}

impl ReadOptions {
    /// Reads the column of this name, or of this number, counted from 1. By default it is the last one that has numbers.
    #[must_use]
    pub fn column(self, column: impl Into<String>) -> Self {
        Self { column: Some(column.into()), ..self }
    }

    /// What stands between two columns: an ASCII character.
    #[must_use]
    pub fn separator(self, separator: char) -> Self {
        Self { separator: Some(separator), ..self }
    }

    /// The mark before decimals.
    #[must_use]
    pub fn decimal(self, decimal: Decimal) -> Self {
        Self { decimal: Some(decimal), ..self }
    }

    /// Further codes of missing values, such as -999. Empty fields, `NA`, `?`, `-` and the like are always taken for such.
    #[must_use]
    pub fn missing(self, codes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { missing: codes.into_iter().map(Into::into).collect(), ..self }
    }

    /// Fills in missing values, and rows whose times are missing, on the straight line between their neighbours. Rows at the
    /// beginning and the end that have no value are left out. By default a missing value is an error, and a missing row a note.
    #[must_use]
    pub fn fill(self, fill: bool) -> Self {
        Self { fill, ..self }
    }
}

impl Series {
    /// Reads a series from the bytes of a file: one row a line, equally far apart, oldest or newest first. Time and memory are
    /// linear in the number of bytes.
    ///
    /// # Errors
    /// [`SeriesError`], which names the line, and what stands there.
    pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<Self, SeriesError> {
        let text = decode(bytes)?;
        let mut notes = Vec::new();
        if text.encoding == Encoding::Windows1252 {
            notes.push(Note::Encoding(text.encoding));
        }
        let mut table = Table::of(&text.text, options.separator, &mut notes)?;
        let column = column::choose(&table, options, &mut notes)?;
        let found = time::find(&table, column, &mut notes)?;
        if found.is_none() {
            notes.push(Note::NoTimes);
        }
        let (mut values, decimal) = column::read(&table, column, options, &mut notes)?;
        let times = found.map(|(mut times, order)| {
            if order == Order::NewestFirst {
                let ends = (times.clone(), times.len() - 1);
                times.turn_around();
                table.rows.reverse();
                values.reverse();
                times.step = Cadence::of(&times.stamps).step;
                notes.push(Note::Reversed {
                    column: times.name.clone(),
                    first: times.label(ends.1),
                    last: times.label(0),
                });
            }
            times
        });
        let mut series = Self {
            name: table.header[column].clone(),
            values: Vec::new(),
            lines: table.rows.iter().map(|row| row.line).collect(),
            times,
            dialect: Dialect { separator: table.separator, decimal },
            notes,
        };
        series.note_strange(&values);
        series.place(values, options, |row| table.rows[row].get(column).to_owned())?;
        Ok(series)
    }

    /// Notes values that lie far from all others.
    fn note_strange(&mut self, values: &[Option<f64>]) {
        let (rows, there): (Vec<usize>, Vec<f64>) =
            values.iter().enumerate().filter_map(|(row, value)| value.map(|value| (row, value))).unzip();
        if let Some(strange) = strange::find(&there) {
            self.notes.push(Note::StrangeValues {
                line: self.lines[rows[strange.row]],
                value: there[strange.row],
                count: strange.count,
                least: strange.least,
                greatest: strange.greatest,
            });
        }
    }

    /// Puts the values in their places in time: fills in what is missing, or says so.
    fn place(
        &mut self,
        values: Vec<Option<f64>>,
        options: &ReadOptions,
        found: impl Fn(usize) -> String,
    ) -> Result<(), SeriesError> {
        let gaps = values.iter().filter(|value| value.is_none()).count();
        if let Some(row) = values.iter().position(Option::is_none).filter(|_| !options.fill) {
            let (line, column) = (self.lines[row], self.name.clone());
            return Err(SeriesError::Missing { line, column, found: found(row), count: gaps });
        }
        let (Some(first), Some(last)) =
            (values.iter().position(Option::is_some), values.iter().rposition(Option::is_some))
        else {
            return Err(SeriesError::NoNumbers { header: vec![self.name.clone()] });
        };
        let trimmed = values.len() - (last + 1 - first);
        if trimmed > 0 {
            self.notes.push(Note::Trimmed { rows: trimmed });
        }
        let mut values = values[first..=last].to_vec();
        self.lines = self.lines[first..=last].to_vec();
        if let Some(times) = &mut self.times {
            times.keep(first, last);
        }
        let missing_rows = self.check_times(&mut values, options.fill)?;
        if gaps > trimmed || missing_rows > 0 {
            self.notes.push(Note::Filled { values: gaps - trimmed, rows: missing_rows });
        }
        self.values = missing::interpolate(&values);
        Ok(())
    }

    /// Finds the step of the times and notes which are doubled, missing or at other distances; puts rows without a value where
    /// they are missing, if they are to be filled in, and returns how many.
    fn check_times(&mut self, values: &mut Vec<Option<f64>>, fill: bool) -> Result<u64, SeriesError> {
        let Some(times) = &mut self.times else { return Ok(0) };
        let Cadence { step, missing, uneven } = Cadence::of(&times.stamps);
        times.step = step;
        let doubled: Vec<usize> = (1..times.len()).filter(|&row| times.is_doubled(row)).collect();
        if let Some(&row) = doubled.first() {
            self.notes.push(Note::DoubledTimes {
                line: self.lines[row],
                time: times.label(row),
                count: doubled.len(),
            });
        }
        let count: u64 = missing.iter().sum();
        // Where rows are at any distances, none is missing.
        if let Some(&row) = uneven.first() {
            self.notes.push(Note::UnevenTimes {
                line: self.lines[row],
                time: times.label(row),
                count: uneven.len(),
            });
        }
        let Some(gap) =
            missing.iter().position(|&missing| missing > 0).filter(|_| 10 * uneven.len() < times.len())
        else {
            return Ok(0);
        };
        if !fill {
            self.notes.push(Note::MissingTimes {
                line: self.lines[gap + 1],
                before: times.label(gap),
                after: times.label(gap + 1),
                count,
            });
            return Ok(0);
        }
        if count > times.len() as u64 {
            let longest = (0..missing.len()).max_by_key(|&at| missing[at]).unwrap_or_default();
            return Err(SeriesError::TooSparse {
                line: self.lines[longest + 1],
                missing: count,
                rows: times.len(),
            });
        }
        *values = spread(values, &missing, |_| None);
        self.lines = spread(&self.lines, &missing, |next| *next);
        times.spread(&missing);
        Ok(count)
    }
}

/// The items with as many more before each as are missing there, made from the one that follows.
fn spread<T: Clone>(items: &[T], missing: &[u64], fill: impl Fn(&T) -> T) -> Vec<T> {
    let mut all = Vec::with_capacity(items.len());
    for (item, count) in items.iter().zip(std::iter::once(&0).chain(missing)) {
        all.extend((0..*count).map(|_| fill(item)));
        all.push(item.clone());
    }
    all
}

impl TimeAxis {
    fn turn_around(&mut self) {
        match &mut self.stamps {
            Stamps::Dates(seconds) => seconds.reverse(),
            Stamps::Numbers(numbers) => numbers.reverse(),
        }
    }

    fn keep(&mut self, first: usize, last: usize) {
        match &mut self.stamps {
            Stamps::Dates(seconds) => *seconds = seconds[first..=last].to_vec(),
            Stamps::Numbers(numbers) => *numbers = numbers[first..=last].to_vec(),
        }
    }

    fn is_doubled(&self, row: usize) -> bool {
        match &self.stamps {
            Stamps::Dates(seconds) => seconds[row] == seconds[row - 1],
            Stamps::Numbers(numbers) => numbers[row] == numbers[row - 1],
        }
    }
}
