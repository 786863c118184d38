//! A column of a CSV file, as numbers.

use std::io::Read;

use thiserror::Error;

/// What one column says, from top to bottom, at equal distances in time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    /// The name of the column.
    pub(crate) name: String,
    /// What the file's first column says of each row, where that is another column.
    pub(crate) times: Option<Vec<String>>,
    pub(crate) values: Vec<f64>,
}

/// Why a file is not a series.
#[derive(Debug, Error)]
pub(crate) enum SeriesError {
    #[error("not a CSV file: {0}")]
    Csv(#[from] csv::Error),
    #[error("there is no column {name:?}; the header names {}", listed(header))]
    NoColumn { name: String, header: Vec<String> },
    #[error(
        "line {line}, column {column:?}: there is no value; fill it in or start after it, the rows are taken as equally far apart"
    )]
    Missing { line: u64, column: String },
    #[error(
        "line {line}, column {column:?}: {found:?} is not a finite number; --column takes another column"
    )]
    NotANumber { line: u64, column: String, found: String },
}

impl Series {
    /// Reads the column of that name, or the last one.
    pub(crate) fn read(from: impl Read, column: Option<&str>) -> Result<Self, SeriesError> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(from);
        let header: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        let at = match column {
            None => header.len().saturating_sub(1),
            Some(name) => match header.iter().position(|known| known == name) {
                Some(at) => at,
                None => return Err(SeriesError::NoColumn { name: name.to_owned(), header }),
            },
        };
        let name = header.get(at).cloned().unwrap_or_default();
        let (mut times, mut values) = (Vec::new(), Vec::new());
        for row in reader.records() {
            let row = row?;
            let line = row.position().map_or(0, csv::Position::line);
            values.push(value(&row[at], line, &name)?);
            times.push(row[0].to_owned());
        }
        Ok(Self { name, times: (at > 0).then_some(times), values })
    }
}

fn value(text: &str, line: u64, column: &str) -> Result<f64, SeriesError> {
    if ["", "na", "n/a", "nan", "null", "none", "-", "."].contains(&text.to_lowercase().as_str()) {
        return Err(SeriesError::Missing { line, column: column.to_owned() });
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(SeriesError::NotANumber { line, column: column.to_owned(), found: text.to_owned() }),
    }
}

fn listed(header: &[String]) -> String {
    header.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, column: Option<&str>) -> Result<Series, SeriesError> {
        Series::read(text.as_bytes(), column)
    }

    #[test]
    fn the_column_is_that_of_the_name_or_the_last() {
        let text = "day,rain, wind\n1,0.5,-3\n2, 1e1 ,4\n";
        let rain = read(text, Some("rain")).unwrap();
        assert_eq!((rain.values, rain.times), (vec![0.5, 10.0], Some(vec!["1".to_owned(), "2".to_owned()])));
        assert_eq!(read(text, None).unwrap().values, [-3.0, 4.0]);
        assert_eq!(read(text, Some("day")).unwrap().times, None);
    }

    #[test]
    fn errors_say_where() {
        let message = |text, column| read(text, column).unwrap_err().to_string();
        let unknown = message("day,rain\n1,2\n", Some("Rain"));
        assert_eq!(unknown, r#"there is no column "Rain"; the header names "day", "rain""#);
        assert!(
            message("day,rain\n1,2\n2,NA\n", None).starts_with(r#"line 3, column "rain": there is no value"#)
        );
        assert!(message("day,rain\n1,wet\n", None).starts_with(r#"line 2, column "rain": "wet" is not"#));
        assert!(message("day,rain\n1,inf\n", None).contains("is not a finite number"));
        assert!(message("day,rain\n1,2\n3\n", None).contains("not a CSV file"));
    }
}
