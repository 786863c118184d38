//! Results to the standard output, notes to the standard error stream.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr};

use anyhow::{Context as _, Result};

/// Where results are printed. A reader that has seen enough, such as `head`, does not end the program: what follows is not
/// printed, and files are written all the same.
pub(crate) struct Printer<W> {
    to: W,
    closed: bool,
}

impl<W: Write> Printer<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to, closed: false }
    }

    /// Prints a line, or several.
    ///
    /// # Errors
    /// If it cannot be written, as on a full disk, for another reason than that nobody reads it any more.
    pub(crate) fn line(&mut self, text: impl Display) -> Result<()> {
        if self.closed {
            return Ok(());
        }
        match writeln!(self.to, "{text}").and_then(|()| self.to.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            written => written.context("cannot print the results"),
        }
    }
}

/// Says something beside the results.
pub(crate) fn note(text: impl Display) {
    // There is nowhere left to say that this cannot be said.
    let _ = writeln!(stderr(), "{text}");
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    struct Fails(ErrorKind);

    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_closed_output_is_no_error_and_a_full_one_is() {
        let mut closed = Printer::new(Fails(ErrorKind::BrokenPipe));
        closed.line("a").unwrap();
        closed.line("b").unwrap();
        let full = Printer::new(Fails(ErrorKind::StorageFull)).line("a").unwrap_err();
        assert!(format!("{full:#}").starts_with("cannot print the results: "), "{full:#}");
        let mut out = Vec::new();
        Printer::new(&mut out).line("a").unwrap();
        assert_eq!(out, b"a\n");
    }
}
