//! The command as a user runs it: files, numbers, exit codes, bad input.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn xtask(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(args).output().expect("the program starts")
}

fn report(out: &Path, args: &[&str]) -> Output {
    xtask(&[&["report", "--quick", "--out", out.to_str().unwrap()], args].concat())
}

/// Every file below `folder`, by its path there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

fn metrics(files: &BTreeMap<String, Vec<u8>>) -> Value {
    serde_json::from_slice(&files["metrics.json"]).unwrap()
}

#[test]
fn a_report_is_complete_and_says_where_it_is() {
    let out = tempfile::tempdir().unwrap();
    let output = report(out.path(), &["--batches", "40", "--hidden", "8"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("12 of 12 known values met"));
    assert!(stdout.trim_end().ends_with("index.html"));

    let files = files(out.path());
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    for name in
        ["index.html", "metrics.json", "data/losses.csv", "figures/loss_all.png", "figures/flow_gru.png"]
    {
        assert!(names.contains(&name), "{name} is missing: {names:?}");
    }
    assert_eq!(names.iter().filter(|name| name.starts_with("figures/")).count(), 11);
    let page = String::from_utf8(files["index.html"].clone()).unwrap();
    assert_eq!(
        page.matches("<figure class=\"drawn\"").count(),
        1 + 5 + 1 + 1,
        "data, five networks, losses, predictions"
    );
    assert_eq!(page.matches("<figure class=\"diagram\"").count(), 3);
    assert!(!page.contains("<img"), "figures are drawn in the page");
    // The name of SVG, which nobody fetches, and links, which only a reader follows.
    let page = page.replace("http://www.w3.org/2000/svg", "").replace("<a href=\"https://", "");
    assert!(!page.contains("http://") && !page.contains("https://"), "the page needs nothing from elsewhere");
    assert_eq!(page.matches("data-source=\"grid\"").count(), 1, "the explorer is there");
    assert!(page.len() < 6_000_000, "a few megabytes at most: {}", page.len());

    let losses = String::from_utf8(files["data/losses.csv"].clone()).unwrap();
    let mut lines = losses.lines();
    assert_eq!(lines.next(), Some("cell,target,layers,batch,loss"));
    assert_eq!(lines.clone().count(), 8 * 40);
    let first = lines.next().unwrap();
    assert!(first.starts_with("rnn,all,1,0,0."), "{first}");

    let metrics = metrics(&files);
    assert_eq!(metrics["schema"], 2);
    assert_eq!(metrics["checks"].as_array().unwrap().len(), 12);
    assert!(metrics["checks"].as_array().unwrap().iter().all(|check| check["passed"] == true));
    assert_eq!(metrics["training"].as_array().unwrap().len(), 8);
    assert!(metrics["pytorch_agreement"].is_null(), "other settings than the trace's");
    let flow = metrics["gradient_flow"].as_array().unwrap();
    assert_eq!(flow.len(), 5 * 2 * 9);
    for point in flow {
        assert_eq!(point["grad_norm"].as_array().unwrap().len(), 10);
        assert_eq!(point["spectral_radius"].is_null(), point["cell"] != "rnn");
    }
}

/// Would catch: a time, a thread's order, or the name of a folder in any file.
#[test]
fn the_same_settings_give_the_same_bytes_on_any_number_of_threads() {
    let run = |threads: &str, seed: &str| {
        let out = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["report", "--quick", "--batches", "30", "--seed", seed, "--out"])
            .arg(out.path())
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(output.status.success());
        files(out.path())
    };
    let (one, four, other) = (run("1", "5"), run("4", "5"), run("1", "6"));
    assert!(one.contains_key("index.html") && one.contains_key("metrics.json"));
    assert!(one.keys().eq(four.keys()));
    for (name, bytes) in &one {
        assert!(bytes == &four[name], "{name} differs");
    }
    assert_ne!(one["data/losses.csv"], other["data/losses.csv"], "the seed matters");
}

/// Would catch: links that lead nowhere, and a section that the contents do not name.
#[test]
fn every_link_of_the_page_leads_somewhere() {
    let out = tempfile::tempdir().unwrap();
    assert!(report(out.path(), &["--batches", "20", "--hidden", "4"]).status.success());
    let page = fs::read_to_string(out.path().join("index.html")).unwrap();
    let links: Vec<&str> = page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let explorer = links.iter().filter(|link| link.starts_with("explore?v=1")).count();
    assert!(explorer >= 6 && links.len() > explorer + 9, "{links:?}");
    for link in links.iter().filter(|link| !link.starts_with("explore?")) {
        assert!(page.contains(&format!("id=\"{link}\"")), "#{link} is nowhere");
    }
}

#[test]
fn wrong_command_lines_name_the_offender_and_exit_with_2() {
    for (args, offender) in [
        (vec!["report", "--frobnicate"], "--frobnicate"),
        (vec!["report", "--hidden", "0"], "--hidden"),
        (vec!["report", "--batches", "0"], "--batches"),
        (vec!["report", "--batches", "many"], "--batches"),
        (vec!["report", "--lr", "NaN"], "--lr"),
        (vec!["report", "--lr", "-1"], "--lr"),
        (vec!["report", "--seed", "-3"], "--seed"),
        (vec!["reprot"], "reprot"),
    ] {
        let output = xtask(&args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(stderr.contains(offender), "{args:?}: {stderr}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("taken");
    fs::write(&file, "mine").unwrap();
    for out in [file.clone(), file.join("below"), Path::new("/proc/report").to_path_buf()] {
        let output = report(&out, &[]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(out.to_str().unwrap()) && stderr.contains("--out"), "{stderr}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was written beside it");
}

#[test]
fn a_learning_rate_that_blows_up_is_reported_and_writes_nothing() {
    let out = tempfile::tempdir().unwrap();
    let output = report(out.path(), &["--lr", "1e38", "--batches", "20", "--hidden", "4"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("training") && (stderr.contains("inf") || stderr.contains("NaN")), "{stderr}");
    assert!(files(out.path()).is_empty(), "no half-written report");
}

#[test]
fn help_has_examples() {
    let output = xtask(&["report", "--help"]);
    assert!(output.status.success());
    let stdout = String::from_utf8(output.stdout).unwrap();
    for word in ["--out", "--seed", "--batches", "--hidden", "--lr", "--quick", "--open", "Examples:"] {
        assert!(stdout.contains(word), "{word}");
    }
}

/// Would catch: a report that is put between files of the user's, or takes them away.
#[test]
fn a_folder_that_holds_other_things_is_refused_before_any_work() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("home");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.tex"), "mine").unwrap();
    let output = report(&out, &[]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("thesis.tex") && stderr.contains("--out"), "{stderr}");
    assert_eq!(fs::read(out.join("thesis.tex")).unwrap(), b"mine");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// Would catch: a shell that is left in a folder that is no longer there.
#[test]
fn the_folder_that_the_command_runs_in_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output = command.args(["report", "--out", "."]).current_dir(folder.path()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("the folder that this command runs in"), "{stderr}");
}
