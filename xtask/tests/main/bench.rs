//! The command as a user runs it: the table, the file, bad input. No time is held against anything.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

fn bench(args: &[&str]) -> Output {
    let words = [&["bench"], args].concat();
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(words).output().expect("the program starts")
}

#[test]
fn two_workloads_are_printed_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bench.json");
    let sizes = ["--threads", "1", "--seconds", "0.02", "--rounds", "2", "--json", file.to_str().unwrap()];
    let output = bench(&[&["--filter", "i2,W1"], &sizes[..]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("GFLOP/s") && stdout.contains("1 thread,"), "{stdout}");
    let rows: Vec<&str> =
        stdout.lines().filter(|line| line.starts_with("W1 ") || line.starts_with("I2 ")).collect();
    assert_eq!(rows.len(), 2, "{stdout}");
    assert!(rows[0].contains("train RNN 1→32, head") && rows[1].contains("stream LSTM 1→32, head"));

    let json: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["machine"]["threads"], 1);
    assert!(json["machine"]["processor"].is_string() && json["machine"]["instruction_set"].is_string());
    assert!(json["program"]["date"].as_str().unwrap().ends_with('Z'));
    assert!(json["peak_flops_per_second_f32"].as_f64().unwrap() > 0.0);
    assert!(json["peers"].as_array().unwrap().is_empty());
    let workloads = json["workloads"].as_array().unwrap();
    assert_eq!(workloads.iter().map(|workload| &workload["id"]).collect::<Vec<_>>(), ["W1", "I2"]);
    for workload in workloads {
        for seconds in [&workload["seconds"], &workload["products_seconds"]] {
            let number = |name: &str| seconds[name].as_f64().unwrap();
            assert!(number("min") > 0.0 && number("samples") >= 1.0);
            let ascending = [number("min"), number("p10"), number("median"), number("p90"), number("max")];
            assert!(ascending.is_sorted());
        }
        let (flops, rate) =
            (workload["flops"].as_f64().unwrap(), workload["flops_per_second"].as_f64().unwrap());
        assert!((rate * workload["seconds"]["median"].as_f64().unwrap() / flops - 1.0).abs() < 1e-9);
        assert_eq!(workload["float"], "f32");
    }
    assert_eq!(workloads[0]["flops"], 2.0 * 320.0 * (5.0 * 32.0 + 3.0 * 1024.0));
}

#[test]
fn wrong_command_lines_name_the_offender_and_exit_with_2() {
    for (args, offender) in [
        (vec!["--filter", "W9"], "W1, W2"),
        (vec!["--filter", ""], "W1, W2"),
        (vec!["--threads", "0"], "--threads"),
        (vec!["--seconds", "NaN"], "--seconds"),
        (vec!["--seconds", "-1"], "--seconds"),
        (vec!["--rounds", "0"], "--rounds"),
    ] {
        let output = bench(&args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(offender), "{args:?}: {stderr}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named_before_anything_is_measured() {
    let output = bench(&["--json", "/proc/nowhere/bench.json"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("/proc/nowhere/bench.json") && stderr.contains("--json"), "{stderr}");
    assert!(output.stdout.is_empty());
}

#[test]
fn help_has_examples() {
    let output = bench(&["--help"]);
    assert!(output.status.success());
    let stdout = String::from_utf8(output.stdout).unwrap();
    for word in ["--filter", "--threads", "--json", "--peers", "--seconds", "--rounds", "Examples:"] {
        assert!(stdout.contains(word), "{word}");
    }
}
