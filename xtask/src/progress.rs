//! One progress bar for a whole command; silent when there is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// The bar. Threads share it.
#[derive(Clone, Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar of `total` units, one being about a microsecond of work.
    pub(crate) fn new(total: u64) -> Self {
        let bar = ProgressBar::new(total);
        let style = ProgressStyle::with_template("{msg:>14} [{bar:40}] {percent:>3}%  {eta} left")
            .expect("a valid template")
            .progress_chars("=> ");
        bar.set_style(style);
        Self(bar)
    }

    /// A bar that nobody sees: for work within other work.
    pub(crate) fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    pub(crate) fn stage(&self, name: impl Into<String>) {
        self.0.set_message(name.into());
    }

    pub(crate) fn advance(&self, units: u64) {
        self.0.inc(units);
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
