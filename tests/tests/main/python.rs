//! What is written to files, read by PyTorch and onnxruntime, where they are installed.

use std::io::Write;

use xtask::python_checks::{Outcome, check};

#[test]
fn others_read_our_files_and_we_read_theirs() {
    if let Outcome::NotRun(why) = check().unwrap() {
        // Past the harness, which would keep it to itself.
        writeln!(std::io::stderr(), "python-checks: NOT RUN: {why} (tests/python/README.md)").unwrap();
    }
}
