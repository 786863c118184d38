//! A progress bar with the time that is left; nobody sees it where there is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of `total` steps of training.
pub(crate) fn bar(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("training [{bar:40}] {percent:>3}%  {eta} left  {msg}")
        .expect("a valid template")
        .progress_chars("=> ");
    ProgressBar::new(total).with_style(style)
}
