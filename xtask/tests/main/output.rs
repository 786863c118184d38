//! Where the output goes: to a reader that has seen enough, to a full disk.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs::OpenOptions;
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
    let out = folder.path().join("report");
    let report = ["report", "--quick", "--batches", "1", "--hidden", "1", "--out", out.to_str().unwrap()];
    let cases = format!("{}/../tests/golden/cases", env!("CARGO_MANIFEST_DIR"));
    let commands = [
        &report[..],
        &["gradcheck", "--cases", "1", "--cell", "gru"],
        &["conformance", &cases],
        &["explore", "--port", "0"],
        &["--help"],
        &["report", "--help"],
    ];
    for args in commands {
        // The server would go on without a reader, as it should.
        if args[0] != "explore" {
            let output = xtask(args, Stdio::piped(), Stdio::piped());
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{args:?}, closed: {stderr}");
            assert!(stderr.is_empty(), "{args:?}, closed: {stderr}");
        }
        if args[0] == "report" && args.len() > 2 {
            assert!(out.join("index.html").is_file() && out.join("data/losses.csv").is_file());
        }
        let output = xtask(args, full(), Stdio::piped());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!stderr.contains("panicked"), "{args:?}, full: {stderr}");
        if !args.contains(&"--help") {
            assert_eq!(output.status.code(), Some(1), "{args:?}, full: {stderr}");
            assert!(stderr.contains("cannot print"), "{args:?}, full: {stderr}");
        }
    }
    let output = xtask(&["conformance", "/nowhere"], full(), full());
    assert_eq!(output.status.code(), Some(1), "an error that cannot be printed is still one");
}
