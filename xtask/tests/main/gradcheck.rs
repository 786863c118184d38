//! The command as a user runs it: the table, the file, bad input.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

fn gradcheck(args: &[&str]) -> Output {
    let words = [&["gradcheck"], args].concat();
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(words).output().expect("the program starts")
}

#[test]
fn every_cell_is_printed_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gradcheck.json");
    let output = gradcheck(&["--cases", "30", "--seed", "5", "--json", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).unwrap();
    for word in ["worst tensor", "rnn-tanh", "lstm", "gru"] {
        assert!(stdout.contains(word), "{stdout}");
    }
    assert!(stdout.lines().skip(1).all(|line| line.ends_with("pass") && line.contains("dL/d")), "{stdout}");

    let json: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!((&json["schema"], &json["seed"]), (&1.into(), &5.into()));
    let cells = json["cells"].as_array().unwrap();
    assert_eq!(cells.len(), stdout.lines().count() - 1);
    let cases: u64 = cells.iter().map(|cell| cell["cases"].as_u64().unwrap()).sum();
    assert!(cases >= 30, "{json}");
    for cell in cells {
        assert!(cell["derivatives"].as_u64().unwrap() > 100, "{cell}");
        let error = cell["worst"]["error"].as_f64().unwrap();
        assert!(error > 0.0 && error < 1e-6 && cell["failures"].as_array().unwrap().is_empty(), "{cell}");
    }
}

#[test]
fn the_same_seed_prints_the_same() {
    let run = |seed: &str| gradcheck(&["--cell", "gru", "--cases", "4", "--seed", seed]).stdout;
    let first = run("9");
    assert_eq!(String::from_utf8_lossy(&first).lines().count(), 2);
    assert_eq!(first, run("9"));
    assert_ne!(first, run("90"));
}

#[test]
fn wrong_command_lines_name_the_offender_and_exit_with_2() {
    for (args, offender) in [
        (vec!["--cell", "gruu"], "rnn-tanh, "),
        (vec!["--cell"], "--cell"),
        (vec!["--cases", "0"], "--cases"),
        (vec!["--seed", "x"], "--seed"),
    ] {
        let output = gradcheck(&args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(offender), "{args:?}: {stderr}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named_before_anything_is_checked() {
    let output = gradcheck(&["--json", "/proc/nowhere/gradcheck.json"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("/proc/nowhere/gradcheck.json") && stderr.contains("--json"), "{stderr}");
    assert!(output.stdout.is_empty());
}

#[test]
fn help_has_examples() {
    let output = gradcheck(&["--help"]);
    assert!(output.status.success());
    let stdout = String::from_utf8(output.stdout).unwrap();
    for word in ["--cases", "--seed", "--cell", "--json", "Examples:"] {
        assert!(stdout.contains(word), "{word}");
    }
}
