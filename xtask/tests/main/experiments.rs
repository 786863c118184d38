//! The laboratory's command as a user runs it: the same bytes however it is run, and what it says when something is wrong.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

/// Experiments that take moments, of several jobs together.
const QUICK: [&str; 3] = ["E1", "E5", "E13"];

fn command(out: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("experiments").args(QUICK).arg("--out").arg(out).args(args);
    command
}

fn run(out: &Path, args: &[&str]) -> Output {
    command(out, args).output().unwrap()
}

fn start(out: &Path, args: &[&str]) -> Child {
    command(out, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Every file but those that say how long something took.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|ending| ending != "seconds") {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                let bytes =
                    if name == "experiments.json" { without_seconds(&path) } else { fs::read(path).unwrap() };
                found.insert(name, bytes);
            }
        }
    }
    found
}

fn without_seconds(path: &Path) -> Vec<u8> {
    let mut entries: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    for entry in entries.as_array_mut().unwrap() {
        assert!(entry.as_object_mut().unwrap().remove("seconds").unwrap().is_number());
    }
    serde_json::to_vec(&entries).unwrap()
}

#[test]
fn every_way_to_run_gives_the_same_bytes() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let plain = run(&at("plain"), &["--threads", "1"]);
    assert!(plain.status.success(), "{}{}", stdout(&plain), stderr(&plain));
    let expected = bytes(&at("plain"));
    assert!(expected.contains_key("index.html") && expected.contains_key("figures/E5.png"));

    // Again over the old results, and on other threads.
    assert!(run(&at("plain"), &["--threads", "3"]).status.success());
    assert_eq!(bytes(&at("plain")), expected);

    // Three shares, one after the other: the last one has the whole page.
    for share in ["2/3", "1/3", "3/3"] {
        let output = run(&at("shares"), &["--shard", share]);
        assert!(output.status.success(), "{}", stderr(&output));
    }
    assert_eq!(bytes(&at("shares")), expected);

    // Several processes at once, which share the work.
    let all: Vec<Child> = (0..3).map(|_| start(&at("together"), &["--resume", "--threads", "1"])).collect();
    for child in all {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    assert_eq!(bytes(&at("together")), expected);
}

#[test]
fn a_run_that_is_killed_goes_on_with_the_same_bytes() {
    let place = tempfile::tempdir().unwrap();
    let (whole, killed) = (place.path().join("whole"), place.path().join("killed"));
    assert!(run(&whole, &[]).status.success());
    for round in 0..20u64 {
        let mut child = start(&killed, &["--resume", "--threads", if round % 2 == 0 { "1" } else { "2" }]);
        std::thread::sleep(Duration::from_millis(round * 37 % 250));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let output = run(&killed, &["--resume"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(bytes(&killed), bytes(&whole), "nothing is left lying, nothing is half written");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_asked_to_stop_ends_with_success_and_says_how_to_go_on() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    // With what takes minutes there is always something to stop.
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["experiments", "E24", "--long", "--threads", "1", "--out"]).arg(&out);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(700));
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("--resume goes on"), "{}", stdout(&output));
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "mine").unwrap();
    let output = run(&file, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("file"), "{}", stderr(&output));
    assert_eq!(fs::read(&file).unwrap(), b"mine");

    // A folder where the page should be: the results are whole, and the next run writes the page.
    let out = place.path().join("out");
    fs::create_dir_all(out.join("index.html")).unwrap();
    let output = run(&out, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("index.html"), "{}", stderr(&output));
    fs::remove_dir(out.join("index.html")).unwrap();
    let output = run(&out, &["--resume"]);
    assert!(output.status.success());
    assert!(stdout(&output).contains("0 jobs run"), "{}", stdout(&output));
}

#[test]
fn a_damaged_result_is_named_and_removing_it_is_enough() {
    let place = tempfile::tempdir().unwrap();
    assert!(run(place.path(), &[]).status.success());
    let expected = bytes(place.path());
    let results = fs::read_dir(place.path().join("jobs/E5")).unwrap().map(|entry| entry.unwrap().path());
    let result =
        results.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "json")).unwrap();
    let text = fs::read(&result).unwrap();
    fs::write(&result, &text[..text.len() / 2]).unwrap();
    let output = run(place.path(), &["--resume"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("remove the file"), "{}", stderr(&output));
    fs::remove_file(result).unwrap();
    assert!(run(place.path(), &["--resume"]).status.success());
    assert_eq!(bytes(place.path()), expected);
}

#[test]
fn what_is_asked_for_and_does_not_exist_is_an_error_that_names_what_does() {
    let place = tempfile::tempdir().unwrap();
    let output = run(&place.path().join("out"), &["E99"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("E99") && said.contains("non-normal-growth"), "{said}");
    assert!(!place.path().join("out").exists());
    for wrong in
        [["--shard", "0/3"], ["--shard", "4/3"], ["--threads", "0"], ["--seeds", "0"], ["--limit", "-1"]]
    {
        let output = run(&place.path().join("out"), &wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}: {}", stderr(&output));
    }
}

#[test]
fn a_program_without_mpi_does_not_pretend() {
    if cfg!(feature = "mpi") {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let output = command(place.path(), &[]).env("OMPI_COMM_WORLD_SIZE", "4").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("4 processes") && said.contains("--features mpi") && said.contains("--shard"),
        "{said}"
    );
}

/// The scripts of docs/cluster do what they say, as far as their tools are here.
#[cfg(unix)]
#[test]
fn the_scripts_for_clusters_run() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    assert!(run(&at("plain"), &[]).status.success());
    let expected = bytes(&at("plain"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let script = |name: &str| {
        let mut command = Command::new(root.join("docs/cluster").join(name));
        command.env("XTASK", env!("CARGO_BIN_EXE_xtask")).env("SLURM_SUBMIT_DIR", root);
        command
    };

    // Slurm sets these variables for each task of an array.
    for task in 5..8 {
        let mut command = script("slurm-array.sh");
        let task = task.to_string();
        command.envs([
            ("SLURM_ARRAY_TASK_ID", &*task),
            ("SLURM_ARRAY_TASK_MIN", "5"),
            ("SLURM_ARRAY_TASK_COUNT", "3"),
        ]);
        assert!(command.args(QUICK).arg("--out").arg(at("array")).status().unwrap().success());
    }
    assert_eq!(bytes(&at("array")), expected);

    if Command::new("parallel").arg("--version").output().is_ok_and(|found| found.status.success()) {
        let mut command = script("parallel.sh");
        let output = command.arg("3").args(QUICK).arg("--out").arg(at("parallel")).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(bytes(&at("parallel")), expected);
    }
}
