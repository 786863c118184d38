//! One progress bar for the whole report; silent when there is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// The bar. Threads share it.
#[derive(Clone, Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar of `total` units, one being about a microsecond of work.
    pub(super) fn new(total: u64) -> Self {
        let bar = ProgressBar::new(total);
        let style = ProgressStyle::with_template("{msg:>14} [{bar:40}] {percent:>3}%  {eta} left")
            .expect("a valid template")
            .progress_chars("=> ");
        bar.set_style(style);
        Self(bar)
    }

    pub(super) fn stage(&self, name: &'static str) {
        self.0.set_message(name);
    }

    pub(super) fn advance(&self, units: u64) {
        self.0.inc(units);
    }

    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
