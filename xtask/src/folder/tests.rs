use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::*;
use crate::report::{FILES, REPORT};

/// A report in which every file says which one it is.
fn report(which: u32) -> Vec<File> {
    let metrics = format!(r#"{{"schema": 1, "which": {which}, "gradient_flow": []}}"#);
    let bytes = |name: &str| if name == "metrics.json" { metrics.clone() } else { format!("{which}") };
    FILES.iter().map(|&name| (name.to_owned(), bytes(name).into_bytes())).collect()
}

/// Which report is in the folder: all of it, and nothing else.
fn which(folder: &Path) -> Option<u32> {
    let contents = contents(REPORT, folder).unwrap();
    assert_eq!(contents.strangers, [""; 0]);
    if contents.files.is_empty() {
        return None;
    }
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let which = read("index.html").parse().unwrap();
    for (name, bytes) in report(which) {
        assert_eq!(read(&name).into_bytes(), bytes, "{name} is of another report");
    }
    Some(which)
}

/// What is in the folder around the report.
fn around(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Would catch: files of two reports in one folder, and anything that is left beside it.
#[test]
fn a_report_replaces_the_one_before_as_a_whole() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("deep/report");
    for k in 1..4 {
        Place::claim(REPORT, &out).unwrap().publish(report(k)).unwrap();
        assert_eq!(which(&out), Some(k));
        assert_eq!(around(out.parent().unwrap()), ["report"]);
    }
}

/// Would catch: an error half-way that leaves new files, or a folder that nobody wanted.
#[test]
fn an_error_leaves_everything_as_it_was() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("report");
    let mut wrong = report(2);
    wrong.push(("data/unknown.csv".into(), Vec::new()));
    assert!(Place::claim(REPORT, &out).unwrap().publish(wrong.clone()).is_err());
    assert!(around(parent.path()).is_empty());
    Place::claim(REPORT, &out).unwrap().publish(report(1)).unwrap();
    assert!(Place::claim(REPORT, &out).unwrap().publish(wrong).is_err());
    drop(Place::claim(REPORT, &out).unwrap());
    assert_eq!(which(&out), Some(1));
    assert_eq!(around(parent.path()), ["report"]);
}

/// Would catch: a file of the user's that is lost with the old report.
#[test]
fn a_folder_with_anything_else_is_refused_and_kept() {
    for (file, also) in [
        ("notes.txt", true),
        ("data/mine.csv", true),
        ("figures/figures/loss_all.png", true),
        ("index.html", false),
        ("data/losses.csv", false),
        (".git/config", true),
    ] {
        let parent = tempfile::tempdir().unwrap();
        let out = parent.path().join("report");
        if also {
            Place::claim(REPORT, &out).unwrap().publish(report(1)).unwrap();
        }
        let file = out.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "mine").unwrap();
        let error = Place::claim(REPORT, &out).unwrap_err().to_string();
        assert!(error.contains("--out") && error.contains("choose another folder"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), b"mine");
        assert_eq!(around(parent.path()), ["report"]);
    }
}

/// Would catch: a file that comes in while the report is computed, and goes with the old one.
#[test]
fn a_file_that_comes_in_meanwhile_is_kept() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("report");
    Place::claim(REPORT, &out).unwrap().publish(report(1)).unwrap();
    let place = Place::claim(REPORT, &out).unwrap();
    fs::write(out.join("notes.txt"), "mine").unwrap();
    assert!(place.publish(report(2)).unwrap_err().to_string().contains("notes.txt"));
    assert_eq!(fs::read(out.join("notes.txt")).unwrap(), b"mine");
    fs::remove_file(out.join("notes.txt")).unwrap();
    assert_eq!(which(&out), Some(1));
    // What is not of a report stays, even beside the report.
    let beside = parent.path().join(".report.new");
    fs::create_dir(&beside).unwrap();
    fs::write(beside.join("thesis.tex"), "mine").unwrap();
    assert!(Place::claim(REPORT, &out).unwrap_err().to_string().contains(".report.new"));
    assert_eq!(fs::read(beside.join("thesis.tex")).unwrap(), b"mine");
}

