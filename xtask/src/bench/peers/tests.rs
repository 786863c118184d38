//! Peers that are shell scripts: the interpreter in their folder is a shell.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Instant;

use super::*;

const HELLO_LINE: &str = r#"echo '{"peer":"Fake","version":"1","threads":2,"details":{"pid":'$$'}}'"#;

/// A folder with one peer that runs `script`.
fn folder(script: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(".venv/bin")).unwrap();
    symlink("/bin/sh", folder.path().join(".venv/bin/python")).unwrap();
    fs::write(folder.path().join("fake_peer.py"), script).unwrap();
    fs::write(folder.path().join("library.py"), "exit 1").unwrap();
    folder
}

fn peer(script: &str) -> Peer {
    let folder = folder(script);
    let mut peers = start(folder.path(), 2).unwrap();
    assert_eq!(peers.len(), 1);
    peers.remove(0)
}

fn failure(answer: Answer) -> String {
    match answer {
        Answer::Failed(what) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_says_who_it_is_and_answers_line_by_line() {
    let mut fake = peer(&format!(
        r#"{HELLO_LINE}
        while read -r line; do
            case $line in
            *W1*) echo '{{"workload":"W1","variants":[{{"name":"loop","samples_us":['$2'],"calls_per_sample":1}}]}}' ;;
            *) echo '{{"workload":"B1","unsupported":"no such thing"}}' ;;
            esac
        done"#
    ));
    let Identity { name, version, threads, .. } = fake.identity.clone();
    assert_eq!((name.as_str(), version.as_str(), threads), ("Fake", "1", Some(2)));
    for _ in 0..2 {
        let Answer::Variants(variants) = fake.ask("W1", 0.1) else { panic!() };
        let expected = Variant { name: "loop".to_owned(), samples: Ok(vec![2.0 * 1e-6]) };
        assert_eq!(variants, [expected], "the script is told the number of threads");
    }
    assert_eq!(fake.ask("B1", 0.1), Answer::Unsupported("no such thing".to_owned()));
}

#[test]
fn one_that_dies_leaves_its_last_words() {
    let mut fake =
        peer(&format!("{HELLO_LINE}\nread -r line\necho first >&2; echo 'out of memory' >&2; exit 3"));
    for _ in 0..2 {
        let what = failure(fake.ask("W1", 0.1));
        assert!(what.contains("ended") && what.ends_with("out of memory"), "{what}");
    }
}

#[test]
fn one_that_never_comes_up_is_named_after_its_script() {
    let mut fake = peer("echo 'no module named x' >&2; exit 1");
    assert_eq!(fake.identity.name, "fake");
    assert!(failure(fake.ask("W1", 0.1)).ends_with("no module named x"));
    let mut loud = peer("echo 'Welcome!'; sleep 60");
    assert!(failure(loud.ask("W1", 0.1)).contains("Welcome!"));
}

#[test]
fn garbage_is_the_end_of_the_conversation() {
    let mut fake = peer(&format!("{HELLO_LINE}\nwhile read -r line; do echo 'a warning'; done"));
    let first = failure(fake.ask("W1", 0.1));
    assert!(first.contains("a warning"), "{first}");
    assert_eq!(failure(fake.ask("W2", 0.1)), first);
}

#[test]
fn a_slow_one_is_waited_for_but_not_for_ever() {
    let answer = r#"echo '{"workload":"W1","unsupported":"late"}'"#;
    let mut late = peer(&format!("{HELLO_LINE}\nread -r line; sleep 0.3; {answer}; read -r line"));
    assert_eq!(late.ask("W1", 0.1), Answer::Unsupported("late".to_owned()));

    let mut stuck = peer(&format!("{HELLO_LINE}\nread -r line; exec sleep 60"));
    let start = Instant::now();
    let what = failure(stuck.ask_within("W1", 0.1, Duration::from_millis(200)));
    assert!(what.contains("has not answered within 0.2 seconds"), "{what}");
    assert!(start.elapsed() < Duration::from_secs(30), "it was killed, not waited for");
}

#[test]
fn it_ends_with_its_owner() {
    let fake = peer(&format!("{HELLO_LINE}\nexec sleep 60"));
    let pid = fake.identity.details["pid"].to_string();
    let alive =
        || Command::new("/bin/sh").args(["-c", &format!("kill -0 {pid}")]).output().unwrap().status.success();
    assert!(alive());
    drop(fake);
    assert!(!alive());
}

#[test]
fn what_is_not_installed_says_how_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let error = start(folder.path(), 1).err().unwrap().to_string();
    assert!(error.contains("setup.sh"), "{error}");
}
