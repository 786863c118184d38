//! What every command writes: a table to the terminal, the same results as JSON to a file.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

/// Prints the text that `text` makes; it is told whether styles may be used.
pub(crate) fn print(text: impl FnOnce(bool) -> String) -> Result<()> {
    let mut out = io::stdout().lock();
    let styled = out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    match out.write_all(text(styled).as_bytes()).and_then(|()| out.flush()) {
        // The reader, such as `head`, has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done.context("cannot print the results"),
    }
}

/// Prints `text` and where the page that a command has written lies, and shows the page in the browser if `open`. The browser is
/// started even if nobody reads the text.
pub(crate) fn shown(text: &str, page: &Path, open: bool) -> Result<()> {
    let page = page.canonicalize().unwrap_or_else(|_| page.to_owned());
    let printed = print(|_| format!("{text}{}\n", page.display()));
    if open {
        open::that(&page).with_context(|| format!("no browser could be started for {}", page.display()))?;
    }
    printed
}

/// The rows of a table as lines, columns aligned: numbers to the right, words to the left. Two spaces follow each column.
/// All rows have equally many cells.
pub(crate) fn align(rows: &[Vec<String>], is_number: impl Fn(usize) -> bool) -> Vec<String> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let _ = if is_number(column) {
                write!(line, "{cell:>width$}  ")
            } else {
                write!(line, "{cell:width$}  ")
            };
        }
        line
    };
    rows.iter().map(line).collect()
}

/// The text without control characters: text from files and other programs must not move the cursor.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// An error, before any work is done, if the file cannot be written.
pub(crate) fn check_writable(file: &Path) -> Result<()> {
    rnn_file::check(file).with_context(|| format!("--json {} cannot be written", file.display()))
}

/// Writes `results` to `file`, which is never seen half written.
pub(crate) fn write_json(file: &Path, results: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_vec_pretty(results)?;
    text.push(b'\n');
    rnn_file::write(file, &text).with_context(|| format!("--json {} cannot be written", file.display()))
}