/// Would catch: two reports at once in one folder.
#[cfg(unix)]
#[test]
fn a_second_report_into_the_same_folder_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("report");
    let first = Place::claim(REPORT, &out).unwrap();
    std::os::unix::fs::symlink(&out, parent.path().join("link")).unwrap();
    for path in [out.clone(), parent.path().join("link"), parent.path().join("./x/../report")] {
        if path.exists() {
            let error = Place::claim(REPORT, &path).unwrap_err().to_string();
            assert!(error.contains("another report is being written"), "{error}");
        }
    }
    first.publish(report(1)).unwrap();
    let second = Place::claim(REPORT, &parent.path().join("link")).unwrap();
    second.publish(report(2)).unwrap();
    assert_eq!(which(&out), Some(2));
    assert_eq!(around(parent.path()), ["link", "report"]);
}

/// Would catch: an old report that is lost where folders cannot be exchanged in one step.
#[test]
fn without_an_exchange_the_old_report_comes_back() {
    let parent = tempfile::tempdir().unwrap();
    let [out, new, aside] = ["report", ".report.new", ".report.old"].map(|name| parent.path().join(name));
    Place::claim(REPORT, &out).unwrap().publish(report(1)).unwrap();
    fs::rename(&out, &aside).unwrap();
    let place = Place::claim(REPORT, &out).unwrap();
    assert_eq!(which(&out), Some(1));
    drop(place);
    Place::claim(REPORT, &parent.path().join("other")).unwrap().publish(report(2)).unwrap();
    fs::rename(parent.path().join("other"), &new).unwrap();
    exchange_in_three(&new, &out, &aside).unwrap();
    assert_eq!((which(&out), which(&new)), (Some(2), Some(1)));
    fs::remove_dir_all(&new).unwrap();
    assert!(exchange_in_three(&new, &out, &aside).is_err());
    assert_eq!(which(&out), Some(2));
}

const CHILD: [&str; 2] = ["REPORT_FOLDER_OF_A_TEST", "REPORT_NUMBER_OF_A_TEST"];

/// Writes one report after the other, until it is killed.
#[test]
fn writes_reports_for_the_test_of_kills() {
    let [Some(out), Some(first)] = CHILD.map(std::env::var_os) else { return };
    for k in first.to_str().unwrap().parse().unwrap().. {
        Place::claim(REPORT, Path::new(&out)).unwrap().publish(report(k)).unwrap();
    }
}

/// Would catch: a report of old and new files after a kill, and folders that nobody removes.
#[test]
fn a_kill_leaves_one_whole_report() {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("report");
    Place::claim(REPORT, &out).unwrap().publish(report(0)).unwrap();
    for k in 1..=30 {
        let first = 1_000_000 * k;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "folder::tests::writes_reports_for_the_test_of_kills"])
            .envs(CHILD.into_iter().zip([out.clone().into_os_string(), first.to_string().into()]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It is at work once one of its reports is there; then any moment will do.
        let page = out.join("index.html");
        let at_work =
            || fs::read_to_string(&page).is_ok_and(|page| page.parse().is_ok_and(|n: u32| n >= first));
        while !at_work() {
            assert!(child.try_wait().unwrap().is_none(), "it has ended");
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_micros(370 * u64::from(k)));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(which(&out).is_some_and(|which| which >= first));
        let names = around(parent.path());
        assert!(names.iter().all(|name| ["report", ".report.new"].contains(&name.as_str())), "{names:?}");
    }
    Place::claim(REPORT, &out).unwrap().publish(report(7)).unwrap();
    assert_eq!(which(&out), Some(7));
    assert_eq!(around(parent.path()), ["report"]);
}
