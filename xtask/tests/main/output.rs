//! Where the output goes: to a reader that has seen enough, to a full disk.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the command with these places for its output and its errors, as many as are given; the others are kept.
fn xtask(args: &[&str], stdout: Stdio, stderr: Stdio) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let mut child = command.args(args).stdout(stdout).stderr(stderr).spawn().unwrap();
    // If it is a pipe, nobody reads it.
    drop(child.stdout.take());
    child.wait_with_output().unwrap()
}

fn full() -> Stdio {
    OpenOptions::new().write(true).open("/dev/full").unwrap().into()
}

/// Would catch: a panic, exit code 101, in place of an end that a script understands.
#[test]
fn a_closed_or_full_output_panics_no_command() {
    let folder = tempfile::tempdir().unwrap();
    let cases = folder.path().join("cases");
    fs::create_dir(&cases).unwrap();
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/cases");
    let case = fs::read_dir(known).unwrap().map(|entry| entry.unwrap().path()).min().unwrap();
    fs::copy(&case, cases.join(case.file_name().unwrap())).unwrap();
    let cases = cases.to_str().unwrap();
    let gradcheck = ["gradcheck", "--cases", "1", "--cell", "gru"];
    for args in [&["conformance", cases][..], &gradcheck, &["--help"], &["report", "--help"]] {
        let output = xtask(args, Stdio::piped(), Stdio::piped());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), stderr.as_ref()), (Some(0), ""), "{args:?}, closed");
    }
    for args in [&["conformance", cases][..], &gradcheck, &["explore", "--port", "0"]] {
        let output = xtask(args, full(), Stdio::piped());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}, full: {stderr}");
        assert!(stderr.starts_with("error: cannot print"), "{args:?}, full: {stderr}");
    }
    let output = xtask(&["conformance", "/nowhere"], full(), full());
    assert_eq!(output.status.code(), Some(1), "an error that cannot be printed is still one");
}

/// Would catch: a report that is lost with its summary.
#[test]
fn a_report_is_written_though_its_summary_cannot_be_printed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report");
    let args = ["report", "--quick", "--batches", "1", "--hidden", "1", "--out", out.to_str().unwrap()];
    let output = xtask(&args, full(), Stdio::piped());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.starts_with("error: cannot print the results"), "{stderr}");
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(page.contains("1 hidden unit, trained for 1 batch of 32 new sequences"));
    assert!(page.contains("Final loss: that of the last batch."));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}
