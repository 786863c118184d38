//! How far training is: a bar with the time that is left, or, where there is no terminal, a line now and then.

use std::io::{IsTerminal, Write, stderr};

use indicatif::{ProgressBar, ProgressStyle};

/// The progress of so many steps of training, on the standard error stream.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    total: u64,
    /// Steps from one line to the next, if there is no bar.
    every: Option<u64>,
}

impl Progress {
    pub(crate) fn new(total: u64) -> Self {
        let style = ProgressStyle::with_template("training [{bar:40}] {percent:>3}%  {eta} left  {msg}")
            .expect("a valid template")
            .progress_chars("=> ");
        let every = (!stderr().is_terminal()).then_some((total / 10).max(1));
        Self { bar: ProgressBar::new(total).with_style(style), total, every }
    }

    /// Progress that nobody sees.
    #[cfg(test)]
    pub(crate) fn hidden() -> Self {
        Self { bar: ProgressBar::hidden(), total: 0, every: None }
    }

    /// So many steps are done.
    pub(crate) fn done(&self, steps: u64) {
        self.bar.set_position(steps);
        if self.every.is_some_and(|every| steps.is_multiple_of(every)) {
            let message = self.bar.message();
            // Training goes on if nobody can read this.
            let _ = writeln!(stderr(), "step {steps} of {}  {message}", self.total);
        }
    }

    /// What the last look at the held-out part said.
    pub(crate) fn say(&self, message: String) {
        self.bar.set_message(message);
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}
